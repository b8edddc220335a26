//! The tally: messages per day, wherever they come from. The only module that knows where counts come from.

pub mod chunk;
pub mod counter;
pub mod cube;
pub mod feed;
#[doc(hidden)]
pub mod flaw;
mod live;
pub mod pipeline;
pub mod time;

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use crate::{
    config::{self, Counting, TallyMode},
    mongo::{Deadline, Mongo, MongoError},
    period::DayRange,
    report::DayCounts,
    tally::{counter::Counter, live::Live},
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
        let live = match settings.mode {
            TallyMode::Auto => Some(Live::start(Arc::clone(&mongo), &counting, settings, zone)),
            TallyMode::Pipeline => None,
        };
        let counter = Counter::new(mongo, counting, zone);
        Self(Arc::new(Inner { counter, live, history_days: settings.history_days, from_memory: AtomicU64::default() }))
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
            None => self.0.counter.days(range, deadline).await,
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
