//! The report of who was active: numbers by day, and no ids. Pure.

use super::{
    daily::{ACTIVE_USERS, Daily},
    layout::Paper,
    table,
};
use crate::{
    commands::console::counted,
    dashboard::{active_users::ActiveUsers, period::DayRange},
    time_zone::TimeZone,
};

/// How many people were active.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Active {
    /// On each day.
    pub daily: Daily,
    /// On any of them.
    pub people: u64,
}

impl Active {
    /// Of the endpoint's answer for some days.
    pub fn new(answer: &ActiveUsers, DayRange { first, last }: DayRange, zone: TimeZone) -> Self {
        let mut days: Vec<_> = answer.days().collect();
        days.reverse();
        Self { daily: Daily { of: &ACTIVE_USERS, zone, first, last, days }, people: answer.people() }
    }

    /// As a table for people.
    pub fn table(&self, paper: Paper) -> String {
        let title = paper.prose(&format!("{}\n\n", self.daily.title()));
        let below = format!("\nIn all: {}, each counted once\n", counted(self.people, "user"));
        title + &table::by_day(&self.daily, paper) + &paper.prose(&below)
    }
}
