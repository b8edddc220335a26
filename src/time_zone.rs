//! The server's time zone: what calendar day an instant belongs to, and when a calendar day begins.
//!
//! All knowledge of clock changes comes from one IANA table, see [`Tables`]. MongoDB's own table is never used, so a day means
//! the same wherever it is counted. Pure but for the reading of a table: no clock is read.

mod table;

use std::{fmt, str::FromStr, sync::Arc};

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use jiff::{Timestamp, tz};

pub use table::{Table, Tables};

/// An IANA time zone, as the environment variable `TZ` names it (contract section 7). Cheap to clone.
#[derive(Clone, Debug)]
pub struct TimeZone {
    zone: tz::TimeZone,
    /// Where its clock changes were read. None for UTC, which has none.
    table: Option<Arc<Table>>,
}

/// The name is not in the IANA table.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("is no IANA time zone; write a name like Europe/Berlin or America/Sao_Paulo, or leave it empty for UTC")]
pub struct UnknownTimeZone;

impl FromStr for TimeZone {
    type Err = UnknownTimeZone;

    /// Reads a value of `TZ`: an IANA name with an optional leading `:`; empty means UTC.
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name.strip_prefix(':').unwrap_or(name) {
            "" => Ok(Self::UTC),
            name => Tables::of_this_machine().zone(name),
        }
    }
}

impl fmt::Display for TimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Zones with the same name and the same clock changes are equal, wherever these were read.
impl PartialEq for TimeZone {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name() && self.zone == other.zone
    }
}

impl Eq for TimeZone {}

/// A stretch of time, from `from` (inclusive) to `to` (exclusive), during which the zone's clocks are not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The first instant.
    pub from: DateTime<Utc>,
    /// The first instant after it.
    pub to: DateTime<Utc>,
    /// What is added to UTC to get the local wall clock.
    pub offset: TimeDelta,
}

impl TimeZone {
    /// Coordinated Universal Time, the default.
    pub const UTC: Self = Self { zone: tz::TimeZone::UTC, table: None };

