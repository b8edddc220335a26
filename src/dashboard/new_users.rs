//! The answer of `users/new-users`: users created per day (contract section 13). Pure.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    instant::iso_string,
    messages_sent::{Comparison, DayCounts, Summary},
    period::Period,
    succeeded,
};
use crate::time_zone::TimeZone;

/// The users that were created in a period.
// The order of the fields is the order of the keys on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct NewUsers {
    /// The days on which users were created, newest first: at most as many as the days from `start` to `end`, rounded down, and one.
    days: Vec<Day>,
    /// The users of all of `days`, compared with those of the days before the period.
    period: Comparison,
    /// The entry in `days` for the day before that of `end`, else 0; and by how much the entry for the day of `end`, else 0, exceeds it.
    yesterday: Comparison,
    #[schema(schema_with = succeeded)]
    success: bool,
}

/// A day on which users were created.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = DayOfNewUsers)]
struct Day {
    /// The day's midnight in the server's time zone, as `toISOString()` writes it.
    #[schema(format = DateTime)]
    day: String,
    #[schema(minimum = 1)]
    users: u64,
}

impl NewUsers {
    /// Computes the answer from the users of each day: the same windows, cut and comparisons as those of messages.
    pub fn new(period: &Period, counts: &DayCounts, zone: &TimeZone) -> Self {
        let summary = Summary::new(period, counts);
        Self::of(&summary, &summary.days, zone)
    }

    /// The answer that lists these days, which may hold empty ones as well.
    pub fn of(summary: &Summary, days: &[(NaiveDate, u64)], zone: &TimeZone) -> Self {
        let day = |&(day, users): &_| Day { day: iso_string(zone.start_of(day)), users };
        let Summary { period, yesterday, .. } = *summary;
        Self { days: days.iter().map(day).collect(), period, yesterday, success: true }
    }
}
