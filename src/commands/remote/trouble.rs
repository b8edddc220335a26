//! Why a service cannot be compared with, in words that say what to do; nothing that it answers is trusted. Pure.

use std::{error::Error, io, time::Duration};

use rustls::{CertificateError, Error as TlsError, InvalidMessage};
use serde::Deserialize;
use ureq::http::HeaderMap;

use crate::commands::console::printable;

/// The most characters that are shown of what a service says.
const SHOWN: usize = 200;

/// Why a request had no answer, and what to do.
pub fn advice(error: &ureq::Error, patience: Duration) -> String {
    match error {
        ureq::Error::Timeout(ureq::Timeout::Connect | ureq::Timeout::Resolve) => {
            "cannot be connected to; is the address of --url right, and does a firewall let this machine through?"
                .into()
        }
        ureq::Error::Timeout(_) => {
            format!("has not answered for {} s; does it hang? Its log and MongoDB's may say", patience.as_secs())
        }
        ureq::Error::HostNotFound => "there is no host of that name; is the address of --url right?".into(),
        ureq::Error::Io(error) => of_connection(error),
        ureq::Error::Rustls(error) => of_tls(error),
        ureq::Error::Protocol(error) => {
            format!("does not speak HTTP there ({error}); is the port of --url right, and should it be https?")
        }
        error => error.to_string(),
    }
}

fn of_connection(error: &io::Error) -> String {
    let tls = error.get_ref().and_then(|inner| (inner as &dyn Error).downcast_ref::<TlsError>());
    match (tls, error.kind()) {
        (Some(error), _) => of_tls(error),
        (None, io::ErrorKind::ConnectionRefused) => {
            format!("nothing listens there ({error}); does it run, and is the address of --url right?")
        }
        (None, io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset) => {
            format!("closed the connection without an answer ({error}); http instead of https, or another program?")
        }
        (None, _) => format!("cannot be asked: {error}; is the address of --url right?"),
    }
}

fn of_tls(error: &TlsError) -> String {
    match error {
        TlsError::InvalidMessage(InvalidMessage::InvalidContentType) => {
            "does not speak TLS there; should --url begin with http:// or have another port?".into()
        }
        TlsError::InvalidCertificate(CertificateError::UnknownIssuer) => {
            "this machine does not trust whoever issued its certificate: name a file with that authority's certificate in \
             SSL_CERT_FILE"
                .into()
        }
        TlsError::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => "its certificate is for another name than that of --url".into(),
        // Signed by a key that is not the one of the trusted authority with this name.
        TlsError::InvalidCertificate(
            CertificateError::BadSignature
            | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. },
        ) => "its certificate is not signed by the authority of that name that this machine trusts: is what this machine has, or the \
              file in SSL_CERT_FILE, an older one?"
            .into(),
        TlsError::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => {
            "its certificate has expired".into()
        }
        // What the library has no name for.
        error if error.to_string().contains("CaUsedAsEndEntity") => {
            "its certificate is an authority's own (CA:TRUE), which is not accepted as a server's: issue it another".into()
        }
        error => format!("its certificate or its TLS is not accepted: {error}"),
    }
}

/// What is to be said about an answer that is none of counts. `now` is in milliseconds since 1970.
pub fn refusal(status: u16, headers: &HeaderMap, body: &str, secret: &str, now: i64) -> String {
    let said = said(body, secret);
    let behind = |text: String| said.as_ref().map_or(text.clone(), |said| format!("{text}: {said}"));
    match status {
        301..=308 => "is elsewhere; give --url the address that it redirects to".into(),
        401 => "does not know this user id with this token (401)".into(),
        403 => "this user lacks the permission view-engagement-dashboard (403)".into(),
        404 => "there is no such endpoint; is the path of --url right? (404)".into(),
        429 => match (seconds_to_wait(headers, now), &said) {
            (Some(seconds), _) => format!("too many requests (429); try again in {seconds} s"),
            (None, Some(said)) => format!("too many requests (429): {said}"),
            (None, None) => "too many requests (429); try again in a minute".into(),
        },
        503 => "cannot count now (503); its log says why".into(),
        status @ 500.. => behind(format!("answers {status}; its log may say why")),
        status => behind(format!("answers {status}")),
    }
}

/// How long a service asks to wait.
fn seconds_to_wait(headers: &HeaderMap, now: i64) -> Option<i64> {
    let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<i64>().ok();
    let until_reset = || number("x-ratelimit-reset").map(|reset| reset.saturating_sub(now).saturating_add(999) / 1000);
    number("retry-after").or_else(until_reset).filter(|seconds| *seconds > 0)
}

/// The error that a service tells, as harmless text.
fn said(body: &str, secret: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Refusal {
        error: String,
    }
    let refusal: Refusal = serde_json::from_str(body).ok()?;
    // Whoever repeats what it was given must not bring it to a terminal or a log.
    let text = refusal.error.replace(secret, "***");
    let shown: String = printable(&text).chars().take(SHOWN).collect();
    (!shown.trim().is_empty()).then_some(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_that_hangs_is_told_with_how_long_it_was_waited_for() {
        let told = advice(&ureq::Error::Timeout(ureq::Timeout::Global), Duration::from_secs(300));
        assert!(told.contains("has not answered for 300 s"), "{told}");
        let told = advice(&ureq::Error::Timeout(ureq::Timeout::Connect), Duration::from_secs(300));
        assert!(told.contains("cannot be connected to"), "{told}");
    }

    #[test]
    fn an_authority_that_was_made_anew_is_no_riddle() {
        for error in [
            CertificateError::BadSignature,
            CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext {
                signature_algorithm_id: vec![6, 8],
                public_key_algorithm_id: vec![6, 9],
            },
        ] {
            let told = of_tls(&TlsError::InvalidCertificate(error));
            assert!(told.contains("is not signed by the authority of that name that this machine trusts"), "{told}");
        }
    }

    #[test]
    fn how_long_to_wait_is_taken_from_whatever_says_so() {
        let body = r#"{"error":"You must wait 42 seconds"}"#;
        for (headers, body, expected) in [
            (vec![("retry-after", "7"), ("x-ratelimit-reset", "1000060000")], body, "try again in 7 s"),
            (vec![("x-ratelimit-reset", "1000060001")], body, "try again in 61 s"),
            (vec![("retry-after", "Wed, 21 Oct 2026 07:28:00 GMT")], body, "(429): You must wait 42 seconds"),
            (vec![("x-ratelimit-reset", "999999999")], "<html>", "try again in a minute"),
        ] {
            let headers = headers.into_iter().map(|(name, value)| (name.parse().expect("a name"), value));
            let headers: HeaderMap = headers.map(|(name, value)| (name, value.parse().expect("a value"))).collect();
            let told = refusal(429, &headers, body, "secret", 1_000_000_000);
            assert!(told.contains(expected), "{told}");
        }
    }

    #[test]
    fn what_a_service_says_is_harmless_and_holds_no_secret() {
        let body = serde_json::json!({ "error": format!("no \u{1b}[2J secrettoken {}", "x".repeat(500)) }).to_string();
        let told = refusal(400, &HeaderMap::new(), &body, "secrettoken", 0);
        assert!(told.starts_with("answers 400: no \u{fffd}[2J *** xxx"), "{told}");
        assert!(told.chars().count() < 220, "{told}");
    }
}
