//! The tally in memory, kept by one task: it drives the [`Feed`], does what the feed asks for, and tells people.
//!
//! Rule: only that task changes the feed; requests look into it for a microsecond and never wait for the task. Every
//! operation of the driver is a task of its own that is left to end by itself: the feed gives up what takes too long,
//! and ignores what comes late. Boundary: what is right is the feed's business, how MongoDB is asked [`mongo`]'s.
//!
//! [`mongo`]: crate::mongo

mod anew;
pub mod events;
mod narrator;
mod reads;
mod stream;

use std::{
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::{Duration, Instant, SystemTime},
};

use chrono::{NaiveDate, Utc};
use log::{debug, error};
use tokio::{
    sync::{mpsc, watch},
    task::{JoinHandle, JoinSet},
    time::{MissedTickBehavior, interval, timeout},
};

use self::{
    anew::Rest,
    events::{Decoder, date, day},
    narrator::Narrator,
};
use crate::{
    config::{self, Counting},
    metrics::{Metrics, ReloadReason},
    mongo::{Mongo, MongoError, Operation},
    period::DayRange,
    report::DayCounts,
    tally::{
        feed::{Answer, Command, Config, Fault, Feed, Input, Notice, Output, Request, Status, Stream},
        flaw::Flaw,
        time::Millis,
    },
    time_zone::TimeZone,
};

/// How often the feed is told the time.
const TICK: Duration = Duration::from_millis(100);

/// Results that wait for the feed; whoever brings more waits.
const RESULTS: usize = 64;

/// History is loaded in about so many parts, the newest first.
const PARTS: u32 = 25;

/// The most days of a part.
const MOST_DAYS: u32 = 366;

/// The longest pause before something is tried again.
const MAX_PAUSE: Millis = 10_000;

/// How long operations may take to end when the service stops.
const ENDING: Duration = Duration::from_millis(500);

/// The tally in memory. Dropping it ends its task.
#[derive(Debug)]
pub struct Live {
    shared: Arc<Shared>,
    stop: watch::Sender<bool>,
    task: Mutex<Option<JoinHandle<()>>>,
}

/// What the task shares with requests.
#[derive(Debug)]
struct Shared {
    /// Never poisoned: a panic of a step is caught, and the feed a new one, before it can be seen.
    feed: RwLock<Feed>,
    /// Why the database cannot be followed, as far as that will not pass by itself: per stream.
    obstacles: Mutex<[Option<String>; 2]>,
    metrics: Arc<Metrics>,
    clock: Clock,
}

/// What is in memory at one moment.
pub struct Contents {
    /// How things stand.
    pub status: Status,
    /// How many pairs of a room and a day with messages there are.
    pub cells: usize,
    /// The day's messages by type of room, if counts are live and the day is in memory.
    pub today: Option<Vec<u64>>,
    /// Those of the day before.
    pub yesterday: Option<Vec<u64>>,
}

/// The feed's clock.
#[derive(Debug, Clone, Copy)]
struct Clock(Instant);

impl Clock {
    /// Begins long before now, so that what happened a while ago has a time too.
    fn new() -> Self {
        let now = Instant::now();
        Self(now.checked_sub(Duration::from_secs(3_600)).unwrap_or(now))
    }

    fn now(self) -> Millis {
        Millis::try_from(self.0.elapsed().as_millis()).unwrap_or(Millis::MAX)
    }
}

/// What the operations need.
struct Io {
    mongo: Arc<Mongo>,
    counting: Counting,
    decoder: Decoder,
    clock: Clock,
    results: mpsc::Sender<Message>,
}

impl Io {
    async fn give(&self, input: Input) {
        self.tell(Message::Input(input)).await;
    }

    /// Nobody listens any more only when the service stops.
    async fn tell(&self, message: Message) {
        drop(self.results.send(message).await);
    }
}

/// What the task is told.
enum Message {
    Input(Input),
    /// A stream cannot be opened, and that will not pass by itself.
    Obstacle(Stream, String),
}

impl Live {
    /// Starts the task on the driver's runtime. MongoDB need not be there.
    pub fn start(
        mongo: Arc<Mongo>,
        counting: &Counting,
        settings: &config::Tally,
        zone: TimeZone,
        metrics: Arc<Metrics>,
    ) -> Self {
        let feed = Feed::new(feed_config(counting, settings), day(zone.date(Utc::now())));
        Self::start_with(feed, mongo, counting, settings, zone, metrics)
    }

