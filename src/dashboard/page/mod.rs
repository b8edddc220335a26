//! What the page asks for, and what it is answered: whole calendar days, as texts. Pure.

pub mod context;
pub mod messages;
pub mod people;
pub mod question;

use chrono::{Datelike, NaiveDate};
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use super::{instant::digit, period::DayRange};

/// Both ends of a window of days, as texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PageDays {
    /// The first day.
    #[schema(format = Date)]
    start: String,
    /// The last day.
    #[schema(format = Date)]
    end: String,
}

impl From<DayRange> for PageDays {
    fn from(days: DayRange) -> Self {
        Self { start: text(days.first), end: text(days.last) }
    }
}

/// A day as `YYYY-MM-DD`.
pub(crate) fn text(day: NaiveDate) -> String {
    day.to_string()
}

/// The same, written where it is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct DayText(NaiveDate);

impl DayText {
    /// The text of a day of the years 0 to 9999. Thousands are in an answer, and chrono's formatter takes each character on its own.
    fn ascii(self) -> Option<[u8; 10]> {
        let year = u64::try_from(self.0.year()).ok().filter(|year| *year <= 9999)?;
        let (month, day) = (self.0.month().into(), self.0.day().into());
        Some([
            digit(year, 1000),
            digit(year, 100),
            digit(year, 10),
            digit(year, 1),
            b'-',
            digit(month, 10),
            digit(month, 1),
            b'-',
            digit(day, 10),
            digit(day, 1),
        ])
    }
}

impl Serialize for DayText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.ascii() {
            Some(text) => serializer.serialize_str(std::str::from_utf8(&text).unwrap_or_default()),
            None => serializer.collect_str(&self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::Days;
    use serde_json::json;

    use super::*;

    #[test]
    fn each_day_is_written_as_chrono_writes_it() {
        let first = NaiveDate::from_ymd_opt(-2, 1, 1).expect("a day");
        let last = NaiveDate::from_ymd_opt(10_001, 12, 31).expect("a day");
        for day in first.iter_days().step_by(61).take_while(|day| *day <= last) {
            assert_eq!(json!(DayText(day)), json!(day.to_string()));
        }
        assert_eq!(json!(DayText(NaiveDate::default() + Days::new(58))), json!("1970-02-28"));
    }
}
