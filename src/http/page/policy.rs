//! The headers of what the page and the paths below it answer.
//!
//! Whoever runs script on this origin has the login of everybody who opens the page, so nothing is allowed but what the page itself
//! does: no page of another origin may read, frame or open it.

use actix_web::{
    Error as ActixError,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{HeaderName, HeaderValue},
    middleware::Next,
    web::Data,
};

use crate::http::site::Site;

/// The version of the service, on every answer below the page's path: an open page learns that it is an old one, and `check` that
/// the proxy leads here.
pub const VERSION: &str = "x-engagement-version";

/// What an answer may do that is no page.
const NOTHING: &str = "default-src 'none'; frame-ancestors 'none'";

/// All that browsers know of, but the clipboard, into which a link is copied.
const NO_FEATURES: &str = "accelerometer=(), autoplay=(), camera=(), clipboard-read=(), display-capture=(), \
    encrypted-media=(), fullscreen=(), gamepad=(), geolocation=(), gyroscope=(), hid=(), idle-detection=(), local-fonts=(), \
    magnetometer=(), microphone=(), midi=(), otp-credentials=(), payment=(), picture-in-picture=(), \
    publickey-credentials-create=(), publickey-credentials-get=(), screen-wake-lock=(), serial=(), storage-access=(), usb=(), \
    window-management=(), xr-spatial-tracking=()";

/// The headers of every answer that is not the page itself; the page has a policy of its own.
pub const HEADERS: [(&str, &str); 8] = [
    ("content-security-policy", NOTHING),
    ("x-frame-options", "DENY"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", NO_FEATURES),
    (VERSION, env!("CARGO_PKG_VERSION")),
];

/// The policy of the page: its own script and styles by this nonce, its own data and images, and nothing else. Not `'self'`: a file
/// that somebody uploads to the chat is `'self'` as well.
pub fn of_page(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self'; img-src 'self'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )
}

/// The middleware of the application that adds them.
///
/// # Errors
/// Those of what it wraps.
pub async fn protect_page(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, ActixError> {
    let mut response = next.call(request).await?;
    let request = response.request();
    if request.app_data::<Data<Site>>().is_some_and(|site| site.owns(request.uri().path())) {
        let headers = response.headers_mut();
        for (name, value) in HEADERS {
            let name = HeaderName::from_static(name);
            if !headers.contains_key(&name) {
                headers.insert(name, HeaderValue::from_static(value));
            }
        }
    }
    Ok(response)
}