    /// The same with a feed that is wrong on purpose.
    #[doc(hidden)]
    pub fn start_flawed(
        flaw: Flaw,
        mongo: Arc<Mongo>,
        counting: &Counting,
        settings: &config::Tally,
        zone: TimeZone,
        metrics: Arc<Metrics>,
    ) -> Self {
        let feed = Feed::flawed(feed_config(counting, settings), day(zone.date(Utc::now())), flaw);
        Self::start_with(feed, mongo, counting, settings, zone, metrics)
    }

    fn start_with(
        feed: Feed,
        mongo: Arc<Mongo>,
        counting: &Counting,
        settings: &config::Tally,
        zone: TimeZone,
        metrics: Arc<Metrics>,
    ) -> Self {
        let clock = Clock::new();
        let shared = Arc::new(Shared { feed: RwLock::new(feed), obstacles: Mutex::default(), metrics, clock });
        let (results, messages) = mpsc::channel(RESULTS);
        let decoder = Decoder { message_types: counting.message_types.clone(), zone };
        let runtime = mongo.runtime().clone();
        let io = Arc::new(Io { mongo, counting: counting.clone(), decoder, clock, results });
        let (stop, stopped) = watch::channel(false);
        let narrator = Narrator::new(settings.history_days, clock.now());
        let owner = Owner {
            shared: Arc::clone(&shared),
            io,
            messages,
            narrator,
            gates: [None, None],
            tasks: JoinSet::new(),
            rest: Rest::none(),
        };
        let task = runtime.spawn(owner.run(stopped));
        Self { shared, stop, task: Mutex::new(Some(task)) }
    }

    /// Messages per day, if memory can vouch for all of them.
    pub fn days(&self, range: DayRange) -> Option<DayCounts> {
        let now = self.shared.clock.now();
        let feed = self.shared.feed.read().unwrap_or_else(PoisonError::into_inner);
        let answer = feed.days(day(range.first)..=day(range.last), now);
        drop(feed);
        let Answer::Live(days) = answer else { return None };
        days.into_iter().map(|(day, messages)| Some((date(day)?, messages))).collect()
    }

