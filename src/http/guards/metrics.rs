//! Who is turned away, counted.

use prometheus::IntCounter;

use crate::{
    auth::Refusal,
    metrics::{Family, Label, Registry},
};

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
pub struct GuardMetrics {
    /// Requests answered with 401.
    pub authentication_failures: Family<Refusal, IntCounter>,
    /// Requests answered with 429.
    pub rate_limited: IntCounter,
}

impl GuardMetrics {
    /// Everything at zero.
    ///
    /// # Errors
    /// As for [`Registry::new`].
    pub fn new(register: &Registry) -> Result<Self, prometheus::Error> {
        Ok(Self {
            authentication_failures: register.counters(
                "authentication_failures_total",
                "Requests refused because nobody known is asking, by what is wrong with the credentials.",
            )?,
            rate_limited: register
                .counter("rate_limited_requests_total", "Requests refused because their client has sent too many.")?,
        })
    }
}
