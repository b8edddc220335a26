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
    let pattern = pattern(&path);
    let guard = fn_guard(move |context| context.head().uri.path() == path);
    web::resource(pattern).guard(guard)
}

/// What actix compares a path with before it asks the guard. It runs through the resources one by one, and a regular expression takes it
/// some microseconds for each, so that is what only those paths have that would be something else to it.
fn pattern(path: &str) -> String {
    let is_as_written = !path.contains(['%', '{', '}']) && !path.ends_with('*');
    if is_as_written { path.to_owned() } else { ANY.to_owned() }
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
