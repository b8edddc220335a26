//! The answer of `channels/list`: the rooms with messages, in pages (contract section 12). Pure.

use chrono::Days;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    paging::{Page, Paging},
    parameters::{Given, InvalidParameters, Parameter, START_AND_END},
    period::{DayRange, days_between},
    room_details::RoomDetails,
    room_sums::{RoomSum, RoomSums},
    succeeded,
};
use crate::{query_string::QueryString, time_zone::TimeZone};

/// What is asked: two windows of days, and a part of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelsQuestion {
    /// The days of the period, and the n + 1 days before them.
    pub windows: [DayRange; 2],
    /// The part of the list.
    pub paging: Paging,
}

impl ChannelsQuestion {
    /// Reads `start`, `end`, `offset` and `count` from a query string.
    ///
    /// # Errors
    /// The first that applies (contract section 6). A negative `offset` or `count` is found later, by [`Paging::page`].
    pub fn from_query(query: &QueryString<'_>, zone: &TimeZone) -> Result<Self, InvalidParameters> {
        let [start, end] = START_AND_END;
        let given = Given::read(query, &[start, end, Parameter::Text("offset"), Parameter::Text("count")])?;
        let (start, end) = (zone.wall_clock(given.date("start")?), zone.wall_clock(given.date("end")?));
        let (first, last) = (start.date(), end.date());
        // The contract's n, of whatever sign, plus 1.
        let before = days_between(start, end) + 2;
        let oldest = match u64::try_from(before) {
            Ok(days) => first - Days::new(days),
            Err(_) => first + Days::new(before.unsigned_abs()),
        };
        let previous = DayRange { first: oldest, last: last.min(first - Days::new(1)) };
        let paging = Paging::new(given.text("offset"), given.text("count"));
        Ok(Self { windows: [DayRange { first, last }, previous], paging })
    }
}

/// A part of the rooms with messages in a period or before it.
// The order of the fields is the order of the keys on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ChannelsList)]
pub struct ChannelsList {
    /// Most messages of the period first; equal ones by their `_id`.
    channels: Vec<Channel>,
    /// How many rooms the whole list has.
    total: usize,
    /// How many of them are left out before these; `null` if the parameter was no number.
    offset: Option<u64>,
    /// How many of them are here.
    count: usize,
    #[schema(schema_with = succeeded)]
    success: bool,
}

/// A room with its messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ListedChannel)]
struct Channel {
    room: Room,
    /// Messages in the period.
    messages: u64,
    /// Messages in the days before it: one more than `start` and `end` are apart, plus one.
    #[serde(rename = "lastWeekMessages")]
    last_week_messages: u64,
    /// `messages` minus `lastWeekMessages`.
    #[serde(rename = "diffFromLastWeek")]
    diff_from_last_week: i64,
}

/// A room of any counted type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ListedRoom)]
struct Room {
    #[serde(rename = "_id")]
    id: String,
    /// `name` of the room, else `fname`. Direct messages have neither.
    #[schema(nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// When the room was made.
    #[schema(nullable = false, format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    ts: Option<String>,
    /// The room's type: `c` a channel, `p` a private group, `d` direct messages.
    t: String,
    #[schema(nullable = false, format = DateTime)]
    #[serde(rename = "_updatedAt", skip_serializing_if = "Option::is_none")]
    updated_at: Option<String>,
    /// Who writes in it, of direct messages.
    #[schema(nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    usernames: Option<Vec<String>>,
}

impl ChannelsList {
    /// The rooms of a page.
    pub fn rooms<'a>(sums: &'a RoomSums<2>, page: &Page) -> Vec<RoomSum<'a, 2>> {
        let size = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        sums.busiest(size(page.skip), page.limit.map_or(usize::MAX, size), |messages| messages[0]).collect()
    }

    /// Computes the answer from [`rooms`](Self::rooms), what is known of each, and how many there are in all.
    pub fn new<'a>(
        rooms: &[RoomSum<'_, 2>],
        details: impl Fn(&str) -> Option<&'a RoomDetails>,
        page: &Page,
        total: usize,
    ) -> Self {
        let channel = |room: &RoomSum<'_, 2>| {
            let [messages, last_week_messages] = room.messages;
            let details = details(room.id);
            Channel {
                room: Room {
                    id: room.id.to_owned(),
                    name: details.and_then(RoomDetails::plain_name).map(str::to_owned),
                    ts: details.and_then(|details| details.ts.clone()),
                    t: room.kind.to_owned(),
                    updated_at: details.and_then(|details| details.updated_at.clone()),
                    usernames: details.and_then(|details| details.usernames.clone()),
                },
                messages,
                last_week_messages,
                diff_from_last_week: messages.cast_signed() - last_week_messages.cast_signed(),
            }
        };
        let channels: Vec<_> = rooms.iter().map(channel).collect();
        Self { count: channels.len(), channels, total, offset: page.offset, success: true }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn windows(start: &str, end: &str) -> [(String, String); 2] {
        let query = format!("start={start}&end={end}");
        let question = ChannelsQuestion::from_query(&QueryString::parse(&query), &TimeZone::UTC).expect("a question");
        question.windows.map(|days| (days.first.to_string(), days.last.to_string()))
    }

    fn days(first: &str, last: &str) -> (String, String) {
        (first.to_owned(), last.to_owned())
    }

    #[test]
    fn the_days_before_are_one_more_than_n() {
        // n = 11.
        assert_eq!(
            windows("2023-05-20T00:00:00.000Z", "2023-05-30T00:00:00.000Z"),
            [days("2023-05-20", "2023-05-30"), days("2023-05-08", "2023-05-19")]
        );
        // The stock client's week: n = 8.
        assert_eq!(
            windows("2023-05-20T00:00:00.000Z", "2023-05-27T23:59:59.999Z"),
            [days("2023-05-20", "2023-05-27"), days("2023-05-11", "2023-05-19")]
        );
    }

    #[test]
    fn a_period_that_ends_before_it_starts_has_days_before_it_as_far_as_n_goes() {
        // n = 1, and the end is on the day before: two days before the start, of which the last is the end's.
        assert_eq!(
            windows("2023-05-20T12:00:00.000Z", "2023-05-19T13:00:00.000Z"),
            [days("2023-05-20", "2023-05-19"), days("2023-05-18", "2023-05-19")]
        );
        // n = 0.
        assert_eq!(
            windows("2023-05-20T00:00:00.000Z", "2023-05-19T00:00:00.000Z"),
            [days("2023-05-20", "2023-05-19"), days("2023-05-19", "2023-05-19")]
        );
        // n = -1: no day at all.
        let [_, (first, last)] = windows("2023-05-20T00:00:00.000Z", "2023-05-18T00:00:00.000Z");
        assert!(first > last, "{first} {last}");
    }
}
