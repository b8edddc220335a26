//! The headers of answers, and how they are described.

use utoipa::openapi::{Header, ObjectBuilder, ResponseBuilder, Type, extensions::Extensions, header::HeaderBuilder};

use crate::http::guards::cors::ALLOWED_HEADERS;

/// Whether a header is on every answer with its status.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It is.
    Always,
    /// It is not on some, as the description of the answer or the header says.
    Sometimes,
}

/// Any text.
pub fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

/// This text.
pub fn only(text: &str) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some([text]))
}

/// A whole number.
pub fn number(least: i64) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(least))
}

/// A header.
pub fn header(description: &str, schema: ObjectBuilder, presence: Presence) -> Header {
    // OpenAPI has `required` here, and utoipa has no field for it.
    let required = (presence == Presence::Always).then(|| Extensions::from_iter([("required", true)]));
    HeaderBuilder::new().schema(Some(schema)).description(Some(description)).extensions(required).build()
}

/// Adds the headers of every JSON answer.
pub fn json_headers(response: ResponseBuilder, presence: Presence) -> ResponseBuilder {
    response
        .header("Cache-Control", header("Nothing is kept.", only("no-store"), presence))
        .header("Pragma", header("The same for old proxies.", only("no-cache"), presence))
}

/// Adds the headers of every JSON answer, and those that let every page read it.
pub fn open(response: ResponseBuilder, presence: Presence) -> ResponseBuilder {
    json_headers(response, presence)
        .header("Access-Control-Allow-Origin", header("Every page may read it.", only("*"), presence))
        .header("Access-Control-Allow-Headers", header("Allowed headers.", only(ALLOWED_HEADERS), presence))
}

/// Adds the headers of calls that count for the rate limit. They are not there where there is no limit, or not for who
/// asks.
pub fn counted(response: ResponseBuilder, presence: Presence) -> ResponseBuilder {
    response
        .header("X-RateLimit-Limit", header("How many calls pass in a window, if limited.", number(1), presence))
        .header("X-RateLimit-Remaining", header("How many more pass in this one.", number(0), presence))
        .header("X-RateLimit-Reset", header("When it ends, in milliseconds since 1970.", number(0), presence))
}
