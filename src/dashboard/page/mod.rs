//! What the page asks for, and what it is answered: whole calendar days, as texts. Pure.

pub mod context;
pub mod messages;
pub mod people;
pub mod question;

use chrono::NaiveDate;
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use super::period::DayRange;

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

impl Serialize for DayText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}
