//! Which rooms there are, and of what type: a list read once, and the events since.

use super::backlog::Item;
use super::event::{Command, Event, Fault, Request, RoomChange, Stream};
use super::{Feed, Notice};
use crate::tally::flaw::Flaw;
use crate::tally::time::{Millis, Timestamp};

/// The list of rooms, as far as it is known.
#[derive(Debug)]
pub(super) enum RoomList {
    /// To be asked for after this time.
    Unread { after: Millis },
    /// Asked for. Events are kept until it comes.
    Reading { request: Request, until: Millis, not_before: Timestamp, queue: Vec<(Timestamp, RoomChange)> },
    /// In the cube, read at this time, and every event since.
    Known(Timestamp),
}

impl RoomList {
    pub(super) fn is_known(&self) -> bool {
        self.version().is_some()
    }

    pub(super) fn version(&self) -> Option<Timestamp> {
        match self {
            Self::Known(version) => Some(*version),
            Self::Unread { .. } | Self::Reading { .. } => None,
        }
    }

    pub(super) fn is_for(&self, wanted: Request) -> bool {
        matches!(self, Self::Reading { request, .. } if *request == wanted)
    }
}

impl Feed {
    pub(super) fn on_rooms(&mut self, now: Millis, request: Request, events: Vec<Event<RoomChange>>) {
        if !self.rooms.link.heard(request, now) {
            return;
        }
        for event in events {
            match self.rooms.log.push(event) {
                Ok(true) => self.rooms.link.progressed(),
                Ok(false) => {}
                Err(contradiction) => return self.lose(now, Stream::Rooms, contradiction.into()),
            }
        }
        self.drain_rooms();
    }

    pub(super) fn drain_rooms(&mut self) {
        for item in self.rooms.log.take() {
            match item {
                Item::Idle(silence) => self.rooms.freshen(self.points.reached_by_empty_batch(self.known(silence))),
                Item::Event(event) => {
                    match &mut self.list {
                        RoomList::Unread { .. } => {}
                        RoomList::Reading { queue, .. } => queue.push((event.at, event.change)),
                        RoomList::Known(version) if event.at > *version => {
                            self.cube.set_room(&event.change.room, event.change.kind.as_deref());
                        }
                        RoomList::Known(_) => {}
                    }
                    self.rooms.position = event.at;
                    self.rooms.freshen(self.points.reached_by_event(event.at));
                }
            }
        }
    }

    pub(super) fn schedule_list(&mut self, now: Millis) {
        match self.list {
            RoomList::Reading { request, until, .. } if until <= now => {
                self.list_failed(now, request, Fault::Unreachable)
            }
            RoomList::Unread { after } if after <= now && self.rooms.origin.is_some() => {
                let not_before = self.rooms.position;
                let request = self.request(Command::ReadRooms { not_before });
                // A workspace may have a million of them.
                let until = now.saturating_add(self.config.load_timeout);
                self.list = RoomList::Reading { request, until, not_before, queue: Vec::new() };
            }
            _ => {}
        }
    }

    pub(super) fn on_room_list(
        &mut self,
        now: Millis,
        request: Request,
        version: Timestamp,
        rooms: Vec<(Box<str>, Option<Box<str>>)>,
    ) {
        let RoomList::Reading { request: own, not_before, queue, .. } = &mut self.list else { return };
        if *own != request {
            return;
        }
        if version < *not_before && !self.flaws.has(Flaw::NoRoomFence) {
            self.list = RoomList::Unread { after: now.saturating_add(self.config.min_pause) };
            return self.notice(Notice::TooOld);
        }
        let queue = std::mem::take(queue);
        self.cube.replace_rooms(&rooms);
        for (at, change) in queue {
            if at > version && !self.flaws.has(Flaw::NoRoomQueue) {
                self.cube.set_room(&change.room, change.kind.as_deref());
            }
        }
        self.list = RoomList::Known(version);
        self.list_backoff.reset();
    }

    pub(super) fn list_failed(&mut self, now: Millis, request: Request, fault: Fault) {
        if self.list.is_for(request) {
            self.list = RoomList::Unread { after: now.saturating_add(self.list_backoff.pause()) };
            self.notice(Notice::Retry(fault));
        }
    }
}
