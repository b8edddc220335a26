//! The answer: what a period's days with messages come to (contract sections 1 and 7). Pure.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;

use crate::{
    period::{DayRange, Period, iso_string},
    time_zone::TimeZone,
};

/// Messages per calendar day. Days without messages are absent.
pub type DayCounts = BTreeMap<NaiveDate, u64>;

/// The body of a 200 answer. The order of the fields is the order of the keys on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MessagesSent {
    days: Vec<Day>,
    period: Comparison,
    yesterday: Comparison,
    success: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Day {
    /// The day's local midnight, as `toISOString()` writes it.
    day: String,
    messages: u64,
}

/// A count, and by how much it exceeds what it is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
struct Comparison {
    count: u64,
    variation: i64,
}

impl Comparison {
    fn new(count: u64, compared_with: u64) -> Self {
        Self { count, variation: count.cast_signed() - compared_with.cast_signed() }
    }
}

impl MessagesSent {
    /// Computes the answer from the counts of all of [`Period::days`].
    pub fn new(period: &Period, counts: &DayCounts, zone: TimeZone) -> Self {
        let current = newest(counts, period.current, period.most_days);
        let previous = newest(counts, period.previous, period.most_days);
        let sum = |days: &[(NaiveDate, u64)]| days.iter().map(|(_, messages)| messages).sum();
        let messages_of = |day| current.iter().find(|entry| entry.0 == day).map_or(0, |entry| entry.1);
        let yesterday = messages_of(period.yesterday);
        Self {
            period: Comparison::new(sum(&current), sum(&previous)),
            yesterday: Comparison { count: yesterday, ..Comparison::new(messages_of(period.last_day), yesterday) },
            days: current
                .iter()
                .map(|&(day, messages)| Day { day: iso_string(zone.start_of(day)), messages })
                .collect(),
            success: true,
        }
    }
}

/// The newest days with messages in a window, newest first, at most `most`.
fn newest(counts: &DayCounts, window: DayRange, most: usize) -> Vec<(NaiveDate, u64)> {
    if window.first > window.last {
        return Vec::new();
    }
    let days = counts.range(window.first..=window.last).rev();
    days.filter(|(_, messages)| **messages > 0).take(most).map(|(&day, &messages)| (day, messages)).collect()
}
