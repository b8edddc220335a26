//! What is told about a period: its days, and what they come to, in all and by type of room or by room. Pure.
//!
//! The days are those of the endpoint's answer, cut as there, and the parts are sums over just those days. So they add
//! up to the whole, in the period and in the one before it.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashSet},
};

use chrono::{Days, NaiveDate};

use super::daily::{Daily, MESSAGES, Words};
use crate::{
    dashboard::messages_sent::{Comparison, DayCounts, Summary},
    dashboard::period::{DayRange, Period},
    dashboard::room_sums::{RoomSum, RoomSums},
    tally::sums::Counts,
    time_zone::TimeZone,
};

/// What is counted of each room. Only the first day of a window can be cut off (contract section 7), so it is counted by itself:
/// the first day of the period, its other days, and the same of the days before it.
pub fn windows(period: &Period) -> [DayRange; 4] {
    let parted = |DayRange { first, last }| {
        let second = first + Days::new(1);
        [DayRange { first, last: first.min(last) }, DayRange { first: second, last }]
    };
    let ([first, others], [previous_first, previous_others]) = (parted(period.current), parted(period.previous));
    [first, others, previous_first, previous_others]
}

/// All that a format shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The days that are listed.
    pub daily: Daily,
    /// What was asked about.
    pub period: Period,
    /// The endpoint's answer.
    pub summary: Summary,
    /// The day of the period that the answer leaves out although it is not empty (contract section 7: the cut to n).
    pub left_out: Option<NaiveDate>,
    /// How it comes about.
    pub parts: Parts,
}

/// How the counts come about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parts {
    /// Nobody asked.
    None,
    /// By the type of the room, in the order in which the types are configured.
    RoomTypes(Vec<RoomType>),
    /// By room.
    Rooms(Rooms),
}

/// The messages in rooms of one type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomType {
    /// `t`.
    pub kind: String,
    /// In the period, and compared with the one before.
    pub messages: Comparison,
    /// On each day.
    pub days: BTreeMap<NaiveDate, u64>,
}

/// The rooms with the most messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rooms {
    /// Those rooms, the busiest first.
    pub busiest: Vec<Room>,
    /// How many other rooms have messages.
    pub others: u64,
    /// The messages in those.
    pub messages_of_others: Comparison,
}

/// The messages in one room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Room {
    /// `_id`.
    pub id: String,
    /// Its name, where it has one: direct messages have none.
    pub name: Option<String>,
    /// `t`.
    pub kind: String,
    /// In the period, and compared with the one before.
    pub messages: Comparison,
}

/// How counts are to be parted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By<'a> {
    /// Not at all.
    Nothing,
    /// By type of room; the types in order.
    RoomType(&'a [String]),
    /// By room; how many are shown.
    Room(usize),
}

impl Report {
    /// Puts together what [`crate::tally::counter::Counter::count`] counted over [`Period::days`] and [`windows`].
    pub fn of_messages(period: Period, counts: &Counts<4>, zone: TimeZone, by: By<'_>) -> Self {
        let mut report = Self::new(&MESSAGES, period, &counts.days(), zone);
        let set = |days: &[(NaiveDate, u64)]| days.iter().map(|(day, _)| *day).collect::<HashSet<_>>();
        let windows = Windows { current: set(&report.summary.days), previous: set(&report.summary.previous) };
        report.parts = match by {
            By::Nothing => Parts::None,
            By::RoomType(kinds) => Parts::RoomTypes(windows.by_type(kinds, &counts.types)),
            By::Room(most) => {
                let is_cut = |window: DayRange, days: &HashSet<_>| !window.is_empty() && !days.contains(&window.first);
                let cut = [is_cut(period.current, &windows.current), is_cut(period.previous, &windows.previous)];
                Parts::Rooms(by_room(&counts.rooms, cut, most))
            }
        };
        report
    }

    /// What is told of the counts of all of [`Period::days`].
    pub fn new(of: &'static Words, period: Period, counts: &DayCounts, zone: TimeZone) -> Self {
        let summary = Summary::new(&period, counts);
        // The cut keeps the newest days.
        let oldest = summary.days.last().map_or(period.current.last, |(day, _)| *day);
        let is_left_out = |day: NaiveDate| period.current.contains(day) && day < oldest;
        let left_out = counts.iter().find(|(day, count)| **count > 0 && is_left_out(**day)).map(|(day, _)| *day);
        let first = left_out.map_or(period.current.first, |day| day + Days::new(1));
        let days = summary.days.iter().rev().copied().collect();
        let daily = Daily { of, zone, first, last: period.current.last, days };
        Self { daily, period, summary, left_out, parts: Parts::None }
    }

    /// Whether the day before the last is looked at, so that the answer's `yesterday` says something about it.
    pub fn has_yesterday(&self) -> bool {
        self.period.yesterday >= self.daily.first
    }
}

/// The days that count in either window.
struct Windows {
    current: HashSet<NaiveDate>,
    previous: HashSet<NaiveDate>,
}

impl Windows {
    fn by_type(&self, kinds: &[String], types: &BTreeMap<NaiveDate, Box<[u64]>>) -> Vec<RoomType> {
        let of_type = |(place, kind): (usize, &String)| {
            let of_kind = |types: &[u64]| types.get(place).copied().filter(|messages| *messages > 0);
            let mut days: BTreeMap<_, _> =
                types.iter().filter_map(|(day, types)| Some((*day, of_kind(types)?))).collect();
            let messages = self.compare(&days);
            days.retain(|day, _| self.current.contains(day));
            RoomType { kind: kind.clone(), messages, days }
        };
        kinds.iter().enumerate().map(of_type).collect()
    }

    /// The messages in the period, against those in the one before it.
    fn compare(&self, days: &BTreeMap<NaiveDate, u64>) -> Comparison {
        let sum = |window: &HashSet<_>| days.iter().filter(|(day, _)| window.contains(*day)).map(|(_, n)| n).sum();
        Comparison::new(sum(&self.current), sum(&self.previous))
    }
}

/// The rooms, without the first days of the windows where those are cut off.
fn by_room(sums: &RoomSums<4>, cut: [bool; 2], most: usize) -> Rooms {
    let room = |room: RoomSum<'_, 4>| {
        let [first, others, previous_first, previous_others] = room.messages;
        let of = |is_cut, first, others| if is_cut { others } else { first + others };
        let messages = Comparison::new(of(cut[0], first, others), of(cut[1], previous_first, previous_others));
        Room { id: room.id.to_owned(), name: None, kind: room.kind.to_owned(), messages }
    };
    let mut rooms: Vec<_> = sums.iter().map(room).collect();
    // In one order each time, also where some have the same number: that of the endpoints (contract section 11).
    rooms.sort_unstable_by(|a, b| (Reverse(a.messages.count), &a.id).cmp(&(Reverse(b.messages.count), &b.id)));
    // Those that have messages in the period come first.
    let active = rooms.partition_point(|room| room.messages.count > 0);
    let others = rooms.split_off(most.min(active));
    let messages_of_others = Comparison {
        count: others.iter().map(|room| room.messages.count).sum(),
        variation: others.iter().map(|room| room.messages.variation).sum(),
    };
    Rooms { messages_of_others, others: (active - rooms.len()) as u64, busiest: rooms }
}
