//! The book of all writes: what each message and each room may have been at a time, as far as can be known from outside.
//!
//! A write takes effect at some moment between its beginning and its end. One that failed may have had its effect or not,
//! and may yet have it, until a reading of the database at a lull tells.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use crate::truth::{Message, Room, Truth, room_counts};

/// Time since the test began.
pub type Moment = Duration;

/// A write to one document: its state afterwards, none if it is gone.
#[derive(Debug, Clone, Copy)]
struct Write<T> {
    begin: Moment,
    end: Option<Moment>,
    to: Option<T>,
    /// Nobody does it and nobody says when: the document expires.
    is_expiry: bool,
}

/// A document's states.
#[derive(Debug)]
struct Life<T> {
    /// Before the writes below.
    settled: Option<T>,
    writes: Vec<Write<T>>,
}

impl<T: Copy + PartialEq + std::fmt::Debug> Life<T> {
    const UNBORN: Self = Self { settled: None, writes: Vec::new() };

    fn begin(&mut self, begin: Moment, to: Option<T>) {
        self.writes.push(Write { begin, end: None, to, is_expiry: false });
    }

    fn expire(&mut self, begin: Moment) {
        self.writes.push(Write { begin, end: None, to: None, is_expiry: true });
    }

    /// The writes that are under way have been acknowledged.
    fn end(&mut self, end: Moment) {
        let open = self.writes.iter_mut().filter(|write| write.end.is_none() && !write.is_expiry);
        open.for_each(|write| write.end = Some(end));
    }

    /// What it is, if that is certain.
    fn certain(&self) -> Option<Option<T>> {
        match self.writes.last() {
            _ if self.writes.iter().any(|write| write.end.is_none()) => None,
            last => Some(last.map_or(self.settled, |write| write.to)),
        }
    }

    /// All states that it may have been in between two moments.
    fn between(&self, from: Moment, to: Moment) -> impl Iterator<Item = Option<T>> {
        let since = self.writes.iter().rposition(|write| write.end.is_some_and(|end| end < from));
        let first = since.map_or(self.settled, |index| self.writes[index].to);
        let later = &self.writes[since.map_or(0, |index| index + 1)..];
        std::iter::once(first).chain(later.iter().filter(move |write| write.begin <= to).map(|write| write.to))
    }

    /// The database has been read, at a lull: the only state that it can be in now. Complains if it cannot be.
    fn resolve(&mut self, now: Moment, is: Option<T>) -> Result<(), String> {
        if !self.between(now, now).any(|state| state == is) {
            return Err(format!("{is:?} after {self:?}"));
        }
        match self.writes.iter().rposition(|write| write.to == is && write.end.is_none()) {
            // It took effect, and none after it did.
            Some(index) if self.between(now, now).next() != Some(is) => self.writes.truncate(index + 1),
            _ => self.writes.retain(|write| write.end.is_some()),
        }
        self.writes.iter_mut().for_each(|write| write.end = write.end.or(Some(now)));
        Ok(())
    }

    /// Forgets what was long ago.
    fn forget(&mut self, before: Moment) {
        if let Some(index) = self.writes.iter().rposition(|write| write.end.is_some_and(|end| end < before)) {
            self.settled = self.writes[index].to;
            self.writes.drain(..=index);
        }
    }
}

#[derive(Debug, Default)]
struct Entries {
    messages: BTreeMap<String, Life<Message>>,
    /// The types of rooms.
    rooms: BTreeMap<Room, Life<char>>,
    /// Times at which the members may know less than has been written, and whether they are over.
    lags: Vec<(Moment, Option<Moment>)>,
    /// Times at which the service could do nothing.
    freezes: Vec<(Moment, Option<Moment>)>,
    last_expiry: Moment,
}

/// See the module. Cheap to clone.
#[derive(Clone)]
pub struct Book {
    began: Instant,
    entries: Arc<Mutex<Entries>>,
}

/// The counts that a day may have had: the least and the most.
pub type Range = (i64, i64);

impl Book {
    /// An empty one.
    pub fn new() -> Self {
        Self { began: Instant::now(), entries: Arc::default() }
    }

