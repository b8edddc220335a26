//! What MongoDB sees of the service: reads only, each with a time limit and over an index, and no more at once than
//! was agreed. Seen by MongoDB's own profiler.

use std::time::Duration;

use bson::{Document, doc};
use futures::TryStreamExt;

use crate::support::{PATH, Service, Workspace, settings, utc};

const QUERY: &str = "?start=2023-05-20T00:00:00.000Z&end=2023-05-30T00:00:00.000Z";

/// Enough messages for a day to be counted by itself.
async fn fill(workspace: &Workspace) {
    workspace.add_admin().await;
    let ts = utc("2023-05-25T12:00:00.000Z");
    workspace.insert("rocketchat_message", (0..51_000).map(|_| doc! { "rid": "channel", "ts": ts })).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_reads_within_a_time_limit_and_counts_over_the_index() {
    let workspace = Workspace::empty().await.with_index().await;
    fill(&workspace).await;
    let service = Service::start(settings(&[("mongo_url", &workspace.url()), ("http.request_deadline", "10")])).await;
    workspace.database.run_command(doc! { "profile": 2 }).await.expect("the profiler");

    for (query, count) in [(QUERY, 51_000), ("?start=0000-01-01T00:00:00.000Z&end=9999-12-31T00:00:00.000Z", 51_000)] {
        let answer = service.get(&format!("{PATH}{query}"), &Workspace::admin()).await;
        assert_eq!(answer.json()["period"]["count"], count);
    }
    service.until_ready().await;

    workspace.database.run_command(doc! { "profile": 0 }).await.expect("no profiler");
    let profile = workspace.database.collection::<Document>("system.profile");
    let ours = profile.find(doc! { "appName": "rocketchat-engagement" }).await.expect("the profile");
    let ours: Vec<_> = ours.try_collect().await.expect("the profile");
    let mut counted = 0;
    for entry in &ours {
        assert_eq!(entry.get_str("op").expect("op"), "command", "{entry}");
        let command = entry.get_document("command").expect("a command");
        let (name, collection) = command.iter().next().expect("a name");
        assert!(["aggregate", "count"].contains(&name.as_str()), "{entry}");
        let limit = command.get("maxTimeMS").and_then(|limit| limit.as_i64().or(limit.as_i32().map(i64::from)));
        assert!(limit.is_some_and(|limit| (1..=10_000).contains(&limit)), "{entry}");
        let level = command.get_document("readConcern").and_then(|concern| concern.get_str("level"));
        assert_eq!(level.expect("a read concern"), "local", "{entry}");
        if name == "aggregate" && collection.as_str() == Some("rocketchat_message") && command.contains_key("hint") {
            assert_eq!(entry.get_str("planSummary").expect("a plan"), "IXSCAN { ts: 1 }", "{entry}");
            counted += 1;
        }
    }
    // The documented period and the one before it have 23 days.
    assert!(counted > 23, "{counted} of {} operations count", ours.len());
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_requests_together_run_no_more_aggregations_than_configured_even_after_clients_leave() {
    const PARALLELISM: usize = 2;
    let workspace = Workspace::empty().await.with_index().await;
    fill(&workspace).await;
    let url = workspace.url();
    let service = Service::start(settings(&[("mongo_url", url.as_str()), ("tally.mode", "pipeline")])).await;
    let target = format!("{PATH}{QUERY}");
    assert_eq!(service.get(&target, &Workspace::admin()).await.status, 200);
    workspace.database.run_command(doc! { "profile": 2 }).await.expect("the profiler");

    // Everybody asks at once, and nobody waits to the end.
    for patience in [150, 300, 450, 600, 750] {
        let clients = (0..12).map(|_| async {
            let patience = Duration::from_millis(patience);
            drop(tokio::time::timeout(patience, service.get(&target, &Workspace::admin())).await);
        });
        futures::future::join_all(clients).await;
    }
    // Whoever asks now is answered after those of them that were still being counted.
    assert_eq!(service.get(&target, &Workspace::admin()).await.status, 200);

    workspace.database.run_command(doc! { "profile": 0 }).await.expect("no profiler");
    let profile = workspace.database.collection::<Document>("system.profile");
    let counts =
        doc! { "command.aggregate": "rocketchat_message", "command.hint": { "$exists": true }, "millis": { "$gt": 2 } };
    let counts: Vec<_> = profile.find(counts).await.expect("the profile").try_collect().await.expect("the profile");
    // Begin and end of each, without the milliseconds to which the profiler rounds.
    let spans = counts.iter().map(|entry| {
        let end = entry.get_datetime("ts").expect("ts").timestamp_millis();
        let millis = entry.get_i32("millis").expect("millis");
        (end - i64::from(millis) + 1, end - 1)
    });
    let spans: Vec<_> = spans.collect();
    let at = |moment: i64| spans.iter().filter(|(begin, end)| *begin <= moment && moment <= *end).count();
    let most = spans.iter().map(|(begin, _)| at(*begin)).max();
    assert_eq!(most, Some(PARALLELISM), "of {} aggregations, so many ran at once", spans.len());
    service.stop().await;
}
