//! `/metrics`, on its own listener; and the middleware that measures the requests of the other one.

use std::time::Instant;

use actix_web::{
    Error as ActixError, HttpResponse,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{CACHE_CONTROL, CONTENT_TYPE},
    middleware::Next,
    web::Data,
};
use chrono::Utc;
use log::error;

use crate::{
    error::Error,
    http::{MESSAGES_SENT, openapi},
    metrics::Route,
    server::Service,
};

/// Prometheus' text format, which every scraper reads.
const TEXT_FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The middleware that counts and times every request.
///
/// # Errors
/// Those of what it wraps.
pub async fn measure(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, ActixError> {
    let began = Instant::now();
    let response = next.call(request).await?;
    let request = response.request();
    if let Some(service) = request.app_data::<Data<Service>>() {
        let route = route(request.uri().path(), &service.settings.http.base_path);
        service.metrics.http.answered(route, response.status(), began.elapsed());
    }
    Ok(response)
}

/// What a path leads to.
fn route(path: &str, base_path: &str) -> Route {
    match path {
        "/healthz" => Route::Healthz,
        "/readyz" => Route::Readyz,
        openapi::PATH => Route::Openapi,
        path if path.strip_prefix(base_path) == Some(MESSAGES_SENT) => Route::MessagesSent,
        _ => Route::Other,
    }
}

/// All metrics, as they are now.
pub async fn answer(service: Data<Service>) -> Result<HttpResponse, Error> {
    let text = service.metrics.text(&service.tally.measures(Utc::now())).map_err(|cause| {
        error!("the metrics cannot be written: {cause}");
        Error::Internal
    })?;
    let headers = [(CONTENT_TYPE, TEXT_FORMAT), (CACHE_CONTROL, "no-store")];
    let mut response = HttpResponse::Ok();
    headers.into_iter().for_each(|header| _ = response.insert_header(header));
    Ok(response.body(text))
}
