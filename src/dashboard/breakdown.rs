//! Messages by day and type, and by room with a trend, in a window of days and in the one that it is compared with: what the page's
//! answer about messages is made of. Pure.

use std::collections::{BTreeMap, HashMap};

use chrono::{Days, NaiveDate};

use super::{period::DayRange, room_sums::RoomSums};

/// The parts of a window, of which a room's trend is made. A window of fewer days has as many parts as days.
pub const PARTS: usize = 12;

/// The windows of a breakdown: the parts, and the days that are compared with.
pub const WINDOWS: usize = PARTS + 1;

/// Of which days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakdownDays {
    /// The window. Not empty.
    pub window: DayRange,
    /// The days that it is compared with, if it is. They may overlap with it.
    pub compare: Option<DayRange>,
}

impl BreakdownDays {
    /// The parts of the window, as equal as can be, and the days compared with. Those that there are not are empty.
    pub fn windows(&self) -> [DayRange; WINDOWS] {
        let DayRange { first, last } = self.window;
        let days = (last - first).num_days().unsigned_abs() + 1;
        let parts = days.min(PARTS as u64);
        let begin = |part: u64| first + Days::new(part * days / parts);
        let nothing = DayRange { first, last: first - Days::new(1) };
        let mut windows = [nothing; WINDOWS];
        for (part, window) in (0..parts).zip(&mut windows) {
            *window = DayRange { first: begin(part), last: begin(part + 1) - Days::new(1) };
        }
        if let (Some(slot), Some(compare)) = (windows.last_mut(), self.compare) {
            *slot = compare;
        }
        windows
    }

    /// How many parts the window has.
    pub fn parts(&self) -> usize {
        let days = (self.window.last - self.window.first).num_days() + 1;
        usize::try_from(days).unwrap_or_default().min(PARTS)
    }
}

/// Messages of the window and of the days that it is compared with.
#[derive(Debug, Clone)]
pub struct Breakdown<D: Ord = NaiveDate> {
    /// The messages of each day by type of room, in the order of the counted types. Days without messages are absent.
    pub days: BTreeMap<D, Box<[u64]>>,
    /// The messages of each room in each of [`BreakdownDays::windows`].
    pub rooms: RoomSums<WINDOWS>,
    /// The last of those days on which a room has messages, by the number of the room in `rooms`.
    pub last_days: Vec<Option<D>>,
}

impl<D: Ord> Breakdown<D> {
    /// The same with other names for the days, which keep their order. `None` if a day has no other name.
    pub fn renamed<E: Ord>(self, name: impl Fn(D) -> Option<E>) -> Option<Breakdown<E>> {
        let days = self.days.into_iter().map(|(day, types)| Some((name(day)?, types))).collect::<Option<_>>()?;
        let last_days = self.last_days.into_iter().map(|day| day.and_then(&name)).collect();
        Some(Breakdown { days, rooms: self.rooms, last_days })
    }
}

impl Breakdown {
    /// Adds the counts of other days, of which each is in one of the two only, or the same in both.
    pub fn with(self, other: Self, types: &[String]) -> Self {
        let mut days = self.days;
        days.extend(other.days);
        let mut rows: HashMap<String, (usize, [u64; WINDOWS], Option<NaiveDate>)> = HashMap::new();
        for breakdown in [(&self.rooms, &self.last_days), (&other.rooms, &other.last_days)] {
            let (rooms, last_days) = breakdown;
            for room in rooms.iter() {
                let Some(kind) = types.iter().position(|kind| kind == room.kind) else { continue };
                let (_, sums, last) = rows.entry(room.id.to_owned()).or_insert((kind, [0; WINDOWS], None));
                sums.iter_mut().zip(room.messages).for_each(|(sum, messages)| *sum += messages);
                *last = (*last).max(last_days.get(room.number).copied().flatten());
            }
        }
        let (mut rooms, mut last_days) = (RoomSums::new(types), Vec::new());
        for (id, (kind, sums, last)) in rows {
            rooms.push(&id, kind, sums);
            last_days.push(last);
        }
        Self { days, rooms, last_days }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_parts_are_the_window_in_order_and_as_equal_as_can_be(first in 0u64..40_000, length in 1u64..1_000) {
            let first = NaiveDate::from_ymd_opt(1970, 1, 1).expect("a day") + Days::new(first);
            let window = DayRange { first, last: first + Days::new(length - 1) };
            let days = BreakdownDays { window, compare: None };
            let windows = days.windows();
            let parts: Vec<_> = windows.iter().filter(|part| !part.is_empty()).collect();
            prop_assert_eq!(parts.len(), days.parts());
            prop_assert_eq!((parts[0].first, parts[parts.len() - 1].last), (window.first, window.last));
            prop_assert!(parts.windows(2).all(|pair| pair[0].last + Days::new(1) == pair[1].first));
            let lengths: Vec<_> = parts.iter().map(|part| (part.last - part.first).num_days()).collect();
            prop_assert!(lengths.iter().max().expect("a part") - lengths.iter().min().expect("a part") <= 1);
        }
    }
}
