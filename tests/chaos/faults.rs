//! What goes wrong, on purpose. Each fault ends with everything healed, but not yet recovered, and fail points still set.

use std::time::Duration;

use bson::{Document, doc};

use crate::{
    guarded::until,
    judge::STALENESS,
    run::Run,
    service::{GUEST, allow, readiness},
    writers::{Writer, write_indexes},
};

/// Kinds of faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    KillPrimary,
    KillSecondary,
    StepDown,
    FreezePrimary,
    FreezeService,
    DropMessages,
    RollOverOplog,
    FailStream,
    FailReads,
    FailSlowly,
    StallMajority,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::KillPrimary,
        Self::KillSecondary,
        Self::StepDown,
        Self::FreezePrimary,
        Self::FreezeService,
        Self::DropMessages,
        Self::RollOverOplog,
        Self::FailStream,
        Self::FailReads,
        Self::FailSlowly,
        Self::StallMajority,
    ];

    /// Those of `CHAOS_FAULTS`, a list such as `KillPrimary,StepDown`; else all.
    pub fn chosen() -> Vec<Self> {
        let Ok(names) = std::env::var("CHAOS_FAULTS") else { return Self::ALL.to_vec() };
        let find = |name: &str| Self::ALL.into_iter().find(|fault| format!("{fault:?}") == name.trim());
        names.split(',').map(|name| find(name).unwrap_or_else(|| panic!("no fault is called {name}"))).collect()
    }

    /// Does it.
    pub async fn happen(self, run: &mut Run) {
        match self {
            Self::KillPrimary => kill_primary(run).await,
            Self::KillSecondary => kill_secondary(run).await,
            Self::StepDown => step_down(run).await,
            Self::FreezePrimary => freeze_primary(run).await,
            Self::FreezeService => freeze_service(run).await,
            Self::DropMessages => drop_messages(run).await,
            Self::RollOverOplog => roll_over_oplog(run).await,
            Self::FailStream => fail(run, &STREAM_ERRORS, &["getMore"]).await,
            Self::FailReads => fail(run, &READ_ERRORS, &["aggregate", "getMore"]).await,
            Self::FailSlowly => fail_slowly(run).await,
            Self::StallMajority => stall_majority(run).await,
        }
    }
}

async fn kill_primary(run: &mut Run) {
    let primary = run.set.primary_but(None).await;
    run.judge.book.lagging(true);
    run.set.kill(primary);
    run.set.primary_but(Some(primary)).await;
    run.let_it_run(500, 3_000).await;
    run.set.restart(primary);
    run.set.healthy().await;
    run.judge.book.lagging(false);
}

async fn kill_secondary(run: &mut Run) {
    let primary = run.set.primary_but(None).await;
    let secondary = (primary + 1 + run.random.below(2)) % 3;
    run.set.kill(secondary);
    run.let_it_run(1_000, 4_000).await;
    run.set.restart(secondary);
    run.let_it_run(500, 1_500).await;
}

async fn step_down(run: &mut Run) {
    run.judge.book.lagging(true);
    let before = run.set.step_down().await;
    run.set.primary_but(Some(before)).await;
    run.set.healthy().await;
    run.judge.book.lagging(false);
    run.let_it_run(500, 1_500).await;
}

/// Short of the election's time, or far beyond it.
async fn freeze_primary(run: &mut Run) {
    let primary = run.set.primary_but(None).await;
    run.judge.book.lagging(true);
    run.set.freeze(primary, true);
    if run.random.chance(30) {
        run.let_it_run(500, 1_500).await;
    } else {
        run.set.primary_but(Some(primary)).await;
        run.let_it_run(500, 5_000).await;
    }
    run.set.freeze(primary, false);
    run.set.healthy().await;
    run.judge.book.lagging(false);
}

/// When it goes on, what it knows is old, and it must not believe otherwise.
async fn freeze_service(run: &mut Run) {
    run.judge.book.frozen(true);
    run.service.freeze(true);
    run.let_it_run(2_500, 6_000).await;
    run.service.freeze(false);
    run.judge.book.frozen(false);
    run.ask_at_once().await;
}

async fn drop_messages(run: &mut Run) {
    let closed = run.close_gate().await;
    let (database, target) = (run.set.database(), run.target.clone());
    run.judge.book.begin_drop();
    run.must("the collection goes", async || database.collection::<Document>("rocketchat_message").drop().await).await;
    run.judge.book.end_drop();
    run.must("its indexes are made", async || write_indexes(&database).await).await;
    drop(closed);
    let seed = run.random.next();
    Writer::new(&format!("again{seed}-"), target, run.judge.book.clone(), seed).write_history(400).await;
}

/// While the service is frozen. When it goes on, its place in the history is gone: a real 286.
async fn roll_over_oplog(run: &mut Run) {
    run.judge.book.frozen(true);
    run.service.freeze(true);
    run.set.roll_over_oplogs().await;
    run.service.freeze(false);
    run.judge.book.frozen(false);
    run.ask_at_once().await;
    run.let_it_run(500, 1_500).await;
}

