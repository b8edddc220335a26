//! Which path leads where: each endpoint of the dashboard by its row, and our own paths (contract section 1).

use actix_web::{
    HttpResponse, Resource,
    dev::HttpServiceFactory,
    guard::fn_guard,
    middleware::from_fn,
    web::{self, Data},
};

use super::{
    dashboard::{ENDPOINTS, Endpoint},
    error::Error,
    guards::{
        cors::{self, METHODS},
        limits, rate_limit,
    },
    health, metrics, openapi,
};

/// Registers all routes; the one function for the server and the tests.
pub fn routes(base_path: &str) -> impl FnOnce(&mut web::ServiceConfig) {
    let base_path = base_path.to_owned();
    let description = Data::new(openapi::Description::new(&base_path));
    move |config| {
        for endpoint in ENDPOINTS {
            config.service(answered_by(endpoint, &base_path));
        }
        config
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

/// An endpoint of the dashboard, with all that the endpoints have in common.
fn answered_by(endpoint: &'static Endpoint, base_path: &str) -> impl HttpServiceFactory + use<> {
    exactly(format!("{base_path}{}", endpoint.path))
        .app_data(endpoint)
        .route((endpoint.handler)(web::get()))
        .route((endpoint.handler)(web::head()))
        .route(web::route().guard(fn_guard(cors::is_cross_origin)).to(cors::answer))
        .default_service(web::to(|| not_allowed(METHODS)))
        .wrap(from_fn(limits::catch_panics))
        .wrap(from_fn(rate_limit::add_headers))
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
