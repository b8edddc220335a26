//! Cells added up, as the types of their rooms become known. Pure.
//!
//! Only sums are kept: what a count takes of memory depends on the rooms and the days there are, and not on how often they are
//! written in.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    mem,
};

use chrono::NaiveDate;

use super::pipeline::Cell;
use crate::dashboard::{messages_sent::DayCounts, period::DayRange, room_sums::RoomSums};

/// How many cells may wait until the types of their rooms are looked up: enough that there are few look-ups, and few
/// enough to keep.
const MOST_WAITING: usize = 20_000;

/// What a range of days comes to: by day and type of room, and by room in `N` windows.
#[derive(Debug, Clone)]
pub struct Counts<const N: usize> {
    /// The messages of each day by type of room, in the order of the counted types. Days without messages are absent.
    pub types: BTreeMap<NaiveDate, Box<[u64]>>,
    /// The messages of each room in each window.
    pub rooms: RoomSums<N>,
    /// The last day on which a room has messages, by the number of the room in `rooms`.
    pub last_days: Vec<Option<NaiveDate>>,
}

impl<const N: usize> Counts<N> {
    /// Messages per day, whatever the type of the room.
    pub fn days(&self) -> DayCounts {
        self.types.iter().map(|(day, types)| (*day, types.iter().sum())).collect()
    }
}

/// A room that counts.
struct Room<const N: usize> {
    /// The place of its type among those that count.
    kind: usize,
    /// In each window.
    messages: [u64; N],
    last_day: Option<NaiveDate>,
}

/// Messages by day, type and room, under way.
pub(super) struct Sums<'a, const N: usize> {
    range: DayRange,
    windows: [DayRange; N],
    /// The types of rooms that count.
    types: &'a [String],
    /// The rooms that have been looked up; `None` for those whose messages do not count.
    rooms: HashMap<String, Option<Room<N>>>,
    /// In rooms that have not.
    waiting: Vec<Cell>,
    days: BTreeMap<NaiveDate, Box<[u64]>>,
}

impl<'a, const N: usize> Sums<'a, N> {
    /// Nothing yet. Days outside of the range will be left out, in the windows as well.
    pub(super) fn new(range: DayRange, windows: [DayRange; N], types: &'a [String]) -> Self {
        Self { range, windows, types, rooms: HashMap::new(), waiting: Vec::new(), days: BTreeMap::new() }
    }

    /// Adds cells, or keeps them waiting.
    pub(super) fn add(&mut self, cells: Vec<Cell>) {
        for cell in cells.into_iter().filter(|cell| self.range.contains(cell.day)) {
            match self.rooms.get_mut(&cell.room) {
                Some(Some(Room { kind, messages, last_day })) => {
                    *last_day = (*last_day).max(Some(cell.day).filter(|_| cell.messages > 0));
                    let day = self.days.entry(cell.day).or_insert_with(|| vec![0; self.types.len()].into());
                    if let Some(sum) = day.get_mut(*kind) {
                        *sum += cell.messages;
                    }
                    for (sum, window) in messages.iter_mut().zip(&self.windows) {
                        *sum += if window.contains(cell.day) { cell.messages } else { 0 };
                    }
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
    pub(super) fn add_known(&mut self, Waiting(cells): Waiting, kinds: &HashMap<String, String>) {
        for cell in &cells {
            if !self.rooms.contains_key(&cell.room) {
                let kind = kinds.get(&cell.room).and_then(|kind| self.types.iter().position(|counted| counted == kind));
                self.rooms.insert(cell.room.clone(), kind.map(|kind| Room { kind, messages: [0; N], last_day: None }));
            }
        }
        self.add(cells);
    }

    /// What it has come to.
    pub(super) fn finish(self) -> Counts<N> {
        let mut rooms = RoomSums::new(self.types);
        let mut last_days = Vec::new();
        for (id, room) in self.rooms {
            if let Some(Room { kind, messages, last_day }) = room {
                rooms.push(&id, kind, messages);
                last_days.push(last_day);
            }
        }
        Counts { types: self.days, rooms, last_days }
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

    use super::{Cell, MOST_WAITING, Sums};
    use crate::dashboard::period::DayRange;

    const FIRST: NaiveDate = NaiveDate::from_ymd_opt(2024, 3, 1).expect("a day");

    fn day(days: u64) -> NaiveDate {
        FIRST + Days::new(days)
    }

    fn days(first: u64, last: u64) -> DayRange {
        DayRange { first: day(first), last: day(last) }
    }

    fn cell(room: &str, days: u64, messages: u64) -> Cell {
        Cell { room: room.to_owned(), day: day(days), messages }
    }

    fn kinds<const N: usize>(kinds: [(&str, &str); N]) -> HashMap<String, String> {
        kinds.map(|(room, kind)| (room.to_owned(), kind.to_owned())).into()
    }

    #[test]
    fn rooms_count_once_they_are_known_and_then_at_once() {
        let types = ["c", "d"].map(str::to_owned);
        let mut sums = Sums::new(days(0, 1), [days(0, 1), days(1, 9)], &types);
        sums.add(vec![cell("a", 0, 1), cell("gone", 0, 2), cell("b", 2, 100)]);
        let waiting = sums.waiting();
        // What lies outside of the range needs no look-up.
        assert_eq!(waiting.rooms(), ["a", "gone"].into());
        // Meanwhile another chunk has come in.
        sums.add(vec![cell("a", 1, 4), cell("c", 1, 8)]);
        sums.add_known(waiting, &kinds([("a", "c")]));
        sums.add(vec![cell("a", 1, 16), cell("gone", 1, 32)]);
        let waiting = sums.waiting();
        sums.add_known(waiting, &kinds([("a", "c"), ("c", "d")]));

        let counts = sums.finish();
        assert_eq!(counts.types, [(day(0), [1, 0].into()), (day(1), [20, 8].into())].into());
        assert_eq!(counts.days(), [(day(0), 1), (day(1), 28)].into());
        let mut rooms: Vec<_> = counts.rooms.iter().map(|room| (room.id, room.kind, room.messages)).collect();
        rooms.sort_unstable();
        assert_eq!(rooms, [("a", "c", [21, 20]), ("c", "d", [8, 8])]);
    }

    #[test]
    fn what_waits_is_bounded() {
        let mut sums = Sums::new(days(0, 0), [], &[]);
        sums.add((0..MOST_WAITING).map(|number| cell(&number.to_string(), 0, 1)).collect());
        assert!(sums.too_many().is_none());
        sums.add(vec![cell("one more", 0, 1)]);
        let waiting = sums.too_many().expect("too many");
        assert_eq!(waiting.rooms().len(), MOST_WAITING + 1);
        assert!(sums.too_many().is_none());
    }
}
