//! The period that a request asks about, and the two windows of calendar days that follow from it.
//!
//! Parsed from the query string at the edge (contract section 6); all date arithmetic of the answer is here and in
//! [`super::messages_sent`] (contract section 7). Pure: the time zone is an argument, no clock is read.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, Utc};

use super::parameters::{Given, InvalidParameters, START_AND_END};
use crate::{query_string::QueryString, time_zone::TimeZone};

/// Calendar days, both ends included. Empty if `first` is later than `last`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayRange {
    /// The oldest day.
    pub first: NaiveDate,
    /// The newest day.
    pub last: NaiveDate,
}

impl DayRange {
    /// Reads `start` and `end` from a query string: the days from that of the one to that of the other.
    ///
    /// # Errors
    /// The first that applies (contract section 6). An end before the start is none: there are no days then.
    pub fn from_query(query: &QueryString<'_>, zone: &TimeZone) -> Result<Self, InvalidParameters> {
        let given = Given::read(query, &START_AND_END)?;
        let date = |field| given.date(field).map(|instant| zone.date(instant));
        Ok(Self { first: date("start")?, last: date("end")? })
    }

    /// Whether `day` is one of these days.
    pub fn contains(&self, day: NaiveDate) -> bool {
        (self.first..=self.last).contains(&day)
    }

    /// Whether it has no days.
    pub fn is_empty(&self) -> bool {
        self.first > self.last
    }

    /// The days from the first to the last of both.
    pub fn with(self, other: Self) -> Self {
        match (self.is_empty(), other.is_empty()) {
            (true, _) => other,
            (_, true) => self,
            _ => Self { first: self.first.min(other.first), last: self.last.max(other.last) },
        }
    }
}

/// A validated start and end with their two windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// `n` of the contract: how many days with messages each window shows at the most. 0, for an end one day
    /// before the start: no limit (contract section 7), and no days to limit but the one before the start.
    pub most_days: usize,
    /// The days that the answer lists.
    pub current: DayRange,
    /// The days that it is compared with.
    pub previous: DayRange,
    /// The day that the answer calls yesterday: the one before the last.
    pub yesterday: NaiveDate,
    /// The last day, with which yesterday is compared.
    pub last_day: NaiveDate,
}

impl Period {
    /// Reads `start` and `end` from a query string.
    ///
    /// # Errors
    /// The first that applies, walking the parameters in their order (contract section 6).
    pub fn from_query(query: &QueryString<'_>, zone: &TimeZone) -> Result<Self, InvalidParameters> {
        let given = Given::read(query, &START_AND_END)?;
        Self::new(given.date("start")?, given.date("end")?, zone)
    }

    /// Computes the windows of `start` and `end` (contract section 7).
    ///
    /// # Errors
    /// [`InvalidParameters::EndBeforeStart`] if the contract's n is less than 0.
    pub fn new(start: DateTime<Utc>, end: DateTime<Utc>, zone: &TimeZone) -> Result<Self, InvalidParameters> {
        Self::between(zone.wall_clock(start), zone.wall_clock(end))
    }

    /// The same of what the clocks on the wall show. Midnights here mean whole days, also where clocks skip midnight.
    ///
    /// # Errors
    /// As for [`Self::new`].
    pub fn between(start: NaiveDateTime, end: NaiveDateTime) -> Result<Self, InvalidParameters> {
        let n = days_between(start, end) + 1;
        let most_days = usize::try_from(n).map_err(|_| InvalidParameters::EndBeforeStart)?;
        let (first_day, last_day) = (start.date(), end.date());
        let previous_last = first_day - Days::new(1);
        Ok(Self {
            most_days,
            current: DayRange { first: first_day, last: last_day },
            previous: DayRange { first: previous_last - Days::new(most_days as u64), last: previous_last },
            yesterday: last_day - Days::new(1),
            last_day,
        })
    }

    /// The days of both windows. They are neighbours, so this is one range.
    pub fn days(&self) -> DayRange {
        DayRange { first: self.previous.first, last: self.previous.last.max(self.current.last) }
    }
}

/// Whole days from `start` to `end`, towards zero (contract section 7).
pub(super) fn days_between(start: NaiveDateTime, end: NaiveDateTime) -> i64 {
    (end - start).num_days()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dashboard::instant::parse_iso_string;

    #[test]
    fn n_is_counted_on_the_wall_clock_and_rounds_towards_zero() {
        let n = |start: &str, end: &str, zone: &str| {
            let (start, end) = (parse_iso_string(start).expect("start"), parse_iso_string(end).expect("end"));
            Period::new(start, end, &zone.parse().expect("zone")).map(|period| period.most_days)
        };
        for (start, end, zone, expected) in [
            ("2023-05-20T00:00:00.000Z", "2023-05-30T00:00:00.000Z", "", Ok(11)),
            ("2023-05-20T00:00:00.000Z", "2023-05-20T00:00:00.000Z", "", Ok(1)),
            ("2023-05-20T00:00:00.000Z", "2023-05-20T23:59:59.999Z", "", Ok(1)),
            ("2023-05-20T12:00:00.000Z", "2023-05-21T11:59:59.999Z", "", Ok(1)),
            ("2023-05-20T12:00:00.000Z", "2023-05-19T12:00:00.001Z", "", Ok(1)),
            ("2023-05-20T12:00:00.000Z", "2023-05-19T12:00:00.000Z", "", Ok(0)),
            ("2023-05-20T12:00:00.000Z", "2023-05-18T12:00:00.001Z", "", Ok(0)),
            ("2023-05-20T12:00:00.000Z", "2023-05-18T12:00:00.000Z", "", Err(InvalidParameters::EndBeforeStart)),
            // The day of the change has 23 hours; on the wall clock it is a whole day.
            ("2023-03-25T23:00:00.000Z", "2023-03-26T22:00:00.000Z", "Europe/Berlin", Ok(2)),
            ("2023-03-25T23:00:00.000Z", "2023-03-26T22:00:00.000Z", "", Ok(1)),
            ("0000-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z", "", Ok(3_652_425)),
        ] {
            assert_eq!(n(start, end, zone), expected, "{start} {end} {zone}");
        }
    }
}
