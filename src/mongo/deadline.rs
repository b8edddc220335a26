//! How long anything may take.

use std::time::Duration;

use tokio::time::Instant;

/// Below this many milliseconds an operation is not begun any more: it could not be answered in time.
pub(super) const LEAST_TIME: Duration = Duration::from_millis(1);

/// The moment by which an operation must have come to an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline(Instant);

impl Deadline {
    /// The moment `time` from now.
    pub fn after(time: Duration) -> Self {
        Self(Instant::now() + time)
    }

    /// The time that is left, if any is.
    pub fn remaining(self) -> Option<Duration> {
        Some(self.0.saturating_duration_since(Instant::now())).filter(|left| *left >= LEAST_TIME)
    }

    /// This moment on tokio's clock.
    pub fn instant(self) -> Instant {
        self.0
    }
}

/// For how long MongoDB may be silent, where the connection string does not say.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Until a server is found that can be asked.
    pub(super) server_selection: Duration,
    /// Until a new connection is there. An answer to a heartbeat may take as long, and the pause between two more.
    pub(super) connect: Duration,
    /// Between two heartbeats.
    pub(super) heartbeat: Duration,
}

impl Patience {
    /// With the driver's defaults (30 s, 10 s, 10 s) a request would wait far beyond its deadline.
    pub const OF_REQUESTS: Self = Self {
        server_selection: Duration::from_secs(3),
        connect: Duration::from_secs(2),
        heartbeat: Duration::from_secs(2),
    };

    /// For what runs by night or for hours, and had better outlast a server that stands still for some seconds.
    pub const OF_LONG_WORK: Self = Self {
        server_selection: Duration::from_secs(10),
        connect: Duration::from_secs(10),
        heartbeat: Duration::from_secs(10),
    };
}
