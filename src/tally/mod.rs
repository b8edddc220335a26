//! The tally: messages per day, wherever they come from. The only module that knows where counts come from.

pub mod chunk;
pub mod counter;
pub mod cube;
pub mod feed;
#[doc(hidden)]
pub mod flaw;
pub mod live;
pub mod metrics;
pub mod pipeline;
pub mod sums;
pub mod time;

use std::sync::Arc;

use chrono::{DateTime, Days, NaiveDate, Utc};

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    config::{self, Counting, TallyMode},
    dashboard::{
        breakdown::{Breakdown, BreakdownDays, PARTS, WINDOWS},
        messages_sent::DayCounts,
        period::DayRange,
        room_sums::{RoomSums, TypeSums},
    },
    mongo::{Deadline, Mongo, MongoError},
    tally::{
        counter::Counter,
        feed::{FeedStatus, Hindrance},
        flaw::Flaws,
        live::{Contents, Dependencies, Live},
        metrics::{AnswerSource, TallyMetrics},
        sums::Counts,
    },
    time_zone::TimeZone,
};

/// A handle on the tally of the workspace. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Tally(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    counter: Counter,
    /// The counts in memory, unless they are not wanted.
    live: Option<Live>,
    zone: TimeZone,
    room_types: Vec<String>,
    history_days: u32,
    metrics: Arc<TallyMetrics>,
}

/// Where counts come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
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
pub struct TallyStatus {
    /// Where counts come from.
    pub source: Source,
    /// How many days are in memory.
    pub loaded_days: u32,
    /// How old an answer from memory could be, in milliseconds; none if there can be none.
    pub staleness: Option<u64>,
    /// Why counts do not come from memory, or not all of them, if it is more than that they are being loaded. A text that may be
    /// told to anyone.
    pub reason: Option<&'static str>,
}

/// A day of which the metrics tell the messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recent {
    /// The day that it is.
    Today,
    /// The day before.
    Yesterday,
}

/// What is in memory, for the metrics. All of it is of one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measures {
    /// How the tally stands.
    pub status: TallyStatus,
    /// How many days are to be in memory; none if it is not to be used.
    pub history_days: Option<u32>,
    /// How many pairs of a room and a day with messages there are.
    pub cells: usize,
    /// How many events wait to be applied.
    pub pending_events: usize,
    /// Messages that count, by day and type of room; empty unless counts are live.
    pub messages: Vec<(Recent, String, u64)>,
}

impl Tally {
    /// Makes the handle and, unless told otherwise, begins to load. MongoDB need not be there.
    pub fn start(
        mongo: Arc<Mongo>,
        counting: Counting,
        settings: &config::TallySettings,
        zone: TimeZone,
        metrics: Arc<TallyMetrics>,
    ) -> Self {
        let live = match settings.mode {
            TallyMode::Auto => {
                let (mongo, metrics, counting) = (Arc::clone(&mongo), Arc::clone(&metrics), &counting);
                let zone = zone.clone();
                Some(Live::start(Dependencies { mongo, counting, settings, zone, metrics, flaws: Flaws::default() }))
            }
            TallyMode::Pipeline => None,
        };
        let (room_types, history_days) = (counting.room_types.clone(), settings.history_days);
        let counter = Counter::new(mongo, counting, zone.clone());
        Self(Arc::new(Inner { counter, live, zone, room_types, history_days, metrics }))
    }

    /// Messages per day over a range of days, wholly from memory or wholly from aggregations. Days without messages are
    /// absent.
    ///
    /// # Errors
    /// MongoDB does not give the counts by the deadline. Never a part of them.
    pub async fn days(&self, range: DayRange, deadline: Deadline) -> Result<DayCounts, MongoError> {
        let counted = async || Ok(self.count(range, [], deadline).await?.days());
        self.answer(|live| live.days(range), counted).await
    }

    /// Messages over a range of days by type of room, in the order of the counted types, wholly from memory or wholly from
    /// aggregations.
    ///
    /// # Errors
    /// As for [`Self::days`].
    pub async fn types(&self, range: DayRange, deadline: Deadline) -> Result<TypeSums, MongoError> {
        let counted = async || {
            let mut sums = vec![0; self.0.room_types.len()];
            for types in self.count(range, [], deadline).await?.types.values() {
                sums.iter_mut().zip(types).for_each(|(sum, messages)| *sum += messages);
            }
            Ok(sums)
        };
        let sums = self.answer(|live| live.types(range), counted).await?;
        Ok(self.0.room_types.iter().cloned().zip(sums).collect())
    }

    /// Messages per room in each of these windows of days, wholly from memory or wholly from aggregations. So many rooms at least are
    /// kept, those with the most messages in the first window; how many there are in all is told as well.
    ///
    /// # Errors
    /// As for [`Self::days`].
    pub async fn rooms<const N: usize>(
        &self,
        windows: [DayRange; N],
        most: usize,
        deadline: Deadline,
    ) -> Result<RoomSums<N>, MongoError> {
        let counted = async || match windows.into_iter().reduce(DayRange::with) {
            Some(range) => Ok(self.count(range, windows, deadline).await?.rooms),
            None => Ok(RoomSums::new(&self.0.room_types)),
        };
        self.answer(|live| live.busiest(windows, most), counted).await
    }

