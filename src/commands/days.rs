//! `--start`, `--end`, `--last`: which days a command is about.

use chrono::{DateTime, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use clap::Args;

use crate::{dashboard::period::Period, time_zone::TimeZone};

/// The most days or months that `--last` takes: a hundred years.
const MOST_DAYS: u32 = 36_600;
const MOST_MONTHS: u32 = 1_200;

/// Which days.
#[derive(Debug, Args)]
pub struct Range {
    /// The first day, like 2026-05-01, or an instant, like 2026-05-01T12:00:00Z.
    #[arg(long, value_name = "DATE", conflicts_with = "last")]
    start: Option<String>,
    /// The last day, all of it, or an instant [default: today].
    #[arg(long, value_name = "DATE", requires = "start")]
    end: Option<String>,
    /// Instead of both: so many days or months up to today, like 7d, 30d, 90d or 12m.
    #[arg(long, value_name = "LENGTH", default_value = "30d")]
    last: String,
}

/// Why that is no range of days.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRange {
    /// Neither a date nor an instant.
    #[error("{0} {1:?}: write a date like 2026-05-01, or an instant like 2026-05-01T12:00:00Z")]
    NoDate(&'static str, String),
    /// No length.
    #[error("--last {0:?}: write a number of days or months, like 7d, 30d, 90d or 12m; a hundred years at the most")]
    NoLength(String),
    /// The wrong way round.
    #[error("--start {0} is later than --end {1}: exchange the two")]
    StartAfterEnd(String, String),
    /// It has not come yet, and no end was given.
    #[error("--start {0} is later than today, {1}, the default of --end: begin earlier")]
    StartAfterToday(String, NaiveDate),
}

impl Range {
    /// The period with its windows, seen from `now`. Dates alone mean whole days of the zone.
    ///
    /// # Errors
    /// What was written makes no range of days.
    pub fn period(&self, zone: &TimeZone, now: DateTime<Utc>) -> Result<Period, InvalidRange> {
        let today = zone.date(now);
        let end = match &self.end {
            None => last_moment(today),
            Some(end) => {
                wall_clock(end, zone, last_moment).ok_or_else(|| InvalidRange::NoDate("--end", end.clone()))?
            }
        };
        let Some(start) = &self.start else {
            let first = first_of(&self.last, today).ok_or_else(|| InvalidRange::NoLength(self.last.clone()))?;
            return Period::between(midnight(first), end).map_err(|_| InvalidRange::NoLength(self.last.clone()));
        };
        let no_date = || InvalidRange::NoDate("--start", start.clone());
        let begin = wall_clock(start, zone, midnight).ok_or_else(no_date)?;
        let period = Period::between(begin, end).ok().filter(|_| begin <= end);
        period.ok_or_else(|| match &self.end {
            Some(end) => InvalidRange::StartAfterEnd(start.clone(), end.clone()),
            None => InvalidRange::StartAfterToday(start.clone(), today),
        })
    }
}

fn midnight(day: NaiveDate) -> NaiveDateTime {
    day.and_time(NaiveTime::MIN)
}

fn last_moment(day: NaiveDate) -> NaiveDateTime {
    midnight(day) + TimeDelta::days(1) - TimeDelta::milliseconds(1)
}

/// The first of the days that `--last` names.
fn first_of(length: &str, today: NaiveDate) -> Option<NaiveDate> {
    let (number, unit) = length.split_at_checked(length.len().checked_sub(1)?)?;
    let is_number = number.bytes().all(|digit| digit.is_ascii_digit());
    let number = number.parse().ok().filter(|number| is_number && *number >= 1)?;
    match unit {
        "d" if number <= MOST_DAYS => Some(today - Days::new(u64::from(number) - 1)),
        "m" if number <= MOST_MONTHS => Some(today - Months::new(number) + Days::new(1)),
        _ => None,
    }
}

/// What the clocks on the wall show: at an instant, or at the moment of a day that `of_day` gives.
fn wall_clock(text: &str, zone: &TimeZone, of_day: fn(NaiveDate) -> NaiveDateTime) -> Option<NaiveDateTime> {
    // chrono reads years of other lengths as well, and spaces.
    let shape = b"dddd-dd-dd";
    let fits = |(byte, shape): (u8, &u8)| if *shape == b'd' { byte.is_ascii_digit() } else { byte == *shape };
    let begins_with_date = text.len() >= shape.len() && text.bytes().zip(shape).all(fits);
    let date = || text.parse().ok().map(of_day);
    let instant = || DateTime::parse_from_rfc3339(text).ok().map(|at| zone.wall_clock(at.to_utc()));
    begins_with_date.then(|| date().or_else(instant)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(arguments: [Option<&str>; 3], zone: &str) -> Result<(String, String, usize), InvalidRange> {
        let [start, end, last] = arguments.map(|argument| argument.map(str::to_owned));
        let range = Range { start, end, last: last.unwrap_or_else(|| "30d".to_owned()) };
        // In Berlin it is the 11th already.
        let now = "2026-03-10T23:30:00Z".parse().expect("an instant");
        let period = range.period(&zone.parse().expect("a zone"), now)?;
        Ok((period.current.first.to_string(), period.current.last.to_string(), period.most_days))
    }

    #[test]
    fn days_are_whole_days_of_the_zone() {
        for (arguments, zone, expected) in [
            ([None, None, None], "UTC", ("2026-02-09", "2026-03-10", 30)),
            ([None, None, None], "Europe/Berlin", ("2026-02-10", "2026-03-11", 30)),
            ([None, None, Some("7d")], "UTC", ("2026-03-04", "2026-03-10", 7)),
            ([None, None, Some("1d")], "UTC", ("2026-03-10", "2026-03-10", 1)),
            ([None, None, Some("12m")], "UTC", ("2025-03-11", "2026-03-10", 365)),
            ([None, None, Some("1m")], "Europe/Berlin", ("2026-02-12", "2026-03-11", 28)),
            ([Some("2023-05-20"), Some("2023-05-30"), None], "UTC", ("2023-05-20", "2023-05-30", 11)),
            ([Some("2026-03-01"), None, None], "UTC", ("2026-03-01", "2026-03-10", 10)),
            ([Some("2026-03-10T12:00:00Z"), None, None], "UTC", ("2026-03-10", "2026-03-10", 1)),
            // The first day has no midnight.
            ([Some("2018-11-04"), Some("2018-11-10"), None], "America/Sao_Paulo", ("2018-11-04", "2018-11-10", 7)),
            (
                [Some("2023-05-20T22:00:00Z"), Some("2023-05-30"), None],
                "Europe/Berlin",
                ("2023-05-21", "2023-05-30", 10),
            ),
            ([Some("2023-05-20T12:00:00Z"), Some("2023-05-30"), None], "UTC", ("2023-05-20", "2023-05-30", 11)),
            ([Some("2026-03-05T12:00:00Z"), None, None], "UTC", ("2026-03-05", "2026-03-10", 6)),
            (
                [Some("2023-05-20T12:00:00.000Z"), Some("2023-05-21T11:00:00+02:00"), None],
                "UTC",
                ("2023-05-20", "2023-05-21", 1),
            ),
        ] {
            let expected = (expected.0.to_owned(), expected.1.to_owned(), expected.2);
            assert_eq!(period(arguments, zone), Ok(expected), "{arguments:?} {zone}");
        }
    }

    #[test]
    fn anything_else_is_refused_with_what_would_be_right() {
        for text in [
            "",
            "yesterday",
            "2023-5-20",
            "2023-05-32",
            " 2023-05-20",
            "+12023-05-20",
            "20230520",
            "2023-05-20T12:00",
            "２023-05-20",
        ] {
            let refused = period([Some(text), Some("2023-05-30"), None], "UTC").expect_err(text);
            assert_eq!(refused, InvalidRange::NoDate("--start", text.to_owned()));
            let refused = period([Some("2023-05-20"), Some(text), None], "UTC").expect_err(text);
            assert_eq!(refused, InvalidRange::NoDate("--end", text.to_owned()));
        }
        for text in ["", "d", "7", "0d", "-7d", "+7d", "7w", "7 d", "36601d", "1201m", "99999999999d", "7é", "é"] {
            let refused = period([None, None, Some(text)], "UTC").expect_err(text);
            assert_eq!(refused, InvalidRange::NoLength(text.to_owned()));
        }
        for (start, end) in [
            ("2023-05-30", "2023-05-20"),
            ("2023-05-30T12:00:00Z", "2023-05-30T11:00:00Z"),
            ("2026-03-12", "2026-03-11"),
        ] {
            let refused = period([Some(start), Some(end), None], "UTC").expect_err(start);
            assert_eq!(refused, InvalidRange::StartAfterEnd(start.to_owned(), end.to_owned()));
        }
        let refused = period([Some("2026-03-11"), None, None], "UTC").expect_err("tomorrow");
        let today = NaiveDate::from_ymd_opt(2026, 3, 10).expect("today");
        assert_eq!(refused, InvalidRange::StartAfterToday("2026-03-11".to_owned(), today));
        assert!(period([Some("0000-01-01"), Some("9999-12-31"), None], "Pacific/Apia").is_ok());
    }
}
