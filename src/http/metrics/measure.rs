//! The middleware that counts and times every request.

use std::time::Instant;

use actix_web::{
    Error as ActixError,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    web::Data,
};

use super::{HttpMetrics, Route};
use crate::{config::Http, http::site::Site};

/// The middleware.
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
    if let (Some(metrics), Some(http)) = (request.app_data::<Data<HttpMetrics>>(), request.app_data::<Data<Http>>()) {
        let route =
            Route::of(request.uri().path(), &http.base_path, request.app_data::<Data<Site>>().map(|site| &***site));
        metrics.answered(route, response.status(), began.elapsed());
    }
    Ok(response)
}
