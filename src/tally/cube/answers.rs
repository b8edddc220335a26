//! What can be asked of the cube.

use std::{collections::BTreeMap, ops::RangeInclusive, sync::Arc};

use super::{Cube, DaySums, rooms::RoomId};
use crate::dashboard::{
    breakdown::{Breakdown, WINDOWS},
    room_sums::RoomSums,
};
use crate::tally::time::{Day, Timestamp};

impl Cube {
    /// Whether all of these days are loaded.
    pub fn covers(&self, days: &RangeInclusive<Day>) -> bool {
        self.coverage.covers(days)
    }

    /// The days that have messages, oldest first, with their number. `None` unless all of them are loaded.
    pub fn days(&self, days: RangeInclusive<Day>) -> Option<Vec<(Day, u64)>> {
        if !self.covers(&days) {
            return None;
        }
        if days.is_empty() {
            return Some(Vec::new());
        }
        let counts = self.days.range(days).map(|(day, sums)| (*day, sums.total));
        Some(counts.filter(|(_, total)| *total > 0).collect())
    }

    /// The messages of these days by room type, in the order of the counted types. `None` unless all of them are loaded.
    pub fn types(&self, days: RangeInclusive<Day>) -> Option<Vec<u64>> {
        if !self.covers(&days) {
            return None;
        }
        let mut types = vec![0; self.rooms.types().len()];
        if !days.is_empty() {
            for (_, sums) in self.days.range(days) {
                types.iter_mut().zip(&sums.types).for_each(|(sum, messages)| *sum += messages);
            }
        }
        Some(types)
    }

    /// The messages per room in each of these windows. `None` unless all of their days are loaded.
    pub fn rooms<const N: usize>(&self, windows: &[RangeInclusive<Day>; N]) -> Option<RoomSums<N>> {
        self.busiest(windows, usize::MAX)
    }

    /// The same, of which only so many rooms are kept, those with the most messages in the first window.
    pub fn busiest<const N: usize>(&self, windows: &[RangeInclusive<Day>; N], most: usize) -> Option<RoomSums<N>> {
        if !windows.iter().all(|window| self.covers(window)) {
            return None;
        }
        let sums = self.cells.sums(windows, self.rooms.len());
        let of = |index: usize| sums.each_ref().map(|sums| sums.get(index).copied().unwrap_or_default());
        let mut rooms = RoomSums::of(Arc::clone(self.rooms.types()), Arc::clone(self.rooms.ids()), most);
        for index in 0..self.rooms.len() {
            if let Some(kind) = RoomId::at(index).and_then(|room| self.rooms.kind(room)) {
                rooms.add(index, kind, of(index));
            }
        }
        Some(rooms)
    }

    /// Messages by day and type, and by room in each of these windows; of one room only, if it is told. `None` unless all of their
    /// days are loaded.
    pub fn breakdown(&self, windows: &[RangeInclusive<Day>; WINDOWS], room: Option<&str>) -> Option<Breakdown<Day>> {
        if let Some(room) = room {
            return self.breakdown_of(room, windows);
        }
        let rooms = self.busiest(windows, usize::MAX)?;
        let mut days = BTreeMap::new();
        let mut last_days = vec![None; self.rooms.len()];
        for window in windows.iter().filter(|window| !window.is_empty()) {
            days.extend(self.days.range(window.clone()).map(|(day, sums)| (*day, sums.types.clone())));
        }
        let [parts @ .., compare] = windows;
        let first = parts.iter().filter(|part| !part.is_empty()).map(|part| *part.start()).min();
        let last = parts.iter().filter(|part| !part.is_empty()).map(|part| *part.end()).max();
        // Newest first: then most rooms are known after a block or two.
        if let (Some(first), Some(last)) = (first, last) {
            self.cells.last_days(&(first..=last), &mut last_days);
        }
        self.cells.last_days(compare, &mut last_days);
        days.retain(|_, types| types.iter().any(|messages| *messages > 0));
        Some(Breakdown { days, rooms, last_days })
    }

    fn breakdown_of(&self, room: &str, windows: &[RangeInclusive<Day>; WINDOWS]) -> Option<Breakdown<Day>> {
        if !windows.iter().all(|window| self.covers(window)) {
            return None;
        }
        let mut rooms = RoomSums::new(self.rooms.types().iter());
        let (mut days, mut last_day) = (BTreeMap::new(), None);
        if let Some(number) = self.rooms.find(room)
            && let Some(kind) = self.rooms.kind(number)
        {
            let mut sums = [0; WINDOWS];
            for (day, messages) in self.cells.of_room(number) {
                let mut is_asked = false;
                for (sum, _) in sums.iter_mut().zip(windows).filter(|(_, window)| window.contains(&day)) {
                    *sum += u64::from(messages);
                    is_asked = true;
                }
                if is_asked {
                    let mut types: Box<[u64]> = vec![0; self.rooms.types().len()].into();
                    types.iter_mut().skip(kind).take(1).for_each(|sum| *sum = messages.into());
                    days.insert(day, types);
                    last_day = last_day.max(Some(day));
                }
            }
            rooms.push(room, kind, sums);
        }
        Some(Breakdown { days, rooms, last_days: vec![last_day] })
    }

    /// A loaded day's messages by room type, in the order of the counted types. `None` unless it is loaded.
    pub fn by_type(&self, day: Day) -> Option<Vec<u64>> {
        self.types(day..=day)
    }

    /// The time of the snapshot that a loaded day came from.
    pub fn version(&self, day: Day) -> Option<Timestamp> {
        self.coverage.version(day)
    }

    /// The time of the newest snapshot that a loaded day came from.
    pub fn newest_version(&self) -> Option<Timestamp> {
        self.coverage.newest_version()
    }

    /// The number of loaded days up to `today`.
    pub fn loaded_days(&self, today: Day) -> u32 {
        self.coverage.loaded_days(today)
    }

    /// Whether all that is planned is loaded, or left out.
    pub fn is_complete(&self) -> bool {
        self.coverage.is_complete()
    }

    /// The oldest day planned.
    pub fn first_day(&self) -> Option<Day> {
        self.coverage.first_day()
    }

    /// The number of non-empty cells. Walks all days.
    pub fn cells(&self) -> usize {
        self.days.values().map(|day| day.cells).sum()
    }

    /// The bytes that cells, days and rooms take, spare room included. Walks all days.
    pub fn memory(&self) -> usize {
        let day = 2 * size_of::<(Day, DaySums)>() + size_of::<u64>() * self.rooms.types().len();
        self.days.len() * day + self.cells.memory() + self.rooms.memory()
    }
}
