//! Resources at a path, as the client wrote it.

use actix_web::{HttpResponse, Resource, guard::fn_guard, web};

use super::error::Error;

/// The pattern of every path.
const ANY: &str = "/{path:.*}";

/// One of our own paths.
pub fn own(path: &str) -> Resource {
    exactly(path.to_owned()).default_service(web::to(|| not_allowed("GET, HEAD")))
}

/// A resource at this path as the client wrote it: actix would undo percent-escapes before it compares.
pub fn exactly(path: String) -> Resource {
    let resource = web::resource(pattern(&path));
    resource.guard(fn_guard(move |context| context.head().uri.path() == path))
}

/// What actix compares a path with before it asks the guard. It asks one resource after the other, so a text is better than a regular
/// expression, which takes it microseconds. But it undoes escapes before it compares, and takes braces for a pattern.
fn pattern(path: &str) -> &str {
    if path.contains(['%', '{', '}']) { ANY } else { path }
}

/// Everything below a path, which ends with a slash, as the client wrote it.
pub fn below(path: String) -> Resource {
    let guard = fn_guard(move |context| context.head().uri.path().starts_with(&path));
    let resource = web::resource(ANY).guard(guard);
    resource.default_service(web::to(|| not_allowed("GET, HEAD")))
}

/// The path does not take this method.
pub async fn not_allowed(allow: &'static str) -> HttpResponse {
    HttpResponse::from_error(Error::MethodNotAllowed(allow))
}