    /// Its name in the IANA table.
    fn name(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    /// The table that its clock changes were read from. None for UTC, which needs none.
    pub fn table(&self) -> Option<&Table> {
        self.table.as_deref()
    }

    /// What the clocks on the wall show at `instant`; within an offset of the ends of the calendar, some 262,000 years away, that of UTC.
    pub fn wall_clock(&self, instant: DateTime<Utc>) -> NaiveDateTime {
        let utc = instant.naive_utc();
        utc.checked_add_signed(self.offset(instant)).unwrap_or(utc)
    }

    /// The calendar day that `instant` belongs to.
    pub fn date(&self, instant: DateTime<Utc>) -> NaiveDate {
        self.wall_clock(instant).date()
    }

    /// The first instant of a calendar day: its midnight; the earlier one where a clock change repeats midnight, the
    /// instant of the change where it skips midnight (contract section 7).
    pub fn start_of(&self, day: NaiveDate) -> DateTime<Utc> {
        self.midnights(day).0
    }

    /// Whether there was such a day: where a zone moved over the date line (Samoa, 2011), one is missing.
    pub fn has(&self, day: NaiveDate) -> bool {
        self.date(self.start_of(day)) == day
    }

    /// The shortest stretch of time that holds every instant of the days `first..=last`.
    ///
    /// It may hold a few instants of the neighbouring days as well: where clocks are set back just after midnight
    /// (St John's, until 2011), the old day goes on for an hour after the new one has begun.
    pub fn span(&self, first: NaiveDate, last: NaiveDate) -> (DateTime<Utc>, DateTime<Utc>) {
        (self.midnights(first).0, self.midnights(last + Days::new(1)).1)
    }

    /// The longest stretch of time that begins at `from`, ends at `to` at the latest, and has no change of the clocks.
    pub fn stretch(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Stretch {
        Stretch { from, to: self.next_change(from, to).unwrap_or(to), offset: self.offset(from) }
    }

    fn offset(&self, instant: DateTime<Utc>) -> TimeDelta {
        TimeDelta::seconds(self.zone.to_offset(timestamp(instant)).seconds().into())
    }

    /// The first and the last instant at which the wall clock shows midnight at the beginning of `day`. Where it never does,
    /// both are the instant of the change that skips midnight.
    fn midnights(&self, day: NaiveDate) -> (DateTime<Utc>, DateTime<Utc>) {
        let midnight = day.and_time(NaiveTime::MIN);
        // No zone was ever more than a day away from UTC.
        let (begin, end) = (midnight.and_utc() - TimeDelta::days(2), midnight.and_utc() + TimeDelta::days(2));
        let next = |from| (from < end).then(|| self.stretch(from, end));
        let stretches = std::iter::successors(next(begin), |stretch| next(stretch.to));
        let (mut first, mut last, mut skipped) = (None, None, None);
        for stretch in stretches {
            let at = midnight.and_utc() - stretch.offset;
            if stretch.from <= at && at < stretch.to {
                first = first.or(Some(at));
                last = Some(at);
            } else if at < stretch.from {
                skipped = skipped.or(Some(stretch.from));
            }
        }
        // One of them is there: two days before, the wall clock is behind midnight, and two days after, ahead of it.
        let change = skipped.unwrap_or(midnight.and_utc());
        (first.unwrap_or(change), last.unwrap_or(change))
    }

    /// The first change of the clocks after `begin` and before `to`.
    fn next_change(&self, begin: DateTime<Utc>, to: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let offset = self.zone.to_offset(timestamp(begin));
        // A transition that only changes the zone's abbreviation is none here.
        let change = self.zone.following(timestamp(begin)).find(|transition| transition.offset() != offset)?;
        let at = DateTime::from_timestamp(change.timestamp().as_second(), 0)?;
        (begin < at && at < to).then_some(at)
    }
}

/// The second that an instant lies in, since clocks are changed on whole seconds. Years that the table's library does not reach
/// (it ends with 9999) are taken for the nearest that it does.
fn timestamp(instant: DateTime<Utc>) -> Timestamp {
    let (first, last) = (Timestamp::MIN.as_second(), Timestamp::MAX.as_second());
    Timestamp::from_second(instant.timestamp().clamp(first, last)).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> TimeZone {
        name.parse().expect("a zone")
    }

    fn instant(text: &str) -> DateTime<Utc> {
        text.parse().expect("an instant")
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn tz_takes_a_leading_colon_and_empty_is_utc() {
        assert_eq!(zone(""), TimeZone::UTC);
        assert_eq!(zone(":"), TimeZone::UTC);
        assert_eq!(zone(":Europe/Berlin"), zone("Europe/Berlin"));
        assert_eq!("Mars/Olympus".parse::<TimeZone>(), Err(UnknownTimeZone));
        assert_eq!("::UTC".parse::<TimeZone>(), Err(UnknownTimeZone));
    }

    #[test]
    fn a_day_begins_at_local_midnight() {
        for (name, date, expected) in [
            ("UTC", "2023-05-30", "2023-05-30T00:00:00Z"),
            ("Asia/Kolkata", "2023-05-30", "2023-05-29T18:30:00Z"),
            ("Pacific/Kiritimati", "2023-05-30", "2023-05-29T10:00:00Z"),
            // Midnight is skipped: 23:59:59 is followed by 01:00.
            ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z"),
            // Midnight comes twice: at 01:00 clocks go back to 00:00.
            ("America/Havana", "2023-11-05", "2023-11-05T04:00:00Z"),
            // At 00:00 clocks go back to 23:00, so midnight comes once only, an hour later.
            ("America/Sao_Paulo", "2018-02-18", "2018-02-18T03:00:00Z"),
            // At 00:01 clocks go back to 23:01: midnight comes twice, and the old day in between.
            ("America/St_Johns", "2010-11-07", "2010-11-07T02:30:00Z"),
            // A day that never was, on the far side of the date line.
            ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z"),
            ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z"),
            // Local mean time, to the second.
            ("Europe/Berlin", "1880-01-01", "1879-12-31T23:06:32Z"),
        ] {
            assert_eq!(zone(name).start_of(day(date)), instant(expected), "{name} {date}");
        }
    }

    #[test]
    fn the_first_and_the_last_instant_there_are_have_a_day_in_every_zone() {
        for name in ["Asia/Kolkata", "America/New_York", "UTC"] {
            let days = [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC].map(|instant| zone(name).date(instant));
            assert!(days[0] <= day("-99999-01-01") && days[1] >= day("+99999-12-31"), "{name}: {days:?}");
        }
    }

    #[test]
    fn only_a_day_that_a_zone_jumped_over_never_was() {
        let apia = zone("Pacific/Apia");
        let missing: Vec<_> = day("2011-01-01").iter_days().take(730).filter(|day| !apia.has(*day)).collect();
        assert_eq!(missing, [day("2011-12-30")]);
        let sao_paulo = zone("America/Sao_Paulo");
        let missing = day("1850-01-01").iter_days().take(70_000).find(|day| !sao_paulo.has(*day));
        assert_eq!(missing, None, "a day without midnight is one");
    }

    #[test]
    fn the_span_of_a_day_holds_all_of_it_where_midnight_comes_twice() {
        let st_johns = zone("America/St_Johns");
        // 2010-11-06 goes on until 00:00 has come a second time.
        let (_, end) = st_johns.span(day("2010-11-06"), day("2010-11-06"));
        assert_eq!(end, instant("2010-11-07T03:30:00Z"));
        assert_eq!(st_johns.date(instant("2010-11-07T02:30:30Z")), day("2010-11-07"));
        assert_eq!(st_johns.date(instant("2010-11-07T02:31:00Z")), day("2010-11-06"));
    }

    fn stretches(zone: &TimeZone, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<Stretch> {
        let mut stretches = vec![zone.stretch(from, to)];
        while let Some(last) = stretches.last().copied().filter(|last| last.to < to) {
            stretches.push(zone.stretch(last.to, to));
        }
        stretches
    }

    #[test]
    fn a_stretch_ends_where_the_clocks_are_changed() {
        let from = instant("2023-01-01T00:00:00Z");
        let to = instant("2024-01-01T00:00:00Z");
        let stretches = stretches(&zone("Europe/Berlin"), from, to);
        let ends: Vec<_> = stretches.iter().map(|stretch| (stretch.to, stretch.offset.num_hours())).collect();
        assert_eq!(ends, [(instant("2023-03-26T01:00:00Z"), 1), (instant("2023-10-29T01:00:00Z"), 2), (to, 1)]);
        assert_eq!(stretches[0].from, from);
    }

    #[test]
    fn the_widest_range_is_cut_at_the_changes_only() {
        let from = instant("0000-01-01T00:00:00Z");
        let to = instant("9999-12-31T23:59:59.999Z");
        for name in ["UTC", "America/New_York", "Africa/Casablanca", "Pacific/Apia"] {
            let stretches = stretches(&zone(name), from, to);
            assert!(stretches.windows(2).all(|pair| pair[0].to == pair[1].from && pair[0].offset != pair[1].offset));
            // Two changes a year, where the present rule has two.
            assert!(stretches.len() < 17_000, "{name}: {}", stretches.len());
        }
    }
}
