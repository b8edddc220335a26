//! What is asked of the change streams, and how their events are understood. Pure: BSON in, the feed's values out.
//!
//! Rule: what counts by an event is what counts by an aggregation (`tally::pipeline`), for malformed documents as well.

use base64::{Engine, engine::general_purpose::STANDARD};
use bson::{Bson, Document, RawBsonRef, RawDocument, doc};
use chrono::{Datelike, NaiveDate};

use crate::{
    tally::{
        feed::{Change, DocumentId, Event, Fault, Image, MessageChange, Patch, RoomChange, Stream},
        time::{Day, Timestamp},
    },
    time_zone::TimeZone,
};

/// No period reaches beyond this year (contract section 6), so what is dated later is no message of any day.
pub const LAST_YEAR: i32 = 10_000;

/// A day of the calendar as the feed has it.
pub fn day(date: NaiveDate) -> Day {
    date.to_epoch_days()
}

/// The opposite of [`day`].
pub fn date(day: Day) -> Option<NaiveDate> {
    NaiveDate::from_epoch_days(day)
}

/// A time of the database as the feed has it.
pub fn timestamp(time: bson::Timestamp) -> Timestamp {
    Timestamp::new(time.time, time.increment)
}

/// The cluster time in a resume token's `_data`, which begins with it: the type of a timestamp (`82`), its seconds and its
/// increment, in hexadecimal digits.
pub fn token_time(data: &str) -> Option<Timestamp> {
    let digits = |range: std::ops::Range<usize>| u32::from_str_radix(data.get(range)?, 16).ok();
    let seconds = digits(2..10).filter(|_| data.starts_with("82"))?;
    Some(Timestamp::new(seconds, digits(10..18)?))
}

/// The opposite of [`timestamp`].
pub fn bson_timestamp(time: Timestamp) -> bson::Timestamp {
    bson::Timestamp { time: time.seconds(), increment: time.increment() }
}

/// The fields that decide where a document counts.
fn fields(stream: Stream) -> &'static [&'static str] {
    match stream {
        Stream::Messages => &["rid", "ts", "t", "_hidden"],
        Stream::Rooms => &["t"],
    }
}

/// What of the images is read.
pub fn image_projection() -> Document {
    fields(Stream::Messages).iter().map(|field| ((*field).to_owned(), Bson::Int32(1))).collect()
}

/// The stages of a change stream: updates that change nothing we use stay away, and so do all other fields.
pub fn watched(stream: Stream) -> Vec<Document> {
    let fields = fields(stream);
    let mut wanted = vec![
        doc! { "operationType": { "$ne": "update" } },
        doc! { "updateDescription.removedFields": { "$in": fields.to_vec() } },
    ];
    let mut kept = doc! { "operationType": 1, "ns": 1, "clusterTime": 1, "documentKey._id": 1 };
    kept.insert("updateDescription.removedFields", 1);
    for field in fields {
        let updated = format!("updateDescription.updatedFields.{field}");
        kept.insert(format!("fullDocument.{field}"), 1);
        kept.insert(updated.clone(), 1);
        wanted.push(doc! { updated: { "$exists": true } });
    }
    vec![doc! { "$match": { "$or": wanted } }, doc! { "$project": kept }]
}

/// Understands documents.
#[derive(Debug)]
pub struct Decoder {
    /// `t` of the messages that count beside those without one.
    pub message_types: Vec<String>,
    /// Whose midnights part the days.
    pub zone: TimeZone,
}

impl Decoder {
    /// What a message's document says about where it counts.
    pub fn image(&self, document: &RawDocument) -> Image {
        Image {
            room: text(field(document, "rid")),
            day: self.day(field(document, "ts")),
            counted: self.counts(field(document, "t")),
            hidden: is_hidden(field(document, "_hidden")),
        }
    }

    /// Reads an event of the messages' stream.
    ///
    /// # Errors
    /// The stream ends with it, or it cannot be understood.
    pub fn message(&self, event: &RawDocument) -> Result<Event<MessageChange>, Fault> {
        let change = match operation(event)? {
            Operation::Insert => Change::Insert(self.image(full_document(event)?)),
            Operation::Replace => Change::Replace(self.image(full_document(event)?)),
            Operation::Update => Change::Update(self.patch(event)?),
            Operation::Delete => Change::Delete,
        };
        let id = encode_id(document_key(event)?);
        envelope(event, MessageChange { id, change })
    }

    /// Reads an event of the rooms' stream; none if it is about no room that a message could name.
    ///
    /// # Errors
    /// The stream ends with it, or it cannot be understood.
    pub fn room(&self, event: &RawDocument) -> Result<Option<Event<RoomChange>>, Fault> {
        let kind = match operation(event)? {
            Operation::Insert | Operation::Replace => text(field(full_document(event)?, "t")),
            Operation::Update => text(field(updated_fields(event)?, "t")),
            Operation::Delete => None,
        };
        let Some(room) = text(Some(document_key(event)?)) else { return Ok(None) };
        envelope(event, RoomChange { room, kind }).map(Some)
    }

