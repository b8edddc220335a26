//! What comes from the two change streams beside events: that they are open, that they have nothing more, that they broke.

use super::event::{Fault, Request, ResumeToken, Stream};
use super::freshness::Silence;
use super::link::Verdict;
use super::rooms::RoomList;
use super::{Feed, Notice, Reason};
use crate::tally::flaw::Flaw;
use crate::tally::time::{Millis, Timestamp};

impl Feed {
    pub(super) fn opened(&mut self, now: Millis, request: Request, start: Timestamp, token: Option<ResumeToken>) {
        if self.messages.link.opened(request, now) {
            self.messages.log.advance(token);
            if self.messages.origin.is_none() {
                self.messages.origin = Some(start);
                self.messages.position = start.previous();
                self.plan();
                self.next_load = now;
            }
            self.notice(Notice::Opened(Stream::Messages));
        } else if self.rooms.link.opened(request, now) {
            self.rooms.log.advance(token);
            if self.rooms.origin.is_none() {
                self.rooms.origin = Some(start);
                self.rooms.position = start.previous();
            }
            self.notice(Notice::Opened(Stream::Rooms));
        }
    }

    pub(super) fn idle(&mut self, now: Millis, request: Request, token: Option<ResumeToken>, silence: Silence) {
        if self.messages.link.heard(request, now) {
            if self.messages.log.advance(token) {
                self.messages.link.progressed();
            }
            if !self.seek_proof(now, &[], silence.reached) {
                return;
            }
            self.messages.log.idle(silence);
            if self.flaws.has(Flaw::FreshOnReceipt) {
                self.messages.freshen(Some(now));
            }
            self.drain_messages(now);
        } else if self.rooms.link.heard(request, now) {
            if self.rooms.log.advance(token) {
                self.rooms.link.progressed();
            }
            self.rooms.log.idle(silence);
            self.drain_rooms();
        }
    }

    pub(super) fn failed(&mut self, now: Millis, request: Request, fault: Fault) {
        if self.messages.link.is(request) {
            self.broken(now, Stream::Messages, fault);
        } else if self.rooms.link.is(request) {
            self.broken(now, Stream::Rooms, fault);
        } else {
            self.point_failed(now, request, fault);
            self.images_failed(now, request, fault);
            self.load_failed(now, request, fault);
            self.list_failed(now, request, fault);
            self.audit_failed(request);
        }
    }

    pub(super) fn broken(&mut self, now: Millis, stream: Stream, fault: Fault) {
        let (verdict, begun) = match stream {
            Stream::Messages => (self.messages.link.failed(fault, now), self.messages.origin.is_some()),
            Stream::Rooms => (self.rooms.link.failed(fault, now), self.rooms.origin.is_some()),
        };
        self.notice(Notice::Broken(stream, fault));
        if verdict == Verdict::Lost && begun {
            self.lose(now, stream, Reason::Stream(fault));
        }
    }

    /// Forgets all that a stream has brought, and begins anew after a pause that grows when this happens often.
    pub(super) fn lose(&mut self, now: Millis, stream: Stream, reason: Reason) {
        if now.saturating_sub(self.rebuilt) > self.config.max_pause.saturating_mul(10) {
            self.rebuild.reset();
        }
        self.rebuilt = now;
        let until = now.saturating_add(self.rebuild.pause());
        self.complete = false;
        match stream {
            Stream::Messages => {
                self.doubt = None;
                self.messages.forget(until);
                self.cube.clear();
                self.batch = None;
                self.audit = None;
                if !self.flaws.has(Flaw::NoRequestCheck) {
                    self.loads.clear();
                }
            }
            Stream::Rooms => {
                self.rooms.forget(until);
                self.list = RoomList::Unread { after: until };
            }
        }
        self.notice(Notice::Rebuild(stream, reason));
    }
}
