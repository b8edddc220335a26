//! The tally: messages per day, wherever they come from. The only module that knows where counts come from.

pub mod chunk;
pub mod cube;
pub mod feed;
#[doc(hidden)]
pub mod flaw;
mod live;
pub mod pipeline;
pub mod time;

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use bson::RawDocument;
use chrono::{DateTime, NaiveDate, Utc};
use futures::{Stream, StreamExt, TryStreamExt, future::Either, stream};
use log::{debug, warn};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{
    config::{self, Counting, TallyMode},
    mongo::{self, Deadline, Mongo, MongoError, Purpose, Query},
    period::DayRange,
    report::DayCounts,
    tally::{
        chunk::Chunk,
        live::Live,
        pipeline::{Cell, read_cell},
    },
    time_zone::TimeZone,
};

/// Collections with fewer messages are counted in few aggregations; otherwise their number, not the messages, would
/// cost the time.
const FEW_MESSAGES: u64 = 50_000;

/// Ranges with more days are searched for messages before they are counted, lest empty centuries are counted day by
/// day.
const MANY_DAYS: i64 = 400;

/// Days in one aggregation of such a range. A room and day takes about 0.5 kB of the 100 MB that MongoDB gives to a
/// `$group`, which is enough for 28,000 active rooms.
const DAYS_OF_MANY: i64 = 7;

/// More days than any period has.
const MOST_DAYS: i64 = 20_000 * 366;

/// How many ranges are counted at once: a second one, so that a wide one does not hold up all others.
const TURNS: usize = 2;

/// For how long it is taken for granted that a missing index is still missing.
const INDEX_MISSED: Duration = Duration::from_secs(60);

/// How many rooms are looked up at once, to stay far below MongoDB's limit of 16 MB for a command.
const ROOMS_A_LOOK_UP: usize = 20_000;

/// A handle on the tally of the workspace. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Tally(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    mongo: Arc<Mongo>,
    counting: Counting,
    zone: TimeZone,
    /// As many permits as ranges may be counted at once.
    turns: Arc<Semaphore>,
    /// As many permits as aggregations may count in MongoDB at once.
    permits: Arc<Semaphore>,
    /// When MongoDB told that it has no index on `ts`.
    index_missed: Mutex<Option<Instant>>,
    /// The counts in memory, unless they are not wanted.
    live: Option<Live>,
    history_days: u32,
    /// How many answers have come from memory.
    from_memory: AtomicU64,
}

/// Where counts come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// From memory, all of it.
    Live,
    /// What is loaded from memory, the rest from aggregations.
    Loading,
    /// From aggregations.
    Pipeline,
}

/// How the tally stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Where counts come from.
    pub source: Source,
    /// How many days are in memory.
    pub loaded_days: u32,
    /// How old an answer from memory could be, in milliseconds; none if there can be none.
    pub staleness: Option<u64>,
    /// How many answers have come from memory.
    pub from_memory: u64,
    /// How often what was in memory has been given up and loaded again.
    pub reloads: u64,
}

impl Tally {
    /// Makes the handle and, unless told otherwise, begins to load. MongoDB need not be there.
    pub fn start(mongo: Arc<Mongo>, counting: Counting, settings: &config::Tally, zone: TimeZone) -> Self {
        let permits = Arc::new(Semaphore::new(counting.parallelism));
        let turns = Arc::new(Semaphore::new(TURNS));
        let live = match settings.mode {
            TallyMode::Auto => Some(Live::start(Arc::clone(&mongo), &counting, settings, zone)),
            TallyMode::Pipeline => None,
        };
        let (index_missed, from_memory) = (Mutex::default(), AtomicU64::default());
        let history_days = settings.history_days;
        Self(Arc::new(Inner { mongo, counting, zone, turns, permits, index_missed, live, history_days, from_memory }))
    }

    /// Messages per day over a range of days, wholly from memory or wholly from aggregations. Days without messages are
    /// absent.
    ///
    /// # Errors
    /// MongoDB does not give the counts by the deadline. Never a part of them.
    pub async fn days(&self, range: DayRange, deadline: Deadline) -> Result<DayCounts, MongoError> {
        match self.0.live.as_ref().and_then(|live| live.days(range)) {
            Some(days) => {
                self.0.from_memory.fetch_add(1, Ordering::Relaxed);
                Ok(days)
            }
            None => self.0.days(range, deadline).await,
        }
    }

    /// How the tally stands.
    pub fn standing(&self) -> Standing {
        let from_memory = self.0.from_memory.load(Ordering::Relaxed);
        let Some(live) = &self.0.live else {
            return Standing { source: Source::Pipeline, loaded_days: 0, staleness: None, from_memory, reloads: 0 };
        };
        let (status, has_obstacle) = live.status();
        let source = match status.live {
            true => Source::Live,
            false if has_obstacle || status.loaded_days >= self.0.history_days => Source::Pipeline,
            false => Source::Loading,
        };
        Standing {
            source,
            loaded_days: status.loaded_days,
            staleness: status.staleness,
            from_memory,
            reloads: live.reloads(),
        }
    }

    /// Ends what runs in the background.
    pub async fn stop(&self) {
        if let Some(live) = &self.0.live {
            live.stop().await;
        }
    }
}

/// Messages per room and day.
type Cells = HashMap<String, Vec<(NaiveDate, u64)>>;

