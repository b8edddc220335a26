//! The counts in memory when MongoDB is away, frozen, not to be followed, or back again: no wrong answer, no long one.

use std::{
    net::TcpListener,
    sync::Arc,
    time::{Duration, Instant},
};

use bson::doc;
use chrono::NaiveDate;
use rocketchat_engagement::{
    dashboard::period::DayRange,
    metrics::Registry,
    mongo::{Deadline, Mongo, Patience},
    tally::{
        Source,
        flaw::{Flaw, Flaws},
        live::{Dependencies, Live},
        metrics::{ReloadReason, TallyMetrics},
    },
};
use tokio::time::sleep;

use crate::support::{
    GuardedMongod, PATH, Process, Service, Standalone, Stopwatch, Workspace, keep_secret, launch_mongod, send,
    settings, signal, start_mongod, utc,
};

const QUERY: &str = "?start=2023-05-20T00:00:00.000Z&end=2023-05-20T00:00:00.000Z";
const DEADLINE: Duration = Duration::from_secs(10);

/// Asks; the answer is a count or 503, in time.
async fn ask(service: &Service) -> Option<u64> {
    let began = Stopwatch::start();
    let response = service.get(&format!("{PATH}{QUERY}"), &Workspace::admin()).await;
    assert!(began.elapsed() <= DEADLINE, "answered {} after {:?}", response.status, began.elapsed());
    match response.status {
        200 => Some(response.json()["period"]["count"].as_u64().expect("a count")),
        503 => None,
        _ => panic!("{response:?}"),
    }
}

async fn insert(workspace: &Workspace, messages: usize) {
    let message = doc! { "rid": "channel", "ts": utc("2023-05-20T12:00:00.000Z") };
    workspace.insert("rocketchat_message", std::iter::repeat_n(message, messages)).await;
}

/// Waits until the service is live again, and meanwhile allows no answer but this.
async fn until_live(service: &Service, count: u64) {
    let began = Instant::now();
    while service.tally.status().source != Source::Live {
        assert!(began.elapsed() < Duration::from_secs(60), "not live within a minute: {:?}", service.tally.status());
        assert_eq!(ask(service).await.unwrap_or(count), count);
        sleep(Duration::from_millis(50)).await;
    }
    service.catch_up().await;
    assert_eq!(ask(service).await, Some(count));
}

/// Deadline and staleness are the defaults, which tests have not else.
const LIVE: [(&str, &str); 4] = [
    ("tally.mode", "auto"),
    ("tally.history_days", "10000"),
    ("http.request_deadline", "10"),
    ("tally.max_staleness_ms", "2000"),
];

