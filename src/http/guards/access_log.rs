//! The access log: one line at level info for each request.
//!
//! Of the request target only the path is written, since the query may hold an OAuth token; of the headers nothing.

use std::time::Instant;

use actix_web::{
    Error as ActixError, HttpMessage,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
};
use log::info;

use super::{client_address::client_address, viewer::ViewerId};

/// Longer paths and methods are cut in the log.
const MOST_CHARACTERS: usize = 200;

/// The middleware.
///
/// # Errors
/// Those of what it wraps.
pub async fn log_access(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, ActixError> {
    let began = Instant::now();
    let response = next.call(request).await?;
    let request = response.request();
    let cut = |text: &str| text.chars().take(MOST_CHARACTERS).collect::<String>();
    let (method, path) = (cut(request.method().as_str()), cut(request.uri().path()));
    let client = client_address(request).map_or_else(|| "-".to_owned(), |address| address.to_string());
    let viewer = request.extensions().get().map_or_else(|| "-".to_owned(), |ViewerId(id)| format!("{id:?}"));
    let (status, duration) = (response.status().as_u16(), began.elapsed());
    info!(target: "access", "{method} {path} {status} {:.1}ms client={client} viewer={viewer}", duration.as_secs_f64() * 1000.0);
    Ok(response)
}
