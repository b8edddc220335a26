//! The answers about when people are there: `users/chat-busier/hourly-data`, `users/chat-busier/weekly-data` and
//! `users/users-by-time-of-the-day-in-a-week` (contract section 14). Pure.

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    parameters::{Given, InvalidParameters, Parameter, START_AND_END},
    period::DayRange,
    succeeded,
};
use crate::{query_string::QueryString, time_zone::TimeZone};

/// The instant up to which, or the day up to which, is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UpTo(pub DateTime<Utc>);

impl UpTo {
    /// Reads `start`, the only parameter of these paths.
    ///
    /// # Errors
    /// It is missing or no date.
    pub fn from_query(query: &QueryString<'_>, _: &TimeZone) -> Result<Self, InvalidParameters> {
        Given::read(query, &[Parameter::Date("start")])?.date("start").map(Self)
    }

    /// The day of the instant and the seven days before it.
    pub fn eight_days(self, zone: &TimeZone) -> DayRange {
        let last = zone.date(self.0);
        DayRange { first: last - Days::new(7), last }
    }
}

/// Two instants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instants {
    /// The first.
    pub start: DateTime<Utc>,
    /// The last.
    pub end: DateTime<Utc>,
}

impl Instants {
    /// Reads `start` and `end`.
    ///
    /// # Errors
    /// One is missing or no date.
    pub fn from_query(query: &QueryString<'_>, _: &TimeZone) -> Result<Self, InvalidParameters> {
        let given = Given::read(query, &START_AND_END)?;
        Ok(Self { start: given.date("start")?, end: given.date("end")? })
    }
}

/// People by every second hour of 24.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = HourlyData)]
pub struct Slots {
    /// All twelve, the latest first; none if there was no session.
    #[schema(max_items = 12)]
    hours: Vec<Slot>,
    #[schema(schema_with = succeeded)]
    success: bool,
}

/// An even hour of the day (UTC).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = HourOfPeople)]
struct Slot {
    /// Different people whose session goes over the hour.
    users: u64,
    #[schema(maximum = 22)]
    hour: u32,
}

impl Slots {
    /// Of the numbers of people at 0, 2, 4, … o'clock, if there was any session.
    pub fn new(users: Option<[u64; 12]>) -> Self {
        let slots = users.into_iter().flatten().zip((0..).step_by(2));
        let mut hours: Vec<_> = slots.map(|(users, hour)| Slot { users, hour }).collect();
        hours.reverse();
        Self { hours, success: true }
    }
}

/// People by day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct WeeklyData {
    /// The days with people, newest first.
    #[schema(max_items = 8)]
    month: Vec<DayOfPeople>,
    #[schema(schema_with = succeeded)]
    success: bool,
}

/// A day with people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DayOfPeople {
    #[schema(minimum = 1)]
    users: u64,
    day: u32,
    month: u32,
    year: i32,
}

impl DayOfPeople {
    /// Of a day of the calendar.
    pub fn new(date: NaiveDate, users: u64) -> Self {
        Self { users, day: date.day(), month: date.month(), year: date.year() }
    }
}

impl WeeklyData {
    /// Of days, newest first.
    pub fn new(days: Vec<DayOfPeople>) -> Self {
        Self { month: days, success: true }
    }
}

/// People by hour of each day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TimeOfDay {
    /// The hours with people, newest first.
    week: Vec<HourOfDay>,
    #[schema(schema_with = succeeded)]
    success: bool,
}

/// An hour with people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct HourOfDay {
    #[schema(minimum = 1)]
    users: u64,
    /// The hour (UTC).
    #[schema(maximum = 23)]
    hour: u32,
    /// The day, month and year that Rocket.Chat has noted for the sessions, in its own time zone.
    day: i64,
    month: i64,
    year: i64,
}

impl HourOfDay {
    /// Of year, month and day as they are noted.
    pub fn new([year, month, day]: [i64; 3], hour: u32, users: u64) -> Self {
        Self { users, hour, day, month, year }
    }

    /// Year, month and day as they are noted, the hour, and how many people.
    pub fn parts(&self) -> ([i64; 3], u32, u64) {
        ([self.year, self.month, self.day], self.hour, self.users)
    }
}

impl TimeOfDay {
    /// Of hours, newest first.
    pub fn new(hours: Vec<HourOfDay>) -> Self {
        Self { week: hours, success: true }
    }
}
