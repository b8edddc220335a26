//! Counting by aggregations: messages per room and day as the database holds them now, and nothing from memory.
//!
//! Bounds what MongoDB is asked for at once, cuts a range into aggregations, and keeps the rooms whose messages count.

use std::{
    collections::{HashMap, HashSet},
    ops::RangeInclusive,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use bson::{Document, RawDocument};
use chrono::{DateTime, Days, NaiveDate, Utc};
use futures::{Stream, StreamExt, TryStreamExt, future::Either, stream};
use log::{debug, warn};

use super::{
    chunk::Chunk,
    pipeline::{self, Cell, read_cell},
    sums::{Counts, Sums},
};
use crate::{
    config::Counting,
    dashboard::period::DayRange,
    mongo::{self, Deadline, Mongo, MongoError, Operation, Permits, Query},
    time_zone::TimeZone,
};

/// Collections with fewer messages are counted in few aggregations; otherwise their number, not the messages, would
/// cost the time.
pub const FEW_MESSAGES: u64 = 50_000;

/// Ranges with more days are searched for messages before they are counted, lest empty centuries are counted day by
/// day.
pub(super) const MANY_DAYS: i64 = 400;

/// Without an index, so many days are the fewest of a period that is refused, unless there are few messages: with as many
/// days and one before them they are a range of `MANY_DAYS`.
pub const REFUSED_DAYS: i64 = MANY_DAYS / 2;

/// Days in one aggregation of such a range. A room and day takes about 0.5 kB of the 100 MB that MongoDB gives to a
/// `$group`, which is enough for 28,000 active rooms.
const DAYS_OF_MANY: i64 = 7;

/// More days than any period has.
const MOST_DAYS: i64 = 20_000 * 366;

/// The years that a client can write (contract section 6).
const YEARS: RangeInclusive<i32> = 0..=9999;

/// So many days are counted at once while the first message is looked for.
const MOST_DAYS_SEARCHED: i64 = 64;

/// How many ranges are counted at once: a second one, so that a wide one does not hold up all others.
const TURNS: usize = 2;

/// For how long it is taken for granted that a missing index is still missing.
const INDEX_MISSED: Duration = Duration::from_secs(60);

/// How many rooms are looked up at once, to stay far below MongoDB's limit of 16 MB for a command.
const ROOMS_A_LOOK_UP: usize = 20_000;

/// Counts by aggregations.
#[derive(Debug)]
pub struct Counter {
    mongo: Arc<Mongo>,
    counting: Counting,
    zone: TimeZone,
    /// As many permits as ranges may be counted at once.
    turns: Permits,
    /// As many permits as aggregations may count in MongoDB at once.
    permits: Permits,
    /// When MongoDB told that it has no index on `ts`.
    index_missed: Mutex<Option<Instant>>,
}

/// What is told about a count under way: up to which instant, about, it has come.
pub type Progress<'a> = &'a (dyn Fn(DateTime<Utc>) + Sync);

impl Counter {
    /// A counter of a workspace's messages.
    pub fn new(mongo: Arc<Mongo>, counting: Counting, zone: TimeZone) -> Self {
        let permits = Permits::new(counting.parallelism);
        let turns = Permits::new(TURNS);
        Self { mongo, counting, zone, turns, permits, index_missed: Mutex::default() }
    }

    /// Messages over a range of days: by day and type of room, and by room in each of these windows, which lie in the range.
    ///
    /// # Errors
    /// MongoDB does not give the counts by the deadline. Never some of them.
    pub async fn count<const N: usize>(
        &self,
        range: DayRange,
        windows: [DayRange; N],
        deadline: Deadline,
        progress: Progress<'_>,
    ) -> Result<Counts<N>, MongoError> {
        // Many counts at once would share the aggregations among them and all be late together.
        let _turn = self.turns.granted(deadline).await?;
        let missed = *self.index_missed.lock().unwrap_or_else(PoisonError::into_inner);
        let had_index = missed.is_none_or(|at| at.elapsed() > INDEX_MISSED);
        match self.count_by(range, windows, deadline, progress, had_index).await {
            Err(MongoError::NoSuchIndex) if had_index => {
                warn!(
                    "{} has no index on ts: counting will be slow; restart Rocket.Chat, which makes it, or make it as \
                     'rocketchat-engagement check' says",
                    mongo::MESSAGES
                );
                *self.index_missed.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
                self.count_by(range, windows, deadline, progress, false).await
            }
            result => result,
        }
    }

    /// The same of one room, by the index `{rid, ts}` that Rocket.Chat makes.
    ///
    /// # Errors
    /// As for [`Self::count`].
    pub async fn count_room<const N: usize>(
        &self,
        room: &str,
        range: DayRange,
        windows: [DayRange; N],
        deadline: Deadline,
    ) -> Result<Counts<N>, MongoError> {
        let _turn = self.turns.granted(deadline).await?;
        let (from, to) = self.zone.span(range.first, range.last);
        let mut sums = Sums::new(range, windows, &self.counting.room_types);
        for chunk in Chunk::all(&self.zone, from, to, MOST_DAYS) {
            let pipeline = pipeline::cells_of_room(room, &chunk, &self.counting);
            sums.add(self.cells(chunk, pipeline, deadline, None).await?);
        }
        let waiting = sums.waiting();
        let kinds = self.kinds(waiting.rooms(), deadline).await?;
        sums.add_known(waiting, &kinds);
        Ok(sums.finish())
    }

    /// The first day with a message that counts. Where the oldest messages are of rooms that do not count, more and more days are looked
    /// at.
    ///
    /// # Errors
    /// MongoDB does not tell by the deadline.
    pub async fn first_day(&self, deadline: Deadline) -> Result<Option<NaiveDate>, MongoError> {
        let first_of = |year| NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or_default();
        let (first, last) = (first_of(*YEARS.start()), first_of(*YEARS.end() + 1) - Days::new(1));
        let (mut from, to) = self.zone.span(first, last);
        let _turn = self.turns.granted(deadline).await?;
        let mut days = 1;
        loop {
            let permit = self.permits.granted(deadline).await?;
            let pipeline = pipeline::first_message(from, to, &self.counting);
            let query = Query { collection: mongo::MESSAGES, pipeline, hint: None, operation: Operation::Count };
            let take = |first: &mut Option<_>, row: &RawDocument| *first = row.get_datetime("ts").ok();
            let first = self.mongo.aggregate(query, deadline, None, permit.held_by(take)).await?;
            let Some(first) = first else { return Ok(None) };
            let chunk = Chunk::first(&self.zone, first.to_chrono(), to, days);
            let pipeline = pipeline::cells(&chunk, &self.counting);
            let cells = self.cells(chunk, pipeline, deadline, None).await?;
            let kinds = self.kinds(cells.iter().map(|cell| cell.room.as_str()).collect(), deadline).await?;
            let counts = |cell: &&Cell| kinds.contains_key(&cell.room) && cell.messages > 0;
            if let Some(cell) = cells.iter().filter(counts).min_by_key(|cell| cell.day) {
                return Ok(Some(cell.day));
            }
            (from, days) = (chunk.to, (2 * days).min(MOST_DAYS_SEARCHED));
        }
    }

    async fn count_by<const N: usize>(
        &self,
        range: DayRange,
        windows: [DayRange; N],
        deadline: Deadline,
        progress: Progress<'_>,
        index: bool,
    ) -> Result<Counts<N>, MongoError> {
        let (from, to) = self.zone.span(range.first, range.last);
        let is_wide = (range.last - range.first).num_days() >= MANY_DAYS;
        // Without an index each aggregation reads all messages, so the fewer the better.
        let most_days = match self.mongo.estimated_count(mongo::MESSAGES, deadline).await? {
            few if few < FEW_MESSAGES => {
                if index {
                    MANY_DAYS
                } else {
                    MOST_DAYS
                }
            }
            // It would read all messages once for each change of the clocks, or group more than MongoDB can hold.
            _ if is_wide && !index => return Err(MongoError::NoSuchIndex),
            _ if !index => MOST_DAYS,
            _ if is_wide => DAYS_OF_MANY,
            _ => 1,
        };
        let chunks = match is_wide {
            true => Either::Left(self.chunks_with_messages(from, to, most_days, deadline, index)),
            false => Either::Right(stream::iter(Chunk::all(&self.zone, from, to, most_days)).map(Ok)),
        };
        let sums = Mutex::new(Sums::new(range, windows, &self.counting.room_types));
        let locked = || sums.lock().unwrap_or_else(PoisonError::into_inner);
        // Rooms are looked up here and not by whoever takes the chunks off the stream: meanwhile the other chunks would not
        // be polled, and one that had just got a permit would keep it from everybody.
        let count = async |chunk: Chunk| {
            let pipeline = pipeline::cells(&chunk, &self.counting);
            let cells = self.cells(chunk, pipeline, deadline, index.then(pipeline::index)).await?;
            locked().add(cells);
            let waiting = locked().too_many();
            if let Some(waiting) = waiting {
                let kinds = self.kinds(waiting.rooms(), deadline).await?;
                locked().add_known(waiting, &kinds);
            }
            progress(chunk.to);
            Ok(())
        };
        chunks.map_ok(count).try_buffer_unordered(self.counting.parallelism).try_collect::<()>().await?;
        let waiting = locked().waiting();
        let kinds = self.kinds(waiting.rooms(), deadline).await?;
        locked().add_known(waiting, &kinds);
        Ok(sums.into_inner().unwrap_or_else(PoisonError::into_inner).finish())
    }

    /// The chunks of a wide range, without those in which there is nothing.
    fn chunks_with_messages(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        most_days: i64,
        deadline: Deadline,
        index: bool,
    ) -> impl Stream<Item = Result<Chunk, MongoError>> {
        stream::try_unfold(from, move |from| async move {
            let permit = self.permits.granted(deadline).await?;
            let pipeline = pipeline::first_message(from, to, &self.counting);
            let (collection, hint, operation) = (mongo::MESSAGES, index.then(pipeline::index), Operation::Count);
            let query = Query { collection, pipeline, hint, operation };
            let take = |first: &mut Option<_>, row: &RawDocument| *first = row.get_datetime("ts").ok();
            let first = self.mongo.aggregate(query, deadline, None, permit.held_by(take)).await?;
            let chunk = first.map(|at| Chunk::first(&self.zone, at.to_chrono(), to, most_days));
            Ok(chunk.map(|chunk| (chunk, chunk.to)))
        })
    }

    async fn cells(
        &self,
        chunk: Chunk,
        pipeline: Vec<Document>,
        deadline: Deadline,
        hint: Option<Document>,
    ) -> Result<Vec<Cell>, MongoError> {
        let permit = self.permits.granted(deadline).await?;
        let query = Query { collection: mongo::MESSAGES, pipeline, hint, operation: Operation::Count };
        let take = move |(cells, skipped): &mut (Vec<_>, u64), row: &RawDocument| match read_cell(&chunk, row) {
            Some(cell) => cells.push(cell),
            None => *skipped += 1,
        };
        let (cells, skipped) = self.mongo.aggregate(query, deadline, (Vec::new(), 0), permit.held_by(take)).await?;
        if skipped > 0 {
            debug!(
                "{} from {} to {}: skipped {skipped} values of rid that are no text",
                mongo::MESSAGES,
                chunk.from,
                chunk.to
            );
        }
        Ok(cells)
    }

    /// The types of those of the rooms that exist and whose type counts.
    async fn kinds(&self, rooms: HashSet<&str>, deadline: Deadline) -> Result<HashMap<String, String>, MongoError> {
        let mut kinds = HashMap::new();
        for some in rooms.into_iter().collect::<Vec<_>>().chunks(ROOMS_A_LOOK_UP) {
            kinds.extend(self.counting_rooms(some, deadline).await?);
        }
        Ok(kinds)
    }

    async fn counting_rooms(&self, ids: &[&str], deadline: Deadline) -> Result<HashMap<String, String>, MongoError> {
        let permit = self.permits.granted(deadline).await?;
        let pipeline = pipeline::counting_rooms(ids.iter().copied(), &self.counting);
        let query = Query { collection: mongo::ROOMS, pipeline, hint: None, operation: Operation::CountedRooms };
        let take = |rooms: &mut HashMap<_, _>, row: &RawDocument| {
            if let (Ok(id), Ok(kind)) = (row.get_str("_id"), row.get_str("t")) {
                rooms.insert(id.to_owned(), kind.to_owned());
            }
        };
        self.mongo.aggregate(query, deadline, HashMap::new(), permit.held_by(take)).await
    }
}
