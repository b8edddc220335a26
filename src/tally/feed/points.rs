//! The question to the primary how far it and a majority have come, asked many times a second, and what follows from an answer:
//! how fresh memory is (`freshness`), and whether the history that it follows still goes on (`history`).

use super::event::{
    Command, Event, Fault, Input, MessageChange, Point, ProcessId, Reason, Request, ResumeToken, Stream,
};
use super::freshness::Silence;
use super::history::Continuity;
use super::rooms::RoomList;
use super::{Feed, Notice};
use crate::tally::flaw::Flaw;
use crate::tally::time::{Millis, Timestamp};

/// The question.
#[derive(Debug)]
pub(super) enum Reading {
    /// To be asked from this time on.
    Due(Millis),
    /// Asked, when everything up to a time had been applied.
    Waiting { request: Request, until: Millis, applied: Timestamp },
}

impl Reading {
    pub(super) fn is_for(&self, wanted: Request) -> bool {
        matches!(self, Self::Waiting { request, .. } if *request == wanted)
    }
}

/// A primary that is not known. Its oplog must give the last event that came once more.
#[derive(Clone, Debug)]
pub(super) struct Doubt {
    process: ProcessId,
    term: i64,
    event: ResumeToken,
}

impl Feed {
    pub(super) fn schedule_point(&mut self, now: Millis) {
        match self.reading {
            Reading::Waiting { request, until, .. } if until <= now => {
                self.point_failed(now, request, Fault::Unreachable)
            }
            Reading::Due(after) if after <= now => {
                let request = self.request(Command::ReadPoint);
                let until = now.saturating_add(self.config.request_timeout);
                let applied = self.messages.position.max(self.rooms.position);
                self.reading = Reading::Waiting { request, until, applied };
            }
            _ => {}
        }
    }

    /// What comes from now on is held back until a primary has told whose history it is of.
    pub(super) fn shake(&mut self, now: Millis) {
        if !self.flaws.has(Flaw::NoHistoryCheck) {
            self.shaken = Some(Request(self.requests));
            self.reading = Reading::Due(now);
        }
    }

    /// Keeps what has come for later. There may be no primary for days: what is not waited for any more is let go.
    pub(super) fn hold(&mut self, input: Input) {
        let mut held = std::mem::take(&mut self.held);
        held.push(input);
        held.retain(|input| input.request().is_none_or(|request| self.awaits(request)));
        self.held = held;
    }

    pub(super) fn on_point(&mut self, now: Millis, request: Request, asked: Millis, point: Point) {
        let Reading::Waiting { request: own, applied, .. } = self.reading else { return };
        if own != request {
            return;
        }
        self.reading = Reading::Due(asked.saturating_add(self.config.point_every).max(now));
        let Point { last_write, majority, term, process } = point;
        let continuity = match self.flaws.has(Flaw::NoHistoryCheck) {
            true => Continuity::Same,
            false => self.history.judge(process, term, last_write, applied),
        };
        if self.shaken.is_some_and(|last| last < request) && continuity != Continuity::Outdated {
            self.shaken = None;
        }
        match (continuity, &self.doubt) {
            // The same answer once more: the proof is under way.
            (Continuity::Unproven, Some(doubt)) if doubt.process == process => {}
            (Continuity::Same, None) => {
                self.history.accept(process, term);
                let majority = if self.flaws.has(Flaw::NoMajorityCheck) { last_write } else { majority };
                self.points.push(asked, now, last_write, majority);
                if let (Some(messages), Some(rooms)) = (self.messages.fresh, self.rooms.fresh) {
                    self.points.forget_before(messages.min(rooms));
                }
            }
            (Continuity::Outdated, _) | (Continuity::Same, Some(_)) => {}
            (Continuity::GoneBack, _) => {
                self.lose_history(now, Reason::GoneBack);
                self.history.accept(process, term);
            }
            (Continuity::Unproven, _) => self.doubt(now, process, term),
        }
        if self.shaken.is_none() {
            for input in std::mem::take(&mut self.held) {
                self.take(now, input);
            }
        }
    }

    pub(super) fn point_failed(&mut self, now: Millis, request: Request, _fault: Fault) {
        if self.reading.is_for(request) {
            self.reading = Reading::Due(now.saturating_add(self.config.point_every));
        }
    }

    /// Everything that was followed is worth nothing.
    fn lose_history(&mut self, now: Millis, reason: Reason) {
        self.history.clear();
        self.points.clear();
        self.doubt = None;
        if self.messages.origin.is_some() {
            self.lose(now, Stream::Messages, reason.clone());
        }
        if self.rooms.origin.is_some() {
            self.lose(now, Stream::Rooms, reason);
        }
    }

    /// The events are asked for again, from the last one that came: whoever has it in its oplog has all that came before. What was
    /// loaded later than that event would not be proven by it, so then everything is loaded again. The rooms are few, and always
    /// read again.
    fn doubt(&mut self, now: Millis, process: ProcessId, term: i64) {
        let loaded = self.cube.newest_version().unwrap_or_default();
        let event = self.messages.log.last_event().filter(|(at, _)| *at >= loaded).cloned();
        let Some((at, event)) = event else {
            self.lose_history(now, Reason::Unproven);
            return self.history.accept(process, term);
        };
        self.notice(Notice::NewPrimary);
        self.points.clear();
        self.give_up_loads();
        self.messages.log.rewind();
        self.messages.replay = Some(at);
        self.messages.link.restart(now);
        self.rooms.forget(now);
        self.list = RoomList::Unread { after: now };
        self.doubt = Some(Doubt { process, term, event });
    }

    /// What an empty batch says.
    pub(super) fn known(&self, silence: Silence) -> Silence {
        // Whoever looks at how far the member has come notices that the majority stands still, too.
        let is_blind = self.flaws.has(Flaw::NoMemberCheck) || self.flaws.has(Flaw::NoMajorityCheck);
        if is_blind { Silence { reached: None, ..silence } } else { silence }
    }

    /// Looks for the proof among events that came from the messages' stream; none: an empty batch came, of a member that has given
    /// everything up to `reached`. Whether there is still a history to follow.
    pub(super) fn seek_proof(
        &mut self,
        now: Millis,
        events: &[Event<MessageChange>],
        reached: Option<Timestamp>,
    ) -> bool {
        let Some(Doubt { process, term, event }) = &self.doubt else { return true };
        let (process, term) = (*process, *term);
        if events.iter().any(|found| found.token == *event) {
            self.doubt = None;
            self.messages.replay = None;
            self.history.accept(process, term);
            return true;
        }
        let is_passed = match events.last() {
            Some(last) => last.token > *event,
            // A member that lags behind may have the event yet.
            None => reached.is_none_or(|reached| self.messages.replay.is_none_or(|at| reached >= at)),
        };
        if is_passed {
            self.lose_history(now, Reason::GoneBack);
            self.history.accept(process, term);
        }
        !is_passed
    }
}
