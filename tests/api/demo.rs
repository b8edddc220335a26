//! The demonstration: one command, the documented answer, and nothing left behind.

use std::{net::SocketAddr, path::Path, time::Duration};

use rocketchat_engagement::commands::demo::workspace::{DOCUMENTED_TOKEN, DOCUMENTED_USER};

use crate::{
    commands::run,
    documented_example::ANSWER,
    support::{PATH, Process, mongod_program, send, signal},
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
    let mongo_url = output.split_once("export MONGO_URL='").and_then(|(_, rest)| rest.split_once('\''));
    let (mongo_url, _) = mongo_url.expect("the database");
    let report = ["report", "--start", "2023-05-20", "--end", "2023-05-30", "--format", "json"];
    let report = run(&report, &[("MONGO_URL", mongo_url), ("TZ", "UTC")]).text();
    assert_eq!(report.trim_end(), ANSWER, "and of the same database");

    signal("INT", process.pid());
    assert_eq!(process.wait(Duration::from_secs(10)).code(), Some(0), "{}", process.output());
    assert_eq!(entries(directory.path()), 0);
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
