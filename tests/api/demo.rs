//! The demonstration: one command, the documented answer, and nothing left behind.

use std::{net::SocketAddr, path::Path, time::Duration};

use chrono::{Datelike, Days, NaiveDate};
use rocketchat_engagement::commands::demo::workspace::{
    self, DOCUMENTED_TOKEN, DOCUMENTED_USER, NEW_CHANNEL, QUIET_CHANNEL, SITE_NAME, SPIKE_CHANNEL,
};
use serde_json::Value;

use crate::{
    commands::run,
    documented_example::ANSWER,
    support::{PATH, Process, Service, Workspace, mongod_program, send, signal},
};

/// Starts the demonstration with its files in a directory; what to paste comes with the address.
fn start(directory: &Path) -> (Process, String) {
    let mongod = mongod_program();
    let environment = [
        ("MONGOD", mongod.to_str().expect("UTF-8")),
        ("TMPDIR", directory.to_str().expect("UTF-8")),
        // The surroundings of a developer, which must not change the documented answer.
        ("TZ", "Asia/Kolkata"),
        ("ROOT_URL", "https://example.org/chat"),
        ("MONGO_URL", "mongodb://127.0.0.1:1/other"),
        ("PATH", "/usr/bin:/bin"),
    ];
    let process = Process::start(&["demo", "--port", "0"], &environment);
    let target = process.wait_for_line("start=2023-05-20T00:00:00.000Z&end=2023-05-30T00:00:00.000Z");
    process.wait_for_line("Ctrl-C stops everything.");
    (process, target)
}

