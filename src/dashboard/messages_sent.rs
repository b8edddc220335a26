//! The answer: what a period's days with messages come to (contract sections 1 and 7). Pure.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    instant::iso_string,
    period::{DayRange, Period},
    succeeded,
};
use crate::time_zone::TimeZone;

/// Messages per calendar day. Days without messages are absent.
pub type DayCounts = BTreeMap<NaiveDate, u64>;

/// The messages of a period.
// The order of the fields is the order of the keys on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MessagesSent {
    /// The days with messages, newest first: at most as many as the days from `start` to `end`, rounded down, and one.
    days: Vec<Day>,
    /// The messages of all of `days`, compared with those of the days before the period: one day more than `days` may
    /// have, of which the newest with messages count, as many as `days` may have.
    period: Comparison,
    /// The entry in `days` for the day before that of `end`, else 0, even if there were messages on it; and by how much
    /// the entry for the day of `end`, else 0, exceeds it.
    yesterday: Comparison,
    #[schema(schema_with = succeeded)]
    success: bool,
}

/// A day with messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
struct Day {
    /// The day's midnight in the server's time zone, as `toISOString()` writes it.
    #[schema(format = DateTime)]
    day: String,
    messages: u64,
}

/// A count, and a difference to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Comparison {
    /// The count.
    pub count: u64,
    /// By how much it is more than the other, or less.
    pub variation: i64,
}

impl Comparison {
    /// Compares two counts.
    pub fn new(count: u64, compared_with: u64) -> Self {
        Self { count, variation: count.cast_signed() - compared_with.cast_signed() }
    }
}

/// What the two windows of a period come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The days of the period that have messages, newest first, cut to the contract's n.
    pub days: Vec<(NaiveDate, u64)>,
    /// The same of the days before it, which it is compared with.
    pub previous: Vec<(NaiveDate, u64)>,
    /// All messages of the days, and how many more those are than of the previous ones.
    pub period: Comparison,
    /// The messages of the day before the last, and how many more the last day has.
    pub yesterday: Comparison,
}

impl Summary {
    /// Computes it from the counts of all of [`Period::days`].
    pub fn new(period: &Period, counts: &DayCounts) -> Self {
        let days = newest(counts, period.current, period.most_days);
        let previous = newest(counts, period.previous, period.most_days);
        let sum = |days: &[(NaiveDate, u64)]| days.iter().map(|(_, messages)| messages).sum();
        let messages_of = |day| days.iter().find(|entry| entry.0 == day).map_or(0, |entry| entry.1);
        let yesterday = messages_of(period.yesterday);
        Self {
            period: Comparison::new(sum(&days), sum(&previous)),
            yesterday: Comparison { count: yesterday, ..Comparison::new(messages_of(period.last_day), yesterday) },
            days,
            previous,
        }
    }
}

impl MessagesSent {
    /// Computes the answer from the counts of all of [`Period::days`].
    pub fn new(period: &Period, counts: &DayCounts, zone: &TimeZone) -> Self {
        let summary = Summary::new(period, counts);
        Self::of(&summary, &summary.days, zone)
    }

    /// The answer that lists these days, which may hold empty ones as well.
    pub fn of(summary: &Summary, days: &[(NaiveDate, u64)], zone: &TimeZone) -> Self {
        let day = |&(day, messages): &_| Day { day: iso_string(zone.start_of(day)), messages };
        Self {
            days: days.iter().map(day).collect(),
            period: summary.period,
            yesterday: summary.yesterday,
            success: true,
        }
    }
}

/// The newest days with messages in a window, newest first, at most `most`; 0 is no limit.
fn newest(counts: &DayCounts, window: DayRange, most: usize) -> Vec<(NaiveDate, u64)> {
    if window.first > window.last {
        return Vec::new();
    }
    let most = if most == 0 { usize::MAX } else { most };
    let days = counts.range(window.first..=window.last).rev();
    days.filter(|(_, messages)| **messages > 0).take(most).map(|(&day, &messages)| (day, messages)).collect()
}
