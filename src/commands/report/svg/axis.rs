//! The axis of the days, under charts of either kind.

use std::ops::Range;

use chrono::{Datelike, Days, NaiveDate, Weekday};
use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged};

/// The days from the first to the last; each is as wide as the number one.
#[derive(Debug, Clone, Copy)]
pub struct DayAxis {
    /// The leftmost.
    pub first: NaiveDate,
    /// The rightmost.
    pub last: NaiveDate,
}

impl DayAxis {
    /// How many days there are.
    pub fn days(self) -> i64 {
        (self.last - self.first).num_days() + 1
    }

    /// Whether it has a day.
    pub fn has(self, day: NaiveDate) -> bool {
        (self.first..=self.last).contains(&day)
    }

    /// Where a day begins.
    pub fn place(self, day: NaiveDate) -> f64 {
        (day - self.first).num_days() as f64
    }

    /// What is written below a place.
    pub fn label(self, place: f64) -> String {
        date_label(self.first + Days::new(place.max(0.0) as u64), self.days())
    }
}

impl Ranged for DayAxis {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, day: &f64, (from, to): (i32, i32)) -> i32 {
        from + (f64::from(to - from) * day / self.range().end).round() as i32
    }

    /// The middle of each day that is written at the axis.
    fn key_points<Hint: KeyPointHint>(&self, _: Hint) -> Vec<f64> {
        labelled(self.first, self.last).map(|day| self.place(day) + 0.5).collect()
    }

    fn range(&self) -> Range<f64> {
        0.0..self.days() as f64
    }
}

/// The days that are written at the axis: each, Mondays, first of months, of quarters or of years.
fn labelled(first: NaiveDate, last: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    let days = (last - first).num_days() + 1;
    let years = i64::from(last.year() - first.year()) / 20 + 1;
    let is_labelled = move |day: &NaiveDate| match days {
        ..=14 => true,
        15..=100 => day.weekday() == Weekday::Mon,
        101..=500 => day.day() == 1,
        501..=1500 => day.day() == 1 && day.month0().is_multiple_of(3),
        _ => day.ordinal() == 1 && i64::from(day.year()) % years == 0,
    };
    first.iter_days().take_while(move |day| *day <= last).filter(is_labelled)
}

fn date_label(day: NaiveDate, days: i64) -> String {
    let format = match days {
        ..=100 => "%-d %b",
        101..=1500 => "%b %Y",
        _ => "%Y",
    };
    day.format(format).to_string()
}
