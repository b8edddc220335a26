//! The period that a request asks about, and the two windows of calendar days that follow from it.
//!
//! Parsed from the query string at the edge (contract section 6); all date arithmetic of the answer is here and in
//! [`super::messages_sent`] (contract section 7). Pure: the time zone is an argument, no clock is read.

use std::ops::Range;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, Utc};

use crate::{query_string::QueryString, time_zone::TimeZone};

/// Why the parameters make no period. The texts are those of the 400 answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPeriod {
    /// A parameter is there and is no valid date.
    #[error("Match error: Failed Match.Where validation in field {0}")]
    NoDate(&'static str),
    /// A parameter is missing.
    #[error("Match error: Missing key '{0}'")]
    Missing(&'static str),
    /// The end lies two days or more before the start.
    #[error("The end of the period lies two days or more before its start")]
    EndBeforeStart,
}

/// Calendar days, both ends included. Empty if `first` is later than `last`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayRange {
    /// The oldest day.
    pub first: NaiveDate,
    /// The newest day.
    pub last: NaiveDate,
}

impl DayRange {
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
    pub fn from_query(query: &QueryString<'_>, zone: &TimeZone) -> Result<Self, InvalidPeriod> {
        let (mut start, mut end) = (None, None);
        for (name, value) in query.parameters() {
            let (field, date) = match name {
                "start" => ("start", &mut start),
                "end" => ("end", &mut end),
                _ => continue,
            };
            *date = Some(value.text().and_then(parse_iso_string).ok_or(InvalidPeriod::NoDate(field))?);
        }
        let start = start.ok_or(InvalidPeriod::Missing("start"))?;
        let end = end.ok_or(InvalidPeriod::Missing("end"))?;
        Self::new(start, end, zone)
    }

    /// Computes the windows of `start` and `end` (contract section 7).
    ///
    /// # Errors
    /// [`InvalidPeriod::EndBeforeStart`] if the contract's n is less than 0.
    pub fn new(start: DateTime<Utc>, end: DateTime<Utc>, zone: &TimeZone) -> Result<Self, InvalidPeriod> {
        Self::between(zone.wall_clock(start), zone.wall_clock(end))
    }

    /// The same of what the clocks on the wall show. Midnights here mean whole days, also where clocks skip midnight.
    ///
    /// # Errors
    /// As for [`Self::new`].
    pub fn between(start: NaiveDateTime, end: NaiveDateTime) -> Result<Self, InvalidPeriod> {
        // `num_days` rounds towards zero, as the contract asks.
        let n = (end - start).num_days() + 1;
        let most_days = usize::try_from(n).map_err(|_| InvalidPeriod::EndBeforeStart)?;
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

/// Reads a string that is what JavaScript's `toISOString()` gives for some instant of the years 0000 to 9999.
pub fn parse_iso_string(text: &str) -> Option<DateTime<Utc>> {
    let shape = b"dddd-dd-ddTdd:dd:dd.dddZ";
    let fits = |(byte, shape): (u8, &u8)| if *shape == b'd' { byte.is_ascii_digit() } else { byte == *shape };
    if text.len() != shape.len() || !text.bytes().zip(shape).all(fits) {
        return None;
    }
    let number = |place: Range<usize>| text.get(place)?.parse::<u32>().ok();
    let date = NaiveDate::from_ymd_opt(number(0..4)?.try_into().ok()?, number(5..7)?, number(8..10)?)?;
    let time = date.and_hms_milli_opt(number(11..13)?, number(14..16)?, number(17..19)?, number(20..23)?)?;
    Some(time.and_utc())
}

/// What JavaScript's `toISOString()` gives: UTC with milliseconds; years outside 0000 to 9999 with a sign and six
/// digits.
pub fn iso_string(instant: DateTime<Utc>) -> String {
    let rest = instant.format("-%m-%dT%H:%M:%S%.3fZ");
    match instant.year() {
        year @ 0..=9999 => format!("{year:04}{rest}"),
        year => format!("{year:+07}{rest}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_javascript_would_write_is_a_date() {
        for text in [
            "2023-05-20T00:00:00.000Z",
            "0000-01-01T00:00:00.000Z",
            "9999-12-31T23:59:59.999Z",
            "2024-02-29T12:30:00.001Z",
        ] {
            assert_eq!(parse_iso_string(text).map(iso_string).as_deref(), Some(text));
        }
        for text in [
            "",
            "2023-05-20",
            "2023-05-20T00:00:00Z",
            "2023-05-20T00:00:00.000z",
            "2023-05-20t00:00:00.000Z",
            "2023-05-20 00:00:00.000Z",
            "2023-05-20T00:00:00.000+00:00",
            "2023-02-29T00:00:00.000Z",
            "2023-13-01T00:00:00.000Z",
            "2023-05-00T00:00:00.000Z",
            "2023-05-20T24:00:00.000Z",
            "2023-05-20T23:60:00.000Z",
            "2016-12-31T23:59:60.000Z",
            "+002023-05-20T00:00:00.000Z",
            "-000001-01-01T00:00:00.000Z",
            " 2023-05-20T00:00:00.000Z",
            "2023-05-20T00:00:00.000Z\n",
            "２023-05-20T00:00:00.00Z",
        ] {
            assert_eq!(parse_iso_string(text), None, "{text:?}");
        }
    }

    #[test]
    fn years_beyond_four_digits_are_written_as_javascript_does() {
        let instant =
            |year| NaiveDate::from_ymd_opt(year, 1, 1).and_then(|day| day.and_hms_opt(0, 0, 0)).map(|at| at.and_utc());
        assert_eq!(instant(10_000).map(iso_string).as_deref(), Some("+010000-01-01T00:00:00.000Z"));
        assert_eq!(instant(-1).map(iso_string).as_deref(), Some("-000001-01-01T00:00:00.000Z"));
        assert_eq!(instant(5).map(iso_string).as_deref(), Some("0005-01-01T00:00:00.000Z"));
    }

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
            ("2023-05-20T12:00:00.000Z", "2023-05-18T12:00:00.000Z", "", Err(InvalidPeriod::EndBeforeStart)),
            // The day of the change has 23 hours; on the wall clock it is a whole day.
            ("2023-03-25T23:00:00.000Z", "2023-03-26T22:00:00.000Z", "Europe/Berlin", Ok(2)),
            ("2023-03-25T23:00:00.000Z", "2023-03-26T22:00:00.000Z", "", Ok(1)),
            ("0000-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z", "", Ok(3_652_425)),
        ] {
            assert_eq!(n(start, end, zone), expected, "{start} {end} {zone}");
        }
    }
}
