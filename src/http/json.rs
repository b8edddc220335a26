//! Answers with a body of JSON.

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::header::{CACHE_CONTROL, ContentType, PRAGMA},
    web::Bytes,
};
use serde::Serialize;

/// Finishes an answer with a JSON body and the headers that every JSON answer has.
pub fn json(response: &mut HttpResponseBuilder, body: &impl Serialize) -> HttpResponse {
    json_text(response, to_json(body))
}

/// Our own types as JSON. Serialising them into memory cannot fail.
pub(super) fn to_json(body: &impl Serialize) -> Bytes {
    serde_json::to_vec(body).unwrap_or_default().into()
}

/// As [`json`], of a body that is JSON already.
pub(super) fn json_text(response: &mut HttpResponseBuilder, body: Bytes) -> HttpResponse {
    let headers = response
        .insert_header(ContentType::json())
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((PRAGMA, "no-cache"));
    headers.body(body)
}
