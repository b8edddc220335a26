//! The tally's state: messages per room and day, and per day their sums by room type.
//!
//! Rule: a loaded day equals the database at the later of its version (the time of the snapshot it was loaded from) and the
//! time of the last change applied. It rests on three things, all of them here:
//! * a change at or before a day's version is in the snapshot already, and is ignored for that day;
//! * changes to a day that is being loaded are queued, and those after the snapshot are applied when it arrives;
//! * a change that would make a count negative is refused: one of the two was wrong, and the caller loads everything again.
//!
//! Boundary: whole changes of known cells come in, in order, counts go out. What a change stream's events mean, and when a
//! snapshot may be accepted, is [`feed`](super::feed)'s business.

mod answers;
mod audit;
mod cells;
mod coverage;
mod rooms;

use std::collections::BTreeMap;

use super::flaw::{Flaw, Flaws};
use super::time::{Day, Millis, Timestamp};
use audit::Audit;
pub use audit::AuditReport;
use cells::{Cells, Effect};
use coverage::{Coverage, Queued, State};
pub use coverage::{Halved, SpanDays, SpanId};
use rooms::{RoomId, Rooms};

/// What cannot be if every event and every snapshot so far was right. The counts are worth nothing from here on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Contradiction {
    /// A message was taken from a cell that has none. (Or a room has more than 2³² messages in eight days.)
    #[error("a message less in a room and day that has none")]
    EmptyCell,
    /// A document is inserted that exists.
    #[error("insert of a message that exists")]
    InsertOfExisting,
    /// A document is changed or deleted that does not exist.
    #[error("change of a message that does not exist")]
    ChangeOfMissing,
    /// An event is older than one before it.
    #[error("events out of order")]
    OutOfOrder,
}

/// The number of messages in one room on one day, as a snapshot has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellCount {
    /// The room's id.
    pub room: Box<str>,
    /// The day.
    pub day: Day,
    /// How many messages.
    pub messages: u32,
}

/// What a load brought in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// The days.
    pub days: SpanDays,
    /// Messages in the snapshot.
    pub messages: u64,
    /// Non-empty cells in the snapshot.
    pub cells: usize,
}

/// See the module.
#[derive(Debug)]
pub struct Cube {
    rooms: Rooms,
    cells: Cells,
    /// Only days with a message: a day that is loaded and not here has none.
    days: BTreeMap<Day, DaySums>,
    coverage: Coverage,
    audit: Option<Audit>,
    flaws: Flaws,
}

/// One day with at least one message.
#[derive(Debug, PartialEq, Eq)]
struct DaySums {
    /// How many rooms have messages.
    cells: usize,
    /// By counted room type; `total` is their sum.
    types: Box<[u64]>,
    total: u64,
}

impl DaySums {
    fn new(types: usize) -> Self {
        Self { cells: 0, types: vec![0; types].into(), total: 0 }
    }

    /// Adds `messages`, if the room's type counts.
    fn add(&mut self, kind: Option<usize>, messages: u64) {
        if let Some(sum) = kind.and_then(|kind| self.types.get_mut(kind)) {
            *sum += messages;
            self.total += messages;
        }
    }

    /// The opposite of [`add`](Self::add), for messages that were added there.
    fn take(&mut self, kind: Option<usize>, messages: u64) {
        if let Some(sum) = kind.and_then(|kind| self.types.get_mut(kind)) {
            *sum = sum.saturating_sub(messages);
            self.total = self.total.saturating_sub(messages);
        }
    }
}

impl Cube {
    /// An empty cube: nothing is loaded and no room is known. Messages count in rooms of these types, the first 255 at most.
    pub fn new<T: AsRef<str>>(counted_types: &[T]) -> Self {
        Self {
            rooms: Rooms::new(counted_types),
            cells: Cells::default(),
            days: BTreeMap::new(),
            coverage: Coverage::default(),
            audit: None,
            flaws: Flaws::default(),
        }
    }

    pub(super) fn set_flaws(&mut self, flaws: Flaws) {
        self.flaws = flaws;
    }

    fn has(&self, flaw: Flaw) -> bool {
        self.flaws.has(flaw)
    }

    // Loading

    /// Forgets all counts and plans what is to be loaded: `history_days` days up to `today`, in spans of `span_days`. The
    /// newest span has no end.
    pub fn plan(&mut self, today: Day, history_days: u32, span_days: u32) {
        self.clear_counts();
        self.coverage.plan(today, history_days, span_days);
    }

    /// Plans the days from `first` on as well, which lie before those that are planned.
    pub fn extend_back(&mut self, first: Day, span_days: u32) {
        self.coverage.extend_back(first, span_days);
    }

    /// Whether everything planned lies after this day.
    pub fn begins_after(&self, day: Day) -> bool {
        self.coverage.begins_after(day)
    }

    /// Forgets all counts and plans nothing.
    pub fn clear(&mut self) {
        self.clear_counts();
        self.coverage.clear();
    }

    fn clear_counts(&mut self) {
        self.days.clear();
        self.cells.clear();
        self.audit = None;
    }

    /// Forgets the days before `first`.
    pub fn forget_before(&mut self, first: Day) {
        self.coverage.forget_before(first);
        // Ten times a second there is nothing to forget.
        if self.days.first_key_value().is_some_and(|(oldest, _)| *oldest < first) {
            self.days = self.days.split_off(&first);
            self.cells.forget_before(first);
        }
    }

    /// The newest span that is neither loaded nor being loaded, nor left out at this time.
    pub fn next_to_load(&self, now: Millis) -> Option<(SpanId, SpanDays)> {
        self.coverage.next_to_load(now)
    }

