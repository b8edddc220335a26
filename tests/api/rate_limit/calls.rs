//! What is counted, how many calls pass in a window, and what the others are told.

use std::time::Duration;

use bson::{bson, doc};
use futures::future::join_all;
use tokio::time::sleep;

use super::{AUDITOR, CALLS, TIME, now, remaining, standing, workspace};
use crate::support::{
    PATH, Response, Service, Workspace,
    answers::{
        METHOD_NOT_ALLOWED, NOT_FOUND, PERIOD, UNAVAILABLE, asking, assert_all_agree, body_of, difference,
        no_json_error,
    },
    start_mongod, user, utc,
};

/// What a request has.
type Headers<'a> = &'a [(&'a str, &'a str)];

fn too_many(seconds: u64) -> String {
    format!(
        r#"{{"success":false,"error":"Error, too many requests. Please slow down. You must wait {seconds} seconds before trying this endpoint again. [error-too-many-requests]"}}"#
    )
}

/// A complaint if an answer is not the refusal that its own headers call for.
fn no_refusal(row: &str, answer: &Response, limit: u64, asked: u64) -> Option<String> {
    let Some([its_limit, 0, reset]) = standing(answer).filter(|[its_limit, ..]| *its_limit == limit) else {
        return Some(format!("{row}: {answer:?}"));
    };
    // Between question and answer a second may have begun.
    let waits = [asked, now()].map(|at| reset.saturating_sub(at).div_ceil(1000).max(1));
    assert_eq!(its_limit, limit);
    let body = waits.map(too_many).into_iter().find(|body| *body == answer.body).unwrap_or_else(|| too_many(waits[0]));
    difference(row, answer, 429, &body)
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_are_counted_after_the_permission_and_before_the_parameters_get_and_head_together() {
    let workspace = workspace(&[(CALLS, bson!(4)), (TIME, bson!(600_000))]).await;
    workspace.insert("users", [user("somebody", &["user"], "the-token-of-somebody")]).await;
    let service = Service::on(&workspace).await;
    let somebody = [("X-User-Id", "somebody"), ("X-Auth-Token", "the-token-of-somebody")];
    let (good, bad, admin) = (asking(PERIOD), asking("start=never"), Workspace::admin());
    let begun = now();

    let rows: [(&str, &str, Headers<'_>, u16, Option<u64>); 15] = [
        ("GET", &good, &[], 401, None),
        ("GET", &good, &somebody, 403, None),
        ("GET", &good, &AUDITOR, 200, Some(3)),
        ("HEAD", &good, &AUDITOR, 200, Some(2)),
        ("POST", &good, &AUDITOR, 405, None),
        ("OPTIONS", &good, &AUDITOR, 405, None),
        ("GET", "/nowhere", &AUDITOR, 404, None),
        ("GET", &bad, &AUDITOR, 400, Some(1)),
        ("GET", PATH, &AUDITOR, 400, Some(0)),
        ("GET", &good, &AUDITOR, 429, Some(0)),
        ("HEAD", &good, &AUDITOR, 429, Some(0)),
        ("GET", &bad, &AUDITOR, 429, Some(0)),
        ("GET", &good, &[], 401, None),
        ("GET", &good, &somebody, 403, None),
        ("GET", &good, &admin, 200, None),
    ];
    let mut differences = Vec::new();
    let mut resets = Vec::new();
    for (number, (method, target, headers, status, left)) in rows.into_iter().enumerate() {
        let row = format!("{number}: {method} {target}");
        let asked = now();
        let answer = service.request(method, target, headers).await;
        differences.extend((remaining(&answer) != left.map(|left| (4, left))).then(|| format!("{row}: {answer:?}")));
        resets.extend(standing(&answer).map(|[.., reset]| reset));
        differences.extend(match (method, status) {
            ("HEAD", _) => (answer.status != status).then(|| format!("{row}: {answer:?}")),
            (_, 400) => no_json_error(&row, &answer, 400),
            (_, 404) => difference(&row, &answer, 404, NOT_FOUND),
            (_, 405) => difference(&row, &answer, 405, METHOD_NOT_ALLOWED),
            (_, 429) => no_refusal(&row, &answer, 4, asked),
            _ => difference(&row, &answer, status, body_of(status)),
        });
    }

    service.stop().await;
    assert_all_agree(differences);
    assert_eq!(resets.len(), 7);
    assert!(resets.iter().all(|reset| *reset == resets[0]), "one window has one end: {resets:?}");
    assert!((begun + 600_000..=now() + 600_000).contains(&resets[0]), "{resets:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn when_a_window_has_ended_the_next_call_opens_another() {
    let workspace = workspace(&[(CALLS, bson!(2)), (TIME, bson!(1500))]).await;
    let service = Service::on(&workspace).await;

    let mut first_reset = 0;
    for _ in 0..2 {
        let mut statuses = Vec::new();
        let mut resets = Vec::new();
        for _ in 0..3 {
            let answer = service.get(&asking(PERIOD), &AUDITOR).await;
            statuses.push(answer.status);
            resets.extend(standing(&answer).map(|[.., reset]| reset));
        }
        assert_eq!(statuses, [200, 200, 429]);
        assert!(resets[0] >= first_reset + 1500 && resets.iter().all(|reset| *reset == resets[0]), "{resets:?}");
        first_reset = resets[0];
        sleep(Duration::from_millis(first_reset.saturating_sub(now()))).await;
    }
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_64_simultaneous_calls_exactly_the_limit_pass() {
    let workspace = workspace(&[(TIME, bson!(600_000))]).await;
    let service = Service::on(&workspace).await;

    let target = asking(PERIOD);
    let answers = join_all((0..64).map(|_| service.get(&target, &AUDITOR))).await;

    let mut passed: Vec<_> = answers.iter().filter(|answer| answer.status == 200).filter_map(remaining).collect();
    passed.sort_unstable();
    assert_eq!(passed, (0..10).map(|left| (10, left)).collect::<Vec<_>>());
    let refused = answers.iter().filter(|answer| answer.status == 429 && remaining(answer) == Some((10, 0))).count();
    assert_eq!(refused, 54);
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_whose_counting_fails_is_counted_and_one_whose_viewer_look_up_fails_is_not() {
    let mongod = start_mongod(&[]).await.expect("mongod");
    let workspace = Workspace::at(&mongod.url("rocketchat"), "rocketchat").await;
    workspace.add_admin().await;
    workspace.add_auditor().await;
    let service = Service::on(&workspace).await;
    let admin = mongod.client().await.expect("a client").database("admin");
    let fail = |collection: &str| {
        let data =
            doc! { "failCommands": ["aggregate"], "errorCode": 8, "namespace": format!("rocketchat.{collection}") };
        doc! { "configureFailPoint": "failCommand", "mode": "alwaysOn", "data": data }
    };
    workspace.insert("rocketchat_message", [doc! { "rid": "channel", "ts": utc("2023-05-25T00:00:00.000Z") }]).await;

    admin.run_command(fail("rocketchat_message")).await.expect("a fail point");
    let counted = service.get(&asking(PERIOD), &AUDITOR).await;
    admin.run_command(fail("users")).await.expect("a fail point");
    let unknown = service.get(&asking(PERIOD), &AUDITOR).await;

    assert_all_agree(difference("counting fails", &counted, 503, UNAVAILABLE));
    assert_eq!(remaining(&counted), Some((10, 9)));
    assert_all_agree(difference("the look-up fails", &unknown, 503, UNAVAILABLE));
    assert_eq!(standing(&unknown), None);
    service.stop().await;
}
