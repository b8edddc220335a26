//! A running service, or what stands in its place, asked over HTTP.

mod trouble;

use std::time::Duration;

use actix_web::http::Uri;
use ureq::{
    Agent,
    config::ConfigBuilder,
    tls::{PemItem, RootCerts, TlsConfig, parse_pem},
    typestate::AgentScope,
};

pub use trouble::{advice, refusal};

use crate::commands::failure::Failure;

const CONNECT_TIME: Duration = Duration::from_secs(10);

/// Names a file with authorities, for this command and most other programs.
const AUTHORITIES: &str = "SSL_CERT_FILE";

/// What asks at an address, where an answer may take so long.
///
/// # Errors
/// The file that says who is trusted cannot be used.
pub fn agent(address: &str, patience: Duration) -> Result<Agent, Failure> {
    if address.starts_with("https:") {
        check_authorities()?;
    }
    let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build();
    Ok(asking(patience).tls_config(tls).timeout_connect(Some(CONNECT_TIME)).build().into())
}

/// The same on this machine: whatever proxy the environment names is for others.
pub fn agent_here(patience: Duration) -> Agent {
    asking(patience).proxy(None).build().into()
}

/// Every status is an answer. No redirect is followed: a token goes nowhere but where it was meant to.
fn asking(patience: Duration) -> ConfigBuilder<AgentScope> {
    Agent::config_builder()
        .timeout_global(Some(patience))
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")))
}

/// Checks the file that says who is trusted instead of this machine's authorities: the library passes it over in silence.
fn check_authorities() -> Result<(), Failure> {
    let Some(file) = std::env::var_os(AUTHORITIES).filter(|file| !file.is_empty()) else { return Ok(()) };
    let failed = |what: &str| Failure::Service(format!("{AUTHORITIES}={}: {what}", file.display()));
    let pem = std::fs::read(&file).map_err(|error| failed(&error.to_string()))?;
    match parse_pem(&pem).any(|item| matches!(item, Ok(PemItem::Certificate(_)))) {
        true => Ok(()),
        false => Err(failed("holds no certificate in PEM format")),
    }
}

/// Scheme, host, port and path, without a slash at the end.
///
/// # Errors
/// It is no such address, or has more than that.
pub fn address(url: &str) -> Result<String, Failure> {
    parsed(url).ok_or(Failure::Usage(
        "--url: write the address that people open, like https://chat.example.org or http://127.0.0.1:3000, \
         without user, password or query",
    ))
}

fn parsed(url: &str) -> Option<String> {
    let uri: Uri = url.parse().ok()?;
    let scheme = uri.scheme_str().filter(|scheme| ["http", "https"].contains(scheme))?;
    let authority = uri.authority().filter(|authority| !authority.as_str().contains('@'))?;
    // A port that is none would be passed over, and another program be asked.
    let is_whole = authority.port_u16().is_some() || authority.as_str() == authority.host();
    if !is_whole || authority.host().is_empty() {
        return None;
    }
    uri.query().is_none().then(|| format!("{scheme}://{authority}{}", uri.path().trim_end_matches('/')))
}
