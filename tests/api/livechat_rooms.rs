//! Livechat makes a room for each conversation, so there may be millions. Rooms of types that do not count are not read.

use bson::{Document, doc};
use futures::TryStreamExt;

use crate::support::{PATH, Service, Workspace, utc};

const QUERY: &str = "?start=2023-05-20T00:00:00.000Z&end=2023-05-20T00:00:00.000Z";

#[tokio::test(flavor = "multi_thread")]
async fn of_many_livechat_rooms_none_is_read() {
    let workspace = Workspace::with_admin().await;
    let rooms = (0..30_000).map(|index| doc! { "_id": format!("conversation{index}"), "t": "l" });
    workspace.insert("rocketchat_room", rooms).await;
    let noon = utc("2023-05-20T12:00:00.000Z");
    let rids = ["channel", "conversation7", "conversation7", "direct"];
    workspace.insert("rocketchat_message", rids.map(|rid| doc! { "rid": rid, "ts": noon })).await;

    workspace.database.run_command(doc! { "profile": 2 }).await.expect("the profiler");
    let service = Service::on_live(&workspace).await;
    workspace.database.run_command(doc! { "profile": 0 }).await.expect("no profiler");
    let reads = doc! {
        "ns": format!("{}.rocketchat_room", workspace.database.name()),
        "appName": "rocketchat-engagement",
        "command.readConcern.level": "snapshot",
    };
    let profile = workspace.database.collection::<Document>("system.profile");
    let reads: Vec<_> = profile.find(reads).await.expect("the profile").try_collect().await.expect("the profile");
    let returned: Vec<_> = reads.iter().map(|read| read.get_i32("nreturned").expect("nreturned")).collect();
    // A channel, a private group, a direct conversation; more would come with further replies.
    assert_eq!(returned, [3], "{reads:?}");
    assert!(reads.iter().all(|read| read.get_bool("cursorExhausted").unwrap_or(false)), "{reads:?}");

    let answer = service.get(&format!("{PATH}{QUERY}"), &Workspace::admin()).await;
    assert_eq!((answer.json()["period"]["count"].as_u64(), service.answers_from_memory()), (Some(2), 1), "{answer:?}");
    service.stop().await;
}
