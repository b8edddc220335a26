//! Numbers by day, whatever is counted: what every report but that of hours and rooms lists. Pure.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::time_zone::TimeZone;

/// What is counted, in words.
#[derive(Debug, PartialEq, Eq)]
pub struct Words {
    /// The title of a table.
    pub title: &'static str,
    /// The head of a column for people.
    pub column: &'static str,
    /// The same for machines.
    pub key: &'static str,
    /// What stands behind a number in a title.
    pub counted: &'static str,
    /// What a day has.
    pub things: &'static str,
}

/// Messages.
pub const MESSAGES: Words =
    Words { title: "Messages sent", column: "Messages", key: "messages", counted: "messages sent", things: "messages" };

/// Users by the day on which they were created.
pub const NEW_USERS: Words =
    Words { title: "New users", column: "Users", key: "users", counted: "new users", things: "new users" };

/// Users by the days on which they were active.
pub const ACTIVE_USERS: Words =
    Words { title: "Active users", column: "Users", key: "users", counted: "active users", things: "active users" };

/// Numbers by day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Daily {
    /// What they are numbers of.
    pub of: &'static Words,
    /// The zone of the days.
    pub zone: TimeZone,
    /// The first day that is looked at.
    pub first: NaiveDate,
    /// The last one.
    pub last: NaiveDate,
    /// The days that are listed, oldest first; among them empty ones if that is wanted.
    pub days: Vec<(NaiveDate, u64)>,
}

impl Daily {
    /// Lists all days that are looked at, the empty ones as well.
    pub fn fill(&mut self) {
        let numbers: BTreeMap<_, _> = self.days.iter().copied().collect();
        let days = self.first.iter_days().take_while(|day| *day <= self.last);
        let days = days.filter(|day| self.zone.has(*day));
        self.days = days.map(|day| (day, numbers.get(&day).copied().unwrap_or_default())).collect();
    }

    /// What is counted, and of which days.
    pub fn title(&self) -> String {
        format!("{}, {}", self.of.title, self.range())
    }

    /// The days that are looked at.
    pub fn range(&self) -> String {
        range(self.first, self.last, &self.zone)
    }
}

/// Days in words.
pub fn range(first: NaiveDate, last: NaiveDate, zone: &TimeZone) -> String {
    format!("{first} to {last} ({zone})")
}
