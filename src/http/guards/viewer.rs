//! The viewer as a handler's parameter: who asks is looked up from what the request presents (contract sections 3 and 4).

use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::Payload,
    http::header::{AUTHORIZATION, HeaderMap},
    web::Data,
};
use chrono::Utc;
use futures::future::LocalBoxFuture;

use crate::{
    auth::{self, Credentials, Denied},
    config::Permission,
    http::{error::Error, guards::metrics::GuardMetrics},
    mongo::Mongo,
    query_string::QueryString,
    workspace_settings::WorkspaceSettings,
};

/// Somebody who may see the engagement dashboard. Holding one is the proof of having passed.
pub struct Viewer(auth::Viewer);

/// `_id` of a user who was recognised, permitted or not. The access log finds it in the request's extensions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewerId(pub String);

impl Viewer {
    /// Whether this viewer's calls are not counted for the rate limit.
    pub fn bypasses_rate_limit(&self) -> bool {
        self.0.bypasses_rate_limit()
    }
}

impl FromRequest for Viewer {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let mongo = request.app_data::<Data<Mongo>>().ok_or(Error::Internal)?;
            let settings = request.app_data::<Data<WorkspaceSettings>>().ok_or(Error::Internal)?;
            let permission = request.app_data::<Data<Permission>>().ok_or(Error::Internal)?;
            let deadline = request.extensions().get().copied().ok_or(Error::Internal)?;
            let query = QueryString::parse(request.query_string());
            let found = match credentials(request.headers(), &query) {
                Ok(credentials) => match settings.login_expiration(deadline).await {
                    Ok(expiration) => {
                        let (now, roles) = (Utc::now(), &permission.default_roles);
                        auth::Viewer::look_up(&credentials, now, expiration, mongo, roles, deadline).await
                    }
                    Err(error) => Err(Denied::Unavailable(error)),
                },
                Err(refusal) => Err(Denied::Unauthenticated(refusal)),
            };
            let id = match &found {
                Ok(viewer) => Some(viewer.id().to_owned()),
                Err(Denied::Forbidden { id }) => Some(id.clone()),
                Err(_) => None,
            };
            id.map(|id| request.extensions_mut().insert(ViewerId(id)));
            if let (Err(Denied::Unauthenticated(refusal)), Some(metrics)) =
                (&found, request.app_data::<Data<GuardMetrics>>())
            {
                metrics.authentication_failures.count(*refusal);
            }
            found.map(Self).map_err(Error::from)
        })
    }
}

/// What a request presents.
///
/// # Errors
/// Nothing, or what counts cannot be anybody's.
pub fn credentials(headers: &HeaderMap, query: &QueryString<'_>) -> Result<Credentials, auth::Refusal> {
    let (user_id, token) = (joined(headers, "x-user-id"), joined(headers, "x-auth-token"));
    let authorization = headers.get(AUTHORIZATION).map(|value| value.as_bytes());
    Credentials::presented(&user_id, &token, authorization, query.get("access_token"))
}

/// All values of a header, joined as Node.js joins them for Rocket.Chat. Empty if there is none.
fn joined(headers: &HeaderMap, name: &str) -> Vec<u8> {
    headers.get_all(name).map(|value| value.as_bytes()).collect::<Vec<_>>().join(b", ".as_slice())
}
