//! Resources at a path, as the client wrote it.

use actix_web::{HttpResponse, Resource, guard::fn_guard, web};

use super::error::Error;

/// One of our own paths.
pub fn own(path: &str) -> Resource {
    exactly(path.to_owned()).default_service(web::to(|| not_allowed("GET, HEAD")))
}

/// A resource at this path as the client wrote it: actix would undo percent-escapes before it compares.
pub fn exactly(path: String) -> Resource {
    let guard = fn_guard(move |context| context.head().uri.path() == path);
    web::resource("/{path:.*}").guard(guard)
}

/// Everything below a path, which ends with a slash, as the client wrote it.
pub fn below(path: String) -> Resource {
    let guard = fn_guard(move |context| context.head().uri.path().starts_with(&path));
    let resource = web::resource("/{path:.*}").guard(guard);
    resource.default_service(web::to(|| not_allowed("GET, HEAD")))
}

/// The path does not take this method.
pub async fn not_allowed(allow: &'static str) -> HttpResponse {
    HttpResponse::from_error(Error::MethodNotAllowed(allow))
}
