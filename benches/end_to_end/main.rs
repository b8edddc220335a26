//! The end-to-end benchmark: the optimised binary on a real mongod with data made here. Prints one table, writes one
//! JSON file below target/, and gives ratios within this run, since machines differ. `make bench`.
//!
//! Smaller runs for trying things out: `BENCH_MESSAGES=100000 make bench`; one part: `BENCH_ONLY=patience make bench`
//! (or `counting`, `commands`, `dashboard`, `live`, `overhead`, `page`, `people`, `rooms`, `sizes`).

#![expect(clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "a benchmark, with the tests' harness")]

mod client;
mod commands;
mod dashboard;
mod nginx;
mod overhead;
mod page;
mod people;
#[path = "../../tests/api/support/process.rs"]
#[expect(dead_code, reason = "the tests need more of it")]
mod process;
mod rooms;
mod slow_clients;
mod table;
mod workspace;

use std::{
    ffi::OsString,
    net::SocketAddr,
    thread,
    time::{Duration, Instant},
};

use bson::{Document, doc};
use client::{Client, at_once, median, percentile};
use mongodb::Database;
use nginx::Nginx;
use process::{Process, resident_memory};
use rocketchat_engagement::commands::demo::mongod::{Launch, PrivateMongod};
use slow_clients::SlowClients;
use table::Table;
use workspace::{PERMITTED, REFUSED, Workload};

/// What can go wrong ends the benchmark.
type Failure = Box<dyn std::error::Error>;

/// How often slow things are measured; the median is told.
const RUNS: usize = 7;
/// Connections that ask at once.
const CONNECTIONS: usize = 8;
/// Quick requests per connection in one round, and rounds; rounds of different requests alternate.
const REQUESTS: usize = 500;
const ROUNDS: usize = 6;
/// Clients that send a byte a second.
const SLOW_CLIENTS: usize = 10_000;

fn main() -> Result<(), Failure> {
    let number =
        |name: &str, default: u32| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default);
    let messages = number("BENCH_MESSAGES", 1_000_000);
    let workload = Workload { messages, rooms: number("BENCH_ROOMS", 2_000), days: 181 };
    rlimit::increase_nofile_limit(2 * SLOW_CLIENTS as u64)?;
    tokio::runtime::Runtime::new()?.block_on(run(workload))
}

async fn run(workload: Workload) -> Result<(), Failure> {
    let program = std::env::var_os("MONGOD").unwrap_or_else(|| OsString::from("mongod"));
    let arguments = ["--setParameter=ttlMonitorEnabled=false"];
    let mongod = PrivateMongod::start(Launch { program: &program, port: 0, data: None, arguments: &arguments }).await?;
    let client = mongod.client().await?;
    let mut table = Table::new(format!("{} messages, {} rooms, 90-day period", workload.messages, workload.rooms));

    eprintln!("making {} messages in {} rooms", workload.messages, workload.rooms);
    let database = client.database("rocketchat");
    workload.fill(&database).await?;
    let url = mongod.url("rocketchat");
    let only = std::env::var("BENCH_ONLY").unwrap_or_default();
    let wants = |part: &str| only.is_empty() || only == part;
    if wants("counting") {
        counting(&mut table, &workload, &database, &url).await?;
    }
    if wants("commands") {
        commands::measure(&mut table, workload, &mongod, &client).await?;
    }
    if wants("live") {
        let by_room_and_day = aggregate(&database, &workload.by_room_and_day()).await?;
        live(&mut table, &workload, &database, &url, by_room_and_day).await?;
    }
    if wants("dashboard") {
        dashboard::measure(&mut table, workload, &mongod, &client).await?;
    }
    if wants("overhead") {
        overhead::measure(&mut table, &mongod, &client).await?;
    }
    if wants("page") {
        page::measure(&mut table, workload, &mongod, &client).await?;
    }
    if wants("people") {
        people::measure(&mut table, &mongod, &client).await?;
    }
    if wants("rooms") {
        rooms::measure(&mut table, workload, &mongod, &client).await?;
    }
    if wants("patience") {
        patience(&mut table, &workload, &url)?;
    }
    if wants("sizes") {
        sizes(&mut table, workload, &mongod, &client).await?;
    }
    print!("{table}");
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench.json");
    std::fs::write(&path, format!("{:#}\n", table.json()))?;
    println!("written to {}", path.file_name().unwrap_or_default().display());
    Ok(())
}

