//! A running service as a client sees it: asked over HTTP with somebody's token, which no error and no log ever shows.

use std::{collections::HashMap, path::PathBuf, time::Duration};

use actix_web::http::Uri;
use chrono::{NaiveDate, TimeDelta, Utc};
use clap::Args;
use serde::Deserialize;
use ureq::{
    Agent,
    http::HeaderValue,
    tls::{PemItem, RootCerts, TlsConfig, parse_pem},
};

use crate::{
    auth::credentials::Token,
    commands::{
        failure::Failure,
        verify::trouble::{advice, refusal},
    },
    dashboard::instant::iso_string,
    dashboard::messages_sent::DayCounts,
    dashboard::period::DayRange,
    http::dashboard::messages_sent::PATH,
    time_zone::TimeZone,
};

/// How long an answer may take; a service without counts in memory has to count.
const PATIENCE: Duration = Duration::from_secs(300);
const CONNECT_TIME: Duration = Duration::from_secs(10);

/// Names a file with authorities, for this command and most other programs.
const AUTHORITIES: &str = "SSL_CERT_FILE";

/// Far more than the widest period needs that has a message every day.
const MOST_BYTES: u64 = 256 << 20;

/// More than any refusal says.
const MOST_BYTES_OF_REFUSAL: u64 = 64 << 10;

/// Where the user's id is, if not on the command line. Not read by `clap`, which would not tell the two apart.
const USER_ID: &str = "ENGAGEMENT_USER_ID";

/// Where the token is, if not in a file.
const TOKEN: &str = "ENGAGEMENT_AUTH_TOKEN";

/// Which service is to be compared, and who asks. Not `Debug`: an address may hold what it should not.
#[derive(Args)]
pub struct ServiceOptions {
    /// Compare with a running service or Rocket.Chat, too: the address that people open, like `https://chat.example.org`.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// With --url: the id of a user who may ask. Without it, it is in the variable ENGAGEMENT_USER_ID.
    #[arg(long, value_name = "ID")]
    user_id: Option<String>,
    /// With --url: a file with one of that user's tokens. Without it, it is in the variable ENGAGEMENT_AUTH_TOKEN.
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
}

/// A running service.
#[derive(Debug, Clone)]
pub struct Service {
    /// Its address, for people.
    pub address: String,
    user_id: String,
    token: Token,
    zone: TimeZone,
    agent: Agent,
}

/// What of the endpoint's answer is needed.
#[derive(Deserialize)]
struct Answer {
    days: Vec<Day>,
}

#[derive(Deserialize)]
struct Day {
    day: String,
    messages: u64,
}

impl ServiceOptions {
    /// The service, if one is to be compared.
    ///
    /// # Errors
    /// What is needed to ask it is missing or cannot be used.
    pub fn service(&self, zone: TimeZone) -> Result<Option<Service>, Failure> {
        let Some(url) = &self.url else {
            return match (&self.token_file, &self.user_id) {
                (Some(_), _) => {
                    Err(Failure::Usage("--token-file goes with --url: add that, or leave --token-file out"))
                }
                (None, Some(_)) => Err(Failure::Usage("--user-id goes with --url: add that, or leave --user-id out")),
                (None, None) => Ok(None),
            };
        };
        let address = address(url).ok_or(Failure::Usage(
            "--url: write the address that people open, like https://chat.example.org or http://127.0.0.1:3000, \
             without user, password or query",
        ))?;
        let token = match &self.token_file {
            Some(file) => std::fs::read_to_string(file)
                .map_err(|error| Failure::Service(format!("the token file {}: {error}", file.display())))?,
            None => std::env::var(TOKEN).unwrap_or_default(),
        };
        let user_id = self.user_id.clone().or_else(|| std::env::var(USER_ID).ok()).unwrap_or_default();
        if token.trim().is_empty() || user_id.is_empty() {
            return Err(Failure::Usage(
                "--url needs somebody who may ask: --user-id, and a token in ENGAGEMENT_AUTH_TOKEN or --token-file",
            ));
        }
        let is_header = |text: &str| HeaderValue::from_str(text).is_ok();
        if !is_header(token.trim()) || !is_header(&user_id) {
            return Err(Failure::Usage("the user's id or the token has characters that neither can have"));
        }
        let token = Token::from(token.trim());
        if address.starts_with("https:") {
            check_authorities()?;
        }
        let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build();
        let agent = Agent::config_builder()
            .tls_config(tls)
            .timeout_global(Some(PATIENCE))
            .timeout_connect(Some(CONNECT_TIME))
            .http_status_as_error(false)
            // The token goes nowhere but where it was meant to.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")))
            .build();
        Ok(Some(Service { address, user_id, token, zone, agent: agent.into() }))
    }
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
fn address(url: &str) -> Option<String> {
    let uri: Uri = url.parse().ok()?;
    let scheme = uri.scheme_str().filter(|scheme| ["http", "https"].contains(scheme))?;
    let authority = uri.authority().filter(|authority| !authority.as_str().contains('@'))?;
    uri.query().is_none().then(|| format!("{scheme}://{authority}{}", uri.path().trim_end_matches('/')))
}

impl Service {
    /// Messages per day, as the service has them.
    ///
    /// # Errors
    /// It does not answer, refuses, or means other days.
    pub async fn days(&self, range: DayRange) -> Result<DayCounts, Failure> {
        let service = self.clone();
        let asked = tokio::task::spawn_blocking(move || service.ask(range)).await;
        asked.unwrap_or_else(|panic| Err(Failure::Service(panic.to_string())))
    }

    fn ask(&self, range: DayRange) -> Result<DayCounts, Failure> {
        let failed = |what: &str| Failure::Service(format!("{}{PATH}: {what}", self.address));
        // In the morning of the first day and in the evening of the last: there are no clock changes that would make a
        // whole day less of that.
        let start = iso_string(self.zone.start_of(range.first) + TimeDelta::hours(6));
        let end = iso_string(self.zone.start_of(range.last) + TimeDelta::hours(18));
        let request = self.agent.get(format!("{}{PATH}", self.address)).query("start", start).query("end", end);
        let request = request.header("X-User-Id", &self.user_id).header("X-Auth-Token", self.token.expose());
        let unanswered = |error: ureq::Error| failed(&advice(&error, PATIENCE));
        let mut response = request.call().map_err(unanswered)?;
        let status = response.status().as_u16();
        let most = if status == 200 { MOST_BYTES } else { MOST_BYTES_OF_REFUSAL };
        let body = response.body_mut().with_config().limit(most).read_to_string();
        if status != 200 {
            let (body, secret) = (body.unwrap_or_default(), self.token.expose());
            let now = Utc::now().timestamp_millis();
            return Err(failed(&refusal(status, response.headers(), &body, secret, now)));
        }
        let body = body.map_err(unanswered)?;
        let answer: Answer = serde_json::from_str(&body).map_err(|_| failed("this is no answer of the endpoint's"))?;
        self.counts(range, answer).ok_or_else(|| {
            failed(&format!(
                "its days begin at other moments: its time zone is not {}; give it with --timezone",
                self.zone
            ))
        })
    }

    /// The days of an answer; none if one of them is no day of this zone.
    fn counts(&self, range: DayRange, answer: Answer) -> Option<DayCounts> {
        let days = range.first.iter_days().take_while(|day| *day <= range.last);
        let days: HashMap<String, NaiveDate> = days.map(|day| (iso_string(self.zone.start_of(day)), day)).collect();
        answer.days.into_iter().map(|Day { day, messages }| Some((*days.get(&day)?, messages))).collect()
    }
}
