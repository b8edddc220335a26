//! Many requests at once: no answer but 200, and memory stays flat.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use chrono::Utc;
use rocketchat_engagement::commands::demo::workspace::{self, DOCUMENTED_TOKEN, DOCUMENTED_USER};

use crate::support::{Connection, PATH, Process, Workspace, resident_memory};

const REQUESTS: u32 = 20_000;
const CONNECTIONS: usize = 64;

#[tokio::test(flavor = "multi_thread")]
async fn twenty_thousand_requests_over_64_connections_are_all_answered_in_flat_memory() {
    let workspace = Workspace::empty().await;
    workspace::fill(&workspace.database, Utc::now()).await.expect("the demonstration's workspace");
    // A machine that stands still for some seconds is not what this is about.
    let environment = [("RUST_LOG", "warn,rocketchat_engagement=info"), ("ENGAGEMENT_HTTP_REQUEST_DEADLINE", "60")];
    let (process, address) = Process::serve(&workspace.url(), &environment);
    let pid = process.pid();
    let taken = Arc::new(AtomicU32::new(0));
    let warm = Arc::new(AtomicU32::new(0));

    let clients = (0..CONNECTIONS).map(|_| {
        let (taken, warm) = (Arc::clone(&taken), Arc::clone(&warm));
        tokio::spawn(async move {
            let target = format!("{PATH}?start=2023-05-20T00:00:00.000Z&end=2023-05-30T00:00:00.000Z");
            let headers = [("X-User-Id", DOCUMENTED_USER.as_bytes()), ("X-Auth-Token", DOCUMENTED_TOKEN.as_bytes())];
            let mut connection = Connection::open(address).await;
            loop {
                let number = taken.fetch_add(1, Ordering::Relaxed);
                if number >= REQUESTS {
                    return Ok(());
                }
                connection.send("GET", &target, &headers, b"").await;
                let response = connection.receive(false).await;
                if response.status != 200 || !response.body.contains(r#""period":{"count":760,"variation":716}"#) {
                    taken.store(REQUESTS, Ordering::Relaxed);
                    return Err(format!("request {number}: {response:?}"));
                }
                if number == REQUESTS / 4 {
                    let megabytes = u32::try_from(resident_memory(pid) >> 20).expect("megabytes");
                    warm.store(megabytes, Ordering::Relaxed);
                }
            }
        })
    });
    for ended in futures::future::try_join_all(clients).await.expect("no client fails") {
        ended.unwrap_or_else(|unexpected| panic!("{unexpected}\n{}", process.output()));
    }

    let warm = u64::from(warm.load(Ordering::Relaxed));
    let end = resident_memory(pid) >> 20;
    assert!(end <= warm + 16, "{warm} MB after a quarter of the requests, {end} MB after all of them");
}

#[test]
fn no_huge_pages_are_used() {
    let (process, _) = Process::serve("mongodb://127.0.0.1:1/rocketchat", &[]);
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.pid())).expect("its status");

    assert!(status.contains("THP_enabled:\t0\n"), "{status}");
}
