//! The account as version 0.1.0 made it: what works with it, who says what is missing, and how it is set right.

use bson::doc;
use rocketchat_engagement::http::dashboard::ENDPOINTS;
use serde_json::Value;

use super::{DATABASE, QUERY, done, prepared, rights, role, run_script, url};
use crate::{
    commands::run,
    support::{GuardedMongod, Service, Workspace, node_is_missing},
};

/// The paths that are not answered with 200, and the status of all of those.
async fn refused(service: &Service) -> (Vec<&'static str>, u16) {
    let (mut paths, mut status) = (Vec::new(), 200);
    for endpoint in ENDPOINTS {
        let answer = service.get(&format!("{}{QUERY}", endpoint.path), &Workspace::admin()).await;
        if answer.status != 200 {
            paths.push(endpoint.path.trim_start_matches("/api/v1/engagement-dashboard/"));
            status = answer.status;
        }
    }
    (paths, status)
}

/// What `check` says about the account's rights, and its exit code.
fn checked(guarded: &GuardedMongod) -> (Option<i32>, Value) {
    let ran = run(&["check", "--json"], &[("MONGO_URL", &url(guarded)), ("TZ", "UTC")]);
    let outcome: Value = serde_json::from_str(&ran.output).expect("JSON");
    let rights = outcome["findings"].as_array().and_then(|all| all.iter().find(|finding| finding["id"] == "rights"));
    (ran.code, rights.cloned().expect("the rights"))
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_role_of_version_0_1_0_five_paths_answer_and_with_the_script_run_again_all_do() {
    if node_is_missing() {
        return;
    }
    let guarded = prepared().await;
    let of_0_1_0: Vec<_> = rights(&role(&guarded).await)
        .into_iter()
        .filter(|right| !right.to_string().contains("rocketchat_sessions"))
        .collect();
    assert_eq!(of_0_1_0.len(), 9);
    guarded.run(DATABASE, doc! { "updateRole": "engagement", "privileges": of_0_1_0 }).await;

    let service = Service::start_live(&[("mongo_url", &url(&guarded))]).await;
    let of_sessions = [
        "users/active-users",
        "users/chat-busier/hourly-data",
        "users/chat-busier/weekly-data",
        "users/users-by-time-of-the-day-in-a-week",
    ];
    assert_eq!(refused(&service).await, (of_sessions.to_vec(), 503));
    // The page has all but the people.
    let of_page = ["context", "messages?start=2023-05-01&end=2023-05-31", "people?start=2023-05-01&end=2023-05-31"];
    let mut page = Vec::new();
    for path in of_page {
        page.push(service.get(&format!("/engagement/api/{path}"), &Workspace::admin()).await);
    }
    assert_eq!(page.iter().map(|answer| answer.status).collect::<Vec<_>>(), [200, 200, 503]);
    assert!(page[0].body.contains(r#""firstActivityDay":null"#), "{page:?}");
    let (code, rights) = checked(&guarded);
    assert_eq!((code, &rights["status"]), (Some(1), &"limits".into()), "{rights}");
    assert!(rights["message"].as_str().is_some_and(|text| text.contains("rocketchat_sessions")), "{rights}");

    done(&run_script(&guarded, &[], ""));

    // The service need not be started again.
    assert_eq!(refused(&service).await, (vec![], 200));
    assert_eq!(checked(&guarded).1["status"], "ok");
}
