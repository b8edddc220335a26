//! Every way in which a request can fail, with its status and body: one table (contract sections 1 to 6 and 9).
//!
//! Causes go to the log where they arise. None is ever sent.

use actix_web::{
    HttpResponse, ResponseError,
    http::{
        StatusCode,
        header::{ALLOW, RETRY_AFTER},
    },
};
use serde::Serialize;
use utoipa::{
    ToSchema,
    openapi::{Object, ObjectBuilder, Type},
};

use super::json::json;
use crate::{
    auth::{Denied, Refusal},
    dashboard::parameters::InvalidParameters,
    mongo::MongoError,
};

/// What is said to a client that shall come back, in seconds: an election is over by then.
pub const RETRY_AFTER_SECONDS: &str = "5";

/// A request that gets no answer but this. `Display` is the text that the client sees.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Nobody known is asking.
    #[error("You must be logged in to do this.")]
    Unauthenticated(Refusal),
    /// Who asks may not.
    #[error("User does not have the permissions required for this action [error-unauthorized]")]
    Forbidden,
    /// Who asks has asked too often.
    #[error(
        "Error, too many requests. Please slow down. You must wait {seconds} seconds before trying this endpoint again. \
         [error-too-many-requests]"
    )]
    TooManyRequests {
        /// Until when to wait.
        seconds: u64,
    },
    /// The parameters cannot be used.
    #[error(transparent)]
    InvalidParameters(#[from] InvalidParameters),
    /// There is nothing at this path.
    #[error("Resource not found")]
    NotFound,
    /// The path does not take this method, but these.
    #[error("Method not allowed")]
    MethodNotAllowed(&'static str),
    /// The request target is too long.
    #[error("Request target too long")]
    TargetTooLong,
    /// The headers are too large.
    #[error("Request headers too large")]
    HeadersTooLarge,
    /// MongoDB does not give what is needed.
    #[error("Service Unavailable")]
    Unavailable,
    /// Anything unforeseen.
    #[error("Internal server error")]
    Internal,
}

/// What most errors say.
#[derive(Serialize, ToSchema)]
pub(crate) struct ErrorBody {
    #[schema(schema_with = never)]
    success: bool,
    error: String,
}

/// Errors are no success.
fn never() -> Object {
    ObjectBuilder::new().schema_type(Type::Boolean).enum_values(Some([false])).build()
}

/// What Rocket.Chat says to those who are not logged in.
#[derive(Serialize, ToSchema)]
pub(crate) struct UnauthenticatedBody {
    #[schema(schema_with = never)]
    success: bool,
    error: String,
    #[schema(examples("error"))]
    status: &'static str,
    /// The same as `error`.
    message: String,
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Unauthenticated(_) => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::TooManyRequests { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::InvalidParameters(_) => StatusCode::BAD_REQUEST,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::TargetTooLong => StatusCode::URI_TOO_LONG,
            Self::HeadersTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        let error = self.to_string();
        match self {
            Self::MethodNotAllowed(allow) => response.insert_header((ALLOW, *allow)),
            Self::Unavailable => response.insert_header((RETRY_AFTER, RETRY_AFTER_SECONDS)),
            _ => &mut response,
        };
        match self {
            Self::Unauthenticated(_) => json(
                &mut response,
                &UnauthenticatedBody { success: false, message: error.clone(), status: "error", error },
            ),
            _ => json(&mut response, &ErrorBody { success: false, error }),
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Unauthenticated(refusal)
    }
}

impl From<Denied> for Error {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Unauthenticated(refusal) => refusal.into(),
            Denied::Forbidden { .. } => Self::Forbidden,
            Denied::Unavailable(error) => error.into(),
        }
    }
}

impl From<MongoError> for Error {
    fn from(error: MongoError) -> Self {
        match error {
            MongoError::Panicked(_) => Self::Internal,
            _ => Self::Unavailable,
        }
    }
}
