//! The parameters of the page's data. Pure.

use chrono::{Days, NaiveDate};

use crate::{
    dashboard::{
        breakdown::BreakdownDays,
        parameters::{InvalidParameters, InvalidQuestion, MOST_DAYS},
        period::DayRange,
    },
    query_string::{QueryString, Value},
    time_zone::TimeZone,
};

/// A year before a day: the same weekday.
const YEAR: u64 = 364;

/// Which days, and which to compare them with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageQuestion {
    /// The period.
    pub window: DayRange,
    /// The days that it is compared with.
    pub compare: Option<DayRange>,
}

/// The same, of one room or of all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessagesQuestion {
    /// Which days.
    pub days: BreakdownDays,
    /// `_id` of the only room that is asked for.
    pub room: Option<String>,
}

/// No parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoParameters;

/// With what a period is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    /// As many days right before it.
    Previous,
    /// The same weekdays before it: moved by the fewest weeks that leave no day in both.
    Weekdays,
    /// The same weekdays a year before.
    Year,
}

impl Comparison {
    fn days(self, DayRange { first, last }: DayRange) -> DayRange {
        let length = (last - first).num_days().unsigned_abs() + 1;
        let moved = Days::new(match self {
            Self::Previous => length,
            Self::Weekdays => length.div_ceil(7) * 7,
            Self::Year => YEAR,
        });
        DayRange { first: first - moved, last: last - moved }
    }
}

impl PageQuestion {
    /// Reads `start`, `end` and `compare`.
    ///
    /// # Errors
    /// The first that applies, in this order.
    pub fn from_query(query: &QueryString<'_>, _: &TimeZone) -> Result<Self, InvalidParameters> {
        let day = |name| given(query, name).flatten().and_then(day).ok_or(InvalidQuestion::NoDay(name));
        let (first, last) = (day("start")?, day("end")?);
        if last < first {
            return Err(InvalidQuestion::EndBeforeStart.into());
        }
        if (last - first).num_days().unsigned_abs() >= MOST_DAYS {
            return Err(InvalidQuestion::TooLong.into());
        }
        let window = DayRange { first, last };
        let comparison = match given(query, "compare") {
            None => None,
            Some(Some("previous")) => Some(Comparison::Previous),
            Some(Some("weekdays")) => Some(Comparison::Weekdays),
            Some(Some("year")) => Some(Comparison::Year),
            Some(_) => return Err(InvalidQuestion::NoComparison.into()),
        };
        Ok(Self { window, compare: comparison.map(|comparison| comparison.days(window)) })
    }
}

impl MessagesQuestion {
    /// Reads `start`, `end`, `compare` and `room`.
    ///
    /// # Errors
    /// The first that applies, in this order.
    pub fn from_query(query: &QueryString<'_>, zone: &TimeZone) -> Result<Self, InvalidParameters> {
        let PageQuestion { window, compare } = PageQuestion::from_query(query, zone)?;
        let room = match given(query, "room") {
            None => None,
            Some(Some(room)) if !room.is_empty() => Some(room.to_owned()),
            Some(_) => return Err(InvalidQuestion::NoRoom.into()),
        };
        Ok(Self { days: BreakdownDays { window, compare }, room })
    }
}

impl NoParameters {
    /// Reads nothing.
    ///
    /// # Errors
    /// None.
    pub fn from_query(_: &QueryString<'_>, _: &TimeZone) -> Result<Self, InvalidParameters> {
        Ok(Self)
    }
}

/// A parameter, if it is there; and what it says, if it was given once.
fn given<'a>(query: &'a QueryString<'_>, name: &str) -> Option<Option<&'a str>> {
    query.parameters().find(|(given, _)| *given == name).map(|(_, value)| Value::text(value))
}

fn day(text: &str) -> Option<NaiveDate> {
    let has_shape = text.len() == 10
        && text.bytes().enumerate().all(|(place, byte)| match place {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    text.parse().ok().filter(|day: &NaiveDate| has_shape && *day >= NaiveDate::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<MessagesQuestion, String> {
        MessagesQuestion::from_query(&QueryString::parse(query), &TimeZone::UTC).map_err(|error| error.to_string())
    }

    fn range(first: &str, last: &str) -> DayRange {
        DayRange { first: first.parse().expect("a day"), last: last.parse().expect("a day") }
    }

    #[test]
    fn each_comparison_has_its_days() {
        for (days, compare, expected) in [
            (("2026-11-02", "2026-11-08"), "previous", Some(("2026-10-26", "2026-11-01"))),
            (("2026-11-02", "2026-11-08"), "weekdays", Some(("2026-10-26", "2026-11-01"))),
            (("2026-11-25", "2026-11-25"), "previous", Some(("2026-11-24", "2026-11-24"))),
            (("2026-11-25", "2026-11-25"), "weekdays", Some(("2026-11-18", "2026-11-18"))),
            (("2026-10-27", "2026-11-25"), "previous", Some(("2026-09-27", "2026-10-26"))),
            (("2026-10-27", "2026-11-25"), "weekdays", Some(("2026-09-22", "2026-10-21"))),
            (("2024-02-29", "2024-03-01"), "year", Some(("2023-03-02", "2023-03-03"))),
            (("2025-11-26", "2026-11-25"), "year", Some(("2024-11-27", "2025-11-26"))),
            (("1970-01-01", "1970-01-01"), "year", Some(("1969-01-02", "1969-01-02"))),
            (("2026-11-02", "2026-11-08"), "", None),
        ] {
            let parameter = if compare.is_empty() { String::new() } else { format!("&compare={compare}") };
            let read = read(&format!("end={}&start={}{parameter}", days.1, days.0)).expect("a question");
            let expected = expected.map(|(first, last)| range(first, last));
            assert_eq!((read.days.window, read.days.compare), (range(days.0, days.1), expected), "{days:?} {compare}");
        }
    }

    #[test]
    fn what_is_wrong_is_named_with_what_would_be_right() {
        for (query, named) in [
            ("", "start: write one day"),
            ("start=2026-11-01", "end: write one day of"),
            ("start=2026-02-29&end=2026-03-01", "start: "),
            ("start=2026-11-01T00:00:00.000Z&end=2026-11-02", "start: "),
            ("start=2026-11-1&end=2026-11-02", "start: "),
            ("start=+026-11-01&end=2026-11-02", "start: "),
            ("start=1969-12-31&end=2026-11-02", "start: "),
            ("start=2026-11-01&start=2026-11-01&end=2026-11-02", "start: "),
            ("start=2026-11-01&end[]=2026-11-02", "end: "),
            ("start=2026-11-01&end=12026-11-02", "end: "),
            ("start=2026-11-02&end=2026-11-01", "end: write a day that is not before start"),
            ("start=1970-01-01&end=2099-01-01", "end: write a day that is less than 36600 days after start"),
            ("start=2026-11-01&end=2026-11-01&compare=", "compare: "),
            ("start=2026-11-01&end=2026-11-01&compare=Previous", "compare: "),
            ("start=2026-11-01&end=2026-11-01&compare=year&compare=year", "compare: "),
            ("start=2026-11-01&end=2026-11-01&room=", "room: "),
            ("start=2026-11-01&end=2026-11-01&room[$ne]=x", "room: "),
        ] {
            let error = read(query).expect_err(query);
            assert!(error.starts_with(named), "{query}: {error}");
        }
        assert!(read("start=1970-01-01&end=2070-03-16").is_ok(), "36,600 days");
    }
}
