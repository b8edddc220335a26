//! The reads that the feed asks for, each of one moment.

use std::time::Duration;

use bson::{Bson, DateTime, Document, RawDocument, doc};
use chrono::{TimeZone as _, Utc};
use log::warn;
use tokio::time::timeout;

use super::{
    events::{self, bson_timestamp, date, decode_id, encode_id, field, image_projection, text, timestamp},
    io::{GivenUp, Io},
};
use crate::{
    mongo::{self, Deadline, MongoError, Operation, Snapshot},
    tally::{
        chunk::Chunk,
        counter::{FEW_MESSAGES, MANY_DAYS},
        cube::CellCount,
        feed::{DocumentId, Image, Point},
        pipeline::{self, Cell, read_cell},
        time::{Day, Timestamp},
    },
};

/// How long a load may take in all.
const LOAD_TIME: Duration = Duration::from_secs(600);

/// How long any other read may take.
const READ_TIME: Duration = Duration::from_secs(10);

/// How many documents are asked for at once, far below MongoDB's limit of 16 MB for a command.
const IDS_A_READ: usize = 5_000;

/// Days in one aggregation of what is dated later than tomorrow, which is next to nothing.
const DAYS_AHEAD: i64 = 31;

impl Io {
    /// Counts days by room, no earlier than `not_before`.
    pub(super) async fn load(
        &self,
        operation: Operation,
        first: Day,
        last: Option<Day>,
        not_before: Timestamp,
        given_up: &GivenUp,
    ) -> Result<(Timestamp, Vec<CellCount>), MongoError> {
        let _permit = timeout(LOAD_TIME, self.loading.acquire()).await.map_err(|_| MongoError::TooSlow)?;
        given_up.check()?;
        let at = self.recent(not_before).await?;
        let few = self.mongo.estimated_count(mongo::MESSAGES, Deadline::after(READ_TIME)).await? < FEW_MESSAGES;
        let mut days = Days { io: self, operation, given_up, at, has_index: true, few, cells: Vec::new() };
        let result = days.count(first, last).await;
        if let Err(MongoError::NoSuchIndex) = result {
            warn!(
                "{} has no index on ts: loading will be slow; restart Rocket.Chat, which makes it, or make it as \
                 'rocketchat-engagement check' says",
                mongo::MESSAGES
            );
            days = Days { io: self, operation, given_up, at, has_index: false, few, cells: Vec::new() };
            days.count(first, last).await?;
        } else {
            result?;
        }
        Ok((at, days.cells))
    }

    /// Counts one day by room.
    pub(super) async fn audit(
        &self,
        day: Day,
        not_before: Timestamp,
        given_up: &GivenUp,
    ) -> Result<(Timestamp, Vec<(Box<str>, u32)>), MongoError> {
        let (at, cells) = self.load(Operation::Audit, day, Some(day), not_before, given_up).await?;
        let mut rooms = std::collections::HashMap::<_, u32>::new();
        for cell in cells.into_iter().filter(|cell| cell.day == day) {
            *rooms.entry(cell.room).or_default() += cell.messages;
        }
        Ok((at, rooms.into_iter().collect()))
    }

    /// Reads documents as they were at a moment.
    pub(super) async fn images(
        &self,
        ids: &[DocumentId],
        at: Timestamp,
    ) -> Result<Vec<(DocumentId, Image)>, MongoError> {
        let mut snapshot = self.mongo.snapshot(Operation::Images, bson_timestamp(at), READ_TIME).await?;
        let mut found = Vec::with_capacity(ids.len());
        for ids in ids.chunks(IDS_A_READ) {
            let ids: Vec<Bson> = ids.iter().filter_map(|id| decode_id(id)).collect();
            let pipeline = vec![doc! { "$match": { "_id": { "$in": ids } } }, doc! { "$project": image_projection() }];
            let take = |found: &mut Vec<_>, row: &RawDocument| {
                if let Some(id) = field(row, "_id") {
                    found.push((encode_id(id), self.decoder.image(row)));
                }
            };
            found = snapshot.aggregate(mongo::MESSAGES, pipeline, None, found, take).await?;
        }
        Ok(found)
    }

    /// Asks the primary how far it and a majority have come.
    pub(super) async fn point(&self) -> Result<Point, MongoError> {
        let point = self.mongo.majority_point().await?;
        let mut process = [0; 16];
        process[..12].copy_from_slice(&point.process.bytes());
        Ok(Point {
            last_write: timestamp(point.last_write),
            majority: timestamp(point.time),
            term: point.term,
            process: u128::from_be_bytes(process),
        })
    }

