//! When counts differ, and when they only seem to because messages were written meanwhile. Pure.
//!
//! The rule: a count agrees if it lies between two counts by hand, one made before it and one after it. It differs if those
//! two are equal, so that what was counted stood still, and it is not. Otherwise it is tried again.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::dashboard::period::DayRange;

/// What a number of messages is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A day.
    Day(NaiveDate),
    /// A room, by its `_id`.
    Room(String),
    /// All rooms of a type, `t`.
    Type(String),
    /// The room at this place, counted from 1, when the busiest come first.
    Place(usize),
}

/// The kinds of [`Subject`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Days.
    Day,
    /// Rooms.
    Room,
    /// Types of rooms.
    Type,
    /// Places of the busiest rooms.
    Place,
}

impl Subject {
    /// Of which kind it is.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Day(_) => Kind::Day,
            Self::Room(_) => Kind::Room,
            Self::Type(_) => Kind::Type,
            Self::Place(_) => Kind::Place,
        }
    }
}

/// Messages by what they are about. What has none is absent.
pub type Counts = BTreeMap<Subject, u64>;

/// A number that is not what was counted by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Difference {
    /// Counted by hand.
    pub by_hand: u64,
    /// Counted otherwise.
    pub other: u64,
    /// Whether it changed whenever it was looked at, so that nothing is certain.
    pub is_moving: bool,
}

/// The differences, and what must be tried again.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// What is certain.
    pub certain: BTreeMap<Subject, Difference>,
    /// What may be due to messages that were written meanwhile.
    pub doubtful: BTreeMap<Subject, Difference>,
}

impl Differences {
    /// The differences at first sight, all of them doubtful. Only these kinds are compared.
    pub fn at_first_sight(by_hand: &Counts, other: &Counts, kinds: &[Kind]) -> Self {
        let of = |counts: &Counts, subject: &Subject| counts.get(subject).copied().unwrap_or_default();
        let subjects: BTreeSet<_> = by_hand.keys().chain(other.keys()).collect();
        let compared = subjects.into_iter().filter(|subject| kinds.contains(&subject.kind()));
        let differing = compared.filter_map(|subject| {
            let (by_hand, other) = (of(by_hand, subject), of(other, subject));
            (by_hand != other).then(|| (subject.clone(), Difference { by_hand, other, is_moving: true }))
        });
        Self { doubtful: differing.collect(), ..Self::default() }
    }

    /// The days that must be counted again, of a range: from the first to the last doubtful one, or all where it is not days
    /// that are doubtful.
    pub fn doubtful_days(&self, range: DayRange) -> Option<DayRange> {
        let mut days = None;
        for subject in self.doubtful.keys() {
            let Subject::Day(day) = *subject else { return Some(range) };
            let seen = DayRange { first: day, last: day };
            days = Some(days.map_or(seen, |days: DayRange| days.with(seen)));
        }
        days
    }

    /// Looks at what is doubtful again, by what was counted between two counts by hand.
    pub fn settle(&mut self, before: &Counts, other: &Counts, after: &Counts) {
        for (subject, _) in std::mem::take(&mut self.doubtful) {
            let of = |counts: &Counts| counts.get(&subject).copied().unwrap_or_default();
            let (before, other, after) = (of(before), of(other), of(after));
            let difference = Difference { by_hand: after, other, is_moving: before != after };
            if (before.min(after)..=before.max(after)).contains(&other) {
                continue;
            }
            match difference.is_moving {
                true => self.doubtful.insert(subject, difference),
                false => self.certain.insert(subject, difference),
            };
        }
    }

    /// All that is left.
    pub fn all(self) -> BTreeMap<Subject, Difference> {
        self.certain.into_iter().chain(self.doubtful).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(number: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2023, 5, number).expect("a day")
    }

    fn counts(counts: &[(u32, u64)]) -> Counts {
        counts.iter().map(|(number, count)| (Subject::Day(day(*number)), *count)).collect()
    }

    const RANGE: DayRange = DayRange {
        first: NaiveDate::from_ymd_opt(2023, 5, 1).expect("a day"),
        last: NaiveDate::from_ymd_opt(2023, 5, 31).expect("a day"),
    };

    #[test]
    fn days_that_agree_and_days_without_messages_make_no_difference() {
        let same = counts(&[(1, 5), (2, 0)]);
        let days = [Kind::Day];
        assert_eq!(Differences::at_first_sight(&same, &counts(&[(1, 5)]), &days), Differences::default());
        let differences = Differences::at_first_sight(&same, &counts(&[(1, 4), (3, 1), (9, 2)]), &days);
        assert_eq!(differences.doubtful_days(RANGE), Some(DayRange { first: day(1), last: day(9) }));
        assert_eq!(differences.doubtful.len(), 3);
    }

    #[test]
    fn what_somebody_does_not_count_is_not_compared_and_rooms_need_all_days() {
        let room = |id: &str| Subject::Room(id.to_owned());
        let by_hand = Counts::from([(Subject::Day(day(2)), 5), (room("a"), 3), (room("b"), 2)]);
        let other = Counts::from([(Subject::Day(day(2)), 5), (room("a"), 5)]);
        assert_eq!(Differences::at_first_sight(&by_hand, &other, &[Kind::Day]).doubtful_days(RANGE), None);
        let differences = Differences::at_first_sight(&by_hand, &other, &[Kind::Day, Kind::Room]);
        assert_eq!((differences.doubtful.len(), differences.doubtful_days(RANGE)), (2, Some(RANGE)));
    }

    #[test]
    fn only_a_day_that_stood_still_differs_for_certain() {
        let mut differences = Differences::at_first_sight(
            &counts(&[(1, 5), (2, 5), (3, 5), (4, 5)]),
            &counts(&[(1, 4), (2, 6), (3, 9), (4, 9)]),
            &[Kind::Day],
        );
        // The first stood still and differs; the second grew and the count lies between; the third agrees now; the
        // fourth grew, but not so far.
        differences.settle(
            &counts(&[(1, 5), (2, 5), (3, 9), (4, 5)]),
            &counts(&[(1, 4), (2, 6), (3, 9), (4, 9)]),
            &counts(&[(1, 5), (2, 7), (3, 9), (4, 6)]),
        );
        let differs = |by_hand, other, is_moving| Difference { by_hand, other, is_moving };
        assert_eq!(differences.certain, BTreeMap::from([(Subject::Day(day(1)), differs(5, 4, false))]));
        assert_eq!(differences.doubtful, BTreeMap::from([(Subject::Day(day(4)), differs(6, 9, true))]));
        assert_eq!(differences.all().len(), 2);
    }
}
