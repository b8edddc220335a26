//! The aggregation pipelines that count. Pure: BSON in, BSON out.
//!
//! Messages are grouped by room, so that a room's type is looked at once and not for each message. A chunk of a single
//! day needs no date arithmetic at all, which is what makes `$group` fast (docs/performance.md has the numbers).

use bson::{Bson, DateTime, Document, RawBsonRef, RawDocument, doc};
use chrono::{NaiveDate, Utc};

use crate::{config::Counting, tally::chunk::Chunk};

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// The index that serves all of these pipelines, and that Rocket.Chat makes. Without the hint MongoDB would try out
/// others first.
pub fn index() -> Document {
    doc! { "ts": 1 }
}

/// Messages in one room on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// `rid`: the room.
    pub room: String,
    /// The calendar day.
    pub day: NaiveDate,
    /// How many messages count, whatever the type of the room.
    pub messages: u64,
}

/// Counts the messages of a chunk per room and day (contract section 7, without the rooms' types).
pub fn cells(chunk: &Chunk, counting: &Counting) -> Vec<Document> {
    let day = match chunk.only_day() {
        Some(_) => Bson::Null,
        None => {
            let begin = DateTime::from_millis(-chunk.offset.num_milliseconds());
            doc! { "$floor": { "$divide": [{ "$subtract": ["$ts", begin] }, DAY] } }.into()
        }
    };
    let key = if day == Bson::Null { Bson::from("$rid") } else { doc! { "rid": "$rid", "day": day }.into() };
    vec![
        doc! { "$match": messages(chunk.from, chunk.to, counting) },
        doc! { "$group": { "_id": key, "messages": { "$sum": 1 } } },
    ]
}

/// The same of the messages of one room.
pub fn cells_of_room(room: &str, chunk: &Chunk, counting: &Counting) -> Vec<Document> {
    let of_room = doc! { "$match": { "rid": { "$eq": room, "$not": { "$type": ["array", "symbol"] } } } };
    [of_room].into_iter().chain(cells(chunk, counting)).collect()
}

/// Reads a document that [`cells`] gave. `None` if its room is no text or its count no number: malformed documents of
/// the database end here.
pub fn read_cell(chunk: &Chunk, row: &RawDocument) -> Option<Cell> {
    let messages = row.get("messages").ok()?.and_then(whole_number)?.try_into().ok()?;
    let key = row.get("_id").ok()??;
    let (room, day) = match chunk.only_day() {
        Some(day) => (key.as_str()?, day),
        None => {
            let key = key.as_document()?;
            let day = key.get("day").ok()?.and_then(whole_number)?;
            (key.get_str("rid").ok()?, NaiveDate::from_epoch_days(day.try_into().ok()?)?)
        }
    };
    Some(Cell { room: room.to_owned(), day, messages })
}

/// The first message that counts and lies in `from..to`: `{ts}`.
pub fn first_message(from: chrono::DateTime<Utc>, to: chrono::DateTime<Utc>, counting: &Counting) -> Vec<Document> {
    vec![
        doc! { "$match": messages(from, to, counting) },
        doc! { "$sort": { "ts": 1 } },
        doc! { "$limit": 1 },
        doc! { "$project": { "ts": 1 } },
    ]
}

/// Those of some rooms whose messages count: `{_id, t}`.
pub fn counting_rooms<'a>(ids: impl IntoIterator<Item = &'a str>, counting: &Counting) -> Vec<Document> {
    let ids: Vec<_> = ids.into_iter().collect();
    vec![
        doc! { "$match": { "_id": { "$in": ids }, "t": { "$in": &counting.room_types, "$not": { "$type": "array" } } } },
        doc! { "$project": { "t": 1 } },
    ]
}

/// What a message must be like to count. An array is no date, no type and not true, although comparisons would look into
/// it; a symbol is no text, although it equals one.
fn messages(from: chrono::DateTime<Utc>, to: chrono::DateTime<Utc>, counting: &Counting) -> Document {
    // `null` stands for messages without the field as well, and before MongoDB 8.0 for undefined ones.
    let types: Vec<_> = std::iter::once(Bson::Null).chain(counting.message_types.iter().map(Bson::from)).collect();
    let array = doc! { "$type": "array" };
    doc! {
        "ts": { "$gte": DateTime::from_chrono(from), "$lt": DateTime::from_chrono(to), "$not": array.clone() },
        // Else `$group` would put the messages of a symbol and of the equal text together.
        "rid": { "$type": "string" },
        "t": { "$in": types, "$not": { "$type": ["array", "symbol", "undefined"] } },
        "$or": [{ "_hidden": { "$ne": true } }, { "_hidden": array }],
    }
}

/// A number without a fraction, of whatever type MongoDB gives it.
fn whole_number(value: RawBsonRef<'_>) -> Option<i64> {
    match value {
        RawBsonRef::Int32(number) => Some(number.into()),
        RawBsonRef::Int64(number) => Some(number),
        // Exact: day numbers and counts are far below 2^53.
        RawBsonRef::Double(number) if number.fract() == 0.0 => Some(number as i64),
        _ => None,
    }
}
