//! What every request passes through: its size is limited and its time begins to run; and a panic becomes a 500
//! (contract section 9).

use std::{panic::AssertUnwindSafe, time::Duration};

use actix_web::{
    Error as ActixError, HttpMessage,
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    web::Data,
};
use futures::FutureExt;
use log::error;

use crate::{error::Error, mongo::Deadline, server::Service};

/// The longest request target, in bytes.
const MOST_TARGET_BYTES: usize = 8 * 1024;

/// The largest headers, in bytes, with the four that part each name, value and line.
const MOST_HEADER_BYTES: usize = 32 * 1024;

/// The middleware of the application that limits the size and sets the deadline.
///
/// # Errors
/// [`Error::TargetTooLong`], [`Error::HeadersTooLarge`].
pub async fn limit_requests(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody>>, ActixError> {
    let target = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    let headers: usize = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    let refusal = match (target > MOST_TARGET_BYTES, headers > MOST_HEADER_BYTES) {
        (true, _) => Some(Error::TargetTooLong),
        (_, true) => Some(Error::HeadersTooLarge),
        _ => None,
    };
    if let Some(refusal) = refusal {
        return Ok(request.error_response(refusal).map_into_right_body());
    }
    if let Some(service) = request.app_data::<Data<Service>>() {
        let deadline = Deadline::after(time_to_answer(service.settings.http.request_deadline));
        request.extensions_mut().insert(deadline);
    }
    next.call(request).await.map(ServiceResponse::map_into_left_body)
}

/// The middleware of a single resource that makes a panic a 500.
///
/// # Errors
/// [`Error::Internal`].
pub async fn catch_panics(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody>>, ActixError> {
    // Inside of a resource the routing is over; before, actix cannot route a request that is held twice.
    let held = request.request().clone();
    match AssertUnwindSafe(next.call(request)).catch_unwind().await {
        Ok(answer) => answer.map(ServiceResponse::map_into_left_body),
        Err(_) => {
            error!("a panic while answering {} {:?}", held.method(), held.path());
            Ok(ServiceResponse::from_err(Error::Internal, held).map_into_right_body())
        }
    }
}

/// The deadline is kept as the client sees it: a part of it is left for the way to the client.
fn time_to_answer(deadline: Duration) -> Duration {
    deadline - (deadline / 10).min(Duration::from_millis(500))
}
