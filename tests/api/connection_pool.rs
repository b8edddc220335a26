//! A connection string with a small `maxPoolSize`: the change streams do not take the connections that answers need.

use std::time::{Duration, Instant};

use bson::doc;
use futures::TryStreamExt;
use tokio::time::sleep;

use crate::support::{PATH, PATIENCE, Process, Workspace, send};

const QUERY: &str = "?start=2023-05-20T00:00:00.000Z&end=2023-05-20T00:00:00.000Z";

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_of_one_connection_is_raised_and_that_is_told() {
    let workspace = Workspace::with_admin().await;
    let name = workspace.database.name();
    let followed = ["rocketchat_message", "rocketchat_room"].map(|of| format!("{name}.{of}")).to_vec();
    let (process, address) = Process::serve(&format!("{}&maxPoolSize=1", workspace.url()), &[]);
    process.wait_for_line("maxPoolSize=1 of the connection string is raised to ");
    let began = Instant::now();
    while send(address, "GET", "/readyz", &[], b"").await.json()["counting"] != "live" {
        assert!(began.elapsed() < PATIENCE, "not live within a minute:\n{}", process.output());
        sleep(Duration::from_millis(20)).await;
    }

    // Both wait in MongoDB at the same time, each with a connection, and a request is answered meanwhile.
    let headers = Workspace::admin().map(|(name, value)| (name, value.as_bytes()));
    let streams = [
        doc! { "$currentOp": { "allUsers": true } },
        doc! { "$match": {
            "appName": "rocketchat-engagement",
            "ns": { "$in": followed },
            "command.getMore": { "$exists": true },
            "cursor.originatingCommand.pipeline.0.$changeStream": { "$exists": true },
        } },
        doc! { "$group": { "_id": "$ns", "cursors": { "$push": "$opid" } } },
    ];
    let admin = workspace.database.client().database("admin");
    let waiting = async || {
        let found = admin.aggregate(streams.clone()).await.expect("the operations");
        found.try_collect::<Vec<_>>().await.expect("the operations")
    };
    loop {
        assert!(began.elapsed() < PATIENCE, "the streams never wait at once:\n{}", process.output());
        let mut before = waiting().await;
        let answer = send(address, "GET", &format!("{PATH}{QUERY}"), &headers, b"").await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let mut after = waiting().await;
        for operations in [&mut before, &mut after] {
            operations.sort_by_key(|of| of.get_str("_id").unwrap_or_default().to_owned());
        }
        // The very same: neither has ended for the request.
        if before.len() == 2 && before == after {
            break;
        }
    }
}