/// The answer from memory of a small and of a large workspace.
async fn sizes(
    table: &mut Table,
    workload: Workload,
    mongod: &PrivateMongod,
    client: &mongodb::Client,
) -> Result<(), Failure> {
    let sizes = [workload.messages / 5, workload.messages * 2];
    let mut services = Vec::new();
    for messages in sizes {
        let workload = Workload { messages, ..workload };
        eprintln!("making {messages} messages");
        let name = format!("size{messages}");
        workload.fill(&client.database(&name)).await?;
        services.push(serve_live(&mongod.url(&name))?);
    }
    // In turn, so that both meet the same machine.
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        for (times, (_, address)) in times.iter_mut().zip(&services) {
            times.extend(at_once(CONNECTIONS, REQUESTS, *address, &workload.target(), PERMITTED, 200)?);
        }
    }
    let medians = times.map(median);
    table.ratio(
        &format!("p50 at {} messages ÷ p50 at {}", sizes[1], sizes[0]),
        "size_ratio",
        medians[1].as_secs_f64() / medians[0].as_secs_f64(),
        "<= 1.1",
    );
    Ok(())
}

/// The answers to others while ten thousand clients send their requests a byte a second: to the service, to an nginx in front of it,
/// and to an nginx that has nothing to do with it. The last is what such clients cost where they share the processors.
fn patience(table: &mut Table, workload: &Workload, url: &str) -> Result<(), Failure> {
    let (process, direct) = serve_live(url)?;
    let (proxy, elsewhere) = (Nginx::before(direct)?, Nginx::alone()?);
    let target = workload.target();
    // The worst of three rounds.
    let p99 = |address| -> Result<_, Failure> {
        let ask = || client::each_alone(4, 1500, address, &target, PERMITTED);
        let rounds = [ask()?, ask()?, ask()?].map(|times| percentile(times, 99));
        Ok(rounds.into_iter().max().unwrap_or_default())
    };
    // Before any slow client: closing ten thousand connections takes a while.
    let (direct_before, proxy_before) = (p99(direct)?, p99(proxy.address)?);
    table.time("p99, a connection for each request", "direct_p99_ms", direct_before);
    table.time("p99 behind nginx, a connection for each request", "nginx_p99_ms", proxy_before);
    let mut most_memory = 0;
    for (name, key, address, slow_at, before, goal) in [
        ("p99 beside 10,000 slow clients", "direct", direct, direct, direct_before, "<= 2"),
        ("p99 behind nginx beside 10,000 slow clients", "nginx", proxy.address, proxy.address, proxy_before, "<= 2"),
        (
            "p99 beside 10,000 slow clients of another program",
            "elsewhere",
            direct,
            elsewhere.address,
            direct_before,
            "",
        ),
    ] {
        let slow = SlowClients::start(SLOW_CLIENTS, slow_at)?;
        slow.wait()?;
        let during = p99(address)?;
        most_memory = most_memory.max(resident_memory(process.pid()));
        eprintln!("{} slow clients were connected at the end", slow.connected());
        table.time(name, &format!("{key}_patient_p99_ms"), during);
        let ratio = during.as_secs_f64() / before.as_secs_f64();
        table.ratio(&format!("{name} ÷ without"), &format!("{key}_patience"), ratio, goal);
    }
    let megabytes = most_memory as f64 / 1e6;
    table.ratio("resident memory beside 10,000 slow clients, MB", "patience_mb", megabytes, "<= 200");
    Ok(())
}

/// How long an aggregation takes, until its last document.
async fn aggregate(database: &Database, pipeline: &[Document]) -> Result<Duration, Failure> {
    let began = Instant::now();
    let mut cursor = database.collection::<Document>("rocketchat_message").aggregate(pipeline.to_vec()).await?;
    while cursor.advance().await? {}
    Ok(began.elapsed())
}

/// The answer counted by MongoDB, against the plainest way of counting the same messages there.
async fn counting(table: &mut Table, workload: &Workload, database: &Database, url: &str) -> Result<(), Failure> {
    let (_process, address) = serve_pipeline(url)?;
    let mut times: [Vec<Duration>; 3] = Default::default();
    for run in 0..=RUNS {
        let bare = aggregate(database, &workload.by_day(false)).await?;
        let filtered = aggregate(database, &workload.by_day(true)).await?;
        let answer = Client::connect(address)?.ask(&workload.target(), PERMITTED, 200)?;
        // The first round warms the caches.
        if run > 0 {
            times.iter_mut().zip([bare, filtered, answer]).for_each(|(times, time)| times.push(time));
        }
    }
    let [bare, filtered, answer] = times.map(median);
    table.time("bare $match + $group by day, as in a shell", "bare_group_ms", bare);
    table.time("the same with the conditions on t and _hidden", "filtered_group_ms", filtered);
    table.time("an answer in pipeline mode", "pipeline_answer_ms", answer);
    table.ratio(
        "an answer in pipeline mode ÷ bare $match + $group",
        "pipeline_answer_to_bare_group",
        answer.as_secs_f64() / bare.as_secs_f64(),
        "<= 1",
    );
    let began = Instant::now();
    let requests = at_once(CONNECTIONS, 2, address, &workload.target(), PERMITTED, 200)?.len();
    table.number(
        "requests/s in pipeline mode",
        "pipeline_requests_per_second",
        requests as f64 / began.elapsed().as_secs_f64(),
    );
    Ok(())
}

