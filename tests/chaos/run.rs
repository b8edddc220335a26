//! One run: a set, a workspace, the service, writers and askers; one fault after another, and a lull after each.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bson::{DateTime, Document, doc};
use mongodb::options::ReadConcern;
use tokio::{
    sync::{OwnedRwLockWriteGuard, RwLock},
    task::JoinHandle,
    time::{sleep, timeout},
};

use crate::{
    book::Book,
    faults::{self, Fault},
    guarded::until,
    judge::{Judge, STALENESS},
    random::Random,
    replica_set::ReplicaSet,
    service::{Service, write_viewers},
    truth::{Truth, ZONES},
    writers::{Gate, Target, Writer, run_rooms, write_indexes, write_rooms},
};

/// Within what time the service must be live again once all is well. Its own pauses grow to 30 s.
const RECOVERY: Duration = Duration::from_secs(120);

/// Messages that are there before the service starts.
const HISTORY: usize = 2_500;

/// Milliseconds between two parts of the history that the service loads: so little history is loaded in no time, and faults
/// would hardly ever come while it is.
const LOAD_PAUSES: [&str; 3] = ["0", "100", "400"];

/// What the service writes to its log: not every request.
const LOG: &str = "info,rocketchat_engagement=debug,access=off";

/// What a run is to be.
pub struct Plan {
    pub seed: u64,
    /// It lasts so long at least.
    pub time: Duration,
    /// Each happens once at least.
    pub faults: Vec<Fault>,
    /// Further environment of the service.
    pub environment: Vec<(String, String)>,
}

/// A run.
pub struct Run {
    pub set: ReplicaSet,
    pub service: Service,
    pub judge: Judge,
    pub random: Random,
    pub target: Target,
    gate: Gate,
    tasks: Vec<JoinHandle<()>>,
}

impl Run {
    /// Starts everything and waits until the service is live.
    pub async fn start(plan: &Plan) -> Self {
        let mut random = Random::new(plan.seed);
        let (zone, ahead) = ZONES[random.below(ZONES.len())];
        let set = ReplicaSet::start().await;
        let (book, gate) = (Book::new(), Gate::new(RwLock::new(())));
        let database = set.database();
        let target = Target::new(database.clone());
        write_viewers(&database).await;
        write_indexes(&database).await.expect("indexes");
        write_rooms(&target, &book).await;
        let mut writers: Vec<_> =
            ["anna", "ben", "carl"].map(|name| Writer::new(name, target.clone(), book.clone(), random.next())).into();
        for writer in &mut writers {
            writer.write_history(HISTORY / 3).await;
        }
        let pause = LOAD_PAUSES[random.below(LOAD_PAUSES.len())];
        let service = Service::start(&set.url(), zone, &environment(plan, pause)).await;
        let judge = Judge { book: book.clone(), address: service.address, ahead, seen: Arc::default() };
        judge.note(&format!("seed {}, time zone {zone}, {HISTORY} messages, pauses of {pause} ms", plan.seed));
        let mut run =
            Self { set, service, judge, random, target: target.clone(), gate: Arc::clone(&gate), tasks: Vec::new() };
        run.tasks.push(run.judge.clone().watch());
        run.recovered().await;
        run.judge.note(&format!("resident memory {} kB", run.service.memory()));
        run.tasks.extend(writers.into_iter().map(|writer| writer.run(Arc::clone(&gate))));
        run.tasks.push(run_rooms(target, book, gate, run.random.next()));
        for _ in 0..3 {
            run.tasks.push(run.judge.clone().run(run.random.next()));
        }
        run
    }

    /// Lets faults happen, and looks at everything at each lull.
    pub async fn go_on(&mut self, plan: &Plan) {
        let began = Instant::now();
        let mut left = Vec::new();
        let mut happened = 0;
        while (happened < plan.faults.len() || began.elapsed() < plan.time) && self.is_all_right() {
            if left.is_empty() {
                left.clone_from(&plan.faults);
            }
            let fault = left.swap_remove(self.random.below(left.len()));
            self.judge.note(&format!("{fault:?}"));
            self.let_it_run(300, 1_500).await;
            if self.random.chance(30) {
                faults::fail_some_stream(self).await;
            }
            fault.happen(self).await;
            self.set.fail_point(None).await;
            happened += 1;
            self.judge.note("healed");
            let is_patient = self.random.chance(50);
            self.lull(is_patient).await;
        }
    }