/// An injected error: its code, with or without the label that makes it resumable. 0 closes the connection.
type Error = (i32, bool);

/// HostUnreachable, InternalError, CursorNotFound, ChangeStreamHistoryLost, ChangeStreamFatalError, CappedPositionLost,
/// InvalidResumeToken, InterruptedDueToReplStateChange, NotWritablePrimary.
const STREAM_ERRORS: [Error; 11] = [
    (0, false),
    (6, true),
    (6, false),
    (1, false),
    (43, true),
    (286, false),
    (280, false),
    (136, true),
    (260, false),
    (11602, true),
    (10107, true),
];

/// Interrupted, MaxTimeMSExpired, SnapshotTooOld, SnapshotUnavailable, InternalError, ShutdownInProgress, HistoryLost.
const READ_ERRORS: [Error; 8] =
    [(0, false), (11601, false), (50, false), (239, false), (246, false), (1, false), (91, true), (286, false)];

async fn fail(run: &mut Run, errors: &[Error], commands: &[&str]) {
    for _ in 0..3 {
        let mode = match run.random.chance(30) {
            true => "alwaysOn".into(),
            false => bson::Bson::from(doc! { "times": run.random.between(1, 6) as i32 }),
        };
        let error = errors[run.random.below(errors.len())];
        set_error(run, mode, error, commands).await;
        run.let_it_run(300, 2_000).await;
    }
}

/// On top of another fault, the next few reads of the stream fail, and perhaps those that follow from that.
pub async fn fail_some_stream(run: &mut Run) {
    let times = doc! { "times": run.random.between(1, 12) as i32 };
    let error = STREAM_ERRORS[run.random.below(STREAM_ERRORS.len())];
    let commands: &[&str] = if run.random.chance(30) { &["aggregate", "getMore"] } else { &["getMore"] };
    set_error(run, times.into(), error, commands).await;
}

async fn set_error(run: &mut Run, mode: bson::Bson, (code, is_resumable): Error, commands: &[&str]) {
    let mut data = doc! { "failCommands": commands.to_vec() };
    if code == 0 {
        data.insert("closeConnection", true);
    } else {
        let labels = if is_resumable { vec!["ResumableChangeStreamError"] } else { Vec::new() };
        data.extend(doc! { "errorCode": code, "errorLabels": labels });
    }
    run.judge.note(&format!("fail {mode} {data}"));
    run.set.fail_point(Some((mode, data))).await;
}

/// Replies that come late, some of them later than any question may wait.
async fn fail_slowly(run: &mut Run) {
    for _ in 0..2 {
        let milliseconds = if run.random.chance(30) { 11_000 } else { run.random.between(200, 4_000) as i32 };
        let command = ["getMore", "aggregate"][run.random.below(2)];
        let mode = doc! { "times": run.random.between(1, 8) as i32 };
        let data = doc! { "failCommands": [command], "blockConnection": true, "blockTimeMS": milliseconds };
        run.judge.note(&format!("slow {mode} {data}"));
        run.set.fail_point(Some((mode.into(), data))).await;
        run.let_it_run(500, 3_000).await;
    }
}

/// The primary goes on alone, and the writers with it. Nothing of it is lost: nobody else can be elected meanwhile, and in the end
/// all members hold it.
async fn stall_majority(run: &mut Run) {
    let closed = run.close_gate().await;
    let unheld = run.set.stall().await;
    let began = run.judge.book.now();
    run.target.trust_primary_alone(true);
    drop(closed);
    let right = run.judge.with(|seen| seen.right);
    let users = run.target.collection("users");
    let soon = Duration::from_secs(30);
    for _ in 0..3 {
        let window = run.judge.windows()[0];
        run.must("a token is revoked", async || allow(&users, GUEST, false).await).await;
        until("a refusal", soon, async || run.judge.refused(window).await.then_some(())).await;
        run.must("the token is given back", async || allow(&users, GUEST, true).await).await;
        until("an answer to the guest", soon, async || run.judge.ask_as(GUEST, window).await).await;
        run.let_it_run(1_000, 3_000).await;
    }
    run.wait((began + 2 * STALENESS).saturating_sub(run.judge.book.now())).await;
    run.judge.note("still no majority");
    if readiness(run.service.address).await.counting == "live" {
        run.judge.wrong("memory is told as live without what no majority holds");
    }
    if run.judge.with(|seen| seen.right) == right {
        run.judge.wrong("no answer while no majority held the newest writes");
    }
    run.set.go_on(unheld).await;
    let closed = run.close_gate().await;
    run.target.trust_primary_alone(false);
    run.set.healthy().await;
    run.set.let_be_elected().await;
    drop(closed);
}
