//! Replica sets in which the members do not agree, or have no primary: nobody is let in by what a member has not heard of yet, and
//! no count is called live that lacks the newest messages.

use std::time::{Duration, Instant};

use bson::{Document, doc};
use futures::TryStreamExt;
use tokio::time::sleep;

use crate::support::{PATH, PATIENCE, Pair, Response, Service, Workspace, hashed, keep_secret, settings, signal, utc};

const QUERY: &str = "?start=2023-05-20T00:00:00.000Z&end=2023-05-20T00:00:00.000Z";

/// How old an answer from memory may be.
const STALENESS: Duration = Duration::from_secs(2);

/// Deadline and staleness are the defaults, which tests have not else.
async fn start(url: &str) -> Service {
    let values = [
        ("mongo_url", url),
        ("tally.mode", "auto"),
        ("tally.history_days", "10000"),
        ("http.request_deadline", "10"),
        ("tally.max_staleness_ms", "2000"),
    ];
    Service::start(settings(&values)).await
}

async fn ask(service: &Service) -> Response {
    service.get(&format!("{PATH}{QUERY}"), &Workspace::admin()).await
}

/// The count of an answer; none of a 503.
fn count(response: &Response) -> Option<u64> {
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

async fn revoke(workspace: &Workspace) {
    let token = doc! { "hashedToken": hashed("admin-secret-token") };
    workspace.update("users", "admin", doc! { "$pull": { "services.resume.loginTokens": token } }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_majority_that_stands_still_makes_memory_stale_and_lets_nobody_in() {
    keep_secret("second-secret-token");
    let pair = Pair::start().await;
    let workspace = pair.workspace().await;
    workspace.add_admin().await;
    insert(&workspace, 3).await;
    let service = start(&pair.url("")).await;
    service.until_counting("live").await;
    assert_eq!(count(&ask(&service).await), Some(3));

    pair.replicate(false).await;
    insert(&workspace, 2).await;
    sleep(STALENESS).await;
    // From memory it would be 3.
    assert_eq!(count(&ask(&service).await).unwrap_or(5), 5);
    service.until_counting("pipeline").await;
    let ready = service.get("/readyz", &[]).await.json();
    assert!(ready["reason"].as_str().is_some_and(|reason| reason.contains("no majority")), "{ready}");
    assert_eq!(count(&ask(&service).await), Some(5));
    let token = doc! { "hashedToken": hashed("second-secret-token"), "when": bson::DateTime::now() };
    workspace.update("users", "admin", doc! { "$push": { "services.resume.loginTokens": token } }).await;
    revoke(&workspace).await;
    assert_eq!(ask(&service).await.status, 401);
    let again = [("X-User-Id", "admin"), ("X-Auth-Token", "second-secret-token")];
    assert_eq!(count(&service.get(&format!("{PATH}{QUERY}"), &again).await), Some(5));

    pair.replicate(true).await;
    service.until_counting("live").await;
    assert!(service.get("/readyz", &[]).await.json()["reason"].is_null());
    service.catch_up().await;
    let from_memory = service.answers_from_memory();
    assert_eq!(count(&service.get(&format!("{PATH}{QUERY}"), &again).await), Some(5));
    assert_eq!((service.answers_from_memory(), service.reloads()), (from_memory + 1, 0));
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_is_stale_while_the_streams_are_open_on_a_member_that_lags_behind() {
    let pair = Pair::start().await;
    pair.outvote().await;
    let workspace = pair.workspace().await;
    workspace.add_admin().await;
    insert(&workspace, 3).await;
    let service = start(&pair.url("&readPreference=secondary")).await;
    service.until_counting("live").await;
    pair.replicate(false).await;
    insert(&workspace, 2).await;
    service.until_counting("pipeline").await;
    pair.replicate(true).await;
    service.until_counting("live").await;
    service.catch_up().await;
    assert_eq!((count(&ask(&service).await), service.reloads()), (Some(5), 0));
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_that_has_not_heard_of_a_revocation_is_never_asked() {
    let pair = Pair::start().await;
    let workspace = pair.workspace().await;
    workspace.add_admin().await;
    let service = start(&pair.url("")).await;
    service.until_counting("live").await;
    pair.replicate(false).await;
    revoke(&workspace).await;
    assert_eq!(ask(&service).await.status, 401);

    signal("KILL", pair.primary.pid());
    let still_there = pair.secondary_database().await.collection::<Document>("users");
    let found = still_there.find_one(doc! { "services.resume.loginTokens.hashedToken": hashed("admin-secret-token") });
    assert!(found.await.expect("the secondary answers").is_some(), "the secondary knows the token still");
    let began = Instant::now();
    let response = ask(&service).await;
    assert_eq!(response.status, 503);
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    let ready = service.get("/readyz", &[]).await;
    assert_eq!((ready.status, ready.json()["mongodb"].as_str()), (503, Some("MongoDB has no primary")));
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_waits_for_the_end_of_an_election() {
    let pair = Pair::start().await;
    let workspace = pair.workspace().await;
    workspace.add_admin().await;
    insert(&workspace, 3).await;
    // Long enough for the election, which takes more than the three seconds for which the driver waits by itself.
    let url = pair.url("");
    let service = Service::start(settings(&[("mongo_url", &url), ("http.request_deadline", "60")])).await;
    assert_eq!(count(&ask(&service).await), Some(3));

    let admin = pair.primary.client().await.expect("a client").database("admin");
    // For so long nobody can be elected: the other member never is.
    let command = doc! { "replSetStepDown": 6, "secondaryCatchUpPeriodSecs": 1, "force": true };
    admin.run_command(command).await.expect("it steps down");
    let began = Instant::now();
    let response = ask(&service).await;
    assert_eq!((count(&response), began.elapsed() > Duration::from_secs(3)), (Some(3), true), "{:?}", began.elapsed());
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_read_preference_chooses_the_member_that_counts_and_users_are_read_on_the_primary() {
    let pair = Pair::start().await;
    let workspace = pair.workspace().await;
    workspace.add_admin().await;
    insert(&workspace, 3).await;
    let secondary = pair.secondary_database().await;
    let began = Instant::now();
    while secondary.collection::<Document>("rocketchat_message").count_documents(doc! {}).await.expect("a count") < 3 {
        assert!(began.elapsed() < PATIENCE, "the secondary does not follow");
        sleep(Duration::from_millis(20)).await;
    }
    let url = pair.url("&readPreference=secondary&readPreferenceTags=use:analytics");
    let asks = async |database: &mongodb::Database, collection: &str| {
        let profile = database.collection::<Document>("system.profile");
        let ours = doc! { "appName": "rocketchat-engagement", "command.aggregate": collection };
        let ours = profile.find(ours).await.expect("the profile");
        !ours.try_collect::<Vec<_>>().await.expect("the profile").is_empty()
    };
    for database in [&workspace.database, &secondary] {
        database.run_command(doc! { "profile": 2 }).await.expect("the profiler");
    }

    let service = Service::start(settings(&[("mongo_url", &url)])).await;
    assert_eq!(count(&ask(&service).await), Some(3));
    assert!(asks(&secondary, "rocketchat_message").await && asks(&workspace.database, "users").await);
    assert!(!asks(&workspace.database, "rocketchat_message").await && !asks(&secondary, "users").await);
    service.stop().await;
    // A setting wins, and a member without such tags counts nothing.
    let primary = ("counting.read_preference", "primary");
    let service = Service::start(settings(&[("mongo_url", &url), primary])).await;
    assert_eq!(count(&ask(&service).await), Some(3));
    assert!(asks(&workspace.database, "rocketchat_message").await);
    service.stop().await;
}

/// Why a stream's first token says nothing of the time that it was opened at (`tally::live::stream`).
#[tokio::test(flavor = "multi_thread")]
async fn a_member_tells_the_time_that_a_stream_was_opened_at_before_it_has_come_so_far() {
    let workspace = Workspace::with_admin().await;
    let ahead = bson::Timestamp { time: u32::MAX >> 1, increment: 5 };
    let messages = workspace.database.collection::<Document>("rocketchat_message");
    let mut stream = messages.watch().start_at_operation_time(ahead).await.expect("a stream");
    assert!(stream.next_if_any().await.expect("an empty batch").is_none());
    let token = bson::serialize_to_document(&stream.resume_token().expect("a token")).expect("a document");
    assert!(token.get_str("_data").is_ok_and(|data| data.starts_with("827FFFFFFF00000005")), "{token}");
}