    /// A snapshot was gone before a span was loaded. How often that has happened to it.
    pub fn note_too_slow(&mut self, span: SpanId) -> u32 {
        self.coverage.note_too_slow(span)
    }

    /// Parts a span that is not being loaded in two.
    pub fn halve(&mut self, span: SpanId, today: Day) -> Halved {
        self.coverage.halve(span, today)
    }

    /// A span cannot be loaded; it is left out until this time.
    pub fn leave_out(&mut self, span: SpanId, until: Millis) {
        self.coverage.set(span, State::LeftOut(until));
    }

    /// Whether some days are left out.
    pub fn leaves_out(&self) -> bool {
        self.coverage.leaves_out()
    }

    /// From here on the changes to these days are kept for the snapshot to come. That snapshot must hold every change before
    /// this call.
    pub fn begin_load(&mut self, span: SpanId) {
        self.coverage.set(span, State::Loading(Vec::new()));
    }

    /// The snapshot will not come: the days are neither loaded nor being loaded.
    pub fn abandon_load(&mut self, span: SpanId) {
        self.coverage.set(span, State::Absent);
    }

    /// Puts in place what a snapshot at `version` holds of a span, and what has changed since. `None` if the span has been
    /// forgotten in the meantime.
    pub fn install(
        &mut self,
        span: SpanId,
        version: Timestamp,
        cells: Vec<CellCount>,
    ) -> Result<Option<Loaded>, Contradiction> {
        let Some((days, queue)) = self.coverage.take_queue(span) else { return Ok(None) };
        let mut loaded = Loaded { days, messages: 0, cells: 0 };
        for cell in cells {
            if !days.contains(cell.day) || cell.messages == 0 {
                continue;
            }
            let room = self.rooms.intern(&cell.room);
            self.change(room, cell.day, i64::from(cell.messages))?;
            loaded.messages += u64::from(cell.messages);
            loaded.cells += 1;
        }
        for queued in queue {
            if days.contains(queued.day) && (queued.at > version || self.has(Flaw::NoVersionFilter)) {
                self.change(queued.room, queued.day, i64::from(queued.by))?;
            }
        }
        self.cells.arrange(days.first..=days.last.unwrap_or(Day::MAX));
        self.coverage.set(span, State::Loaded(version));
        Ok(Some(loaded))
    }

    // Changes

    /// One message more (`by` = 1) or less (−1) in a cell, since the write at `at`. Changes come in the order of the writes.
    pub fn apply(&mut self, at: Timestamp, room: &str, day: Day, by: i8) -> Result<(), Contradiction> {
        let no_queue = self.has(Flaw::NoQueue);
        let no_filter = self.has(Flaw::NoVersionFilter);
        match self.coverage.state_mut(day) {
            None | Some(State::Absent | State::LeftOut(_)) => Ok(()),
            Some(State::Loading(queue)) => {
                if !no_queue {
                    queue.push(Queued { at, room: self.rooms.intern(room), day, by });
                }
                Ok(())
            }
            Some(State::Loaded(version)) => {
                let version = *version;
                let room = self.rooms.intern(room);
                if let Some(audit) = &mut self.audit {
                    audit.record(at, room, day, by);
                }
                if at > version || no_filter { self.change(room, day, i64::from(by)) } else { Ok(()) }
            }
        }
    }

    fn change(&mut self, room: RoomId, day: Day, by: i64) -> Result<(), Contradiction> {
        let effect = self.cells.change(room, day, by)?;
        let kind = self.rooms.kind(room);
        let types = self.rooms.types().len();
        let sums = self.days.entry(day).or_insert_with(|| DaySums::new(types));
        match effect {
            Effect::Filled => sums.cells += 1,
            Effect::Emptied => sums.cells -= 1,
            Effect::Kept => {}
        }
        match by {
            0.. => sums.add(kind, by.unsigned_abs()),
            _ => sums.take(kind, by.unsigned_abs()),
        }
        if sums.cells == 0 {
            self.days.remove(&day);
        }
        Ok(())
    }

    // Rooms

    /// The room has this type now; `None` when it is gone, or its type is no text. Costs one look-up for each eight days.
    pub fn set_room(&mut self, room: &str, kind: Option<&str>) {
        let kind = self.rooms.type_index(kind);
        // A room that does not count, and has no message yet, is not worth a place.
        let Some(room) = self.rooms.find(room).or_else(|| kind.map(|_| self.rooms.intern(room))) else { return };
        self.retype(room, kind);
    }

    fn retype(&mut self, room: RoomId, kind: Option<usize>) {
        let before = self.rooms.kind(room);
        if before == kind {
            return;
        }
        self.rooms.set_kind(room, kind);
        for (day, messages) in self.cells.of_room(room) {
            if let Some(sums) = self.days.get_mut(&day) {
                sums.take(before, u64::from(messages));
                sums.add(kind, u64::from(messages));
            }
        }
    }

    /// These are all the rooms there are of a counted type.
    pub fn replace_rooms(&mut self, rooms: &[(Box<str>, Option<Box<str>>)]) {
        let mut kinds = vec![None; self.rooms.len()];
        for (room, kind) in rooms {
            let room = self.rooms.intern(room);
            kinds.resize(self.rooms.len(), None);
            if let Some(slot) = kinds.get_mut(room.index()) {
                *slot = self.rooms.type_index(kind.as_deref());
            }
        }
        for (index, kind) in kinds.into_iter().enumerate() {
            if let Some(room) = RoomId::at(index) {
                self.retype(room, kind);
            }
        }
    }
}

#[cfg(test)]
mod tests;
