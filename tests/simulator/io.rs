//! The I/O layer: streams and requests, answered late, out of order, wrongly, or never, but always legally.

use rocketchat_engagement::tally::cube::CellCount;
use rocketchat_engagement::tally::feed::{Command, Fault, Input, Request, Start, Stream};
use rocketchat_engagement::tally::time::{Millis, Timestamp};

use crate::oracle::COUNTED;
use crate::server::{Batch, FIRST_DAY, ROOMS, TYPES, Truth, image, room_id, token};
use crate::world::{Pending, World};

/// A change stream that is open on the server.
pub struct Cursor {
    pub request: Request,
    pub stream: Stream,
    pub next: usize,
    /// How many entries its member knows to be majority-committed, and until when it learns of no more.
    pub known: usize,
    pub lags_until: Millis,
}

impl World {
    /// Some events of one open stream, or the news that there are none.
    pub fn deliver(&mut self, stream: Stream) -> Result<(), String> {
        if !self.feed.wants_more(stream) {
            self.stats.add("backpressure");
            return Ok(());
        }
        let open: Vec<usize> = (0..self.cursors.len()).filter(|index| self.cursors[*index].stream == stream).collect();
        if open.is_empty() {
            return Ok(());
        }
        let index = open[self.random.below(open.len())];
        let limit = self.random.between(1, 8) as usize;
        let with_token = self.random.chance(70);
        let cursor = &mut self.cursors[index];
        if cursor.lags_until <= self.now {
            cursor.known = self.server.majority;
            if self.random.chance(1) {
                cursor.lags_until = self.now + self.random.between(500, 8_000);
                self.stats.add("member lagged behind");
            }
        }
        cursor.known = cursor.known.min(self.server.majority);
        let request = cursor.request;
        let input = match self.server.read(stream, &mut cursor.next, cursor.known, limit) {
            Batch::Messages(events) => Input::Messages { request, events },
            Batch::Rooms(events) => Input::Rooms { request, events },
            Batch::Idle(token, reached) => {
                let token = with_token.then(|| token.into());
                Input::Idle { request, token, asked: self.now, reached: Some(reached) }
            }
            Batch::Nothing => return Ok(()),
            Batch::Invalidated => {
                self.cursors.swap_remove(index);
                Input::Failed { request, fault: Fault::Invalidated }
            }
            Batch::HistoryLost => {
                self.cursors.swap_remove(index);
                Input::Failed { request, fault: Fault::HistoryLost }
            }
        };
        self.give(input)
    }

    /// Some request is answered, in whatever order.
    pub fn answer(&mut self) -> Result<(), String> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let any = self.random.below(self.pending.len());
        // The question for a point is the most frequent one, and answered at once as a rule.
        let point = self.pending.iter().position(|pending| pending.command == Command::ReadPoint);
        let index = point.filter(|_| self.random.chance(90)).unwrap_or(any);
        let Pending { request, command, committed, asked, point } = self.pending.swap_remove(index);
        let [fail, vanish, _] = self.trouble;
        if self.random.chance(vanish) {
            self.stats.add("answer lost");
            return Ok(());
        }
        if self.random.chance(fail) {
            self.stats.add("request failed");
            let fault = [Fault::Unreachable, Fault::Refused][self.random.below(2)];
            return self.give(Input::Failed { request, fault });
        }
        if command == Command::ReadPoint {
            // The primary answered at once and the answer was late, or it was late to answer.
            let point = if self.random.chance(50) { self.server.point() } else { point };
            return self.give(Input::Point { request, asked, point });
        }
        self.answer_well(request, command, committed)
    }

    /// Some time that a snapshot may have: between the request and now, or what a member that lags behind has.
    fn snapshot(&mut self, requested: usize) -> Timestamp {
        let newest = self.server.majority - 1;
        let requested = requested.min(newest + 1);
        let begun = newest.saturating_sub(self.random.below(newest + 2 - requested.min(newest)));
        let behind = if self.random.chance(self.trouble[2]) { self.random.below(12) } else { 0 };
        self.server.oplog[begun.saturating_sub(behind)].at
    }

    fn answer_well(&mut self, request: Request, command: Command, requested: usize) -> Result<(), String> {
        let input = match command {
            Command::ReadPoint => return Ok(()),
            Command::Watch { stream, start } => return self.open(request, stream, &start),
            Command::Load { first, last, .. } => {
                let version = self.snapshot(requested);
                let Truth(truth) = self.server.truth_at(version);
                let mut cells = Vec::new();
                for (day, rooms) in (FIRST_DAY..).zip(truth.iter()) {
                    for (room, messages) in rooms.iter().enumerate() {
                        if *messages > 0 && first <= day && last.is_none_or(|last| day <= last) {
                            cells.push(CellCount { room: room_id(room), day, messages: u32::from(*messages) });
                        }
                    }
                }
                Input::Loaded { request, version, cells }
            }
            Command::Audit { day, .. } => {
                let version = self.snapshot(requested);
                let day = usize::try_from(day - FIRST_DAY).ok();
                let rooms = day.and_then(|day| self.server.truth_at(version).0.get(day)).copied().unwrap_or_default();
                let rooms = rooms.iter().enumerate().filter(|(_, messages)| **messages > 0);
                let rooms = rooms.map(|(room, messages)| (room_id(room), u32::from(*messages))).collect();
                Input::Audited { request, version, rooms }
            }
            Command::ReadRooms { .. } => {
                let version = self.snapshot(requested);
                let rooms = (0..ROOMS).filter_map(|room| {
                    let kind = self.server.room_at(room, version).filter(|kind| *kind < COUNTED)?;
                    Some((room_id(room), Some(TYPES[kind].into())))
                });
                Input::RoomList { request, version, rooms: rooms.collect() }
            }
            Command::ReadImages { ids, at } => {
                if at > self.server.majority_at() && at >= self.server.window {
                    return Err(format!("asked for documents at {at:?}, beyond the majority"));
                }
                if at < self.server.window {
                    Input::Failed { request, fault: Fault::HistoryLost }
                } else if at < self.server.dropped && self.random.chance(50) {
                    // As MongoDB 6 does: the collection is not there any more, so neither are its documents.
                    self.blind = true;
                    Input::Images { request, found: Vec::new() }
                } else {
                    let found = ids.into_iter().filter_map(|id| {
                        let doc = self.server.message_at(id.parse().ok()?, at)?;
                        Some((id, image(&doc)))
                    });
                    let found: Vec<_> = found.collect();
                    self.stats.add("images read");
                    Input::Images { request, found }
                }
            }
        };
        self.give(input)
    }

    fn open(&mut self, request: Request, stream: Stream, start: &Start) -> Result<(), String> {
        let Some((mut next, time)) = self.server.open(start) else {
            return self.give(Input::Failed { request, fault: Fault::HistoryLost });
        };
        // An old stream may go on for a while; the feed must not listen to it.
        if self.random.chance(80) {
            self.cursors.retain(|cursor| cursor.stream != stream);
        }
        if matches!(start, Start::After(_)) && self.random.chance(30) {
            next = next.saturating_sub(self.random.below(5)).max(self.server.oldest);
            self.stats.add("resumed with duplicates");
        }
        let known = self.server.majority;
        self.cursors.push(Cursor { request, stream, next, known, lags_until: 0 });
        let token = self.random.chance(50).then(|| token(time, 0).into()).filter(|_| *start == Start::Now);
        self.give(Input::Opened { request, start: time, token })
    }
}