    /// How things stand.
    pub fn status(&self) -> Status {
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
    fn status(&self) -> Status {
        self.feed.read().unwrap_or_else(PoisonError::into_inner).status(self.clock.now())
    }
}

fn feed_config(counting: &Counting, settings: &config::Tally) -> Config {
    let milliseconds = |time: Duration| Millis::try_from(time.as_millis()).unwrap_or(Millis::MAX);
    let seed = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().subsec_nanos();
    Config {
        counted_types: counting.room_types.clone(),
        history_days: settings.history_days,
        span_days: settings.history_days.div_ceil(PARTS).clamp(1, MOST_DAYS),
        parallelism: settings.parallelism,
        load_pause: milliseconds(settings.pause),
        max_staleness: milliseconds(settings.max_staleness),
        max_pause: MAX_PAUSE,
        seed: u64::from(seed) << 32 | u64::from(std::process::id()),
        ..Config::default()
    }
}

/// What an error means to the feed.
fn fault(error: &MongoError) -> Fault {
    match error {
        MongoError::Unreachable(_) | MongoError::TooSlow | MongoError::Panicked(_) => Fault::Unreachable,
        MongoError::HistoryLost(_) => Fault::HistoryLost,
        MongoError::BrokenOff(_) => Fault::Undecodable,
        MongoError::Refused(_) | MongoError::Failed(_) | MongoError::NoSuchIndex | MongoError::Unsupported(_) => {
            Fault::Refused
        }
    }
}

/// The task.
struct Owner {
    shared: Arc<Shared>,
    io: Arc<Io>,
    messages: mpsc::Receiver<Message>,
    narrator: Narrator,
    /// One for each stream; replaced with it.
    gates: [Option<watch::Sender<bool>>; 2],
    tasks: JoinSet<()>,
    rest: Rest,
}

impl Owner {
    async fn run(mut self, mut stopped: watch::Receiver<bool>) {
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                // An error says that nobody can ask any more.
                _ = stopped.changed() => break,
                Some(message) = self.messages.recv() => self.on(message),
                _ = ticks.tick() => self.tick(),
                Some(_) = self.tasks.join_next() => {}
            }
        }
        let Self { messages, gates, mut tasks, .. } = self;
        drop((messages, gates));
        let ended = timeout(ENDING, async { while tasks.join_next().await.is_some() {} }).await;
        if ended.is_err() {
            debug!("{} operations are left behind", tasks.len());
        }
    }

    fn on(&mut self, message: Message) {
        match message {
            Message::Input(input) => self.step(input),
            Message::Obstacle(stream, obstacle) => self.set_obstacle(stream, Some(obstacle)),
        }
    }

    fn tick(&mut self) {
        let today = day(self.io.decoder.zone.date(Utc::now()));
        self.step(Input::Tick { today });
        let obstacles = self.shared.obstacles.lock().unwrap_or_else(PoisonError::into_inner);
        let obstacle = obstacles.iter().flatten().next();
        self.narrator.state(self.shared.status(), obstacle.map(String::as_str));
    }

    fn step(&mut self, input: Input) {
        let outputs = {
            let mut feed = self.shared.feed.write().unwrap_or_else(PoisonError::into_inner);
            let outputs = match self.rest.step(&mut feed, self.shared.clock.now(), input) {
                Ok(outputs) => outputs,
                Err(panicked) => {
                    // The streams end with these.
                    self.gates = [None, None];
                    self.shared.metrics.tally.reloads.count(ReloadReason::Panic);
                    error!(
                        "what was in memory is given up, by a mistake of this program, and loaded again in {} s: {}",
                        panicked.rest.div_ceil(1000),
                        panicked.message
                    );
                    return;
                }
            };
            for (stream, gate) in [Stream::Messages, Stream::Rooms].into_iter().zip(&self.gates) {
                let is_open = feed.wants_more(stream);
                if let Some(gate) = gate {
                    gate.send_if_modified(|was_open| std::mem::replace(was_open, is_open) != is_open);
                }
            }
            outputs
        };
        for output in outputs {
            match output {
                Output::Command(request, command) => self.begin(request, command),
                Output::Notice(notice) => {
                    if let Notice::Opened(stream) = notice {
                        self.set_obstacle(stream, None);
                    }
                    self.shared.metrics.tally.note(&notice);
                    let feed = self.shared.feed.read().unwrap_or_else(PoisonError::into_inner);
                    self.narrator.notice(&notice, &feed, self.shared.clock.now());
                }
            }
        }
    }

    fn set_obstacle(&self, stream: Stream, obstacle: Option<String>) {
        let mut obstacles = self.shared.obstacles.lock().unwrap_or_else(PoisonError::into_inner);
        let [messages, rooms] = &mut *obstacles;
        match stream {
            Stream::Messages => *messages = obstacle,
            Stream::Rooms => *rooms = obstacle,
        }
    }

    fn begin(&mut self, request: Request, command: Command) {
        let io = Arc::clone(&self.io);
        let runtime = self.io.mongo.runtime().clone();
        if let Command::Watch { stream, start } = command {
            let (gate, is_open) = watch::channel(true);
            let [messages, rooms] = &mut self.gates;
            match stream {
                Stream::Messages => *messages = Some(gate),
                Stream::Rooms => *rooms = Some(gate),
            }
            self.tasks.spawn_on(stream::follow(io, request, stream, start, is_open), &runtime);
            return;
        }
        self.tasks.spawn_on(
            async move {
                let input = match io.read(request, command).await {
                    Ok(input) => input,
                    Err(error) => {
                        debug!("a read for the tally failed: {error}");
                        Input::Failed { request, fault: fault(&error) }
                    }
                };
                io.give(input).await;
            },
            &runtime,
        );
    }
}

impl Io {
    async fn read(&self, request: Request, command: Command) -> Result<Input, MongoError> {
        Ok(match command {
            Command::Load { first, last, not_before } => {
                let (version, cells) = self.load(Operation::Load, first, last, not_before).await?;
                Input::Loaded { request, version, cells }
            }
            Command::Audit { day, not_before } => {
                let (version, rooms) = self.audit(day, not_before).await?;
                Input::Audited { request, version, rooms }
            }
            Command::ReadImages { ids, at } => {
                let found = self.images(&ids, at).await?;
                Input::Images { request, found }
            }
            Command::ReadRooms { not_before } => {
                let (version, rooms) = self.rooms(not_before).await?;
                Input::RoomList { request, version, rooms }
            }
            Command::Watch { .. } => Input::Failed { request, fault: Fault::Refused },
        })
    }
}
