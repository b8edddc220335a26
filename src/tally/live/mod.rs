//! The tally in memory, kept by one task: it drives the [`Feed`], does what the feed asks for, and tells people.
//!
//! Rule: only that task changes the feed; requests look into it for a microsecond and never wait for the task. Every
//! operation of the driver is a task of its own that is left to end by itself: the feed gives up what takes too long,
//! and ignores what comes late. Boundary: what is right is the feed's business, how MongoDB is asked [`mongo`]'s.
//!
//! [`mongo`]: crate::mongo

mod anew;
pub mod events;
mod io;
mod narrator;
mod owner;
mod reads;
mod stream;

use std::{
    ops::RangeInclusive,
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::{Duration, SystemTime},
};

use chrono::{NaiveDate, Utc};
use tokio::{
    sync::{Semaphore, mpsc, watch},
    task::JoinHandle,
};

use self::{
    events::{Decoder, date, day},
    io::Io,
    narrator::Narrator,
    owner::Owner,
};
use crate::{
    clock::Clock,
    config::{self, Counting},
    dashboard::{
        breakdown::{Breakdown, WINDOWS},
        messages_sent::DayCounts,
        period::DayRange,
        room_sums::RoomSums,
    },
    mongo::Mongo,
    tally::{
        feed::{Answer, Config, Feed, FeedStatus},
        flaw::Flaws,
        metrics::TallyMetrics,
        time::{Day, Millis},
    },
    time_zone::TimeZone,
};

/// Results that wait for the feed; whoever brings more waits.
const RESULTS: usize = 64;

/// History is loaded in about so many parts, the newest first.
const PARTS: u32 = 25;

/// The most days of a part.
const MOST_DAYS: u32 = 366;

/// The longest pause before something is tried again.
const MAX_PAUSE: Millis = 10_000;

/// The tally in memory. Dropping it ends its task.
#[derive(Debug)]
pub struct Live {
    shared: Arc<Shared>,
    stop: watch::Sender<bool>,
    task: Mutex<Option<JoinHandle<()>>>,
}

/// What the tally is made from.
#[derive(Debug, Clone)]
pub struct Dependencies<'a> {
    /// The database.
    pub mongo: Arc<Mongo>,
    /// What counts.
    pub counting: &'a Counting,
    /// How it is kept in memory.
    pub settings: &'a config::TallySettings,
    /// Whose midnights part the days.
    pub zone: TimeZone,
    /// Who is told what happens.
    pub metrics: Arc<TallyMetrics>,
    /// Mistakes to make, for tests.
    #[doc(hidden)]
    pub flaws: Flaws,
}

/// What the task shares with requests.
#[derive(Debug)]
struct Shared {
    /// Never poisoned: a panic of a step is caught, and the feed a new one, before it can be seen.
    feed: RwLock<Feed>,
    /// Why the database cannot be followed, as far as that will not pass by itself: per stream.
    obstacles: Mutex<[Option<String>; 2]>,
    metrics: Arc<TallyMetrics>,
    clock: Clock,
}

/// What is in memory at one moment.
pub struct Contents {
    /// How things stand.
    pub status: FeedStatus,
    /// How many pairs of a room and a day with messages there are.
    pub cells: usize,
    /// The day's messages by type of room, if counts are live and the day is in memory.
    pub today: Option<Vec<u64>>,
    /// Those of the day before.
    pub yesterday: Option<Vec<u64>>,
}

impl Live {
    /// Starts the task on the driver's runtime. MongoDB need not be there.
    pub fn start(origin: Dependencies<'_>) -> Self {
        let Dependencies { mongo, counting, settings, zone, metrics, flaws } = origin;
        let (config, today) = (feed_config(counting, settings), day(zone.date(Utc::now())));
        let feed = Feed::flawed(config, today, flaws);
        let clock = Clock::new();
        let shared = Arc::new(Shared { feed: RwLock::new(feed), obstacles: Mutex::default(), metrics, clock });
        let (results, messages) = mpsc::channel(RESULTS);
        let decoder = Decoder { message_types: counting.message_types.clone(), zone };
        let runtime = mongo.runtime().clone();
        let loading = Semaphore::new(settings.parallelism);
        let io = Io { mongo, counting: counting.clone(), decoder, clock, results, loading };
        let (stop, stopped) = watch::channel(false);
        let narrator = Narrator::new(settings.history_days, clock.now());
        let owner = Owner::new(Arc::clone(&shared), io, messages, narrator);
        let task = runtime.spawn(owner.run(stopped));
        Self { shared, stop, task: Mutex::new(Some(task)) }
    }