    /// Messages by day and type, and by room with a trend, over a window of days and the one that it is compared with; of one room
    /// only, if it is told. Wholly from memory or wholly from aggregations.
    ///
    /// # Errors
    /// As for [`Self::days`].
    pub async fn breakdown(
        &self,
        days: BreakdownDays,
        room: Option<&str>,
        deadline: Deadline,
    ) -> Result<Breakdown, MongoError> {
        let windows = days.windows();
        let counted = async || {
            let counted = async |range: DayRange, windows: [DayRange; WINDOWS]| {
                let Counts { types, rooms, last_days } = match room {
                    Some(room) => self.0.counter.count_room(room, range, windows, deadline).await?,
                    None => self.count(range, windows, deadline).await?,
                };
                Ok::<_, MongoError>(Breakdown { days: types, rooms, last_days })
            };
            let nothing = DayRange { first: days.window.first, last: days.window.first - Days::new(1) };
            let [parts @ .., compare] = windows;
            let mut of_window = [nothing; WINDOWS];
            of_window.iter_mut().zip(parts).for_each(|(slot, part)| *slot = part);
            let counts = counted(days.window, of_window).await?;
            // Each for itself: there may be a year between them.
            match compare.is_empty() {
                true => Ok(counts),
                false => {
                    let mut of_compare = [nothing; WINDOWS];
                    of_compare.iter_mut().skip(PARTS).for_each(|slot| *slot = compare);
                    Ok(counts.with(counted(compare, of_compare).await?, &self.0.room_types))
                }
            }
        };
        self.answer(|live| live.breakdown(windows, room), counted).await
    }

    /// The types of rooms whose messages count, in the order of the sums by type.
    pub fn room_types(&self) -> &[String] {
        &self.0.room_types
    }

    /// How many days are to be in memory.
    pub fn history_days(&self) -> u32 {
        self.0.history_days
    }

    /// The first day with a message that counts, by aggregations. None if there is none.
    ///
    /// # Errors
    /// MongoDB does not tell by the deadline.
    pub async fn first_day(&self, deadline: Deadline) -> Result<Option<NaiveDate>, MongoError> {
        self.0.counter.first_day(deadline).await
    }

    /// From memory if it can vouch for all that is asked, else from aggregations.
    async fn answer<T>(
        &self,
        live: impl FnOnce(&Live) -> Option<T>,
        counted: impl AsyncFnOnce() -> Result<T, MongoError>,
    ) -> Result<T, MongoError> {
        let (answer, source) = match self.0.live.as_ref().and_then(live) {
            Some(answer) => (answer, AnswerSource::Memory),
            None => (counted().await?, AnswerSource::Aggregations),
        };
        self.0.metrics.answers.count(source);
        Ok(answer)
    }

    async fn count<const N: usize>(
        &self,
        range: DayRange,
        windows: [DayRange; N],
        deadline: Deadline,
    ) -> Result<Counts<N>, MongoError> {
        self.0.counter.count(range, windows, deadline, &|_| ()).await
    }

    /// How the tally stands.
    pub fn status(&self) -> TallyStatus {
        match &self.0.live {
            Some(live) => self.0.status(live.status(), live.has_obstacle()),
            None => TallyStatus { source: Source::Pipeline, loaded_days: 0, staleness: None, reason: None },
        }
    }

    /// What is in memory. MongoDB is not asked.
    pub fn measures(&self, now: DateTime<Utc>) -> Measures {
        let Some(live) = &self.0.live else {
            let (status, messages) = (self.status(), Vec::new());
            return Measures { status, history_days: None, cells: 0, pending_events: 0, messages };
        };
        let Contents { status, cells, today, yesterday } = live.contents(self.0.zone.date(now));
        let types = &self.0.room_types;
        let messages = [(Recent::Today, today), (Recent::Yesterday, yesterday)].into_iter().flat_map(|(day, sums)| {
            types.iter().zip(sums.unwrap_or_default()).map(move |(room_type, sum)| (day, room_type.clone(), sum))
        });
        Measures {
            status: self.0.status(status, live.has_obstacle()),
            history_days: Some(self.0.history_days),
            cells,
            pending_events: status.backlog,
            messages: messages.collect(),
        }
    }

    /// How it stands, as metrics.
    ///
    /// # Errors
    /// As for [`Registry::new`](crate::metrics::Registry::new).
    pub fn gauges(&self, now: DateTime<Utc>) -> Result<Vec<prometheus::proto::MetricFamily>, prometheus::Error> {
        metrics::gauges(&self.measures(now))
    }

    /// Ends what runs in the background.
    pub async fn stop(&self) {
        if let Some(live) = &self.0.live {
            live.stop().await;
        }
    }
}

impl Inner {
    fn status(&self, status: FeedStatus, has_obstacle: bool) -> TallyStatus {
        let source = match (status.live, status.hindrance) {
            (true, _) => Source::Live,
            (false, Some(Hindrance::ImagesLost)) => Source::Pipeline,
            (false, _) if has_obstacle || status.loaded_days >= self.history_days => Source::Pipeline,
            (false, _) => Source::Loading,
        };
        let reason = match (status.live, status.hindrance) {
            (true, _) => None,
            (false, _) if has_obstacle => Some("the database cannot be followed; the log says why"),
            (false, hindrance) => hindrance.map(Hindrance::reason),
        };
        TallyStatus { source, loaded_days: status.loaded_days, staleness: status.staleness, reason }
    }
}
