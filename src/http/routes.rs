//! Which path leads where: each endpoint of the dashboard by its row, and our own paths (contract section 1).

use actix_web::{
    HttpResponse,
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
        limits,
        rate_limit::{self, Allowance, Counted},
    },
    health, metrics, openapi, page,
    resource::{exactly, not_allowed, own},
    site::Site,
};

/// Registers all routes; the one function for the server and the tests.
pub fn routes(base_path: &str, page: Option<&Site>) -> impl FnOnce(&mut web::ServiceConfig) + use<> {
    let base_path = base_path.to_owned();
    let description = Data::new(openapi::Description::new(&base_path, page));
    let page = page.map(page::routes);
    move |config| {
        for (place, endpoint) in ENDPOINTS.into_iter().enumerate() {
            config.service(answered_by(endpoint, place, &base_path));
        }
        if let Some(page) = page {
            page(config);
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
fn answered_by(endpoint: &'static Endpoint, place: usize, base_path: &str) -> impl HttpServiceFactory + use<> {
    exactly(format!("{base_path}{}", endpoint.path))
        .app_data(Counted { place, allowance: Allowance::OfWorkspace })
        .route((endpoint.handler)(web::get()))
        .route((endpoint.handler)(web::head()))
        .route(web::route().guard(fn_guard(cors::is_cross_origin)).to(cors::answer))
        .default_service(web::to(|| not_allowed(METHODS)))
        .wrap(from_fn(limits::catch_panics))
        .wrap(from_fn(rate_limit::add_headers))
}
