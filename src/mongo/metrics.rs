//! Operations of MongoDB: how long they take, and how they fail.

use std::time::Instant;

use prometheus::{Histogram, IntCounter};

use super::{MongoError, Operation};
use crate::metrics::{Family, Label, Registry};

impl Label for Operation {
    const NAME: &'static str = "operation";
    const ALL: &'static [Self] = &[
        Self::Viewer,
        Self::Settings,
        Self::Probe,
        Self::ProbeCounting,
        Self::Inspect,
        Self::Count,
        Self::CountedRooms,
        Self::RoomDetails,
        Self::Users,
        Self::Sessions,
        Self::Estimate,
        Self::MajorityPoint,
        Self::OpenStream,
        Self::Load,
        Self::Rooms,
        Self::Images,
        Self::Audit,
    ];

    fn value(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Settings => "settings",
            Self::Probe => "probe",
            Self::ProbeCounting => "probe_counting",
            Self::Inspect => "inspect",
            Self::Count => "count",
            Self::CountedRooms => "counted_rooms",
            Self::RoomDetails => "room_details",
            Self::Users => "users",
            Self::Sessions => "sessions",
            Self::Estimate => "estimate",
            Self::MajorityPoint => "majority_point",
            Self::OpenStream => "open_stream",
            Self::Load => "load",
            Self::Rooms => "rooms",
            Self::Images => "images",
            Self::Audit => "audit",
        }
    }
}

/// How an operation failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// There was no server.
    Unreachable,
    /// The server refuses our account.
    Refused,
    /// It took too long.
    TooSlow,
    /// In another way.
    Failed,
}

impl From<&MongoError> for ErrorKind {
    fn from(error: &MongoError) -> Self {
        match error {
            MongoError::Unreachable(_) => Self::Unreachable,
            MongoError::Refused(_) => Self::Refused,
            MongoError::TooSlow => Self::TooSlow,
            MongoError::Failed(_)
            | MongoError::NoSuchIndex
            | MongoError::HistoryLost(_)
            | MongoError::Unsupported(_)
            | MongoError::BrokenOff(_)
            | MongoError::Panicked(_) => Self::Failed,
        }
    }
}

impl Label for ErrorKind {
    const NAME: &'static str = "error";
    const ALL: &'static [Self] = &[Self::Unreachable, Self::Refused, Self::TooSlow, Self::Failed];

    fn value(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Refused => "refused",
            Self::TooSlow => "too_slow",
            Self::Failed => "failed",
        }
    }
}

/// See the module.
#[derive(Debug)]
pub struct MongoMetrics {
    durations: Family<Operation, Histogram>,
    errors: Family<(Operation, ErrorKind), IntCounter>,
}

impl MongoMetrics {
    /// Everything at zero.
    ///
    /// # Errors
    /// As for [`Registry::new`].
    pub fn new(register: &Registry) -> Result<Self, prometheus::Error> {
        Ok(Self {
            durations: register.histograms(
                "mongodb_operation_duration_seconds",
                "Time until an operation of MongoDB has ended or is no longer waited for, failed ones included.",
            )?,
            errors: register.counters(
                "mongodb_operation_errors_total",
                "Operations of MongoDB that failed, by what they were for and how they failed.",
            )?,
        })
    }

    /// Waits for an operation and notes how long it took and whether it failed.
    ///
    /// # Errors
    /// The operation's.
    pub async fn time<T>(
        &self,
        operation: Operation,
        work: impl Future<Output = Result<T, MongoError>>,
    ) -> Result<T, MongoError> {
        let began = Instant::now();
        let result = work.await;
        if let Some(durations) = self.durations.get(operation) {
            durations.observe(began.elapsed().as_secs_f64());
        }
        result.inspect_err(|error| self.errors.count((operation, error.into())))
    }
}