    /// Messages per day, if memory can vouch for all of them.
    pub fn days(&self, range: DayRange) -> Option<DayCounts> {
        let days = self.ask(|feed, now| feed.days(days(range), now))?;
        days.into_iter().map(|(day, messages)| Some((date(day)?, messages))).collect()
    }

    /// Messages by type of room, in the order of the counted types, if memory can vouch for all of the days.
    pub fn types(&self, range: DayRange) -> Option<Vec<u64>> {
        self.ask(|feed, now| feed.types(days(range), now))
    }

    /// Messages per room in each of these windows, if memory can vouch for all of their days. So many rooms are kept, those with the
    /// most messages in the first window.
    pub fn busiest<const N: usize>(&self, windows: [DayRange; N], most: usize) -> Option<RoomSums<N>> {
        self.ask(|feed, now| feed.busiest(&windows.map(days), most, now))
    }

    /// Messages by day and type, and by room, if memory can vouch for all of the days; of one room only, if it is told.
    pub fn breakdown(&self, windows: [DayRange; WINDOWS], room: Option<&str>) -> Option<Breakdown> {
        self.ask(|feed, now| feed.breakdown(&windows.map(days), room, now))?.renamed(date)
    }

    fn ask<T>(&self, question: impl FnOnce(&Feed, Millis) -> Answer<T>) -> Option<T> {
        let now = self.shared.clock.now();
        let feed = self.shared.feed.read().unwrap_or_else(PoisonError::into_inner);
        match question(&feed, now) {
            Answer::Live(counts) => Some(counts),
            Answer::NotLoaded | Answer::Stale => None,
        }
    }

    /// How things stand.
    pub fn status(&self) -> FeedStatus {
        self.shared.status()
    }

    /// Whether there is an obstacle that will not pass by itself.
    pub fn has_obstacle(&self) -> bool {
        self.shared.obstacles.lock().unwrap_or_else(PoisonError::into_inner).iter().any(Option::is_some)
    }

    /// What is in memory, where it is this day now.
    pub fn contents(&self, today: NaiveDate) -> Contents {
        let feed = self.shared.feed.read().unwrap_or_else(PoisonError::into_inner);
        let status = feed.status(self.shared.clock.now());
        let by_type = |day| feed.cube().by_type(day).filter(|_| status.live);
        let today = day(today);
        let (cells, yesterday) = (feed.cube().cells(), by_type(today.saturating_sub(1)));
        Contents { status, cells, today: by_type(today), yesterday }
    }

    /// Ends the task, the streams and, as far as they end soon, the reads.
    pub async fn stop(&self) {
        self.stop.send_replace(true);
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(task) = task {
            drop(task.await);
        }
    }
}

impl Shared {
    fn status(&self) -> FeedStatus {
        self.feed.read().unwrap_or_else(PoisonError::into_inner).status(self.clock.now())
    }
}

fn days(range: DayRange) -> RangeInclusive<Day> {
    day(range.first)..=day(range.last)
}

fn feed_config(counting: &Counting, settings: &config::TallySettings) -> Config {
    let milliseconds = |time: Duration| Millis::try_from(time.as_millis()).unwrap_or(Millis::MAX);
    let max_staleness = milliseconds(settings.max_staleness);
    let seed = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().subsec_nanos();
    Config {
        counted_types: counting.room_types.clone(),
        history_days: settings.history_days,
        span_days: settings.history_days.div_ceil(PARTS).clamp(1, MOST_DAYS),
        parallelism: settings.parallelism,
        load_pause: milliseconds(settings.pause),
        max_staleness,
        max_pause: MAX_PAUSE,
        // Memory is known to be as fresh as the answer before the last, and the streams' empty batches take their time, too.
        point_every: (max_staleness / 20).clamp(20, 100),
        seed: u64::from(seed) << 32 | u64::from(std::process::id()),
        ..Config::default()
    }
}