async fn start(url: &str) -> Service {
    Service::start(settings(&[&[("mongo_url", url)], &LIVE[..]].concat())).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_was_there_before_mongodb_becomes_live() {
    let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port").port();
    let service = start(&format!("mongodb://127.0.0.1:{port}/rocketchat?replicaSet=rs0")).await;
    assert_eq!(service.get("/readyz", &[]).await.json()["counting"], "loading");
    assert_eq!(ask(&service).await, None);

    let mongod = launch_mongod(port, None, &[]).await.expect("mongod");
    let workspace = Workspace::at(&mongod.url("rocketchat"), "rocketchat").await;
    workspace.add_admin().await;
    insert(&workspace, 3).await;
    service.until_counting("live").await;
    service.catch_up().await;
    assert_eq!(ask(&service).await, Some(3));
    assert_eq!(service.answers_from_memory(), 1);
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_mongodb_is_followed_on_when_it_is_back() {
    let mongod = start_mongod(&[]).await.expect("mongod");
    let workspace = Workspace::at(&mongod.url("rocketchat"), "rocketchat").await;
    workspace.add_admin().await;
    insert(&workspace, 3).await;
    let service = start(&mongod.url("rocketchat")).await;
    service.until_counting("live").await;
    // What was loaded is proven to go on by an event that came later.
    insert(&workspace, 1).await;
    service.catch_up().await;
    assert_eq!(ask(&service).await, Some(4));

    signal("KILL", mongod.pid());
    let killed = Instant::now();
    while killed.elapsed() < Duration::from_secs(4) {
        assert_eq!(ask(&service).await.unwrap_or(4), 4);
    }
    assert_ne!(service.tally.status().source, Source::Live);

    let again = launch_mongod(mongod.port(), Some(&mongod.data()), &[]).await.expect("mongod again");
    until_live(&service, 4).await;
    let workspace = Workspace::at(&again.url("rocketchat"), "rocketchat").await;
    insert(&workspace, 2).await;
    service.catch_up().await;
    assert_eq!(ask(&service).await, Some(6));
    assert_eq!(service.reloads(), 0, "an outage costs no reload");
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_mongodb_is_not_vouched_for() {
    let mongod = start_mongod(&[]).await.expect("mongod");
    let workspace = Workspace::at(&mongod.url("rocketchat"), "rocketchat").await;
    workspace.add_admin().await;
    insert(&workspace, 3).await;
    let service = start(&mongod.url("rocketchat")).await;
    service.until_counting("live").await;
    let day = NaiveDate::from_ymd_opt(2023, 5, 20).expect("a day");
    let count = async || {
        let days = service.tally.days(DayRange { first: day, last: day }, Deadline::after(Duration::from_millis(100)));
        days.await.ok().map(|days| days[&day])
    };

    signal("STOP", mongod.pid());
    assert_eq!(count().await, Some(3), "for a moment memory still vouches");
    sleep(Duration::from_millis(2_000)).await;
    let from_memory = service.answers_from_memory();
    assert_eq!(count().await, None);
    let ready = service.get("/readyz", &[]).await;
    assert_eq!((ready.status, ready.json()["counting"].as_str()), (503, Some("pipeline")), "{ready:?}");
    assert!(ready.json()["staleness_ms"].as_u64() > Some(2_000), "{ready:?}");
    assert_eq!(service.answers_from_memory(), from_memory);

    signal("CONT", mongod.pid());
    until_live(&service, 3).await;
    insert(&workspace, 1).await;
    service.catch_up().await;
    assert_eq!(ask(&service).await, Some(4));
    assert_eq!(service.reloads(), 0);
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standalone_server_is_counted_by_aggregations() {
    let mongod = Standalone::start();
    let workspace = Workspace::at(&mongod.url, "rocketchat").await;
    workspace.add_admin().await;
    insert(&workspace, 3).await;
    let (process, address) = Process::serve(&mongod.url, &[]);
    process.wait_for_line("the database cannot be followed: MongoDB is a standalone server");
    let headers: Vec<_> = Workspace::admin().iter().map(|(name, value)| (*name, value.as_bytes())).collect();
    let answer = send(address, "GET", &format!("{PATH}{QUERY}"), &headers, b"").await;
    assert_eq!(answer.json()["period"]["count"], 3);
    let ready = send(address, "GET", "/readyz", &[], b"").await;
    let expected = concat!(
        r#"{"status":"ready","mongodb":"ok","counting":"pipeline","loaded_days":0,"staleness_ms":null,"#,
        r#""reason":"the database cannot be followed; the log says why"}"#
    );
    assert_eq!((ready.status, ready.body.as_str()), (200, expected));
    insert(&workspace, 1).await;
    let answer = send(address, "GET", &format!("{PATH}{QUERY}"), &headers, b"").await;
    assert_eq!(answer.json()["period"]["count"], 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_without_change_streams_counts_by_aggregations_until_it_gets_them() {
    let guarded = GuardedMongod::start().await;
    keep_secret("readerpassword");
    let privilege = |collection: &str, actions: &[&str]| {
        doc! { "resource": { "db": "rocketchat", "collection": collection }, "actions": actions.to_vec() }
    };
    let role = doc! { "createRole": "reader", "privileges": [privilege("", &["find"])], "roles": [] };
    guarded.run("admin", role).await;
    guarded.run("admin", doc! { "createUser": "reader", "pwd": "readerpassword", "roles": ["reader"] }).await;
    let workspace = guarded.workspace("rocketchat").await;
    workspace.add_admin().await;
    insert(&workspace, 3).await;

    let service = start(&guarded.url("reader:readerpassword@", "rocketchat", "admin")).await;
    service.until_counting("pipeline").await;
    assert_eq!(ask(&service).await, Some(3));
    assert_eq!((service.get("/readyz", &[]).await.status, service.answers_from_memory()), (200, 0));

    let grant = |collection| {
        doc! { "grantPrivilegesToRole": "reader", "privileges": [privilege(collection, &["find", "changeStream"])] }
    };
    guarded.run("admin", grant("rocketchat_message")).await;
    guarded.run("admin", grant("rocketchat_room")).await;
    service.until_counting("live").await;
    assert_eq!((ask(&service).await, service.answers_from_memory()), (Some(3), 1));
    service.stop().await;
}

/// The only test that reaches behind the service: nothing that it could be sent makes it fail so.
#[tokio::test(flavor = "multi_thread")]
async fn a_mistake_of_the_program_costs_no_more_than_loading_again() {
    let workspace = Workspace::with_admin().await;
    insert(&workspace, 3).await;
    let url = workspace.url();
    let settings = settings(&[&[("mongo_url", url.as_str())], &LIVE[..]].concat());
    let (preference, parallelism) = (settings.counting.read_preference, settings.counting.parallelism);
    let mongo = Mongo::new(&settings.mongo_url, preference, parallelism, Patience::OF_REQUESTS);
    let metrics = TallyMetrics::new(&Registry::new().expect("a registry")).expect("metrics");
    let (mongo, metrics) = (Arc::new(mongo.await.expect("a handle")), Arc::new(metrics));
    let live = Live::start(Dependencies {
        mongo,
        counting: &settings.counting,
        settings: &settings.tally,
        zone: settings.time_zone,
        metrics: Arc::clone(&metrics),
        flaws: Flaws::only(Flaw::Panics),
    });
    let day = NaiveDate::from_ymd_opt(2023, 5, 20).expect("a day");
    let range = DayRange { first: day, last: day };

    let began = Instant::now();
    while !live.status().live {
        assert!(began.elapsed() < Duration::from_secs(60), "not live within a minute: {:?}", live.status());
        assert!(live.days(range).is_none_or(|days| days == [(day, 3)].into()));
        sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(live.days(range), Some([(day, 3)].into()));
    assert_eq!(metrics.reloads.get(ReloadReason::Panic).map(|panics| panics.get()), Some(1));
    live.stop().await;
}
