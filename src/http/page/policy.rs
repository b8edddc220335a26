//! The headers of what the page and the paths below it answer.
//!
//! Whoever runs script on this origin has the login of everybody who opens the page, so nothing is allowed but what the page itself
//! does: no page of another origin may read, frame or open it.

use actix_web::{
    Error as ActixError,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{
        CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
    },
    middleware::Next,
    web::Data,
};

use crate::http::site::Site;

/// The version of the service, on every answer below the page's path: an open page learns that it is an old one, and `check` that
/// the proxy leads here.
pub const VERSION: HeaderName = HeaderName::from_static("x-engagement-version");

/// What an answer may do that is no page.
const NOTHING: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

/// All that browsers know of, but the clipboard, into which a link is copied.
const NO_FEATURES: &str = "accelerometer=(), autoplay=(), camera=(), clipboard-read=(), display-capture=(), \
    encrypted-media=(), fullscreen=(), gamepad=(), geolocation=(), gyroscope=(), hid=(), idle-detection=(), local-fonts=(), \
    magnetometer=(), microphone=(), midi=(), otp-credentials=(), payment=(), picture-in-picture=(), \
    publickey-credentials-create=(), publickey-credentials-get=(), screen-wake-lock=(), serial=(), storage-access=(), usb=(), \
    window-management=(), xr-spatial-tracking=()";

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
        if !headers.contains_key(CONTENT_SECURITY_POLICY) {
            headers.insert(CONTENT_SECURITY_POLICY, NOTHING);
        }
        for (name, value) in [
            (X_FRAME_OPTIONS, "DENY"),
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (REFERRER_POLICY, "no-referrer"),
            (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
            (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
            (HeaderName::from_static("permissions-policy"), NO_FEATURES),
            (VERSION, env!("CARGO_PKG_VERSION")),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    Ok(response)
}
