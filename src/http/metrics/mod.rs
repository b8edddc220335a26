//! Requests: how many, and how long they take.

use std::time::Duration;

use actix_web::http::StatusCode;
use prometheus::{Histogram, IntCounter};

use super::{dashboard::ENDPOINTS, openapi, site::Site};
use crate::metrics::{Family, Label, Labels, Registry};

mod answer;
mod measure;

pub use answer::answer;
pub use measure::measure;

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// The endpoint at this place of [`ENDPOINTS`].
    Endpoint(usize),
    /// `/healthz`.
    Healthz,
    /// `/readyz`.
    Readyz,
    /// `/openapi.json`.
    Openapi,
    /// The page, and everything below it.
    Page,
    /// Anything else.
    Other,
}

/// The routes that are no endpoint of the dashboard.
const OTHERS: [Route; 5] = [Route::Healthz, Route::Readyz, Route::Openapi, Route::Page, Route::Other];

const ALL: [Route; ENDPOINTS.len() + OTHERS.len()] = {
    let mut all = [Route::Other; ENDPOINTS.len() + OTHERS.len()];
    let mut place = 0;
    while place < all.len() {
        all[place] = match place.checked_sub(ENDPOINTS.len()) {
            None => Route::Endpoint(place),
            Some(other) => OTHERS[other],
        };
        place += 1;
    }
    all
};

impl Label for Route {
    const NAME: &'static str = "route";
    const ALL: &'static [Self] = &ALL;

    fn value(self) -> &'static str {
        match self {
            Self::Endpoint(place) => ENDPOINTS.get(place).map_or("other", |endpoint| endpoint.label),
            Self::Healthz => "healthz",
            Self::Readyz => "readyz",
            Self::Openapi => "openapi",
            Self::Page => "page",
            Self::Other => "other",
        }
    }
}

impl Route {
    /// What a path leads to.
    pub fn of(path: &str, base_path: &str, page: Option<&Site>) -> Self {
        let below = path.strip_prefix(base_path);
        match path {
            "/healthz" => Self::Healthz,
            "/readyz" => Self::Readyz,
            openapi::PATH => Self::Openapi,
            path if page.is_some_and(|page| page.owns(path)) => Self::Page,
            _ => ENDPOINTS.iter().position(|endpoint| below == Some(endpoint.path)).map_or(Self::Other, Self::Endpoint),
        }
    }

    /// The statuses that it can be answered with.
    fn statuses(self) -> &'static [u16] {
        match self {
            Self::Endpoint(_) => &[200, 400, 401, 403, 405, 414, 429, 431, 500, 503],
            Self::Healthz | Self::Openapi => &[200, 405, 414, 431],
            Self::Readyz => &[200, 405, 414, 431, 503],
            Self::Page => &[200, 304, 308, 400, 401, 403, 404, 405, 414, 429, 431, 500, 503],
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

/// See the module.
#[derive(Debug)]
pub struct HttpMetrics {
    requests: Family<Answered, IntCounter>,
    durations: Family<Route, Histogram>,
}

impl HttpMetrics {
    /// Everything at zero.
    ///
    /// # Errors
    /// As for [`Registry::new`].
    pub fn new(register: &Registry) -> Result<Self, prometheus::Error> {
        Ok(Self {
            requests: register.counters("http_requests_total", "Requests answered, by route and status.")?,
            durations: register
                .histograms("http_request_duration_seconds", "Time from a request's head to its answer, by route.")?,
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
