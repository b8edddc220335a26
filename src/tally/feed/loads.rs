//! Loading, newest days first, and audits.

use super::event::{Command, Fault, Reason, Request, Stream};
use super::{Feed, Notice};
use crate::tally::cube::{CellCount, Halved, SpanId};
use crate::tally::flaw::Flaw;
use crate::tally::time::{Millis, Timestamp};

/// So many losses of documents' former states, within so long, are no chance.
const MOST_LOSSES: usize = 3;
const LOSSES_WITHIN: Millis = 600_000;

/// A load under way.
#[derive(Debug)]
pub(super) struct Load {
    request: Request,
    span: SpanId,
    not_before: Timestamp,
    until: Millis,
}

impl Load {
    pub(super) fn is_for(&self, request: Request) -> bool {
        self.request == request
    }
}

impl Feed {
    pub(super) fn schedule_loads(&mut self, now: Millis) {
        while let Some(late) = self.loads.iter().find(|load| load.until <= now).map(|load| load.request) {
            self.load_failed(now, late, Fault::Unreachable);
        }
        while self.loads.len() < self.config.parallelism.max(1) && self.next_load <= now {
            let Some((span, days)) = self.cube.next_to_load(now) else { return };
            let not_before = self.messages.position;
            self.cube.begin_load(span);
            let request = self.request(Command::Load { first: days.first, last: days.last, not_before });
            let until = now.saturating_add(self.config.load_timeout);
            self.loads.push(Load { request, span, not_before, until });
        }
    }

    fn take_load(&mut self, request: Request) -> Option<Load> {
        let index = self.loads.iter().position(|load| load.request == request)?;
        Some(self.loads.swap_remove(index))
    }

    pub(super) fn on_loaded(&mut self, now: Millis, request: Request, version: Timestamp, cells: Vec<CellCount>) {
        let Some(load) = self.take_load(request) else { return };
        if version < load.not_before && !self.flaws.has(Flaw::NoFence) {
            self.cube.abandon_load(load.span);
            self.next_load = now.saturating_add(self.config.min_pause);
            return self.notice(Notice::TooOld);
        }
        match self.cube.install(load.span, version, cells) {
            Ok(loaded) => {
                self.load_backoff.reset();
                self.next_load = now.saturating_add(self.config.load_pause);
                if let Some(loaded) = loaded {
                    self.notice(Notice::Loaded(loaded));
                }
            }
            Err(contradiction) => self.lose(now, Stream::Messages, contradiction.into()),
        }
    }

    pub(super) fn load_failed(&mut self, now: Millis, request: Request, fault: Fault) {
        let Some(load) = self.take_load(request) else { return };
        self.cube.abandon_load(load.span);
        self.next_load = now.saturating_add(self.load_backoff.pause());
        self.notice(Notice::Retry(fault));
        // Once may be chance.
        if fault == Fault::HistoryLost && self.cube.note_too_slow(load.span) > 1 {
            match self.cube.halve(load.span, self.today) {
                Halved::Days(days) => self.notice(Notice::Halved(days)),
                Halved::Not(day) => {
                    self.cube.leave_out(load.span, now.saturating_add(self.config.rest));
                    self.notice(Notice::TooLarge(day, self.config.rest));
                }
                Halved::Gone => {}
            }
        }
    }

    /// The answers to the loads that are under way will not be taken.
    pub(super) fn give_up_loads(&mut self) {
        for load in self.loads.drain(..) {
            self.cube.abandon_load(load.span);
        }
        self.audit = None;
        self.cube.abandon_audit();
    }

    /// Documents as they were before a change are gone. Now and then that may be; but a server that keeps no history makes every
    /// edit load everything again. Then nothing is loaded for a long while.
    pub(super) fn lose_images(&mut self, now: Millis) {
        let rest = self.config.rest;
        // After a rest, a single loss is enough.
        let within = if self.images_lost.len() >= MOST_LOSSES { rest.saturating_mul(2) } else { LOSSES_WITHIN };
        while self.images_lost.front().is_some_and(|lost| lost.saturating_add(within) < now) {
            self.images_lost.pop_front();
        }
        self.images_lost.push_back(now);
        self.lose(now, Stream::Messages, Reason::ImagesLost);
        if self.images_lost.len() >= MOST_LOSSES {
            let until = now.saturating_add(rest);
            self.images_lost.drain(..self.images_lost.len() - MOST_LOSSES);
            self.resting_until = Some(until);
            self.messages.link.restart(until);
            self.notice(Notice::Rest(rest));
        }
    }

    // Audits

    pub(super) fn schedule_audit(&mut self, now: Millis) {
        if self.audit.is_some_and(|(_, _, until)| until <= now) {
            self.audit = None;
            self.cube.abandon_audit();
        }
        if self.config.audit_every == 0 || !self.complete || self.audit.is_some() {
            return;
        }
        let due = *self.next_audit.get_or_insert(now.saturating_add(self.config.audit_every));
        let Some(first) = self.cube.first_day().filter(|_| due <= now) else { return };
        let days = u64::from(self.today.abs_diff(first)) + 1;
        let offset = u32::try_from(self.rebuild.random() % days).unwrap_or_default();
        let day = first.saturating_add_unsigned(offset);
        self.cube.begin_audit(day);
        let not_before = self.messages.position;
        let request = self.request(Command::Audit { day, not_before });
        self.audit = Some((request, not_before, now.saturating_add(self.config.load_timeout)));
        self.next_audit = Some(now.saturating_add(self.config.audit_every));
    }

    pub(super) fn on_audited(
        &mut self,
        now: Millis,
        request: Request,
        version: Timestamp,
        rooms: Vec<(Box<str>, u32)>,
    ) {
        let Some((_, not_before, _)) = self.audit.filter(|(own, _, _)| *own == request) else { return };
        if version < not_before {
            return self.audit_failed(request);
        }
        self.cube.counted(version, rooms);
        self.conclude_audit(now);
    }

    /// An audit that fails is given up: another comes.
    pub(super) fn audit_failed(&mut self, request: Request) {
        if self.audit.take_if(|(own, _, _)| *own == request).is_some() {
            self.cube.abandon_audit();
        }
    }

    pub(super) fn conclude_audit(&mut self, now: Millis) {
        let Some(report) = self.cube.conclude_audit(self.messages.position) else { return };
        self.audit = None;
        if report.wrong > 0 {
            self.lose(now, Stream::Messages, Reason::Audit { day: report.day, wrong: report.wrong });
        } else {
            self.notice(Notice::Audited(report.day));
        }
    }
}
