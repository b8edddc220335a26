//! How often a client may ask (contract section 5): from tables, status, headers and whole body.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use bson::{Bson, Document, bson, doc};
use futures::future::join_all;
use tokio::time::{Instant, sleep};

use crate::support::{
    PATH, Process, Response, Service, Workspace,
    answers::{
        METHOD_NOT_ALLOWED, NOT_FOUND, PERIOD, UNAVAILABLE, asking, assert_all_agree, body_of, difference,
        no_json_error,
    },
    send, settings, start_mongod, user,
};

const AUDITOR: [(&str, &str); 2] = Workspace::AUDITOR;

const SWITCH: &str = "API_Enable_Rate_Limiter";
const CALLS: &str = "API_Enable_Rate_Limiter_Limit_Calls_Default";
const TIME: &str = "API_Enable_Rate_Limiter_Limit_Time_Default";

/// What an administrator is promised: a changed setting applies within so long.
const FOLLOWED: Duration = Duration::from_secs(10);

/// What a request has.
type Headers<'a> = &'a [(&'a str, &'a str)];

/// What a setting is set to.
type Setting = (&'static str, Bson);

/// Limit and remaining calls, if an answer tells.
type Remaining = Option<(u64, u64)>;

/// A workspace in which the auditor may ask, but not as often as they like.
async fn workspace(values: &[Setting]) -> Workspace {
    let workspace = Workspace::with_admin().await;
    workspace.add_auditor().await;
    set(&workspace, values).await;
    workspace
}

/// Writes settings as Rocket.Chat does.
async fn set(workspace: &Workspace, values: &[Setting]) {
    let settings = workspace.database.collection::<Document>("rocketchat_settings");
    for (id, value) in values {
        let update = doc! { "$set": { "value": value.clone() } };
        settings.update_one(doc! { "_id": *id }, update).upsert(true).await.expect("a setting");
    }
}

/// `X-RateLimit-Limit`, `-Remaining` and `-Reset`, if they are there.
fn standing(answer: &Response) -> Option<[u64; 3]> {
    let names = ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"];
    let values = names.map(|name| answer.header(name).map(|value| value.parse().expect("a whole number")));
    assert!(values.iter().all(Option::is_some) || values.iter().all(Option::is_none), "{answer:?}");
    values[0].map(|_| values.map(|value| value.expect("all of them")))
}

/// What an answer tells.
fn remaining(answer: &Response) -> Remaining {
    standing(answer).map(|[limit, remaining, _]| (limit, remaining))
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    u64::try_from(since.as_millis()).expect("milliseconds")
}

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
async fn calls_are_counted_after_permission_and_before_the_parameters_by_get_and_head_together() {
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
async fn what_the_settings_hold_decides_from_the_first_request_on_and_odd_values_are_the_default() {
    let rows: Vec<(&str, Vec<Setting>, Remaining)> = vec![
        ("no settings", vec![], Some((10, 9))),
        ("3 calls", vec![(CALLS, bson!(3))], Some((3, 2))),
        ("1 call", vec![(CALLS, bson!(1))], Some((1, 0))),
        ("3.9 calls", vec![(CALLS, bson!(3.9))], Some((3, 2))),
        ("a text for the calls", vec![(CALLS, bson!("3"))], Some((10, 9))),
        ("negative calls", vec![(CALLS, bson!(-3))], Some((10, 9))),
        ("no number of calls", vec![(CALLS, bson!(f64::NAN))], Some((10, 9))),
        ("null calls", vec![(CALLS, Bson::Null)], Some((10, 9))),
        ("no calls", vec![(CALLS, bson!(0))], None),
        ("no time", vec![(TIME, bson!(0.0))], None),
        ("a text for the time", vec![(TIME, bson!("0"))], Some((10, 9))),
        ("off", vec![(SWITCH, bson!(false))], None),
        ("off with calls", vec![(SWITCH, bson!(false)), (CALLS, bson!(3))], None),
        ("a text for off", vec![(SWITCH, bson!("false"))], Some((10, 9))),
        ("0 for off", vec![(SWITCH, bson!(0))], Some((10, 9))),
    ];
    let mut differences = Vec::new();
    for (row, values, expected) in rows {
        let workspace = workspace(&values).await;
        let service = Service::on(&workspace).await;
        let answer = service.get(&asking(PERIOD), &AUDITOR).await;
        differences.extend((remaining(&answer) != expected).then(|| format!("{row}: {answer:?}")));
        differences.extend(difference(row, &answer, 200, body_of(200)));
        service.stop().await;
    }
    assert_all_agree(differences);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_setting_is_followed_within_10_seconds_without_a_restart() {
    let workspace = workspace(&[(TIME, bson!(600_000))]).await;
    let service = Service::on(&workspace).await;
    let first = service.get(&asking(PERIOD), &AUDITOR).await;
    assert_eq!(remaining(&first), Some((10, 9)));

    for (values, limit) in [
        (&[(CALLS, bson!(1000))], Some(1000)),
        (&[(CALLS, bson!(0))], None),
        (&[(CALLS, bson!("many"))], Some(10)),
        (&[(SWITCH, bson!(false))], None),
    ] {
        set(&workspace, values).await;
        let changed = Instant::now();
        loop {
            let answer = service.get(&asking(PERIOD), &AUDITOR).await;
            if standing(&answer).map(|[limit, ..]| limit) == limit {
                break;
            }
            assert!(changed.elapsed() < FOLLOWED, "{values:?}: {answer:?}");
            sleep(Duration::from_millis(100)).await;
        }
    }
    service.stop().await;
}

/// Roles that the workspace has, what the permission `api-bypass-rate-limit` is, the user's roles, whether they bypass.
type Bypass = (&'static str, &'static [&'static str], Option<Document>, &'static [&'static str], bool);

fn bypasses() -> Vec<Bypass> {
    const KNOWN: &[&str] = &["admin", "bot", "app", "auditor", "user", "owner"];
    let given_to = |roles: Bson| Some(doc! { "_id": "api-bypass-rate-limit", "roles": roles });
    vec![
        ("the permission's role", KNOWN, given_to(bson!(["owner"])), &["auditor", "owner"], true),
        ("one of its roles", KNOWN, given_to(bson!(["owner", "auditor"])), &["auditor"], true),
        ("none of its roles", KNOWN, given_to(bson!(["owner"])), &["auditor"], false),
        ("admin without it", KNOWN, given_to(bson!(["owner"])), &["auditor", "admin"], false),
        ("nobody has it", KNOWN, given_to(bson!([])), &["auditor", "admin", "bot", "app"], false),
        ("a role that is gone", &["auditor"], given_to(bson!(["owner"])), &["auditor", "owner"], false),
        ("no roles known", &[], given_to(bson!(["owner"])), &["auditor", "owner"], true),
        ("its roles are a text", KNOWN, given_to(bson!("owner")), &["auditor", "owner"], false),
        ("its roles hold a number", KNOWN, given_to(bson!(["owner", 5])), &["auditor", "owner"], false),
        ("its roles are null", KNOWN, given_to(Bson::Null), &["auditor", "admin"], false),
        ("it has no roles", KNOWN, Some(doc! { "_id": "api-bypass-rate-limit" }), &["auditor", "admin"], false),
        ("no permission, an admin", KNOWN, None, &["auditor", "admin"], true),
        ("no permission, a bot", KNOWN, None, &["auditor", "bot"], true),
        ("no permission, an app", KNOWN, None, &["auditor", "app"], true),
        ("no permission, another", KNOWN, None, &["auditor", "user", "owner"], false),
        ("no permission, in another case", KNOWN, None, &["auditor", "Bot", "APP"], false),
        ("no permission, bot is gone", &["auditor"], None, &["auditor", "bot"], false),
        ("no permission, no roles known", &[], None, &["auditor", "bot"], true),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_bypass_the_limit_are_not_counted_and_a_change_counts_from_the_next_request() {
    let workspace = workspace(&[(CALLS, bson!(1_000_000)), (TIME, bson!(600_000))]).await;
    let service = Service::on(&workspace).await;

    let mut differences = Vec::new();
    let mut calls = 0;
    for (row, known, permission, roles, bypasses) in bypasses() {
        for (collection, documents) in [
            ("rocketchat_roles", known.iter().map(|role| doc! { "_id": *role }).collect()),
            ("rocketchat_permissions", Vec::from_iter(permission)),
            ("users", vec![user("auditor", roles, AUDITOR[1].1)]),
        ] {
            workspace.database.collection::<Document>(collection).delete_many(doc! {}).await.expect("deletions");
            workspace.insert(collection, documents).await;
        }
        let view = doc! { "_id": "view-engagement-dashboard", "roles": ["auditor"] };
        workspace.insert("rocketchat_permissions", [view]).await;
        for _ in 0..2 {
            calls += u64::from(!bypasses);
            let answer = service.get(&asking(PERIOD), &AUDITOR).await;
            let expected = (!bypasses).then(|| (1_000_000, 1_000_000 - calls));
            differences.extend((remaining(&answer) != expected).then(|| format!("{row}: {answer:?}")));
            differences.extend(difference(row, &answer, 200, body_of(200)));
        }
    }

    service.stop().await;
    assert_all_agree(differences);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_is_refused_and_not_counted_even_with_a_role_that_bypasses() {
    let workspace = workspace(&[]).await;
    workspace.insert("users", [user("guest", &["guest", "admin", "bot"], "the-token-of-a-guest")]).await;
    let service = Service::on(&workspace).await;

    let guest = [("X-User-Id", "guest"), ("X-Auth-Token", "the-token-of-a-guest")];
    let answer = service.get(&asking(PERIOD), &guest).await;

    assert_eq!(standing(&answer), None);
    assert_all_agree(difference("a guest", &answer, 403, body_of(403)));
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_could_not_be_answered_is_counted_and_one_whose_viewer_is_unknown_is_not() {
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
    workspace
        .insert(
            "rocketchat_message",
            [doc! { "rid": "channel", "ts": crate::support::utc("2023-05-25T00:00:00.000Z") }],
        )
        .await;

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

#[tokio::test(flavor = "multi_thread")]
async fn odd_settings_are_told_once_for_each_change() {
    let all = [
        (SWITCH, bson!(true)),
        (TIME, bson!(60_000)),
        ("API_Enable_CORS", bson!(false)),
        ("API_CORS_Origin", bson!("*")),
    ];
    let workspace = workspace(&all).await;
    set(&workspace, &[(CALLS, bson!("ten\nforged line"))]).await;

    let (process, _) = Process::serve(&workspace.url(), &[("RUST_LOG", "info")]);
    let told = |text: &str| process.output().lines().filter(|line| line.contains(text)).count();
    assert_eq!(told(&format!("{CALLS} is ")), 1, "{}", process.output());
    sleep(Duration::from_secs(12)).await;
    assert_eq!(told(&format!("{CALLS} is ")), 1, "not again at each read: {}", process.output());
    set(&workspace, &[(CALLS, bson!(-1))]).await;
    process.wait_for_line(&format!("{CALLS} is -1"));
    set(&workspace, &[(CALLS, bson!(7))]).await;
    process.wait_for_line("now 7 calls in 60000 ms");
    assert_eq!(told(&format!("{CALLS} is ")), 2, "{}", process.output());
}

/// A client's own address of those that loop back.
async fn get_from(client: [u8; 4], service: SocketAddr, headers: &[(&str, &str)]) -> Response {
    let local: IpAddr = Ipv4Addr::from(client).into();
    let headers: Vec<_> = AUDITOR.iter().chain(headers).map(|(name, value)| (*name, value.as_bytes())).collect();
    crate::support::send_from(local, service, "GET", &asking(PERIOD), &headers).await
}

#[tokio::test(flavor = "multi_thread")]
async fn without_proxies_the_peer_counts_and_a_header_changes_nothing() {
    let workspace = workspace(&[(CALLS, bson!(2)), (TIME, bson!(600_000))]).await;
    let service = Service::on(&workspace).await;

    for (client, forged, status) in [
        ([127, 0, 0, 1], "198.51.100.1", 200),
        ([127, 0, 0, 1], "198.51.100.2", 200),
        ([127, 0, 0, 1], "198.51.100.3", 429),
        ([127, 0, 0, 2], "127.0.0.1", 200),
    ] {
        let answer = get_from(client, service.address, &[("X-Forwarded-For", forged)]).await;
        assert_eq!(answer.status, status, "{client:?} as {forged}: {answer:?}");
    }
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_proxy_its_clients_count_and_forging_helps_nobody() {
    let workspace = workspace(&[(CALLS, bson!(1)), (TIME, bson!(600_000))]).await;
    let url = workspace.url();
    let values = [("mongo_url", url.as_str()), ("http.forwarded_count", "1"), ("http.trusted_proxies", "127.0.0.2/31")];
    let service = Service::start(settings(&values)).await;
    let (proxy, stranger) = ([127, 0, 0, 2], [127, 0, 0, 9]);

    let mut differences = Vec::new();
    for (number, (from, lists, status)) in [
        (proxy, vec!["198.51.100.1"], 200),
        (proxy, vec!["198.51.100.1"], 429),
        (proxy, vec!["198.51.100.2"], 200),
        (proxy, vec!["203.0.113.1, 198.51.100.1"], 429),
        (proxy, vec!["203.0.113.2", "198.51.100.1"], 429),
        (proxy, vec!["::ffff:198.51.100.1"], 429),
        (proxy, vec!["2001:db8::1"], 200),
        (proxy, vec!["2001:db8:0::1"], 429),
        // What is no address is the proxy's own.
        (proxy, vec!["198.51.100.3:80"], 200),
        (proxy, vec![], 429),
        (proxy, vec!["nonsense"], 429),
        // A stranger is nobody's proxy.
        (stranger, vec!["198.51.100.4"], 200),
        (stranger, vec!["198.51.100.5"], 429),
        (proxy, vec!["198.51.100.4"], 200),
        (proxy, vec!["127.0.0.9"], 429),
    ]
    .into_iter()
    .enumerate()
    {
        let headers: Vec<_> = lists.iter().map(|list| ("X-Forwarded-For", *list)).collect();
        let answer = get_from(from, service.address, &headers).await;
        differences.extend((answer.status != status).then(|| format!("{number}: {from:?} {lists:?}: {answer:?}")));
    }

    service.stop().await;
    assert_all_agree(differences);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_has_the_same_address() {
    let environment = [("HTTP_FORWARDED_COUNT", "2"), ("ENGAGEMENT_HTTP_TRUSTED_PROXIES", "127.0.0.1")];
    let workspace = workspace(&[]).await;
    let (process, address) = Process::serve(&workspace.url(), &environment);
    let list: [(&str, &[u8]); 1] = [("X-Forwarded-For", b"203.0.113.9, 198.51.100.7, 192.0.2.1")];

    assert_eq!(send(address, "GET", "/healthz", &list, b"").await.status, 200);

    let line = process.wait_for_line("/healthz");
    assert!(line.contains("client=198.51.100.7 "), "{line}");
}
