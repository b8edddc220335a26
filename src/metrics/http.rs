//! Requests: how many, how long they take, and who is turned away.

use std::time::Duration;

use actix_web::http::StatusCode;
use prometheus::{Histogram, IntCounter};

use super::{Family, Label, Labels, Register};
use crate::auth::Refusal;

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// The endpoint.
    MessagesSent,
    /// `/healthz`.
    Healthz,
    /// `/readyz`.
    Readyz,
    /// `/openapi.json`.
    Openapi,
    /// Anything else.
    Other,
}

impl Label for Route {
    const NAME: &'static str = "route";
    const ALL: &'static [Self] = &[Self::MessagesSent, Self::Healthz, Self::Readyz, Self::Openapi, Self::Other];

    fn value(self) -> &'static str {
        match self {
            Self::MessagesSent => "messages_sent",
            Self::Healthz => "healthz",
            Self::Readyz => "readyz",
            Self::Openapi => "openapi",
            Self::Other => "other",
        }
    }
}

impl Route {
    /// The statuses that it can be answered with.
    fn statuses(self) -> &'static [u16] {
        match self {
            Self::MessagesSent => &[200, 400, 401, 403, 405, 414, 429, 431, 500, 503],
            Self::Healthz | Self::Openapi => &[200, 405, 414, 431],
            Self::Readyz => &[200, 405, 414, 431, 503],
            Self::Other => &[404, 414, 431],
        }
    }
}

/// What was asked for and the status of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answered {
    route: Route,
    /// None is one that nobody has thought of.
    status: Option<u16>,
}

impl Answered {
    fn new(route: Route, status: StatusCode) -> Self {
        Self { route, status: Some(status.as_u16()).filter(|status| route.statuses().contains(status)) }
    }
}

impl Labels for Answered {
    const NAMES: &'static [&'static str] = &[Route::NAME, "status"];

    fn all() -> Vec<Self> {
        let of_route = |&route: &Route| {
            let statuses = route.statuses().iter().map(|status| Some(*status)).chain([None]);
            statuses.map(move |status| Self { route, status })
        };
        Route::ALL.iter().flat_map(of_route).collect()
    }

    fn values(self) -> Vec<String> {
        let status = self.status.map_or_else(|| "other".to_owned(), |status| status.to_string());
        vec![self.route.value().to_owned(), status]
    }
}

impl Label for Refusal {
    const NAME: &'static str = "reason";
    const ALL: &'static [Self] = &[Self::Missing, Self::Malformed, Self::Unknown, Self::Expired, Self::Inactive];

    fn value(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Malformed => "malformed",
            Self::Unknown => "unknown",
            Self::Expired => "expired",
            Self::Inactive => "inactive",
        }
    }
}

/// See the module.
#[derive(Debug)]
pub struct HttpMetrics {
    requests: Family<Answered, IntCounter>,
    durations: Family<Route, Histogram>,
    /// Requests answered with 401.
    pub authentication_failures: Family<Refusal, IntCounter>,
    /// Requests answered with 429.
    pub rate_limited: IntCounter,
}

impl HttpMetrics {
    pub(super) fn new(register: &mut Register) -> Result<Self, prometheus::Error> {
        Ok(Self {
            requests: register.counters("http_requests_total", "Requests answered, by route and status.")?,
            durations: register
                .histograms("http_request_duration_seconds", "Time from a request's head to its answer, by route.")?,
            authentication_failures: register.counters(
                "authentication_failures_total",
                "Requests refused because nobody known is asking, by what is wrong with the credentials.",
            )?,
            rate_limited: register
                .counter("rate_limited_requests_total", "Requests refused because their client has sent too many.")?,
        })
    }

    /// Notes that a request has been answered.
    pub fn answered(&self, route: Route, status: StatusCode, time: Duration) {
        self.requests.count(Answered::new(route, status));
        if let Some(durations) = self.durations.get(route) {
            durations.observe(time.as_secs_f64());
        }
    }
}
