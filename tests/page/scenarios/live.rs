//! Messages that come while somebody looks.

use std::time::Duration;

use serde_json::json;

use crate::{browser, guarded::until, known::Known, site::Site, support::Workspace};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_meanwhile_is_there_after_a_refresh() {
    if browser::is_missing() {
        return;
    }
    let mut known = Known::write().await;
    let live = [("time_zone", known.zone.as_str()), ("tally.mode", "auto"), ("tally.history_days", "10000")];
    let site = Site::below("", &known.workspace, &live).await;
    site.service.until_counting("live").await;
    let directory = tempfile::tempdir().expect("a directory");
    let [seen, written] = ["seen", "written"].map(|name| directory.path().join(name));
    let mut given = known.of_a_week();
    given["random"] = json!(known.count(0, 0, |room| room == "random"));
    given["seen"] = json!(seen);
    given["written"] = json!(written);
    let given = site.given(&Workspace::admin(), given);
    // Who waits for the browser does not wait for others as well.
    let turn = browser::turn().await;
    let write = async {
        until("the first numbers", Duration::from_secs(120), async || seen.exists().then_some(())).await;
        known.send("random", 0, 5).await;
        site.service.catch_up().await;
        std::fs::write(&written, "").expect("a file");
    };
    tokio::join!(browser::run_in(turn, "live", &given), write);
    site.service.stop().await;
}
