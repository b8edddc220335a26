//! Answers with a body of JSON.

use std::convert::Infallible;

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    body::SizedStream,
    http::header::{CACHE_CONTROL, ContentType, PRAGMA},
    web::Bytes,
};
use futures::stream;
use serde::Serialize;

/// Finishes an answer with a JSON body and the headers that every JSON answer has.
pub fn json(response: &mut HttpResponseBuilder, body: &impl Serialize) -> HttpResponse {
    json_text(response, to_json(body))
}

/// Our own types as JSON. Serialising them into memory cannot fail.
pub(super) fn to_json(body: &impl Serialize) -> Bytes {
    serde_json::to_vec(body).map_or_else(|_| Bytes::new(), Bytes::from)
}

/// As [`json`], of a body that is JSON already.
pub(super) fn json_text(response: &mut HttpResponseBuilder, body: Bytes) -> HttpResponse {
    with_headers(response).body(body)
}

/// As [`json`], of a large body that is JSON already, of so many bytes, and is made while it is sent.
pub(super) fn json_in_pieces(
    response: &mut HttpResponseBuilder,
    length: u64,
    pieces: impl Iterator<Item = Vec<u8>> + 'static,
) -> HttpResponse {
    let pieces = pieces.map(|piece| Ok::<_, Infallible>(Bytes::from(piece)));
    with_headers(response).body(SizedStream::new(length, stream::iter(pieces)))
}

pub(super) fn with_headers(response: &mut HttpResponseBuilder) -> &mut HttpResponseBuilder {
    response
        .insert_header(ContentType::json())
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((PRAGMA, "no-cache"))
}
