//! The operations that there are, by what they are for: that decides who is asked, and names them in the metrics.

use std::sync::Arc;

use super::{MongoError, metrics::MongoMetrics};

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
    /// Looking at MongoDB for a command.
    Inspect,
    /// Counting messages for an answer.
    Count,
    /// Looking up, for an answer, which rooms count.
    CountedRooms,
    /// Reading names, members and times of the rooms in an answer.
    RoomDetails,
    /// Reading when users were created.
    Users,
    /// Reading sessions.
    Sessions,
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

/// Which members of a replica set may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asks {
    /// The primary alone: no other member surely knows of the newest write.
    Primary,
    /// The primary, or if there is none, another one.
    AnyMember,
    /// Those that are configured for counting.
    CountingMember,
}

impl Operation {
    pub(super) fn asks(self) -> Asks {
        match self {
            // Whoever's token has been revoked must be refused by the next request, and a room that was renamed has its new name.
            Self::Viewer | Self::RoomDetails | Self::Settings | Self::Probe | Self::MajorityPoint => Asks::Primary,
            Self::Inspect => Asks::AnyMember,
            _ => Asks::CountingMember,
        }
    }
}

/// Times operations, if there is somebody who wants to know.
#[derive(Debug, Clone, Default)]
pub(super) struct Stopwatch(Option<Arc<MongoMetrics>>);

impl From<Arc<MongoMetrics>> for Stopwatch {
    fn from(metrics: Arc<MongoMetrics>) -> Self {
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
            Some(metrics) => metrics.time(operation, work).await,
            None => work.await,
        }
    }
}
