//! Rocket.Chat's own counters, in `rocketchat_analytics`.
//!
//! Their shape is documented nowhere; this is what they have been seen to look like:
//! `{type: "messages", date: 20230530, room: {_id, name, t}, messages: 183}`, with the calendar day as a number. Whatever
//! looks otherwise is counted as unreadable and told, never guessed at.

use bson::{Document, RawBsonRef, RawDocument, doc};
use chrono::{Datelike, NaiveDate};

use super::by_hand::Rooms;
use crate::{
    commands::database,
    dashboard::messages_sent::DayCounts,
    dashboard::period::DayRange,
    mongo::{self, Mongo, MongoError, Operation, Query},
};

/// What the counters say about some days.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counters {
    /// The sums of the counters of rooms that count, and of rooms that are gone.
    pub days: DayCounts,
    /// How many of those messages were in rooms that are gone. By hand nobody can count them.
    pub in_rooms_gone: u64,
    /// How many counters there are that cannot be read.
    pub unreadable: u64,
}

/// Reads the counters of a range of days.
///
/// # Errors
/// MongoDB does not give them; most likely the account may not read them.
pub async fn read(mongo: &Mongo, range: DayRange, types: &[String], rooms: Rooms) -> Result<Counters, MongoError> {
    let pipeline = vec![
        doc! { "$match": of(range) },
        doc! { "$project": { "_id": 0, "date": 1, "messages": 1, "room._id": 1, "room.t": 1 } },
    ];
    let query = Query { collection: mongo::ANALYTICS, pipeline, hint: None, operation: Operation::Count };
    let types = types.to_vec();
    let take = move |counters: &mut Counters, row: &RawDocument| {
        let Some(Counter { day, room, messages }) = Counter::read(row) else {
            counters.unreadable += 1;
            return;
        };
        let now = rooms.get(room.id).map(Option::is_some);
        let does_count = match room.kind {
            Some(kind) => types.iter().any(|one| one == kind),
            None => now.unwrap_or(true),
        };
        if does_count {
            *counters.days.entry(day).or_default() += messages;
            counters.in_rooms_gone += if now.is_none() { messages } else { 0 };
        }
    };
    mongo.stream(query, database::deadline(), Counters::default(), take).await
}

/// Whether there are any counters: of a range of days, or at all.
///
/// # Errors
/// As for [`read`].
pub async fn exist(mongo: &Mongo, range: Option<DayRange>) -> Result<bool, MongoError> {
    let filter = range.map_or_else(|| doc! { "type": "messages" }, of);
    let pipeline = vec![doc! { "$match": filter }, doc! { "$limit": 1 }, doc! { "$project": { "_id": 1 } }];
    let query = Query { collection: mongo::ANALYTICS, pipeline, hint: None, operation: Operation::Count };
    mongo.aggregate(query, database::deadline(), false, |found, _| *found = true).await
}

/// What finds the counters of a range of days. Those without a number may be of any day.
fn of(range: DayRange) -> Document {
    let in_range = doc! { "date": { "$gte": number(range.first), "$lte": number(range.last) } };
    doc! { "type": "messages", "$or": [in_range, { "date": { "$not": { "$type": "number" } } }] }
}

/// One counter.
struct Counter<'a> {
    day: NaiveDate,
    room: Room<'a>,
    messages: u64,
}

struct Room<'a> {
    id: &'a str,
    kind: Option<&'a str>,
}

impl<'a> Counter<'a> {
    fn read(row: &'a RawDocument) -> Option<Self> {
        let whole = |name: &str| whole_number(row.get(name).ok()??);
        let date = whole("date")?;
        let part = |divisor: u64, modulus: u64| u32::try_from(date / divisor % modulus).ok();
        let year = i32::try_from(date / 10_000).ok().filter(|year| *year <= 9_999)?;
        let day = NaiveDate::from_ymd_opt(year, part(100, 100)?, part(1, 100)?)?;
        let room = row.get_document("room").ok()?;
        let room = Room { id: room.get_str("_id").ok()?, kind: room.get_str("t").ok() };
        Some(Self { day, room, messages: whole("messages")? })
    }
}

/// A number that is not negative and has no fraction, of any of MongoDB's types.
fn whole_number(value: RawBsonRef<'_>) -> Option<u64> {
    match value {
        RawBsonRef::Int32(number) => number.try_into().ok(),
        RawBsonRef::Int64(number) => number.try_into().ok(),
        RawBsonRef::Double(number) if number >= 0.0 && number.fract() == 0.0 && number < 1e15 => Some(number as u64),
        _ => None,
    }
}

/// A day as the counters have it: 20230530.
fn number(day: NaiveDate) -> i64 {
    i64::from(day.year()) * 10_000 + i64::from(day.month()) * 100 + i64::from(day.day())
}
