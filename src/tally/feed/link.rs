//! Keeping one change stream open.
//!
//! A stream that broke is thrown away and opened again after the last token that came, with growing pauses. It is given up, and
//! all that rests on it with it, when the server says that its history is gone, or refuses it three times at the same place.
//! A server that cannot be reached refuses nothing: an outage costs no reload.

use super::event::{Fault, Request};
use crate::tally::time::Millis;

/// Refusals at the same place before a stream is given up.
const REFUSALS: u32 = 3;

/// Growing pauses with jitter.
#[derive(Debug)]
pub(super) struct Backoff {
    min: Millis,
    max: Millis,
    failures: u32,
    random: u64,
}

impl Backoff {
    pub(super) fn new(min: Millis, max: Millis, seed: u64) -> Self {
        Self { min, max, failures: 0, random: seed | 1 }
    }

    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }

    /// A pseudo-random number (xorshift). Good enough to spread clients in time.
    pub(super) fn random(&mut self) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random
    }

    /// The pause after one more failure: between half and all of a doubled time.
    pub(super) fn pause(&mut self) -> Millis {
        let doubled = self.min.checked_shl(self.failures.min(20)).unwrap_or(self.max);
        self.failures = self.failures.saturating_add(1);
        let full = doubled.min(self.max);
        full / 2 + self.random() % (full / 2 + 1)
    }
}

#[derive(Debug)]
enum State {
    Waiting { until: Millis },
    Opening { request: Request, until: Millis },
    Open { request: Request, heard: Millis },
}

#[derive(Debug)]
pub(super) struct Link {
    state: State,
    backoff: Backoff,
    refusals: u32,
}

/// What a failure means.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The stream is opened again where it was.
    Resume,
    /// It cannot be continued.
    Lost,
}

impl Link {
    pub(super) fn new(backoff: Backoff) -> Self {
        Self { state: State::Waiting { until: 0 }, backoff, refusals: 0 }
    }

    pub(super) fn is_due(&self, now: Millis) -> bool {
        matches!(self.state, State::Waiting { until } if until <= now)
    }

    pub(super) fn opening(&mut self, request: Request, until: Millis) {
        self.state = State::Opening { request, until };
    }

    /// The stream of this request is open. Whether it was being opened.
    pub(super) fn opened(&mut self, request: Request, now: Millis) -> bool {
        let expected = matches!(self.state, State::Opening { request: opening, .. } if opening == request);
        if expected {
            self.state = State::Open { request, heard: now };
        }
        expected
    }

    /// Something came from the stream of this request. Whether that is the one that is open.
    pub(super) fn heard(&mut self, request: Request, now: Millis) -> bool {
        match &mut self.state {
            State::Open { request: open, heard } if *open == request => {
                *heard = now;
                self.backoff.reset();
                true
            }
            _ => false,
        }
    }

    /// The place in the stream has moved.
    pub(super) fn progressed(&mut self) {
        self.refusals = 0;
    }

    /// Whether this request is the stream's, being opened or open.
    pub(super) fn is(&self, request: Request) -> bool {
        match self.state {
            State::Opening { request: own, .. } | State::Open { request: own, .. } => own == request,
            State::Waiting { .. } => false,
        }
    }

    /// Whether the stream has been silent, or has been opening, for too long.
    pub(super) fn is_stuck(&self, now: Millis, silence: Millis) -> bool {
        match self.state {
            State::Waiting { .. } => false,
            State::Opening { until, .. } => until <= now,
            State::Open { heard, .. } => heard.saturating_add(silence) <= now,
        }
    }

    pub(super) fn failed(&mut self, fault: Fault, now: Millis) -> Verdict {
        let pause = self.backoff.pause();
        self.state = State::Waiting { until: now.saturating_add(pause) };
        match fault {
            Fault::Unreachable => Verdict::Resume,
            Fault::Refused => {
                self.refusals += 1;
                if self.refusals < REFUSALS { Verdict::Resume } else { Verdict::Lost }
            }
            Fault::HistoryLost | Fault::Invalidated | Fault::Undecodable => Verdict::Lost,
        }
    }

    /// Begins anew after a pause.
    pub(super) fn restart(&mut self, until: Millis) {
        self.state = State::Waiting { until };
        self.refusals = 0;
    }
}
