//! Which hours of a day a time touches, by the clocks on the wall. Pure.

use chrono::{Days, NaiveDate, NaiveTime, TimeDelta};

use crate::{dashboard::page::people::HOURS, time_zone::TimeZone};

/// What the clocks of a day show: stretches of time without a change of the clocks, in milliseconds since 1970, each with the
/// milliseconds from the day's midnight on the wall clock to 1970.
#[derive(Debug)]
pub(super) struct WallClock(Vec<(i64, i64, i64)>);

impl WallClock {
    /// Of a day.
    pub(super) fn of(day: NaiveDate, zone: &TimeZone) -> Self {
        let (from, to) = (zone.start_of(day), zone.start_of(day + Days::new(1)));
        let midnight = day.and_time(NaiveTime::MIN).and_utc().timestamp_millis();
        let mut stretches = Vec::new();
        let mut at = from;
        while at < to {
            let stretch = zone.stretch(at, to);
            let (from, to) = (stretch.from.timestamp_millis(), stretch.to.timestamp_millis());
            stretches.push((from, to, stretch.offset.num_milliseconds() - midnight));
            at = stretch.to;
        }
        Self(stretches)
    }

    /// The hours that a time from `first` to `last`, both in milliseconds since 1970 and included, touches on this day.
    pub(super) fn hours(&self, first: i64, last: i64) -> u32 {
        let mut hours = 0;
        for (from, to, shift) in &self.0 {
            let (first, last) = (first.max(*from), last.min(to - 1));
            if first <= last {
                let hour = |at: i64| (at + shift).div_euclid(TimeDelta::hours(1).num_milliseconds());
                for hour in hour(first).max(0)..=hour(last).min(HOURS as i64 - 1) {
                    hours |= 1 << hour;
                }
            }
        }
        hours
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::*;

    fn hours(zone: &str, day: &str, from: &str, to: &str) -> Vec<u32> {
        let clock = WallClock::of(day.parse().expect("a day"), &zone.parse().expect("a zone"));
        let at = |text: &str| text.parse::<DateTime<Utc>>().expect("an instant").timestamp_millis();
        let hours = clock.hours(at(from), at(to));
        (0..24).filter(|hour| hours >> hour & 1 == 1).collect()
    }

    #[test]
    fn a_session_touches_the_hours_of_its_own_local_day() {
        let all: Vec<_> = (0..24).collect();
        for (zone, day, from, to, expected) in [
            ("UTC", "2026-11-25", "2026-11-25T08:59:59.999Z", "2026-11-25T10:00:00.000Z", vec![8, 9, 10]),
            ("UTC", "2026-11-25", "2026-11-24T22:00:00Z", "2026-11-25T00:59:00Z", vec![0]),
            ("UTC", "2026-11-25", "2026-11-25T22:30:00Z", "2026-11-27T00:59:00Z", vec![22, 23]),
            ("UTC", "2026-11-25", "2026-11-25T10:00:00Z", "2026-11-25T09:00:00Z", vec![]),
            ("UTC", "2026-11-25", "2026-11-26T00:00:00Z", "2026-11-26T09:00:00Z", vec![]),
            ("UTC", "2026-11-25", "0001-01-01T00:00:00Z", "9999-01-01T00:00:00Z", all.clone()),
            // Half-hour zones: 03:15 there is 21:45 on the day before here.
            ("Asia/Kolkata", "2026-11-25", "2026-11-24T21:45:00Z", "2026-11-24T22:40:00Z", vec![3, 4]),
            ("America/St_Johns", "2026-11-25", "2026-11-25T03:30:00Z", "2026-11-25T04:29:59Z", vec![0]),
            // The clocks go from 2 to 3, and from 3 back to 2.
            ("Europe/Berlin", "2026-03-29", "2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z", vec![1, 3]),
            ("Europe/Berlin", "2026-10-25", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", vec![2]),
            ("Europe/Berlin", "2026-10-25", "2026-10-24T22:00:00Z", "2026-10-25T22:59:59Z", all),
        ] {
            assert_eq!(hours(zone, day, from, to), expected, "{zone} {day} {from} {to}");
        }
    }
}