    /// Waits until all has recovered and looks at everything for the last time.
    pub async fn finish(&mut self) {
        if self.is_all_right() {
            self.lull(true).await;
        }
        self.judge.note(&format!("resident memory {} kB", self.service.memory()));
    }

    /// Stops writers and askers. They must have run until now.
    pub async fn stop(&mut self) {
        for task in self.tasks.drain(..) {
            task.abort();
            if let Err(error) = task.await
                && error.is_panic()
            {
                self.judge.with(|seen| seen.wrong.push(format!("a writer or asker failed: {error}")));
            }
        }
    }

    /// Whether nothing wrong has been seen, and all tasks run.
    fn is_all_right(&self) -> bool {
        self.judge.with(|seen| seen.wrong.is_empty()) && self.tasks.iter().all(|task| !task.is_finished())
    }

    /// Pauses the writers, waits until all members agree, counts by hand, and compares every window: at once, and, if there
    /// is patience, again when the service is live.
    async fn lull(&mut self, is_patient: bool) {
        let closed = self.close_gate().await;
        self.set.healthy().await;
        self.all_expired().await;
        let truth = Truth::read(&self.set).await;
        self.judge.book.resolve(&truth).expect("the book is right");
        // The driver may yet have to find the primary.
        let windows = self.judge.windows();
        let answers = async || self.judge.ask(windows[0]).await.map(drop);
        until("an answer after all is well", Duration::from_secs(30), answers).await;
        // From here on every answer must be younger than the last write.
        self.wait(STALENESS).await;
        self.judge.exact(&truth, "at a lull").await;
        if is_patient {
            self.recovered().await;
            self.judge.exact(&truth, "when live again").await;
        }
        let (messages, rooms) = (truth.messages.len(), truth.rooms.len());
        self.judge.note(&format!("lull: {messages} messages, {rooms} rooms"));
        drop(closed);
    }

    async fn recovered(&self) {
        if std::env::var("ENGAGEMENT_TALLY_MODE").as_deref() != Ok("pipeline") {
            let took = self.service.live(RECOVERY).await;
            self.judge.note(&format!("live after another {took:?}"));
        }
    }

    /// Waits until the writers have paused, and keeps them so.
    pub async fn close_gate(&self) -> OwnedRwLockWriteGuard<()> {
        let gate = Arc::clone(&self.gate).write_owned();
        timeout(Duration::from_secs(90), gate).await.expect("the writers come to the end of what they do")
    }

    /// Waits until the TTL index has deleted all that it was to delete.
    async fn all_expired(&self) {
        // The book has them expire a little early, the database not.
        let last = self.judge.book.last_expiry() + Duration::from_millis(100);
        self.wait(last.saturating_sub(self.judge.book.now())).await;
        let messages = self.set.collection("rocketchat_message");
        let none = async || {
            let due: Document = doc! { "expireAt": { "$lte": DateTime::now() } };
            messages.find_one(due).read_concern(ReadConcern::majority()).await.ok()?.is_none().then_some(())
        };
        until("all to expire that is due", Duration::from_secs(60), none).await;
    }

    /// Asks at once, several times.
    pub async fn ask_at_once(&self) {
        for window in self.judge.windows() {
            self.judge.ask(window).await;
        }
    }

    /// Does what must succeed in the end and may be done twice.
    pub async fn must(&self, what: &str, mut act: impl AsyncFnMut() -> mongodb::error::Result<()>) {
        until(what, Duration::from_secs(60), async || act().await.ok()).await;
    }

    /// Lets things go on as they are for some milliseconds.
    pub async fn let_it_run(&mut self, least: u64, most: u64) {
        let time = Duration::from_millis(self.random.between(least, most));
        self.wait(time).await;
    }

    /// Lets a time pass that matters as such.
    pub async fn wait(&self, time: Duration) {
        sleep(time).await;
    }
}

/// `ENGAGEMENT_…` of the test's own environment goes on to the service: `ENGAGEMENT_TALLY_MODE=pipeline` tests it without its
/// memory.
fn environment(plan: &Plan, pause: &str) -> Vec<(String, String)> {
    let ours = std::env::vars().filter(|(name, _)| name.starts_with("ENGAGEMENT_"));
    let own =
        [("RUST_LOG", LOG), ("ENGAGEMENT_TALLY_PAUSE_MS", pause)].map(|(name, value)| (name.into(), value.into()));
    own.into_iter().chain(ours).chain(plan.environment.iter().cloned()).collect()
}
