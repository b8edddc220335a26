//! Requests of pages of other origins (contract section 8).
//!
//! Every answer may be read by every page, for nothing here rests on cookies: [`allow_any_origin`]. Whether such a page
//! may send a token is what the browser asks beforehand, by OPTIONS, and what the workspace's settings say: [`answer`].

use actix_web::{
    Error as ActixError, HttpRequest, HttpResponse,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    guard::GuardContext,
    http::{
        Method, StatusCode,
        header::{
            ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
            ACCESS_CONTROL_REQUEST_METHOD, ALLOW, CONTENT_TYPE, HeaderMap, HeaderValue, ORIGIN, VARY,
        },
    },
    middleware::Next,
    web::Data,
};

use crate::{
    http::site::Site,
    workspace_settings::{Cors, WorkspaceSettings},
};

/// The methods that an endpoint takes, for `Allow`.
pub const METHODS: &str = "GET, HEAD, OPTIONS";

/// What `API_Enable_CORS` allows.
pub const ALLOWED_METHODS: &str = "GET, POST, PUT, DELETE, HEAD, PATCH";
/// The headers that a page may send.
pub const ALLOWED_HEADERS: &str =
    "Origin, X-Requested-With, Content-Type, Accept, X-User-Id, X-Auth-Token, x-visitor-token, Authorization";
/// What a browser is told while no page may ask.
pub const NOT_ENABLED: &str = "CORS not enabled. Go to \"Admin > General > REST Api\" to enable it.";
/// What a browser is told if its page may not ask.
pub const INVALID_ORIGIN: &str = "Invalid origin";
const ANY_ORIGIN: HeaderValue = HeaderValue::from_static("*");

/// The middleware of the application that lets every page read every answer but those to OPTIONS, and those of our own page.
///
/// # Errors
/// Those of what it wraps.
pub async fn allow_any_origin(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, ActixError> {
    let mut response = next.call(request).await?;
    let request = response.request();
    let is_of_page = request.app_data::<Data<Site>>().is_some_and(|site| site.owns(request.uri().path()));
    if request.method() != Method::OPTIONS && !is_of_page {
        let headers = response.headers_mut();
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, ANY_ORIGIN);
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(ALLOWED_HEADERS));
    }
    Ok(response)
}

/// Whether a request is OPTIONS as browsers send it for a page of another origin.
pub fn is_cross_origin(context: &GuardContext<'_>) -> bool {
    let head = context.head();
    let asks = head.headers.contains_key(ORIGIN) || head.headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    head.method == Method::OPTIONS && asks
}

/// Tells a browser whether a page of another origin may call.
pub async fn answer(request: HttpRequest, settings: Data<WorkspaceSettings>) -> HttpResponse {
    allowing(&settings.values().cors, request.headers())
}

fn allowing(cors: &Cors, headers: &HeaderMap) -> HttpResponse {
    let (origin, may_vary) = match cors {
        Cors::Off => {
            let mut refusal = plain(StatusCode::METHOD_NOT_ALLOWED, NOT_ENABLED);
            refusal.headers_mut().insert(ALLOW, HeaderValue::from_static(METHODS));
            return refusal;
        }
        Cors::AnyOrigin => (ANY_ORIGIN, false),
        Cors::Origins(origins) => {
            // Two such headers name no origin.
            let mut sent = headers.get_all(ORIGIN);
            let (origin, another) = (sent.next(), sent.next());
            let is_listed = |origin: &&HeaderValue| origins.iter().any(|listed| listed.as_bytes() == origin.as_bytes());
            match origin.filter(is_listed) {
                Some(origin) if another.is_none() => (origin.clone(), true),
                _ => return plain(StatusCode::FORBIDDEN, INVALID_ORIGIN),
            }
        }
    };
    let mut answer = plain(StatusCode::OK, "OK");
    let headers = answer.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(ALLOWED_METHODS));
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(ALLOWED_HEADERS));
    if may_vary {
        headers.insert(VARY, HeaderValue::from_static("Origin"));
    }
    answer
}

fn plain(status: StatusCode, text: &'static str) -> HttpResponse {
    HttpResponse::build(status).insert_header((CONTENT_TYPE, "text/plain")).body(text)
}