    /// Now.
    pub fn now(&self) -> Moment {
        self.began.elapsed()
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Messages are about to be written.
    pub fn begin(&self, changes: &[(String, Option<Message>)]) {
        let now = self.now();
        let mut entries = self.entries();
        for (id, to) in changes {
            entries.messages.entry(id.clone()).or_insert(Life::UNBORN).begin(now, *to);
        }
    }

    /// They have been.
    pub fn end(&self, changes: &[(String, Option<Message>)]) {
        let now = self.now();
        let mut entries = self.entries();
        for (id, _) in changes {
            entries.messages.get_mut(id).expect("a message that was begun").end(now);
        }
    }

    /// A message is written that will expire some time after this moment.
    pub fn will_expire(&self, id: &str, at: Moment) {
        let mut entries = self.entries();
        entries.messages.get_mut(id).expect("a message that was begun").expire(at);
        entries.last_expiry = entries.last_expiry.max(at);
    }

    /// What a message is, if that is certain; nothing if it is gone.
    pub fn message(&self, id: &str) -> Option<Option<Message>> {
        self.entries().messages.get(id).map_or(Some(None), Life::certain)
    }

    /// The type of a room, if that is certain; nothing if there is no such room.
    pub fn room(&self, room: Room) -> Option<Option<char>> {
        self.entries().rooms.get(&room).map_or(Some(None), Life::certain)
    }

    /// The moment after which nothing expires that has been written so far.
    pub fn last_expiry(&self) -> Moment {
        self.entries().last_expiry
    }

    /// A room is about to be written.
    pub fn begin_room(&self, room: Room, to: Option<char>) {
        let now = self.now();
        self.entries().rooms.entry(room).or_insert(Life::UNBORN).begin(now, to);
    }

    /// It has been.
    pub fn end_room(&self, room: Room) {
        let now = self.now();
        self.entries().rooms.get_mut(&room).expect("a room that was begun").end(now);
    }

    /// All messages are about to go at once.
    pub fn begin_drop(&self) {
        let now = self.now();
        self.entries().messages.values_mut().for_each(|life| life.begin(now, None));
    }

    /// They are gone.
    pub fn end_drop(&self) {
        let now = self.now();
        self.entries().messages.values_mut().for_each(|life| life.end(now));
    }

    /// From now on members may lag, or the end of that.
    pub fn lagging(&self, is_so: bool) {
        let now = self.now();
        mark(&mut self.entries().lags, now, is_so);
    }

    /// From now on the service is frozen, or the end of that.
    pub fn frozen(&self, is_so: bool) {
        let now = self.now();
        mark(&mut self.entries().freezes, now, is_so);
    }

    /// How long the service was frozen between two moments.
    pub fn frozen_between(&self, from: Moment, to: Moment) -> Duration {
        let entries = self.entries();
        let overlap =
            |&(begin, end): &(Moment, Option<Moment>)| end.unwrap_or(to).min(to).saturating_sub(begin.max(from));
        entries.freezes.iter().map(overlap).sum()
    }

    /// The beginning of a time that reaches into this one, in which the members may have known less than was written.
    pub fn lag_before(&self, from: Moment, to: Moment) -> Option<Moment> {
        let entries = self.entries();
        let reaches = |lag: &&(Moment, Option<Moment>)| lag.0 <= to && lag.1.is_none_or(|end| end >= from);
        entries.lags.iter().find(reaches).map(|lag| lag.0)
    }

    /// What the database holds at a lull, beyond doubt. Complains if that cannot be: then the book is wrong.
    pub fn resolve(&self, truth: &Truth) -> Result<(), String> {
        let now = self.now();
        let mut entries = self.entries();
        for (id, life) in &mut entries.messages {
            life.resolve(now, truth.messages.get(id).copied()).map_err(|error| format!("message {id}: {error}"))?;
        }
        for (room, life) in &mut entries.rooms {
            let kind = truth.rooms.get(room).copied().flatten();
            life.resolve(now, kind).map_err(|error| format!("room {room}: {error}"))?;
        }
        let before = now.saturating_sub(Duration::from_secs(30));
        entries.messages.values_mut().for_each(|life| life.forget(before));
        entries.rooms.values_mut().for_each(|life| life.forget(before));
        entries.messages.retain(|_, life| life.settled.is_some() || !life.writes.is_empty());
        match truth.messages.keys().find(|id| !entries.messages.contains_key(*id)) {
            Some(id) => Err(format!("message {id} is in nobody's book")),
            None => Ok(()),
        }
    }

    /// The counts that each day from `first` to `last` may have had between two moments.
    pub fn ranges(&self, first: i64, last: i64, ahead: i64, from: Moment, to: Moment) -> Vec<Range> {
        let entries = self.entries();
        // Whether each room counted all the time, and whether at any.
        let rooms = entries.rooms.iter().map(|(room, life)| {
            let counts = || life.between(from, to).map(room_counts);
            (*room, (counts().all(|counts| counts), counts().any(|counts| counts)))
        });
        let rooms: BTreeMap<Room, (bool, bool)> = rooms.collect();
        let mut ranges = vec![(0, 0); usize::try_from(last - first + 1).expect("a period")];
        let mut days = Vec::new();
        for life in entries.messages.values() {
            // Where it may have counted; and whether it was there at all times.
            let mut always = true;
            days.clear();
            for state in life.between(from, to) {
                let room = state.and_then(|message| rooms.get(&message.room)).copied().unwrap_or_default();
                let day = state.and_then(|message| message.day(ahead)).filter(|_| room.1);
                always &= room.0 && day.is_some();
                days.extend(day.filter(|day| !days.contains(day)));
            }
            for day in days.iter().filter(|day| (first..=last).contains(day)) {
                let range = &mut ranges[(day - first) as usize];
                range.0 += i64::from(always && days.len() == 1);
                range.1 += 1;
            }
        }
        ranges
    }
}

fn mark(times: &mut Vec<(Moment, Option<Moment>)>, now: Moment, is_so: bool) {
    match times.last_mut() {
        Some(last) if last.1.is_none() => last.1 = (!is_so).then_some(now),
        _ if is_so => times.push((now, None)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Moment {
        Duration::from_secs(seconds)
    }

    fn states(life: &Life<char>, from: u64, to: u64) -> String {
        life.between(at(from), at(to)).map(|state| state.unwrap_or('-')).collect()
    }

    /// `a` from 1 or 2 on, gone from 4 or 5 on, `b` from 7 on, but never acknowledged.
    fn life() -> Life<char> {
        let mut life = Life::UNBORN;
        for (begin, end, to) in [(1, 2, Some('a')), (4, 5, None)] {
            life.begin(at(begin), to);
            life.end(at(end));
        }
        life.begin(at(7), Some('b'));
        life
    }

    #[test]
    fn a_document_is_judged_by_every_state_it_had_between_two_writes() {
        let life = life();
        let expected = [
            ((0, 0), "-"),
            ((1, 1), "-a"),
            ((3, 3), "a"),
            ((3, 4), "a-"),
            ((0, 9), "-a-b"),
            ((6, 6), "-"),
            ((6, 9), "-b"),
            ((90, 99), "-b"),
        ];
        for ((from, to), expected) in expected {
            assert_eq!(states(&life, from, to), expected, "from {from} to {to}");
        }
    }

    #[test]
    fn a_reading_of_the_database_settles_what_was_unknown() {
        for (is, expected) in [(Some('b'), "b"), (None, "-")] {
            let mut life = life();
            assert_eq!(life.certain(), None);
            life.resolve(at(10), is).expect("it may be so");
            assert_eq!(states(&life, 11, 12), expected);
            assert_eq!(life.certain(), Some(is));
        }
        life().resolve(at(10), Some('a')).expect_err("it has been deleted");
    }

    #[test]
    fn an_expiring_document_goes_by_itself() {
        let mut life = Life::UNBORN;
        life.begin(at(1), Some('a'));
        life.expire(at(3));
        life.end(at(4));
        assert_eq!((states(&life, 5, 6), states(&life, 2, 2)), ("a-".to_owned(), "-a".to_owned()));
        life.resolve(at(7), None).expect("it may have expired");
        assert_eq!(states(&life, 8, 9), "-");
    }
}
