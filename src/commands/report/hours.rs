//! The report of when people are there: a grid of days and hours (UTC). Pure.

use std::{collections::BTreeMap, io};

use chrono::NaiveDate;

use super::{
    daily::range,
    data::{harmless, written},
    layout::{Align, Paper, Row},
    table,
};
use crate::{
    commands::console::grouped,
    dashboard::{busy_times::HourOfDay, period::DayRange},
    time_zone::TimeZone,
};

/// What the grid shows, in words.
pub const TITLE: &str = "People by hour (UTC) and day";

/// The columns of a day's name and of 24 hours with two each, and what is behind both.
const WIDE: usize = 14 + 2 + 48 + 2;

/// Year, month and day as Rocket.Chat has noted them, which may be no date of the calendar.
pub type Noted = [i64; 3];

/// How many people were there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hours {
    /// The zone of the days.
    pub zone: TimeZone,
    /// The days on which the sessions began.
    pub range: DayRange,
    /// The days that have people, oldest first, each with its 24 hours.
    pub days: BTreeMap<Noted, [u64; 24]>,
}

impl Hours {
    /// Of the endpoint's answer for some days.
    pub fn new(answer: &[HourOfDay], range: DayRange, zone: TimeZone) -> Self {
        let mut days: BTreeMap<_, [u64; 24]> = BTreeMap::new();
        for (noted, hour, users) in answer.iter().map(HourOfDay::parts) {
            if let Some(slot) = days.entry(noted).or_default().get_mut(hour as usize) {
                *slot = users;
            }
        }
        Self { zone, range, days }
    }

    /// The hours that have people, oldest first.
    fn filled(&self) -> impl Iterator<Item = (Noted, u32, u64)> {
        let hours =
            self.days.iter().flat_map(|(noted, hours)| (0..).zip(hours).map(|(hour, users)| (*noted, hour, *users)));
        hours.filter(|(_, _, users)| *users > 0)
    }

    /// The hour that has the most people, the oldest of them if there are several.
    pub fn busiest(&self) -> Option<(Noted, u32, u64)> {
        self.filled().reduce(|most, hour| if hour.2 > most.2 { hour } else { most })
    }

    /// What the days are.
    pub fn days_in_words(&self) -> String {
        range(self.range.first, self.range.last, &self.zone)
    }

    /// A row for each hour that has people.
    ///
    /// # Errors
    /// None that can happen.
    pub fn csv(&self) -> io::Result<String> {
        let header = ["day", "hour", "users"].map(str::to_owned).to_vec();
        let rows =
            self.filled().map(|(noted, hour, users)| vec![harmless(&day(noted)), hour.to_string(), users.to_string()]);
        written([header].into_iter().chain(rows))
    }

    /// A row for each day that has people, with a mark for each hour.
    pub fn table(&self, paper: Paper) -> String {
        let busiest = self.busiest();
        let marks = Marks { paper, most: busiest.map_or(0, |(_, _, users)| users) };
        let mut rows = vec![Row { cells: vec!["Day".to_owned(), marks.header(), "Most".to_owned()], bar: None }];
        for (noted, hours) in &self.days {
            let most = hours.iter().max().copied().unwrap_or_default();
            let name = date(*noted).map_or_else(|| day(*noted), table::name);
            rows.push(Row { cells: vec![name, marks.row(hours), grouped(most)], bar: None });
        }
        let title = paper.prose(&format!("{TITLE}, {}\n\n", self.days_in_words()));
        let grid = paper.table(&rows, &[Align::Left, Align::Left, Align::Right], table::without_weekday);
        let below = match busiest {
            None => "Nobody: no session began on these days\n".to_owned(),
            Some(busiest) => format!("Busiest hour: {}\n{}\n", in_words(busiest), marks.legend()),
        };
        title + &grid + &paper.prose(&format!("\n{below}"))
    }
}

/// A day as it was noted.
fn day(noted: Noted) -> String {
    let [year, month, day] = noted;
    date(noted).map_or_else(|| format!("{year:04}-{month:02}-{day:02}"), |date| date.to_string())
}

/// The same if it is a date of the calendar.
pub fn date([year, month, day]: Noted) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?)
}

/// An hour and its people.
pub fn in_words((noted, hour, users): (Noted, u32, u64)) -> String {
    format!("{} {hour:02}:00 UTC, {}", day(noted), people(users))
}

/// A number of people.
pub fn people(number: u64) -> String {
    format!("{} {}", grouped(number), if number == 1 { "person" } else { "people" })
}

/// How the hours of a day are drawn.
#[derive(Clone, Copy)]
struct Marks {
    paper: Paper,
    /// The most people of any hour.
    most: u64,
}

impl Marks {
    /// Nobody, and from few to many.
    const BLOCKS: [char; 9] = ['·', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    const DIGITS: [char; 10] = ['.', '1', '2', '3', '4', '5', '6', '7', '8', '9'];

    fn is_wide(self) -> bool {
        let for_most = grouped(self.most).len().max("Most".len());
        self.paper.columns.is_none_or(|columns| columns >= WIDE + for_most)
    }

    /// Every third hour.
    fn header(self) -> String {
        let width = if self.is_wide() { 6 } else { 3 };
        let header: String = (0..24).step_by(3).map(|hour| format!("{hour:<width$}")).collect();
        header.trim_end().to_owned()
    }

    fn row(self, hours: &[u64; 24]) -> String {
        let mark = |users: &u64| {
            let (mark, is_block) = self.mark(*users);
            match (self.is_wide(), is_block) {
                (false, _) => mark.to_string(),
                (true, true) => format!("{mark}{mark}"),
                (true, false) => format!("{mark} "),
            }
        };
        hours.iter().map(mark).collect()
    }

    /// The mark of an hour, and whether it is a block.
    fn mark(self, users: u64) -> (char, bool) {
        let marks: &[char] = if self.paper.is_ascii { &Self::DIGITS } else { &Self::BLOCKS };
        let highest = marks.len() as u64 - 1;
        let level = match self.is_exact() {
            true => users,
            // Whoever is there is seen.
            false => users.saturating_mul(highest).div_ceil(self.most.max(1)),
        };
        let place = usize::try_from(level.min(highest)).unwrap_or_default();
        (marks.get(place).copied().unwrap_or_default(), !self.paper.is_ascii && place > 0)
    }

    /// Whether the marks are the numbers of people themselves.
    fn is_exact(self) -> bool {
        self.paper.is_ascii && self.most <= 9
    }

    fn legend(self) -> String {
        match (self.paper.is_ascii, self.is_exact()) {
            (_, true) => "Digits: people in an hour".to_owned(),
            (true, false) => format!("1 to 9: from one to {} in an hour", people(self.most)),
            (false, _) => format!("▁ to █: up to {} in an hour", people(self.most)),
        }
    }
}
