//! One change stream: its connection, what has come of it, and how far that has been applied.

use super::backlog::Backlog;
use super::event::Start;
use super::link::{Backoff, Link};
use crate::tally::flaw::{Flaw, Flaws};
use crate::tally::time::{Millis, Timestamp};

/// One stream, and how far it has been applied.
#[derive(Debug)]
pub(super) struct Follow<E> {
    pub(super) link: Link,
    pub(super) log: Backlog<E>,
    /// The time it began at; none before it is open.
    pub(super) origin: Option<Timestamp>,
    /// The time of the last event that came, if that event is to come again, to prove that it still is in the oplog.
    pub(super) replay: Option<Timestamp>,
    /// All events of this time and before have been applied.
    pub(super) position: Timestamp,
    /// Up to when memory is known to hold every write of the primary's (`freshness`).
    pub(super) fresh: Option<Millis>,
}

impl<E> Follow<E> {
    pub(super) fn new(backoff: Backoff) -> Self {
        let link = Link::new(backoff);
        Self { link, log: Backlog::new(), origin: None, replay: None, position: Timestamp::default(), fresh: None }
    }

    pub(super) fn start(&self, flaws: Flaws) -> Start {
        if let Some(at) = self.replay {
            return Start::At(at);
        }
        match (self.log.token(), self.origin) {
            _ if flaws.has(Flaw::ResumeNow) => Start::Now,
            (Some(token), _) => Start::After(token.clone()),
            (None, Some(origin)) => Start::At(origin),
            (None, None) => Start::Now,
        }
    }

    /// Memory is now known to hold everything up to this time.
    pub(super) fn freshen(&mut self, at: Option<Millis>) {
        self.fresh = self.fresh.max(at);
    }

    pub(super) fn forget(&mut self, until: Millis) {
        self.link.restart(until);
        self.log.clear();
        self.origin = None;
        self.replay = None;
        self.position = Timestamp::default();
        self.fresh = None;
    }
}
