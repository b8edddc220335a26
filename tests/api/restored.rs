//! MongoDB is restored from an older copy of its files while the service runs, or keeps too little history: what was counted is not
//! told any more, and the log says why.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use bson::{Document, doc};
use rocketchat_engagement::tally::{Source, metrics::ReloadReason};
use tokio::time::sleep;

use crate::support::{PATH, PATIENCE, Service, Workspace, launch_mongod, settings, signal, start_mongod, utc};

const QUERY: &str = "?start=2023-05-20T00:00:00.000Z&end=2023-05-20T00:00:00.000Z";

async fn start(url: &str) -> Service {
    let values = [
        ("mongo_url", url),
        ("tally.mode", "auto"),
        ("tally.history_days", "10000"),
        ("tally.max_staleness_ms", "2000"),
    ];
    Service::start(settings(&values)).await
}

/// The count; none of a 503.
async fn ask(service: &Service) -> Option<u64> {
    let response = service.get(&format!("{PATH}{QUERY}"), &Workspace::admin()).await;
    match response.status {
        200 => Some(response.json()["period"]["count"].as_u64().expect("a count")),
        503 => None,
        _ => panic!("{response:?}"),
    }
}

async fn insert(workspace: &Workspace, room: &str, messages: usize) {
    let message = doc! { "rid": room, "ts": utc("2023-05-20T12:00:00.000Z") };
    workspace.insert("rocketchat_message", std::iter::repeat_n(message, messages)).await;
}

fn copy(from: &Path, to: &Path) {
    let copied = std::process::Command::new("cp").arg("-a").arg(from).arg(to).status().expect("cp runs");
    assert!(copied.success());
}

/// Restores a MongoDB from a copy of before some messages were written and a room was deleted. `is_followed`: the service has seen
/// that happen; otherwise it was started later, so that no event shows the difference.
/// `elections`: so many more elections there were between the copy and the restore, of which the copy knows nothing.
async fn restore(is_followed: bool, elections: usize) {
    let first = start_mongod(&[]).await.expect("mongod");
    let (port, url) = (first.port(), first.url("rocketchat"));
    let workspace = Workspace::at(&url, "rocketchat").await;
    workspace.add_admin().await;
    insert(&workspace, "channel", 3).await;
    insert(&workspace, "private", 10).await;
    signal("KILL", first.pid());
    let copies = tempfile::tempdir().expect("a directory");
    let (older, data) = (copies.path().join("older"), copies.path().join("data"));
    copy(&first.data(), &older);
    copy(&first.data(), &data);
    drop(first);
    let mut second = launch_mongod(port, Some(&data), &[]).await.expect("mongod again");
    for _ in 0..elections {
        signal("KILL", second.pid());
        drop(second);
        second = launch_mongod(port, Some(&data), &[]).await.expect("mongod once more");
    }

    let early = if is_followed { Some(start(&url).await) } else { None };
    if let Some(service) = &early {
        service.until_counting("live").await;
    }
    insert(&workspace, "channel", 4).await;
    workspace.delete("rocketchat_room", "private").await;
    let service = match early {
        Some(service) => service,
        None => start(&url).await,
    };
    service.until_counting("live").await;
    service.catch_up().await;
    assert_eq!(ask(&service).await, Some(7));

    signal("KILL", second.pid());
    std::fs::remove_dir_all(&data).expect("the newer files go");
    copy(&older, &data);
    let _third = launch_mongod(port, Some(&data), &[]).await.expect("mongod on the older copy");
    let began = Instant::now();
    while service.tally.status().source != Source::Live || ask(&service).await != Some(13) {
        assert!(began.elapsed() < PATIENCE, "{:?}, {:?}", service.tally.status(), ask(&service).await);
        sleep(Duration::from_millis(50)).await;
    }
    // Not a count of before once it is live.
    assert_eq!(ask(&service).await, Some(13));
    assert!(service.reloads() > 0);
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_from_before_what_was_followed_brings_back_messages_and_rooms() {
    restore(true, 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_from_before_what_was_loaded_brings_back_messages_and_rooms() {
    restore(false, 0).await;
}

/// To the driver, a primary of an earlier term than it has seen is none.
#[tokio::test(flavor = "multi_thread")]
async fn a_restore_from_before_later_elections_is_followed_as_well() {
    restore(true, 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mongodb_that_keeps_no_history_is_counted_by_aggregations() {
    let mongod = start_mongod(&["--setParameter=minSnapshotHistoryWindowInSeconds=0"]).await.expect("mongod");
    let workspace = Workspace::at(&mongod.url("rocketchat"), "rocketchat").await;
    workspace.add_admin().await;
    insert(&workspace, "channel", 3).await;
    let service = start(&mongod.url("rocketchat")).await;
    let began = Instant::now();
    let is_resting = |ready: &serde_json::Value| {
        ready["reason"].as_str().is_some_and(|reason| reason.contains("minSnapshotHistoryWindowInSeconds"))
    };
    // Edits, as people make them.
    let messages = workspace.database.collection::<Document>("rocketchat_message");
    let mut hidden = false;
    loop {
        let ready = service.get("/readyz", &[]).await.json();
        if is_resting(&ready) {
            assert_eq!(ready["counting"], "pipeline");
            break;
        }
        assert!(began.elapsed() < PATIENCE, "{ready}");
        hidden = !hidden;
        messages.update_many(doc! {}, doc! { "$set": { "_hidden": hidden } }).await.expect("an edit");
        sleep(Duration::from_millis(20)).await;
    }
    messages.update_many(doc! {}, doc! { "$set": { "_hidden": false } }).await.expect("an edit");
    assert_eq!(ask(&service).await, Some(3));
    // It does not begin again with every edit.
    let reloads = service.reloads();
    for hidden in [true, false, true, false] {
        messages.update_many(doc! {}, doc! { "$set": { "_hidden": hidden } }).await.expect("an edit");
        sleep(Duration::from_millis(300)).await;
    }
    assert_eq!((service.reloads(), service.reloads_because(ReloadReason::ImagesLost)), (reloads, 3));
    service.stop().await;
}
