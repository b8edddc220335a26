//! What the tests stand on: one private MongoDB for the test binary, a database for each test, the real server on a
//! free port, and a client that sends exactly the bytes it is told to.

pub mod answers;
mod certificates;
mod client;
mod guarded;
mod log_watch;
pub mod name_server;
mod npm;
mod process;
mod python;
mod replica_set;
pub mod rest_client;
mod standalone;
mod stopwatch;
mod workspace;

use std::{
    collections::HashMap,
    ffi::OsString,
    net::SocketAddr,
    path::Path,
    process::Command,
    sync::{Arc, OnceLock},
    thread,
    time::{Duration, Instant},
};

use rocketchat_engagement::{
    commands::demo::mongod::{Launch, MongodError, PrivateMongod},
    config::{Layers, Settings},
    server::Server,
    tally::Tally,
    tally::metrics::{AnswerSource, ReloadReason, TallyMetrics},
};
use tokio::{runtime::Runtime, sync::oneshot, task::JoinHandle, time::sleep};

pub use certificates::{Authority, TlsMongod};
pub use client::{Connection, Response, send, send_from};
pub use guarded::{GuardedMongod, ROOT};
pub use log_watch::{keep_secret, reveals_a_secret};
pub use npm::{node_is_missing, node_modules};
pub use process::{Process, resident_memory};
pub use python::{python_is_missing, python_with};
pub use replica_set::Pair;
pub use standalone::Standalone;
pub use stopwatch::Stopwatch;
pub use workspace::{PATIENT, Workspace, hashed, millis, user, utc};

/// The path of the endpoint.
pub const PATH: &str = rocketchat_engagement::http::dashboard::messages_sent::PATH;

/// The mongod program: `$MONGOD`, or what `scripts/mongod.sh` finds.
pub fn mongod_program() -> OsString {
    static PROGRAM: OnceLock<OsString> = OnceLock::new();
    let find = || {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/mongod.sh");
        let output =
            Command::new(&script).stderr(std::process::Stdio::inherit()).output().expect("scripts/mongod.sh runs");
        assert!(output.status.success(), "scripts/mongod.sh finds no mongod, and these tests need one");
        OsString::from(String::from_utf8(output.stdout).expect("a path").trim())
    };
    PROGRAM.get_or_init(find).clone()
}

/// The MongoDB that all tests of this binary share. It ends with the process.
pub fn shared_mongod() -> &'static PrivateMongod {
    static MONGOD: OnceLock<PrivateMongod> = OnceLock::new();
    MONGOD.get_or_init(|| {
        let start = || {
            let runtime = Runtime::new().expect("a runtime");
            runtime.block_on(start_mongod(&[])).expect("a private mongod")
        };
        thread::spawn(start).join().expect("mongod starts")
    })
}

/// A MongoDB of a test's own, which may be stopped or frozen.
pub async fn start_mongod(arguments: &[&str]) -> Result<PrivateMongod, MongodError> {
    launch_mongod(0, None, arguments).await
}

/// A MongoDB of a test's own at a port, with the data of another that has been killed.
pub async fn launch_mongod(port: u16, data: Option<&Path>, arguments: &[&str]) -> Result<PrivateMongod, MongodError> {
    let mut all = vec!["--setParameter=enableTestCommands=1"];
    all.extend(arguments);
    PrivateMongod::start(Launch { program: &mongod_program(), port, data, arguments: &all }).await
}

/// Says loudly that this machine lacks what a test needs. Under `CI=true` that is a failure.
pub fn not_tested(why: &str) {
    // Past the capture of the test harness, which keeps to itself what a passing test prints.
    let warning = format!("\n*** NOT TESTED: {why} ***\n");
    std::io::Write::write_all(&mut std::io::stderr(), warning.as_bytes()).expect("standard error");
    assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "{why}");
}

/// Sends a signal to a process that the tests started.
pub fn signal(name: &str, pid: u32) {
    let sent = Command::new("kill").args([format!("-{name}"), pid.to_string()]).status().expect("kill runs");
    assert!(sent.success(), "signal {name} to {pid}");
}

/// How long a test waits for what should come at once: the machine may be busy, or stand still for a while.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Settings for tests: defaults, free ports, counting by aggregations, [`PATIENCE`], and what is given as pairs of key
/// and value.
pub fn settings(values: &[(&str, &str)]) -> Settings {
    let mut flags: Vec<_> = [
        ("http.port", "0"),
        ("metrics.port", "0"),
        ("http.request_deadline", "60"),
        ("tally.mode", "pipeline"),
        ("tally.max_staleness_ms", "60000"),
    ]
    .map(|(key, value)| (key, value.to_owned()))
    .into();
    flags.extend(values.iter().map(|(key, value)| (*key, (*value).to_owned())));
    Layers::read(None, &HashMap::new(), &flags).and_then(|layers| layers.settings()).expect("settings that hold")
}

