//! Bodies as small as the client can read them.

use std::io::Write;

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, HeaderMap, VARY},
    web::Bytes,
};
use flate2::{Compression, write::GzEncoder};

/// Less than this is sent as it is.
const FEW_BYTES: usize = 1024;

/// A body, compressed.
pub(super) fn gzipped(body: &[u8], level: Compression) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), level);
    // Writing into memory cannot fail.
    let _ = encoder.write_all(body);
    encoder.finish().unwrap_or_default().into()
}

/// Whether a client takes gzip.
pub(super) fn takes_gzip(headers: &HeaderMap) -> bool {
    let lists = headers.get_all(ACCEPT_ENCODING).filter_map(|value| value.to_str().ok());
    lists.flat_map(|list| list.split(',')).any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let is_gzip = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip") || name == "*");
        let is_refused =
            parts.any(|part| matches!(part.replace(' ', "").as_str(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000"));
        is_gzip && !is_refused
    })
}

/// Finishes an answer with a body that is compressed now, if that is worth it and the client takes it.
pub(super) fn with_body(request: &HttpRequest, response: &mut HttpResponseBuilder, body: Bytes) -> HttpResponse {
    response.insert_header((VARY, "Accept-Encoding"));
    if body.len() < FEW_BYTES || !takes_gzip(request.headers()) {
        return response.body(body);
    }
    response.insert_header((CONTENT_ENCODING, "gzip")).body(gzipped(&body, Compression::fast()))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    #[test]
    fn gzip_is_taken_where_it_is_named_and_not_refused() {
        for (value, expected) in [
            ("gzip, deflate, br", true),
            ("deflate, GZIP;q=0.5", true),
            ("*", true),
            ("gzip;q=0", false),
            ("gzip; q=0.000, br", false),
            ("br", false),
            ("", false),
        ] {
            let headers: HeaderMap = [(ACCEPT_ENCODING, HeaderValue::from_static(value))].into_iter().collect();
            assert_eq!(takes_gzip(&headers), expected, "{value}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }
}
