//! What is told about a period: its days, and what they come to by type of room or by room. Pure.
//!
//! The days are those of the endpoint's answer, cut as there, and the parts are sums over just those days. So they add
//! up to the whole, in the period and in the one before it.

use std::collections::{BTreeMap, HashSet};

use chrono::{Days, NaiveDate};

use crate::{
    period::Period,
    report::{Comparison, Summary},
    tally::counter::{self, RoomCounts},
    time_zone::TimeZone,
};

/// All that a format shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The zone of the days.
    pub zone: TimeZone,
    /// What was asked about.
    pub period: Period,
    /// The endpoint's answer.
    pub summary: Summary,
    /// The days that are listed, oldest first; among them empty ones if that is wanted.
    pub days: Vec<(NaiveDate, u64)>,
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
    /// Puts together what [`crate::tally::counter::Counter::rooms`] counted over [`Period::days`].
    pub fn new(period: Period, rooms: Vec<RoomCounts>, zone: TimeZone, by: By<'_>, fill: bool) -> Self {
        let summary = Summary::new(&period, &counter::sum(&rooms));
        let set = |days: &[(NaiveDate, u64)]| days.iter().map(|(day, _)| *day).collect::<HashSet<_>>();
        let windows = Windows { current: set(&summary.days), previous: set(&summary.previous) };
        let parts = match by {
            By::Nothing => Parts::None,
            By::RoomType(kinds) => Parts::RoomTypes(windows.by_type(kinds, &rooms)),
            By::Room(most) => Parts::Rooms(windows.by_room(rooms, most)),
        };
        let days = if fill { filled(&period, &summary) } else { summary.days.iter().rev().copied().collect() };
        Self { zone, period, summary, days, parts }
    }
}

/// The days that count in either window.
struct Windows {
    current: HashSet<NaiveDate>,
    previous: HashSet<NaiveDate>,
}

impl Windows {
    fn by_type(&self, kinds: &[String], rooms: &[RoomCounts]) -> Vec<RoomType> {
        let of_type = |kind: &String| {
            let mut days = BTreeMap::new();
            let mut sums = [0, 0];
            for room in rooms.iter().filter(|room| room.kind == *kind) {
                self.add(&mut sums, room);
                for &(day, messages) in room.days.iter().filter(|(day, _)| self.current.contains(day)) {
                    *days.entry(day).or_default() += messages;
                }
            }
            RoomType { kind: kind.clone(), messages: Comparison::new(sums[0], sums[1]), days }
        };
        kinds.iter().map(of_type).collect()
    }

    fn by_room(&self, rooms: Vec<RoomCounts>, most: usize) -> Rooms {
        let mut sums: Vec<_> = rooms
            .into_iter()
            .map(|room| {
                let mut sums = [0, 0];
                self.add(&mut sums, &room);
                (sums, room)
            })
            .collect();
        // In one order each time, also where some have the same number.
        sums.sort_unstable_by(|(a, one), (b, other)| b.cmp(a).then_with(|| one.room.cmp(&other.room)));
        // Those that have messages in the period come first.
        let active = sums.partition_point(|(sums, _)| sums[0] > 0);
        let others = sums.split_off(most.min(active));
        let all = |place: usize| others.iter().map(|(sums, _)| sums[place]).sum();
        let room = |(sums, room): ([u64; 2], RoomCounts)| Room {
            id: room.room,
            name: None,
            kind: room.kind,
            messages: Comparison::new(sums[0], sums[1]),
        };
        Rooms {
            messages_of_others: Comparison::new(all(0), all(1)),
            others: (active - sums.len()) as u64,
            busiest: sums.into_iter().map(room).collect(),
        }
    }

    /// Adds a room's messages to the sums of the two windows.
    fn add(&self, [current, previous]: &mut [u64; 2], room: &RoomCounts) {
        for (day, messages) in &room.days {
            if self.current.contains(day) {
                *current += messages;
            } else if self.previous.contains(day) {
                *previous += messages;
            }
        }
    }
}

/// The days of the period, oldest first, the empty ones as well.
fn filled(period: &Period, summary: &Summary) -> Vec<(NaiveDate, u64)> {
    // A day that the cut to n left out has messages, and must not be shown as if it had none.
    let is_cut = summary.days.len() == period.most_days;
    let oldest = summary.days.last().filter(|_| is_cut).map_or(period.current.first, |(day, _)| *day);
    let messages: BTreeMap<_, _> = summary.days.iter().copied().collect();
    let days = std::iter::successors(Some(oldest), |day| Some(*day + Days::new(1)));
    let days = days.take_while(|day| *day <= period.current.last);
    days.map(|day| (day, messages.get(&day).copied().unwrap_or_default())).collect()
}