    fn patch(&self, event: &RawDocument) -> Result<Patch, Fault> {
        let updated = updated_fields(event)?;
        let description = event.get_document("updateDescription").map_err(|_| Fault::Undecodable)?;
        let removed = field(description, "removedFields").and_then(|names| names.as_array());
        let removed: Vec<_> = removed.into_iter().flatten().flatten().filter_map(|name| name.as_str()).collect();
        // The value after the update: some value, none because it was removed, or not touched.
        let after = |name: &str| match field(updated, name) {
            None if removed.contains(&name) => Some(None),
            None => None,
            value => Some(value),
        };
        Ok(Patch {
            room: after("rid").map(text),
            day: after("ts").map(|value| self.day(value)),
            counted: after("t").map(|value| self.counts(value)),
            hidden: after("_hidden").map(is_hidden),
        })
    }

    fn day(&self, ts: Option<RawBsonRef<'_>>) -> Option<Day> {
        let at = ts?.as_datetime()?.to_chrono();
        (0..=LAST_YEAR).contains(&at.year()).then(|| day(self.zone.date(at)))
    }

    fn counts(&self, kind: Option<RawBsonRef<'_>>) -> bool {
        match kind {
            None | Some(RawBsonRef::Null) => true,
            Some(RawBsonRef::String(kind)) => self.message_types.iter().any(|counted| counted == kind),
            Some(_) => false,
        }
    }
}

/// An array is not true, whatever is in it: an update within it says too little.
fn is_hidden(value: Option<RawBsonRef<'_>>) -> bool {
    matches!(value, Some(RawBsonRef::Boolean(true)))
}

/// A text, if it is one.
pub fn text(value: Option<RawBsonRef<'_>>) -> Option<Box<str>> {
    value?.as_str().map(Box::from)
}

/// A field of a document, if it is there.
pub fn field<'a>(document: &'a RawDocument, name: &str) -> Option<RawBsonRef<'a>> {
    document.get(name).ok().flatten()
}

enum Operation {
    Insert,
    Update,
    Replace,
    Delete,
}

fn operation(event: &RawDocument) -> Result<Operation, Fault> {
    match event.get_str("operationType") {
        Ok("insert") => Ok(Operation::Insert),
        Ok("update") => Ok(Operation::Update),
        Ok("replace") => Ok(Operation::Replace),
        Ok("delete") => Ok(Operation::Delete),
        Ok("drop" | "rename" | "dropDatabase" | "invalidate") => Err(Fault::Invalidated),
        _ => Err(Fault::Undecodable),
    }
}

fn full_document(event: &RawDocument) -> Result<&RawDocument, Fault> {
    event.get_document("fullDocument").map_err(|_| Fault::Undecodable)
}

fn updated_fields(event: &RawDocument) -> Result<&RawDocument, Fault> {
    let description = event.get_document("updateDescription").map_err(|_| Fault::Undecodable)?;
    match field(description, "updatedFields") {
        Some(fields) => fields.as_document().ok_or(Fault::Undecodable),
        None => RawDocument::from_bytes(EMPTY).map_err(|_| Fault::Undecodable),
    }
}

/// A document without fields.
const EMPTY: &[u8] = &[5, 0, 0, 0, 0];

fn document_key(event: &RawDocument) -> Result<RawBsonRef<'_>, Fault> {
    event.get_document("documentKey").ok().and_then(|key| field(key, "_id")).ok_or(Fault::Undecodable)
}

/// What every event has.
fn envelope<E>(event: &RawDocument, change: E) -> Result<Event<E>, Fault> {
    let time = event.get_timestamp("clusterTime").map_err(|_| Fault::Undecodable)?;
    let token = event.get_document("_id").and_then(|token| token.get_str("_data")).map_err(|_| Fault::Undecodable)?;
    Ok(Event { at: timestamp(time), token: token.into(), change })
}

/// Marks an `_id` that is a text; it follows.
const TEXT: char = 's';

/// Marks any other `_id`; the BSON of a document that holds it follows.
const OTHER: char = 'b';

/// An `_id` as text.
pub fn encode_id(id: RawBsonRef<'_>) -> DocumentId {
    match id {
        RawBsonRef::String(id) => format!("{TEXT}{id}").into(),
        other => {
            let mut holder = bson::RawDocumentBuf::new();
            holder.append(bson::cstr!(""), other);
            format!("{OTHER}{}", STANDARD.encode(holder.as_bytes())).into()
        }
    }
}

/// The opposite of [`encode_id`].
pub fn decode_id(id: &str) -> Option<Bson> {
    if let Some(text) = id.strip_prefix(TEXT) {
        return Some(Bson::from(text));
    }
    let bytes = STANDARD.decode(id.strip_prefix(OTHER)?).ok()?;
    field(RawDocument::from_bytes(&bytes).ok()?, "")?.try_into().ok()
}

#[cfg(test)]
mod tests;
