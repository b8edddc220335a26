//! Loads that were given up count until they have ended in MongoDB: no more than `tally.parallelism` are under way there.

use std::time::{Duration, Instant};

use bson::{Bson, DateTime, Document, doc};
use futures::TryStreamExt;
use mongodb::Database;
use tokio::time::sleep;

use crate::support::{PATIENCE, Service, Workspace, settings, start_mongod};

const APP_NAME: &str = "rocketchat-engagement";

/// How long an aggregation is held up, in milliseconds: longer than it takes until a stream is open again.
const HELD_UP: i32 = 4_000;

/// How often what is loaded must be given up while it is held up.
const ROUNDS: usize = 3;

/// An aggregation that loads.
fn loads() -> Document {
    doc! { "appName": APP_NAME, "command.aggregate": "rocketchat_message", "command.readConcern.level": "snapshot" }
}

/// An open change stream on the messages, whether it waits or not.
fn streams() -> Document {
    doc! {
        "cursor.originatingCommand.aggregate": "rocketchat_message",
        "cursor.originatingCommand.pipeline.0.$changeStream": { "$exists": true },
    }
}

/// The numbers of the operations of a kind that MongoDB has under way.
async fn under_way(admin: &Database, kind: Document) -> Vec<Bson> {
    let pipeline = [doc! { "$currentOp": { "allUsers": true, "idleCursors": true } }, doc! { "$match": kind }];
    let operations = admin.aggregate(pipeline).await.expect("the operations");
    let operations: Vec<_> = operations.try_collect().await.expect("the operations");
    operations.iter().map(|operation| operation.get("opid").cloned().unwrap_or(Bson::Null)).collect()
}

/// The only load that is under way, if there is one.
async fn load(admin: &Database) -> Option<Bson> {
    let mut loads = under_way(admin, loads()).await;
    assert!(loads.len() <= 1, "{} loads at once", loads.len());
    loads.pop()
}

/// When each load had ended, as MongoDB noted.
async fn ends(database: &Database) -> Vec<DateTime> {
    let profile = database.collection::<Document>("system.profile");
    let loads: Vec<_> = profile.find(loads()).await.expect("the profile").try_collect().await.expect("the profile");
    loads.iter().map(|load| *load.get_datetime("ts").expect("a time")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn loads_given_up_after_repeated_stream_losses_do_not_exceed_the_parallelism() {
    let mongod = start_mongod(&[]).await.expect("mongod");
    let url = mongod.url("rocketchat");
    let workspace = Workspace::at(&url, "rocketchat").await;
    workspace.add_admin().await;
    let (database, admin) = (&workspace.database, workspace.database.client().database("admin"));
    let messages = database.collection::<Document>("rocketchat_message");
    database.create_collection("rocketchat_message").await.expect("a collection");
    database.run_command(doc! { "profile": 1, "filter": loads() }).await.expect("the profiler");
    let values = [
        ("mongo_url", url.as_str()),
        ("tally.mode", "auto"),
        // So that loading goes on for long enough.
        ("tally.history_days", "10000"),
        ("tally.pause_ms", "400"),
        ("tally.parallelism", "1"),
    ];
    let service = Service::start(settings(&values)).await;
    let began = Instant::now();
    // What is looked at when the service starts has come to its end.
    while service.tally.status().loaded_days == 0 {
        assert!(began.elapsed() < PATIENCE, "nothing is loaded");
        sleep(Duration::from_millis(5)).await;
    }
    let is_followed = async || !under_way(&admin, streams()).await.is_empty();
    let mut held_up = Vec::new();
    while held_up.len() < ROUNDS {
        assert!(began.elapsed() < 2 * PATIENCE, "{held_up:?}, {:?}", service.tally.status());
        if !is_followed().await {
            sleep(Duration::from_millis(5)).await;
            continue;
        }
        // The next load is held up, and nothing else.
        let data = doc! {
            "failCommands": ["aggregate"], "appName": APP_NAME, "namespace": "rocketchat.rocketchat_message",
            "blockConnection": true, "blockTimeMS": HELD_UP,
        };
        let hold_up = doc! { "configureFailPoint": "failCommand", "mode": { "times": 1 }, "data": data };
        admin.run_command(hold_up).await.expect("a fail point");
        let armed = Instant::now();
        // Others are over sooner.
        let mut seen = None;
        let (number, since) = loop {
            assert!(armed.elapsed() < PATIENCE, "no load is held up: {:?}", service.tally.status());
            let (now, load) = (DateTime::now(), load(&admin).await);
            if load.is_some() && load == seen {
                break (load, now);
            }
            seen = load;
            sleep(Duration::from_millis(100)).await;
        };
        let reloads = service.reloads();
        messages.drop().await.expect("no collection");
        database.create_collection("rocketchat_message").await.expect("a collection");
        while service.reloads() == reloads || !is_followed().await {
            assert!(armed.elapsed() < PATIENCE, "not followed again: {:?}", service.tally.status());
            sleep(Duration::from_millis(5)).await;
        }
        // More would begin now, while that goes on which is given up.
        sleep(Duration::from_secs(1)).await;
        let until = DateTime::now();
        if load(&admin).await == number {
            held_up.push((since, until));
        }
        while load(&admin).await == number {
            sleep(Duration::from_millis(5)).await;
        }
    }
    service.until_counting("live").await;
    let ends = ends(database).await;
    assert!(!ends.is_empty());
    for (since, until) in held_up {
        let beside: Vec<_> = ends.iter().filter(|end| (since..until).contains(end)).collect();
        assert!(beside.is_empty(), "beside the load that was held up from {since} to {until}: {beside:?}");
    }
    service.stop().await;
}
