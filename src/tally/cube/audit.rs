//! Counting a loaded day again, to see whether memory has stayed right.
//!
//! The count comes from a snapshot at some time A, and memory has moved on meanwhile. So the day's changes are recorded from
//! before the request on; those after A are added to the count, and both sides are compared as they stand at the time of the last
//! change applied. That time must have reached A, and the version of the day: otherwise one side is ahead of the other.

use std::collections::HashMap;

use super::rooms::RoomId;
use super::{Cube, DaySums};
use crate::tally::time::{Day, Timestamp};

#[derive(Debug)]
pub(super) struct Audit {
    day: Day,
    changes: Vec<(Timestamp, RoomId, i8)>,
    count: Option<(Timestamp, HashMap<RoomId, i64>)>,
}

impl Audit {
    pub(super) fn record(&mut self, at: Timestamp, room: RoomId, day: Day, by: i8) {
        if day == self.day {
            self.changes.push((at, room, by));
        }
    }
}

/// What an audit found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditReport {
    /// The day.
    pub day: Day,
    /// Rooms whose count in memory was wrong, or 1 for sums that were.
    pub wrong: usize,
    /// The day's messages by the new count, whatever the types of the rooms.
    pub messages: u64,
}

impl Cube {
    /// Begins to record a loaded day's changes. The count to come must hold every change before this call.
    pub fn begin_audit(&mut self, day: Day) {
        self.audit = Some(Audit { day, changes: Vec::new(), count: None });
    }

    /// No count will come.
    pub fn abandon_audit(&mut self) {
        self.audit = None;
    }

    /// The count has come, from a snapshot at `version`.
    pub fn counted(&mut self, version: Timestamp, rooms: Vec<(Box<str>, u32)>) {
        let mut count = HashMap::new();
        for (room, messages) in rooms {
            *count.entry(self.rooms.intern(&room)).or_insert(0) += i64::from(messages);
        }
        if let Some(audit) = &mut self.audit {
            audit.count = Some((version, count));
        }
    }

    /// Ends the audit if it can be: a count is there, and every change up to it (and up to the day's version) has been applied,
    /// the last of them at `position`.
    pub fn conclude_audit(&mut self, position: Timestamp) -> Option<AuditReport> {
        let (day, counted_at) = {
            let audit = self.audit.as_ref()?;
            (audit.day, audit.count.as_ref()?.0)
        };
        let Some(version) = self.version(day) else {
            self.audit = None;
            return None;
        };
        if position < counted_at.max(version) {
            return None;
        }
        let audit = self.audit.take()?;
        let (_, mut count) = audit.count?;
        for (at, room, by) in audit.changes {
            if at > counted_at {
                *count.entry(room).or_insert(0) += i64::from(by);
            }
        }
        count.retain(|_, messages| *messages != 0);
        let messages = count.values().sum::<i64>().unsigned_abs();
        Some(AuditReport { day, wrong: self.differences(day, &count), messages })
    }

    fn differences(&self, day: Day, count: &HashMap<RoomId, i64>) -> usize {
        let held: HashMap<_, _> = self.cells.of_day(day).collect();
        let missing = count.keys().filter(|room| !held.contains_key(room)).count();
        let other = held.iter().filter(|(room, held)| count.get(room) != Some(&i64::from(**held))).count();
        if missing + other > 0 { missing + other } else { usize::from(!self.sums_are_right(day, &held)) }
    }

    fn sums_are_right(&self, day: Day, held: &HashMap<RoomId, u32>) -> bool {
        let mut sums = DaySums { cells: held.len(), ..DaySums::new(self.rooms.types().len()) };
        for (room, messages) in held {
            sums.add(self.rooms.kind(*room), u64::from(*messages));
        }
        match self.days.get(&day) {
            Some(day) => *day == sums,
            None => held.is_empty(),
        }
    }
}
