//! `/healthz`: the process is there. `/readyz`: it can do its work, that is, MongoDB answers; and where counts come from.

use std::time::Duration;

use actix_web::{HttpResponse, web::Data};
use serde::Serialize;
use tokio::{sync::Mutex, time::Instant};
use utoipa::ToSchema;

use super::json::json;
use crate::{
    mongo::{Deadline, Mongo},
    tally::{Source, Tally},
};

/// How long MongoDB may take to answer a probe.
const PROBE_TIME: Duration = Duration::from_secs(1);

/// For how long a probe's outcome is told again: asking often does not load the database.
const PROBE_AGE: Duration = Duration::from_millis(250);

/// The last probe of MongoDB; one is under way at the most.
#[derive(Debug, Default)]
pub struct Probe(Mutex<Option<(Instant, Outcome)>>);

/// Why MongoDB cannot be used, if it cannot.
type Outcome = Result<(), &'static str>;

impl Probe {
    async fn outcome(&self, mongo: &Mongo) -> Outcome {
        let mut last = self.0.lock().await;
        if let Some((at, outcome)) = *last
            && at.elapsed() < PROBE_AGE
        {
            return outcome;
        }
        let outcome = mongo.probe(Deadline::after(PROBE_TIME)).await.map_err(|error| mongo.reason(&error));
        *last = Some((Instant::now(), outcome));
        outcome
    }
}

/// The process is there.
#[derive(Serialize, ToSchema)]
pub struct Alive {
    #[schema(examples("ok"))]
    status: &'static str,
}

/// Whether the process can do its work, and how.
#[derive(Serialize, ToSchema)]
pub struct Readiness {
    #[schema(inline)]
    status: Status,
    /// `ok`, or why MongoDB cannot be used.
    mongodb: &'static str,
    #[schema(inline)]
    counting: Source,
    /// How many days are in memory.
    loaded_days: u32,
    /// How old an answer from memory could be; none if there can be none.
    #[schema(required)]
    staleness_ms: Option<u64>,
    /// Why counts do not come from memory, or not all of them, if it is more than that they are being loaded.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Status {
    Ready,
    Unavailable,
}

/// The process is there.
pub async fn process() -> HttpResponse {
    json(&mut HttpResponse::Ok(), &Alive { status: "ok" })
}

/// MongoDB answers, or 503 and why not.
pub async fn ready(probe: Data<Probe>, mongo: Data<Mongo>, tally: Data<Tally>) -> HttpResponse {
    let (mut response, status, mongodb) = match probe.outcome(&mongo).await {
        Ok(()) => (HttpResponse::Ok(), Status::Ready, "ok"),
        Err(reason) => (HttpResponse::ServiceUnavailable(), Status::Unavailable, reason),
    };
    let counts = tally.status();
    let readiness = Readiness {
        status,
        mongodb,
        counting: counts.source,
        loaded_days: counts.loaded_days,
        staleness_ms: counts.staleness,
        reason: counts.reason,
    };
    json(&mut response, &readiness)
}
