//! The HTTP side: which path and method leads where, and what every answer has in common (contract section 1).

mod access_log;
pub mod client_address;
mod connection;
mod cors;
mod head;
mod health;
mod limits;
pub mod listener;
mod messages_sent;
mod metrics;
pub mod openapi;
mod rate_limit;

use actix_web::{
    HttpResponse, HttpResponseBuilder, Resource,
    guard::fn_guard,
    http::header::{CACHE_CONTROL, ContentType, PRAGMA},
    middleware::from_fn,
    web::{self, Bytes, Data},
};
use serde::Serialize;

use crate::error::Error;

pub use access_log::log_access;
pub use cors::allow_any_origin;
pub use health::Probe;
pub use limits::limit_requests;
pub use metrics::measure;
pub use rate_limit::{RateLimiter, Standing};

/// The path below the path of `ROOT_URL`.
pub const MESSAGES_SENT: &str = "/api/v1/engagement-dashboard/messages/messages-sent";

/// The methods that the endpoint takes, for `Allow`.
const METHODS: &str = "GET, HEAD, OPTIONS";

/// Registers all routes; the one function for the server and the tests.
pub fn routes(base_path: &str) -> impl FnOnce(&mut web::ServiceConfig) {
    let messages_sent_path = format!("{base_path}{MESSAGES_SENT}");
    let description = Data::new(openapi::Description::new(base_path));
    move |config| {
        config
            .service(
                exactly(messages_sent_path)
                    .route(web::get().to(messages_sent::answer))
                    .route(web::head().to(messages_sent::answer))
                    .route(web::route().guard(fn_guard(cors::is_cross_origin)).to(cors::answer))
                    .default_service(web::to(|| not_allowed(METHODS)))
                    .wrap(from_fn(limits::catch_panics))
                    .wrap(from_fn(rate_limit::add_headers)),
            )
            .service(own("/healthz").route(web::get().to(health::process)).route(web::head().to(health::process)))
            .service(own("/readyz").route(web::get().to(health::ready)).route(web::head().to(health::ready)))
            .service(
                own(openapi::PATH)
                    .app_data(description)
                    .route(web::get().to(openapi::answer))
                    .route(web::head().to(openapi::answer)),
            )
            .default_service(web::to(|| async { HttpResponse::from_error(Error::NotFound) }));
    }
}

/// Registers what the listener for metrics serves.
pub fn metrics_routes(config: &mut web::ServiceConfig) {
    config
        .service(own("/metrics").route(web::get().to(metrics::answer)).route(web::head().to(metrics::answer)))
        .default_service(web::to(|| async { HttpResponse::from_error(Error::NotFound) }));
}

/// One of our own paths.
fn own(path: &str) -> Resource {
    exactly(path.to_owned()).default_service(web::to(|| not_allowed("GET, HEAD")))
}

/// A resource at this path as the client wrote it: actix would undo percent-escapes before it compares.
fn exactly(path: String) -> Resource {
    let guard = fn_guard(move |context| context.head().uri.path() == path);
    web::resource("/{path:.*}").guard(guard)
}

async fn not_allowed(allow: &'static str) -> HttpResponse {
    HttpResponse::from_error(Error::MethodNotAllowed(allow))
}

/// Finishes an answer with a JSON body and the headers that every JSON answer has.
pub fn json(response: &mut HttpResponseBuilder, body: &impl Serialize) -> HttpResponse {
    json_text(response, to_json(body))
}

/// Our own types as JSON. Serialising them into memory cannot fail.
fn to_json(body: &impl Serialize) -> Bytes {
    serde_json::to_vec(body).unwrap_or_default().into()
}

/// As [`json`], of a body that is JSON already.
fn json_text(response: &mut HttpResponseBuilder, body: Bytes) -> HttpResponse {
    let headers = response
        .insert_header(ContentType::json())
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((PRAGMA, "no-cache"));
    headers.body(body)
}
