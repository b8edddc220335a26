//! How a range of days is cut into pieces, each counted by one aggregation. Pure.
//!
//! A chunk never goes over a change of the clocks, so within it a day is plain arithmetic on the instant and MongoDB
//! needs no table of time zones. A calendar day that is not one piece, for the clocks are changed on it, is in two
//! chunks, and its counts are added.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::time_zone::{Stretch, TimeZone};

/// Instants from `from` (inclusive) to `to` (exclusive) with the same distance to UTC.
pub type Chunk = Stretch;

impl Chunk {
    /// The chunk that begins at `from`, ends at `to` at the latest, and touches `most_days` calendar days at the most.
    pub fn first(zone: &TimeZone, from: DateTime<Utc>, to: DateTime<Utc>, most_days: i64) -> Self {
        let begin_of_day = zone.wall_clock(from).date().and_time(chrono::NaiveTime::MIN);
        let behind = zone.wall_clock(from) - begin_of_day;
        zone.stretch(from, to.min(from - behind + TimeDelta::days(most_days)))
    }

    /// All chunks of `from..to`, oldest first.
    pub fn all(zone: &TimeZone, from: DateTime<Utc>, to: DateTime<Utc>, most_days: i64) -> impl Iterator<Item = Self> {
        let next = move |from| (from < to).then(|| Self::first(zone, from, to, most_days));
        std::iter::successors(next(from), move |chunk| next(chunk.to))
    }

    /// The calendar day that `instant` belongs to, if it lies in this chunk.
    pub fn date(&self, instant: DateTime<Utc>) -> NaiveDate {
        (instant.naive_utc() + self.offset).date()
    }

    /// The calendar day of the whole chunk, if it is one.
    pub fn only_day(&self) -> Option<NaiveDate> {
        let day = self.date(self.from);
        (day == self.date(self.to - TimeDelta::milliseconds(1))).then_some(day)
    }
}

#[cfg(test)]
mod tests {
    use chrono::{NaiveDate, TimeDelta};
    use proptest::prelude::*;

    use super::Chunk;
    use crate::time_zone::TimeZone;

    const ZONES: [&str; 7] = [
        "UTC",
        "Asia/Kolkata",
        "America/Sao_Paulo",
        "America/St_Johns",
        "Pacific/Apia",
        "Africa/Casablanca",
        "Australia/Lord_Howe",
    ];

    proptest! {
        /// Chunks follow each other without a gap, and every instant's day is what the time zone says.
        #[test]
        fn chunks_cover_a_range_and_know_its_days(
            zone in proptest::sample::select(&ZONES[..]),
            first in 0i64..36_500,
            days in 0i64..60,
            most_days in 1i64..40,
        ) {
            let zone: TimeZone = zone.parse().expect("a zone");
            let first = NaiveDate::from_ymd_opt(1950, 1, 1).expect("a day") + TimeDelta::days(first);
            let (from, to) = zone.span(first, first + TimeDelta::days(days));
            let mut expected_from = from;
            for chunk in Chunk::all(&zone, from, to, most_days) {
                prop_assert_eq!(chunk.from, expected_from);
                prop_assert!(chunk.from < chunk.to);
                expected_from = chunk.to;
                let mut instant = chunk.from;
                let mut seen = std::collections::BTreeSet::new();
                while instant < chunk.to {
                    prop_assert_eq!(chunk.date(instant), zone.date(instant));
                    seen.insert(zone.date(instant));
                    instant += TimeDelta::minutes(10);
                }
                prop_assert!(seen.len() as i64 <= most_days);
                prop_assert_eq!(chunk.only_day().is_some(), seen.len() == 1);
            }
            prop_assert_eq!(expected_from, to.max(from));
        }
    }
}