/// How many things are in a directory.
fn entries(directory: &Path) -> usize {
    std::fs::read_dir(directory).expect("a directory").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_it_prints_gives_the_documented_answer_and_ctrl_c_leaves_nothing_behind() {
    let directory = tempfile::tempdir().expect("a directory");
    let (mut process, url) = start(directory.path());
    let url = url.trim().trim_matches('\'');
    let (address, rest) = url.strip_prefix("http://").and_then(|url| url.split_once('/')).expect("a URL");
    let address: SocketAddr = address.parse().expect("an address");
    let target = format!("/{rest}");
    assert!(target.starts_with(PATH), "{target}");
    assert!(process.output().contains(&format!("x-auth-token: {DOCUMENTED_TOKEN}")));
    assert!(process.output().contains(&format!("x-user-id: {DOCUMENTED_USER}")));
    assert_eq!(entries(directory.path()), 1, "the database is in one directory");

    let headers = [("x-auth-token", DOCUMENTED_TOKEN.as_bytes()), ("x-user-id", DOCUMENTED_USER.as_bytes())];
    let answer = send(address, "GET", &target, &headers, b"").await;
    assert_eq!((answer.status, answer.body.as_str()), (200, ANSWER));

    let output = process.output();
    assert!(output.contains(&format!("http://{address}/engagement\n")), "{output}");
    let page = send(address, "GET", "/engagement", &[], b"").await;
    assert_eq!((page.status, page.header("x-engagement-version").is_some()), (200, true), "{page:?}");
    let mongo_url = output.split_once("export MONGO_URL='").and_then(|(_, rest)| rest.split_once('\''));
    let (mongo_url, _) = mongo_url.expect("the database");
    let report = ["report", "--start", "2023-05-20", "--end", "2023-05-30", "--format", "json"];
    let report = run(&report, &[("MONGO_URL", mongo_url), ("TZ", "UTC")]).text();
    assert_eq!(report.trim_end(), ANSWER, "and of the same database");

    signal("INT", process.pid());
    assert_eq!(process.wait(Duration::from_secs(10)).code(), Some(0), "{}", process.output());
    assert_eq!(entries(directory.path()), 0);
}

/// An answer of the page's data about the 30 days up to yesterday.
async fn page(service: &Service, what: &str, today: NaiveDate, more: &str) -> Value {
    let (start, end) = (today - Days::new(30), today - Days::new(1));
    let target = format!("/engagement/api/{what}?start={start}&end={end}&compare=previous{more}");
    let answer = service.get(&target, &Workspace::admin_of_the_demonstration()).await;
    assert_eq!(answer.status, 200, "{target}: {answer:?}");
    answer.json()
}

#[tokio::test(flavor = "multi_thread")]
async fn there_is_something_to_find_in_its_workspace() {
    let workspace = Workspace::demonstration().await;
    let service = Service::on(&workspace).await;
    let headers = Workspace::admin_of_the_demonstration();
    let context = service.get("/engagement/api/context", &headers).await.json();
    assert_eq!(context["workspace"], SITE_NAME);
    let today: NaiveDate = context["today"].as_str().and_then(|day| day.parse().ok()).expect("a day");
    let number = |value: &Value| value.as_u64().unwrap_or_default();

    let messages = page(&service, "messages", today, "").await;
    let days = messages["days"].as_array().expect("days").iter().map(|day| {
        let date: NaiveDate = day["day"].as_str().and_then(|day| day.parse().ok()).expect("a day");
        (date, ["c", "p", "d"].iter().map(|kind| number(&day[*kind])).sum::<u64>())
    });
    let (weekends, working): (Vec<_>, Vec<_>) = days.partition(|(day, _)| day.weekday().num_days_from_monday() > 4);
    let mut counts: Vec<_> = working.iter().map(|(_, count)| *count).collect();
    counts.sort_unstable();
    let usual = counts[counts.len() / 2];
    assert!(weekends.iter().all(|(_, count)| count * 5 < usual), "few on weekends: {weekends:?}, usually {usual}");
    let (spike, most) = *working.iter().max_by_key(|(_, count)| *count).expect("days");
    assert_eq!(spike, workspace::spike_day(today));
    assert!(
        (usual * 5 / 2..usual * 4).contains(&most) && today - spike <= chrono::TimeDelta::days(10),
        "{most} {usual}"
    );
    let of_the_spike = page(&service, "messages", today, &format!("&room={SPIKE_CHANNEL}")).await;
    let there = of_the_spike["days"].as_array().expect("days").iter().find(|day| day["day"] == spike.to_string());
    assert!(there.is_some_and(|day| number(&day["c"]) * 2 > most), "mostly in one channel: {there:?} of {most}");

    let room = |id: &str| {
        let room = messages["rooms"].as_array().expect("rooms").iter().find(|room| room["id"] == id).expect("the room");
        (number(&room["messages"]), number(&room["before"]))
    };
    let (quiet, new) = (room(QUIET_CHANNEL), room(NEW_CHANNEL));
    assert!(quiet.0 == 0 && quiet.1 > 100, "went quiet: {quiet:?}");
    assert!(new.0 > 50 && new.1 == 0, "is new: {new:?}");

    let people = page(&service, "people", today, "").await;
    let sum = |key: &str| people["new"][key].as_array().expect("days").iter().map(|day| number(&day["people"])).sum();
    let (new, before): (u64, u64) = (sum("days"), sum("compareDays"));
    assert!(new >= 5 && new >= 2 * before && before > 0, "{new} people after {before}");
    for weekday in people["hours"]["weekdays"].as_array().expect("weekdays") {
        let at = |hour: usize| number(&weekday["people"][hour]);
        if number(&weekday["weekday"]) < 6 {
            assert!(at(12) < at(10) && at(12) < at(14) && at(3) == 0, "office hours with a break: {weekday}");
        }
    }
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn even_a_kill_leaves_nothing_behind() {
    let directory = tempfile::tempdir().expect("a directory");
    let (mut process, _) = start(directory.path());

    signal("KILL", process.pid());
    process.wait(Duration::from_secs(10));

    let began = std::time::Instant::now();
    while entries(directory.path()) > 0 {
        assert!(began.elapsed() < Duration::from_secs(20), "the database is still there");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[test]
fn without_mongod_it_says_what_is_missing() {
    let environment = [("MONGOD", "/nowhere/mongod"), ("PATH", "/usr/bin:/bin")];
    let mut process = Process::start(&["demo", "--port", "0"], &environment);
    assert_eq!(process.wait(Duration::from_secs(30)).code(), Some(1));
    let output = process.output();
    assert!(output.contains("/nowhere/mongod does not start") && output.contains("--mongod or MONGOD"), "{output}");
}