impl Inner {
    async fn days(&self, range: DayRange, deadline: Deadline) -> Result<DayCounts, MongoError> {
        // Many counts at once would share the aggregations among them and all be late together.
        let _turn = granted(&self.turns, deadline).await?;
        let cells = self.cells(range, deadline).await?;
        let rooms: Vec<_> = cells.keys().map(String::as_str).collect();
        let mut days = DayCounts::new();
        for some in rooms.chunks(ROOMS_A_LOOK_UP) {
            let counting = self.counting_rooms(some, deadline).await?;
            let inside = counting.iter().filter_map(|room| cells.get(room)).flatten();
            for &(day, messages) in inside.filter(|(day, _)| range.contains(*day)) {
                *days.entry(day).or_default() += messages;
            }
        }
        Ok(days)
    }

    /// Counts per room and day. May hold some of the days next to the range.
    async fn cells(&self, range: DayRange, deadline: Deadline) -> Result<Cells, MongoError> {
        let missed = *self.index_missed.lock().unwrap_or_else(PoisonError::into_inner);
        let had_index = missed.is_none_or(|at| at.elapsed() > INDEX_MISSED);
        match self.cells_by(range, deadline, had_index).await {
            Err(MongoError::NoSuchIndex) if had_index => {
                warn!(
                    "{} has no index on ts: counting will be slow; Rocket.Chat makes one, why is it gone?",
                    mongo::MESSAGES
                );
                *self.index_missed.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
                self.cells_by(range, deadline, false).await
            }
            result => result,
        }
    }

    async fn cells_by(&self, range: DayRange, deadline: Deadline, index: bool) -> Result<Cells, MongoError> {
        let (from, to) = self.zone.span(range.first, range.last);
        let is_wide = (range.last - range.first).num_days() >= MANY_DAYS;
        // Without an index each aggregation reads all messages, so the fewer the better.
        let most_days = match self.mongo.estimated_messages(deadline).await? {
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
        let chunks = match is_wide && index {
            true => Either::Left(self.chunks_with_messages(from, to, most_days, deadline)),
            false => Either::Right(stream::iter(Chunk::all(self.zone, from, to, most_days)).map(Ok)),
        };
        let counted =
            chunks.map_ok(|chunk| self.count(chunk, deadline, index)).try_buffer_unordered(self.counting.parallelism);
        let collect = async |mut cells: Cells, counted: Vec<Cell>| {
            for Cell { room, day, messages } in counted {
                cells.entry(room).or_default().push((day, messages));
            }
            Ok(cells)
        };
        counted.try_fold(Cells::new(), collect).await
    }

    /// The chunks of a wide range, without those in which there is nothing.
    fn chunks_with_messages(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        most_days: i64,
        deadline: Deadline,
    ) -> impl Stream<Item = Result<Chunk, MongoError>> {
        stream::try_unfold(from, move |from| async move {
            let permit = granted(&self.permits, deadline).await?;
            let pipeline = pipeline::first_message(from, to, &self.counting);
            let query =
                Query { collection: mongo::MESSAGES, pipeline, hint: Some(pipeline::index()), purpose: Purpose::Count };
            let take = |first: &mut Option<_>, row: &RawDocument| *first = row.get_datetime("ts").ok();
            let first = self.mongo.aggregate(query, deadline, None, holding(permit, take)).await?;
            let chunk = first.map(|at| Chunk::first(self.zone, at.to_chrono(), to, most_days));
            Ok(chunk.map(|chunk| (chunk, chunk.to)))
        })
    }

    async fn count(&self, chunk: Chunk, deadline: Deadline, index: bool) -> Result<Vec<Cell>, MongoError> {
        let permit = granted(&self.permits, deadline).await?;
        let query = Query {
            collection: mongo::MESSAGES,
            pipeline: pipeline::cells(&chunk, &self.counting),
            hint: index.then(pipeline::index),
            purpose: Purpose::Count,
        };
        let take = move |(cells, skipped): &mut (Vec<_>, u64), row: &RawDocument| match read_cell(&chunk, row) {
            Some(cell) => cells.push(cell),
            None => *skipped += 1,
        };
        let (cells, skipped) = self.mongo.aggregate(query, deadline, (Vec::new(), 0), holding(permit, take)).await?;
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

    /// Those of the rooms that exist and whose type counts.
    async fn counting_rooms(&self, ids: &[&str], deadline: Deadline) -> Result<HashSet<String>, MongoError> {
        let permit = granted(&self.permits, deadline).await?;
        let pipeline = pipeline::counting_rooms(ids.iter().copied(), &self.counting);
        let query = Query { collection: mongo::ROOMS, pipeline, hint: None, purpose: Purpose::Count };
        let take = |rooms: &mut HashSet<String>, row: &RawDocument| rooms.extend(row.get_str("_id").map(str::to_owned));
        self.mongo.aggregate(query, deadline, HashSet::new(), holding(permit, take)).await
    }
}

/// Waits for a permit until the deadline.
async fn granted(semaphore: &Arc<Semaphore>, deadline: Deadline) -> Result<OwnedSemaphorePermit, MongoError> {
    let permit = tokio::time::timeout_at(deadline.instant(), Arc::clone(semaphore).acquire_owned()).await;
    // The semaphores are never closed.
    permit.ok().and_then(Result::ok).ok_or(MongoError::TooSlow)
}

/// Lets a permit go when the aggregation has ended, and not when its caller has gone away.
fn holding<T>(
    permit: OwnedSemaphorePermit,
    mut take: impl FnMut(&mut T, &RawDocument),
) -> impl FnMut(&mut T, &RawDocument) {
    move |filled, row| {
        let _held = &permit;
        take(filled, row);
    }
}
