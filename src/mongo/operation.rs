//! The operations that there are, by what they are for: that decides who is asked, and names them in the metrics.

use std::sync::Arc;

use super::MongoError;
use crate::metrics::Metrics;

/// What an operation is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Looking up who asks.
    Viewer,
    /// Reading the workspace's settings.
    Settings,
    /// Finding out whether MongoDB can be used.
    Probe,
    /// The same of the members that count.
    ProbeCounting,
    /// Counting messages for an answer.
    Count,
    /// Looking up, for an answer, which rooms count.
    CountedRooms,
    /// Estimating how many messages there are.
    Estimate,
    /// Asking the primary for its majority point.
    MajorityPoint,
    /// Opening a change stream.
    OpenStream,
    /// Counting messages for memory.
    Load,
    /// Reading the types of all rooms for memory.
    Rooms,
    /// Reading documents as they were before a change.
    Images,
    /// Counting a day again.
    Audit,
}

impl Operation {
    /// Whether it looks up who asks, or the like: `primaryPreferred`, so that an election logs nobody out. Others are
    /// counting, by the members that are configured for that.
    pub(super) fn is_look_up(self) -> bool {
        matches!(self, Self::Viewer | Self::Settings | Self::Probe)
    }
}

/// Times operations, if there is somebody who wants to know.
#[derive(Debug, Clone, Default)]
pub(super) struct Stopwatch(Option<Arc<Metrics>>);

impl From<Arc<Metrics>> for Stopwatch {
    fn from(metrics: Arc<Metrics>) -> Self {
        Self(Some(metrics))
    }
}

impl Stopwatch {
    pub(super) async fn time<T>(
        &self,
        operation: Operation,
        work: impl Future<Output = Result<T, MongoError>>,
    ) -> Result<T, MongoError> {
        match &self.0 {
            Some(metrics) => metrics.mongo.time(operation, work).await,
            None => work.await,
        }
    }
}