    /// Reads the types of the rooms that count. There may be a million others, of livechat.
    pub(super) async fn rooms(
        &self,
        not_before: Timestamp,
    ) -> Result<(Timestamp, Vec<(Box<str>, Option<Box<str>>)>), MongoError> {
        let at = self.recent(not_before).await?;
        let mut snapshot = self.mongo.snapshot(Operation::Rooms, bson_timestamp(at), LOAD_TIME).await?;
        let take = |rooms: &mut Vec<_>, row: &RawDocument| {
            if let Some(id) = text(field(row, "_id")) {
                rooms.push((id, text(field(row, "t"))));
            }
        };
        let counted = doc! { "$in": &self.counting.room_types, "$not": { "$type": "array" } };
        let pipeline = vec![doc! { "$match": { "t": counted } }, doc! { "$project": { "t": 1 } }];
        Ok((at, snapshot.aggregate(mongo::ROOMS, pipeline, None, Vec::new(), take).await?))
    }

    /// The newest moment that a majority has, and no earlier than `not_before`. A member that lags behind waits for it.
    async fn recent(&self, not_before: Timestamp) -> Result<Timestamp, MongoError> {
        Ok(timestamp(self.mongo.majority_point().await?.time).max(not_before))
    }
}

/// Days being counted.
struct Days<'a> {
    io: &'a Io,
    operation: Operation,
    given_up: &'a GivenUp,
    at: Timestamp,
    has_index: bool,
    few: bool,
    cells: Vec<CellCount>,
}

impl Days<'_> {
    async fn count(&mut self, first: Day, last: Option<Day>) -> Result<(), MongoError> {
        let mut snapshot = self.io.mongo.snapshot(self.operation, bson_timestamp(self.at), LOAD_TIME).await?;
        let zone = &self.io.decoder.zone;
        let bound = |day| date(day).ok_or(MongoError::BrokenOff("a day that is none"));
        // Without an index each aggregation reads all messages, so the fewer the better.
        let most_days = if self.few || !self.has_index { MANY_DAYS } else { 1 };
        let newest = last.unwrap_or_else(|| first.max(events::day(zone.date(Utc::now())).saturating_add(1)));
        let (from, to) = zone.span(bound(first)?, bound(newest)?);
        self.count_chunks(&mut snapshot, from, to, most_days).await?;
        if last.is_none() {
            let end = Utc.with_ymd_and_hms(events::LAST_YEAR + 1, 1, 1, 0, 0, 0).single();
            let end = end.ok_or(MongoError::BrokenOff("a year that is none"))?;
            self.count_chunks(&mut snapshot, to, end, DAYS_AHEAD).await?;
        }
        Ok(())
    }

    /// Chunk by chunk; where one is empty, the next message is looked for.
    async fn count_chunks(
        &mut self,
        snapshot: &mut Snapshot,
        mut from: chrono::DateTime<Utc>,
        to: chrono::DateTime<Utc>,
        most_days: i64,
    ) -> Result<(), MongoError> {
        let mut is_empty = true;
        while from < to {
            self.given_up.check()?;
            if is_empty {
                let pipeline = pipeline::first_message(from, to, &self.io.counting);
                let take = |first: &mut Option<DateTime>, row: &RawDocument| *first = row.get_datetime("ts").ok();
                match snapshot.aggregate(mongo::MESSAGES, pipeline, self.hint(), None, take).await? {
                    Some(at) => from = from.max(at.to_chrono()),
                    None => return Ok(()),
                }
            }
            let chunk = Chunk::first(&self.io.decoder.zone, from, to, most_days);
            let cells = self.count_chunk(snapshot, &chunk).await?;
            is_empty = cells.is_empty();
            self.cells.extend(cells.into_iter().map(|cell| CellCount {
                room: cell.room.into(),
                day: events::day(cell.day),
                messages: u32::try_from(cell.messages).unwrap_or(u32::MAX),
            }));
            from = chunk.to;
        }
        Ok(())
    }

    async fn count_chunk(&self, snapshot: &mut Snapshot, chunk: &Chunk) -> Result<Vec<Cell>, MongoError> {
        let pipeline = pipeline::cells(chunk, &self.io.counting);
        let take = |cells: &mut Vec<_>, row: &RawDocument| cells.extend(read_cell(chunk, row));
        snapshot.aggregate(mongo::MESSAGES, pipeline, self.hint(), Vec::new(), take).await
    }

    fn hint(&self) -> Option<Document> {
        self.has_index.then(pipeline::index)
    }
}
