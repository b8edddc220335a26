//! What every request passes through: its size is limited, its time begins to run, and one with a body is the last of its
//! connection; and a panic becomes a 500
//! (contract section 9).

use std::{panic::AssertUnwindSafe, time::Duration};

use actix_web::{
    Error as ActixError, HttpMessage,
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{ConnectionType, Method, header},
    middleware::Next,
    web::Data,
};
use futures::FutureExt;
use log::error;

use crate::{
    config::Http,
    http::{
        error::Error,
        listener::head::{MOST_TARGET_BYTES, is_some_length},
    },
    mongo::Deadline,
};

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
    let is_last = has_body(&request);
    if let Some(refusal) = refusal {
        return Ok(ended(request.error_response(refusal).map_into_right_body(), is_last));
    }
    if let Some(settings) = request.app_data::<Data<Http>>() {
        let deadline = Deadline::after(time_to_answer(settings.request_deadline));
        request.extensions_mut().insert(deadline);
    }
    next.call(request).await.map(|response| ended(response.map_into_left_body(), is_last))
}

/// Whether anything follows the head of a request, by the rule of [`Heads`](crate::http::listener::head::Heads).
fn has_body(request: &ServiceRequest) -> bool {
    let headers = request.headers();
    let has_length = headers.get_all(header::CONTENT_LENGTH).any(|value| is_some_length(value.as_bytes()));
    has_length
        || headers.contains_key(header::TRANSFER_ENCODING)
        || headers.contains_key(header::UPGRADE)
        || request.method() == Method::CONNECT
}

/// The response, which ends the connection if it is the last one of it.
fn ended<B>(mut response: ServiceResponse<B>, is_last: bool) -> ServiceResponse<B> {
    if is_last {
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    response
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