/// Starts the service without counts in memory.
fn serve_pipeline(url: &str) -> Result<(Process, SocketAddr), Failure> {
    let environment = [
        ("RUST_LOG", "warn,rocketchat_engagement=info"),
        ("ENGAGEMENT_TALLY_MODE", "pipeline"),
        // Eight at once take long.
        ("ENGAGEMENT_HTTP_REQUEST_DEADLINE", "300"),
    ];
    Ok(Process::serve(url, &environment))
}

/// Starts the service and waits until it answers from memory.
fn serve_live(url: &str) -> Result<(Process, SocketAddr), Failure> {
    let (process, address) = Process::serve(url, &[("RUST_LOG", "warn,rocketchat_engagement=info")]);
    let mut client = Client::connect(address)?;
    let began = Instant::now();
    while !client.body("/readyz", "", None)?.contains(r#""counting":"live""#) {
        if began.elapsed() > Duration::from_secs(300) {
            return Err(format!("not live after five minutes:\n{}", process.output()).into());
        }
        thread::sleep(Duration::from_millis(5));
    }
    Ok((process, address))
}

/// The answer from memory.
async fn live(
    table: &mut Table,
    workload: &Workload,
    database: &Database,
    url: &str,
    by_room_and_day: Duration,
) -> Result<(), Failure> {
    let began = Instant::now();
    let (process, address) = serve_live(url)?;
    let loading = began.elapsed();
    table.time("one $group by room and day", "group_by_room_and_day_ms", by_room_and_day);
    table.time("start to live", "start_to_live_ms", loading);
    let ratio = loading.as_secs_f64() / by_room_and_day.as_secs_f64();
    table.ratio("start to live ÷ one $group by room and day", "start_to_live_ratio", ratio, "<= 0.8");

    let target = workload.target();
    let [mut answers, mut refusals] = [Vec::new(), Vec::new()];
    let mut answering = Duration::ZERO;
    for _ in 0..ROUNDS {
        refusals.extend(at_once(CONNECTIONS, REQUESTS, address, &target, REFUSED, 403)?);
        let began = Instant::now();
        answers.extend(at_once(CONNECTIONS, REQUESTS, address, &target, PERMITTED, 200)?);
        answering += began.elapsed();
    }
    let per_second = answers.len() as f64 / answering.as_secs_f64();
    let [answer, refusal] = [answers, refusals].map(median);
    table.time("p50 of an answer", "live_p50_ms", answer);
    table.time("p50 of a 403", "refused_p50_ms", refusal);
    let ratio = answer.as_secs_f64() / refusal.as_secs_f64();
    table.ratio("p50 of an answer ÷ p50 of a 403", "live_to_403", ratio, "<= 1.2");
    table.number("requests/s live", "live_requests_per_second", per_second);
    let slow = table.value("pipeline_requests_per_second");
    // Only known if that part was run as well.
    if slow.is_finite() {
        table.ratio("requests/s live ÷ requests/s in pipeline mode", "live_to_pipeline", per_second / slow, ">= 500");
    }
    let megabytes = resident_memory(process.pid()) as f64 / 1e6;
    table.ratio("resident memory when live, MB", "live_resident_mb", megabytes, "<= 80");
    let worst = delay(workload, database, address).await?;
    table.ratio(
        "a message inserted → in the answer, worst of 200, ms",
        "worst_delay_ms",
        worst.as_secs_f64() * 1000.0,
        "<= 300",
    );
    Ok(())
}

/// The longest time from a message's insertion to its being counted, under 100 insertions a second.
async fn delay(workload: &Workload, database: &Database, address: SocketAddr) -> Result<Duration, Failure> {
    const MESSAGES: u32 = 200;
    let target = workload.target();
    let mut client = Client::connect(address)?;
    let before = client.count(&target, PERMITTED)?;
    let watch = thread::spawn(move || {
        let mut seen = Vec::new();
        let until = Instant::now() + Duration::from_secs(30);
        while seen.len() < MESSAGES as usize && Instant::now() < until {
            let count = client.count(&target, PERMITTED).expect("an answer") - before;
            seen.resize(usize::try_from(count).expect("a count"), Instant::now());
        }
        seen
    });
    let messages = database.collection::<Document>("rocketchat_message");
    let mut tick = tokio::time::interval(Duration::from_millis(10));
    let mut inserted = Vec::new();
    for _ in 0..MESSAGES {
        tick.tick().await;
        let ts = workload.last_moment();
        messages.insert_one(doc! { "rid": workspace::room_id(1), "ts": ts }).await?;
        inserted.push(Instant::now());
    }
    let seen = watch.join().map_err(|_| "the watching thread failed")?;
    if seen.len() < inserted.len() {
        return Err(format!("only {} of {MESSAGES} messages were seen", seen.len()).into());
    }
    Ok(inserted
        .iter()
        .zip(seen)
        .map(|(inserted, seen)| seen.saturating_duration_since(*inserted))
        .max()
        .unwrap_or_default())
}
