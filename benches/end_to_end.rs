//! The end-to-end benchmark: the release binary on a real mongod with data made here. Prints one table, writes one
//! JSON file below target/, and gives ratios within this run, since machines differ. `make bench`.

#![expect(clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "a benchmark, with the tests' harness")]

#[path = "../tests/api/support/process.rs"]
#[expect(dead_code, reason = "the tests need more of it")]
mod process;
mod workspace;

use std::{
    ffi::OsString,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::{Duration, Instant},
};

use bson::{Document, doc};
use process::Process;
use rocketchat_engagement::commands::demo::mongod::{Launch, PrivateMongod};
use workspace::{TOKEN, USER, Workload};

type Failure = Box<dyn std::error::Error>;

/// How often each thing is measured; the median is told.
const RUNS: usize = 9;

fn main() -> Result<(), Failure> {
    let number =
        |name: &str, default: u32| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default);
    let workload =
        Workload { messages: number("BENCH_MESSAGES", 1_000_000), rooms: number("BENCH_ROOMS", 2_000), days: 181 };
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(run(&workload))
}

async fn run(workload: &Workload) -> Result<(), Failure> {
    let program = std::env::var_os("MONGOD").unwrap_or_else(|| OsString::from("mongod"));
    eprintln!("making {} messages in {} rooms", workload.messages, workload.rooms);
    let launch =
        Launch { program: &program, port: 0, data: None, arguments: &["--setParameter=ttlMonitorEnabled=false"] };
    let mongod = PrivateMongod::start(launch).await?;
    let database = mongod.client().await?.database("rocketchat");
    let end = workload.fill(&database).await?;
    let begin = end - chrono::Days::new(u64::from(workload.days) - 1);
    let (_process, address) =
        Process::serve(&mongod.url("rocketchat"), &[("RUST_LOG", "warn,rocketchat_engagement=info")]);
    let start = end - chrono::Days::new(89);
    let target =
        format!("{}?start={start}T00:00:00.000Z&end={end}T00:00:00.000Z", rocketchat_engagement::http::MESSAGES_SENT);

    // What an administrator would type into a shell to count the same messages: no rooms, no system messages.
    let midnight = |day: chrono::NaiveDate| bson::DateTime::from_chrono(day.and_time(chrono::NaiveTime::MIN).and_utc());
    let range = doc! { "$gte": midnight(begin), "$lt": midnight(end + chrono::Days::new(1)) };
    let by_day = doc! { "$dateTrunc": { "date": "$ts", "unit": "day" } };
    let bare = vec![
        doc! { "$match": { "ts": range.clone() } },
        doc! { "$group": { "_id": by_day.clone(), "n": { "$sum": 1 } } },
    ];
    let same_filter =
        doc! { "ts": range, "t": { "$in": [bson::Bson::Null, bson::Bson::from("e2e")] }, "_hidden": { "$ne": true } };
    let filtered = vec![doc! { "$match": same_filter }, doc! { "$group": { "_id": by_day, "n": { "$sum": 1 } } }];
    let messages = database.collection::<Document>("rocketchat_message");
    let aggregate = async |pipeline: &[Document]| {
        let began = Instant::now();
        let mut cursor = messages.aggregate(pipeline.to_vec()).await?;
        while cursor.advance().await? {}
        Ok::<_, Failure>(began.elapsed())
    };
    let mut times: [Vec<Duration>; 4] = Default::default();
    for run in 0..=RUNS {
        let endpoint = ask(address, &target, TOKEN, "200")?;
        let refused = ask(address, &target, "no-such-token", "401")?;
        let round = [aggregate(&bare).await?, aggregate(&filtered).await?, endpoint, refused];
        // The first round warms the caches.
        if run > 0 {
            times.iter_mut().zip(round).for_each(|(times, time)| times.push(time));
        }
    }
    let [bare, filtered, endpoint, refused] = times.map(median);
    println!(
        "{} messages, {} rooms, 181 days in both windows of a 90-day period; medians of {RUNS}",
        workload.messages, workload.rooms
    );
    let row = |name: &str, time: Duration| {
        println!("{name:<62} {:>9.1} ms {:>6.2}", milliseconds(time), milliseconds(time) / milliseconds(bare));
    };
    row("bare $match + $group by day (a shell)", bare);
    row("the same with the conditions on t and _hidden", filtered);
    row("the endpoint's answer, pipeline", endpoint);
    row("a 401 of the endpoint (one look-up)", refused);
    let report = serde_json::json!({
        "messages": workload.messages,
        "rooms": workload.rooms,
        "bare_group_ms": milliseconds(bare),
        "filtered_group_ms": milliseconds(filtered),
        "pipeline_answer_ms": milliseconds(endpoint),
        "unauthenticated_ms": milliseconds(refused),
        "pipeline_answer_to_bare_group": milliseconds(endpoint) / milliseconds(bare),
    });
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench.json");
    std::fs::write(&path, format!("{report:#}\n"))?;
    println!("written to {}", path.display());
    Ok(())
}

/// Asks once, on a connection of its own, and checks the status.
fn ask(address: SocketAddr, target: &str, token: &str, status: &str) -> Result<Duration, Failure> {
    let began = Instant::now();
    let mut connection = TcpStream::connect(address)?;
    write!(
        connection,
        "GET {target} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\nX-User-Id: {USER}\r\nX-Auth-Token: {token}\r\n\r\n"
    )?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer)?;
    match answer.starts_with(&format!("HTTP/1.1 {status} ")) {
        true => Ok(began.elapsed()),
        false => Err(format!("not {status}: {answer}").into()),
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
