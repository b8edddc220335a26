//! Events that have come and are not applied yet.
//!
//! Rule: events leave in whole transactions. The events of one transaction (or of one vectored write) carry the same
//! `clusterTime`, and a batch may end between them. They are complete when something later has come: an event of a later
//! time, or an empty batch. Applied sooner, memory would hold half a transaction, which the database never did.
//!
//! A resumed stream may give events again that came before; tokens sort in stream order, so these are told by theirs.

use std::collections::VecDeque;

use super::event::{Event, ResumeToken};
use super::freshness::Silence;
use crate::tally::cube::Contradiction;
use crate::tally::time::Timestamp;

#[derive(Debug)]
pub(super) enum Item<E> {
    Event(Event<E>),
    /// An empty batch came.
    Idle(Silence),
}

#[derive(Debug)]
pub(super) struct Backlog<E> {
    items: VecDeque<Item<E>>,
    /// How many items at the end are events of one time that may not be all there.
    open: usize,
    newest: Timestamp,
    token: Option<ResumeToken>,
    /// The last event that came: its time and its token.
    last: Option<(Timestamp, ResumeToken)>,
    pub(super) keep_duplicates: bool,
    pub(super) split_groups: bool,
}

impl<E> Backlog<E> {
    pub(super) fn new() -> Self {
        let (keep_duplicates, split_groups) = (false, false);
        Self {
            items: VecDeque::new(),
            open: 0,
            newest: Timestamp::default(),
            token: None,
            last: None,
            keep_duplicates,
            split_groups,
        }
    }

    /// Forgets everything, the place in the stream too.
    pub(super) fn clear(&mut self) {
        self.items.clear();
        self.open = 0;
        self.newest = Timestamp::default();
        self.token = None;
        self.last = None;
    }

    /// The time and the token of the last event that came.
    pub(super) fn last_event(&self) -> Option<&(Timestamp, ResumeToken)> {
        self.last.as_ref()
    }

    /// Moves the place in the stream back to the last event that came.
    pub(super) fn rewind(&mut self) {
        if let Some((_, token)) = &self.last {
            self.token = Some(token.clone());
        }
    }

    /// The place in the stream: everything up to it has come.
    pub(super) fn token(&self) -> Option<&ResumeToken> {
        self.token.as_ref()
    }

    /// Moves the place in the stream, never back. Whether it moved.
    pub(super) fn advance(&mut self, token: Option<ResumeToken>) -> bool {
        match token {
            Some(token) if self.token.as_ref().is_none_or(|held| *held < token) => {
                self.token = Some(token);
                true
            }
            _ => false,
        }
    }

    /// How many could be applied if nothing else were missing.
    pub(super) fn complete(&self) -> usize {
        self.items.len() - self.open
    }

    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    /// Takes in an event. Whether it is new.
    pub(super) fn push(&mut self, event: Event<E>) -> Result<bool, Contradiction> {
        if !self.advance(Some(event.token.clone())) && !self.keep_duplicates {
            return Ok(false);
        }
        let continues = event.at == self.newest && self.open > 0;
        // An event of a time that was complete belongs before what has been applied.
        if event.at <= self.newest && !continues && !self.keep_duplicates && !self.split_groups {
            return Err(Contradiction::OutOfOrder);
        }
        self.open = if continues { self.open + 1 } else { 1 };
        self.newest = self.newest.max(event.at);
        self.last = Some((event.at, event.token.clone()));
        self.items.push_back(Item::Event(event));
        Ok(true)
    }

    pub(super) fn idle(&mut self, silence: Silence) {
        self.open = 0;
        if let Some(Item::Idle(since)) = self.items.back_mut() {
            *since = silence;
        } else {
            self.items.push_back(Item::Idle(silence));
        }
    }

    /// Takes all that is complete.
    pub(super) fn take(&mut self) -> Vec<Item<E>> {
        let complete = if self.split_groups { self.items.len() } else { self.complete() };
        self.open = self.open.min(self.items.len() - complete);
        self.items.drain(..complete).collect()
    }
}
