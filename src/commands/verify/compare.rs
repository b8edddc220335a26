//! When counts differ, and when they only seem to because messages were written meanwhile. Pure.
//!
//! The rule: a count agrees if it lies between two counts by hand, one made before it and one after it. It differs if those
//! two are equal, so that the day stood still, and it is not. Otherwise the day is tried again.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::{dashboard::messages_sent::DayCounts, dashboard::period::DayRange};

/// A day on which a count is not what was counted by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Difference {
    /// Counted by hand.
    pub by_hand: u64,
    /// Counted otherwise.
    pub other: u64,
    /// Whether the day changed whenever it was looked at, so that nothing is certain.
    pub is_moving: bool,
}

/// The differences, and the days that must be tried again.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// What is certain.
    pub certain: BTreeMap<NaiveDate, Difference>,
    /// What may be due to messages that were written meanwhile.
    pub doubtful: BTreeMap<NaiveDate, Difference>,
}

impl Differences {
    /// The differences at first sight, all of them doubtful.
    pub fn at_first_sight(by_hand: &DayCounts, other: &DayCounts) -> Self {
        let of = |counts: &DayCounts, day| counts.get(&day).copied().unwrap_or_default();
        let days: BTreeSet<_> = by_hand.keys().chain(other.keys()).copied().collect();
        let difference = |day| Difference { by_hand: of(by_hand, day), other: of(other, day), is_moving: true };
        let differing = days.into_iter().map(|day| (day, difference(day)));
        Self { doubtful: differing.filter(|(_, at)| at.by_hand != at.other).collect(), ..Self::default() }
    }

    /// The days from the first to the last doubtful one.
    pub fn doubtful_days(&self) -> Option<DayRange> {
        let (first, _) = self.doubtful.first_key_value()?;
        let (last, _) = self.doubtful.last_key_value()?;
        Some(DayRange { first: *first, last: *last })
    }

    /// Looks at the doubtful days again, by what was counted between two counts by hand.
    pub fn settle(&mut self, before: &DayCounts, other: &DayCounts, after: &DayCounts) {
        let of = |counts: &DayCounts, day: &NaiveDate| counts.get(day).copied().unwrap_or_default();
        for (day, _) in std::mem::take(&mut self.doubtful) {
            let (before, other, after) = (of(before, &day), of(other, &day), of(after, &day));
            let difference = Difference { by_hand: after, other, is_moving: before != after };
            if (before.min(after)..=before.max(after)).contains(&other) {
                continue;
            }
            match difference.is_moving {
                true => self.doubtful.insert(day, difference),
                false => self.certain.insert(day, difference),
            };
        }
    }

    /// All that is left.
    pub fn all(self) -> BTreeMap<NaiveDate, Difference> {
        self.certain.into_iter().chain(self.doubtful).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(number: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2023, 5, number).expect("a day")
    }

    fn counts(counts: &[(u32, u64)]) -> DayCounts {
        counts.iter().map(|(number, count)| (day(*number), *count)).collect()
    }

    #[test]
    fn days_that_agree_and_days_without_messages_make_no_difference() {
        let same = counts(&[(1, 5), (2, 0)]);
        assert_eq!(Differences::at_first_sight(&same, &counts(&[(1, 5)])), Differences::default());
        let differences = Differences::at_first_sight(&same, &counts(&[(1, 4), (3, 1), (9, 2)]));
        assert_eq!(differences.doubtful_days(), Some(DayRange { first: day(1), last: day(9) }));
        assert_eq!(differences.doubtful.len(), 3);
    }

    #[test]
    fn only_a_day_that_stood_still_differs_for_certain() {
        let mut differences = Differences::at_first_sight(
            &counts(&[(1, 5), (2, 5), (3, 5), (4, 5)]),
            &counts(&[(1, 4), (2, 6), (3, 9), (4, 9)]),
        );
        // The first stood still and differs; the second grew and the count lies between; the third agrees now; the
        // fourth grew, but not so far.
        differences.settle(
            &counts(&[(1, 5), (2, 5), (3, 9), (4, 5)]),
            &counts(&[(1, 4), (2, 6), (3, 9), (4, 9)]),
            &counts(&[(1, 5), (2, 7), (3, 9), (4, 6)]),
        );
        let differs = |by_hand, other, is_moving| Difference { by_hand, other, is_moving };
        assert_eq!(differences.certain, BTreeMap::from([(day(1), differs(5, 4, false))]));
        assert_eq!(differences.doubtful, BTreeMap::from([(day(4), differs(6, 9, true))]));
        assert_eq!(differences.all().len(), 2);
    }
}