/// The real server, running in this process.
pub struct Service {
    pub address: SocketAddr,
    /// Where its metrics are.
    pub metrics_address: SocketAddr,
    pub tally: Tally,
    metrics: Arc<TallyMetrics>,
    stop: Option<oneshot::Sender<()>>,
    running: Option<JoinHandle<std::io::Result<()>>>,
}

impl Service {
    /// Starts it with settings.
    pub async fn start(settings: Settings) -> Self {
        log_watch::begin();
        let server = Server::bind(settings).await.expect("the server binds");
        let address = server.address();
        let metrics_address = server.metrics_address().expect("a listener for metrics");
        let (tally, metrics) = (server.tally().clone(), Arc::clone(server.tally_metrics()));
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(server.run(async { drop(stopped.await) }));
        Self { address, metrics_address, tally, metrics, stop: Some(stop), running: Some(running) }
    }

    /// Starts it on a test's workspace.
    pub async fn on(workspace: &Workspace) -> Self {
        Self::start(settings(&[("mongo_url", &workspace.url())])).await
    }

    /// Starts it on a test's workspace, with the counts in memory, and waits until they are.
    pub async fn on_live(workspace: &Workspace) -> Self {
        Self::start_live(&[("mongo_url", &workspace.url())]).await
    }

    /// Starts it with settings of which the counts are in memory, and waits until they are.
    pub async fn start_live(values: &[(&str, &str)]) -> Self {
        // As far back as a test's messages are dated.
        let mut all = vec![("tally.mode", "auto"), ("tally.history_days", "10000")];
        all.extend(values);
        let service = Self::start(settings(&all)).await;
        service.until_counting("live").await;
        service
    }

    /// Three services over a workspace to which a test writes: one counts by aggregations, one has followed the writes,
    /// and one has loaded what they left.
    pub async fn of_every_kind(
        workspace: &Workspace,
        values: &[(&str, &str)],
        write: impl Future<Output = ()>,
    ) -> [Self; 3] {
        let url = workspace.url();
        let mut all = vec![("mongo_url", url.as_str())];
        all.extend(values);
        let followed = Self::start_live(&all).await;
        write.await;
        followed.catch_up().await;
        [Self::start(settings(&all)).await, followed, Self::start_live(&all).await]
    }

    /// Waits until `/readyz` says that counts come from there.
    pub async fn until_counting(&self, source: &str) {
        self.until_readyz(source, |ready| ready.json()["counting"] == source).await;
    }

    /// Waits until `/readyz` says that MongoDB can be used. A probe has a second and no more, so one may find a busy machine
    /// late.
    pub async fn until_ready(&self) {
        self.until_readyz("ready", |ready| ready.status == 200).await;
    }

    async fn until_readyz(&self, what: &str, says_so: impl Fn(&Response) -> bool) {
        let began = Instant::now();
        loop {
            let ready = self.get("/readyz", &[]).await;
            if says_so(&ready) {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "not {what} within a minute: {ready:?}");
            sleep(Duration::from_millis(5)).await;
        }
    }

    /// Waits until memory holds everything that was written before.
    pub async fn catch_up(&self) {
        let began = Instant::now();
        let is_behind = |age: Option<u64>| age.is_none_or(|age| Duration::from_millis(age + 2) >= began.elapsed());
        while is_behind(self.tally.status().staleness) {
            assert!(began.elapsed() < PATIENCE, "not caught up: {:?}", self.tally.status());
            sleep(Duration::from_millis(5)).await;
        }
    }

    /// How often what was in memory has been given up and loaded again.
    pub fn reloads(&self) -> u64 {
        self.metrics.reloads.sum()
    }

    /// The same for one reason.
    pub fn reloads_because(&self, reason: ReloadReason) -> u64 {
        self.metrics.reloads.get(reason).expect("a counter").get()
    }

    /// How many answers have come from memory.
    pub fn answers_from_memory(&self) -> u64 {
        self.metrics.answers.get(AnswerSource::Memory).expect("a counter").get()
    }

    /// Sends a request with a method, a target, headers, and no body, on a connection of its own.
    pub async fn request(&self, method: &str, target: &str, headers: &[(&str, &str)]) -> Response {
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_bytes())).collect();
        send(self.address, method, target, &headers, b"").await
    }

    /// Sends a GET request.
    pub async fn get(&self, target: &str, headers: &[(&str, &str)]) -> Response {
        self.request("GET", target, headers).await
    }

    /// Stops it and waits until it has come to its end.
    pub async fn stop(mut self) {
        drop(self.stop.take());
        if let Some(running) = self.running.take() {
            running.await.expect("the server does not panic").expect("the server ends well");
        }
    }
}
