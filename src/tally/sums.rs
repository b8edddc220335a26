//! Cells added up, as the types of their rooms become known. Pure.
//!
//! Only sums are kept, and for each room its type: what a count takes of memory depends on the rooms there are, and not on
//! on how many days, and how often, they are written in.

use std::{
    collections::{HashMap, HashSet},
    hash::Hash,
    mem,
};

use super::pipeline::Cell;
use crate::dashboard::{messages_sent::DayCounts, period::DayRange};

/// How many cells may wait until the types of their rooms are looked up: enough that there are few look-ups, and few
/// enough to keep.
const MOST_WAITING: usize = 20_000;

/// A room whose messages count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room<'a> {
    /// Its `_id`.
    pub id: &'a str,
    /// Its type, `t`.
    pub kind: &'a str,
}

/// Says to which part of a count the messages in a room belong.
pub type Parting<'a, P> = &'a (dyn Fn(Room<'_>) -> P + Sync);

/// Messages per part and day.
pub(super) struct Sums<'a, P> {
    range: DayRange,
    part: Parting<'a, P>,
    /// The types of the rooms that have been looked up; of those whose messages do not count, `None`.
    kinds: HashMap<String, Option<String>>,
    /// In rooms that have not.
    waiting: Vec<Cell>,
    parts: HashMap<P, DayCounts>,
}

impl<'a, P: Eq + Hash> Sums<'a, P> {
    /// Nothing yet. Days outside of the range will be left out.
    pub(super) fn new(range: DayRange, part: Parting<'a, P>) -> Self {
        Self { range, part, kinds: HashMap::new(), waiting: Vec::new(), parts: HashMap::new() }
    }

    /// Adds cells, or keeps them waiting.
    pub(super) fn add(&mut self, cells: Vec<Cell>) {
        for cell in cells.into_iter().filter(|cell| self.range.contains(cell.day)) {
            match self.kinds.get(&cell.room) {
                Some(Some(kind)) => {
                    let part = (self.part)(Room { id: &cell.room, kind });
                    *self.parts.entry(part).or_default().entry(cell.day).or_default() += cell.messages;
                }
                Some(None) => (),
                None => self.waiting.push(cell),
            }
        }
    }

    /// Gives away what waits, once it is too much.
    pub(super) fn too_many(&mut self) -> Option<Waiting> {
        (self.waiting.len() > MOST_WAITING).then(|| self.waiting())
    }

    /// Gives away what waits.
    pub(super) fn waiting(&mut self) -> Waiting {
        Waiting(mem::take(&mut self.waiting))
    }

    /// Adds what was given away, now that it is known which of its rooms count, and their types.
    pub(super) fn add_known(&mut self, Waiting(cells): Waiting, mut kinds: HashMap<String, String>) {
        for cell in &cells {
            if !self.kinds.contains_key(&cell.room) {
                self.kinds.insert(cell.room.clone(), kinds.remove(&cell.room));
            }
        }
        self.add(cells);
    }

    /// What it has come to. Parts without messages are absent.
    pub(super) fn finish(self) -> HashMap<P, DayCounts> {
        self.parts
    }
}

/// Cells whose rooms are to be looked up.
pub(super) struct Waiting(Vec<Cell>);

impl Waiting {
    /// Their rooms.
    pub(super) fn rooms(&self) -> HashSet<&str> {
        self.0.iter().map(|cell| cell.room.as_str()).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use chrono::{Days, NaiveDate};

    use super::{Cell, MOST_WAITING, Room, Sums};
    use crate::dashboard::period::DayRange;

    const FIRST: NaiveDate = NaiveDate::from_ymd_opt(2024, 3, 1).expect("a day");

    fn cell(room: &str, days: u64, messages: u64) -> Cell {
        Cell { room: room.to_owned(), day: FIRST + Days::new(days), messages }
    }

    fn kinds<const N: usize>(kinds: [(&str, &str); N]) -> HashMap<String, String> {
        kinds.map(|(room, kind)| (room.to_owned(), kind.to_owned())).into()
    }

    #[test]
    fn rooms_count_once_they_are_known_and_then_at_once() {
        let range = DayRange { first: FIRST, last: FIRST + Days::new(1) };
        let by_kind = |room: Room<'_>| room.kind.to_owned();
        let mut sums = Sums::new(range, &by_kind);
        sums.add(vec![cell("a", 0, 1), cell("gone", 0, 2), cell("b", 2, 100)]);
        let waiting = sums.waiting();
        // What lies outside of the range needs no look-up.
        assert_eq!(waiting.rooms(), ["a", "gone"].into());
        // Meanwhile another chunk has come in.
        sums.add(vec![cell("a", 1, 4), cell("c", 1, 8)]);
        sums.add_known(waiting, kinds([("a", "c")]));
        sums.add(vec![cell("a", 1, 16), cell("gone", 1, 32)]);
        let waiting = sums.waiting();
        sums.add_known(waiting, kinds([("a", "c"), ("c", "d")]));

        let parts = sums.finish();
        assert_eq!(parts["c"], [(FIRST, 1), (FIRST + Days::new(1), 4 + 16)].into());
        assert_eq!(parts["d"], [(FIRST + Days::new(1), 8)].into());
        assert_eq!(parts.len(), 2);
    }

    #[test]
    fn what_waits_is_bounded() {
        let range = DayRange { first: FIRST, last: FIRST };
        let mut sums = Sums::new(range, &|_| ());
        sums.add((0..MOST_WAITING).map(|number| cell(&number.to_string(), 0, 1)).collect());
        assert!(sums.too_many().is_none());
        sums.add(vec![cell("one more", 0, 1)]);
        let waiting = sums.too_many().expect("too many");
        assert_eq!(waiting.rooms().len(), MOST_WAITING + 1);
        assert!(sums.too_many().is_none());
    }
}
