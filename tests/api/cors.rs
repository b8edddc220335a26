//! What pages of other origins may do (contract section 8): from tables, status, headers and whole body.

use std::time::Duration;

use bson::{Bson, Document, bson, doc};
use tokio::time::sleep;

use crate::support::{
    PATH, Response, Service, Stopwatch, Workspace,
    answers::{METHOD_NOT_ALLOWED, NOT_FOUND, PERIOD, asking, assert_all_agree, difference},
    settings, signal, start_mongod, user,
};

const ALLOW_HEADERS: &str =
    "Origin, X-Requested-With, Content-Type, Accept, X-User-Id, X-Auth-Token, x-visitor-token, Authorization";
const ALLOW_METHODS: &str = "GET, POST, PUT, DELETE, HEAD, PATCH";
const NOT_ENABLED: &str = r#"CORS not enabled. Go to "Admin > General > REST Api" to enable it."#;
const INVALID: &str = "Invalid origin";

const A: &str = "https://a.example";
const ORIGIN_A: (&str, &str) = ("Origin", A);
const PREFLIGHT: (&str, &str) = ("Access-Control-Request-Method", "GET");

/// What a request has.
type Headers<'a> = &'a [(&'a str, &'a str)];

/// All headers that are about other origins.
fn cross_origin(answer: &Response) -> Vec<(&str, &str)> {
    let is_about = |name: &str| name.starts_with("access-control-") || name == "vary";
    let mut headers: Vec<_> = answer.headers.iter().filter(|header| is_about(&header.0)).collect();
    headers.sort();
    headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// What every answer but those to OPTIONS carries.
const OPEN: [(&str, &str); 2] = [("access-control-allow-headers", ALLOW_HEADERS), ("access-control-allow-origin", "*")];

/// A complaint if an answer to a browser's question is not exactly this: its origin allowed, or a refusal.
fn no_verdict(row: &str, answer: &Response, status: u16, body: &str, origin: Option<&str>) -> Option<String> {
    let allowed = origin.map(|origin| {
        let mut headers = vec![
            ("access-control-allow-headers", ALLOW_HEADERS),
            ("access-control-allow-methods", ALLOW_METHODS),
            ("access-control-allow-origin", origin),
        ];
        headers.extend((origin != "*").then_some(("vary", "Origin")));
        headers
    });
    let is_right = (answer.status, answer.body.as_str()) == (status, body)
        && answer.header("content-type") == Some("text/plain")
        && cross_origin(answer) == allowed.unwrap_or_default();
    (!is_right).then(|| format!("{row}\n    expected {status} {body:?} {origin:?}\n    answered {answer:?}"))
}

async fn set(workspace: &Workspace, switch: Bson, origins: Bson) {
    let settings = workspace.database.collection::<Document>("rocketchat_settings");
    for (id, value) in [("API_Enable_CORS", switch), ("API_CORS_Origin", origins)] {
        let update = doc! { "$set": { "value": value } };
        settings.update_one(doc! { "_id": id }, update).upsert(true).await.expect("a setting");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_but_to_options_is_open_to_every_page() {
    let workspace = Workspace::with_admin().await.without_rate_limit().await;
    workspace.insert("users", [user("somebody", &["user"], "the-token-of-somebody")]).await;
    let service = Service::on(&workspace).await;
    let (admin, large) = (Workspace::admin(), "x".repeat(40_000));
    let somebody = [("X-User-Id", "somebody"), ("X-Auth-Token", "the-token-of-somebody")];
    let long = asking(&"x".repeat(9000));
    let good = asking(PERIOD);

    let rows: [(&str, &str, Headers<'_>, u16); 14] = [
        ("GET", &good, &admin, 200),
        ("HEAD", &good, &admin, 200),
        ("GET", &good, &[admin[0], admin[1], ORIGIN_A], 200),
        ("GET", PATH, &admin, 400),
        ("GET", &good, &[], 401),
        ("GET", &good, &somebody, 403),
        ("GET", "/nowhere", &[ORIGIN_A], 404),
        ("POST", &good, &[ORIGIN_A], 405),
        ("GET", &long, &admin, 414),
        ("GET", &good, &[("X-Large", &large)], 431),
        ("GET", "/healthz", &[], 200),
        ("HEAD", "/readyz", &[ORIGIN_A], 200),
        ("POST", "/healthz", &[], 405),
        ("BREW", "/nowhere", &[], 404),
    ];
    let mut differences = Vec::new();
    for (method, target, headers, status) in rows {
        let answer = service.request(method, target, headers).await;
        let is_right = answer.status == status && cross_origin(&answer) == OPEN;
        let target = &target[..target.len().min(80)];
        differences.extend((!is_right).then(|| format!("{method} {target}: expected {status}, {answer:?}")));
    }
    service.stop().await;

    let away = Service::start(settings(&[("mongo_url", "mongodb://127.0.0.1:1/rocketchat")])).await;
    for (target, status) in [(good.as_str(), 503), ("/readyz", 503), ("/healthz", 200)] {
        let answer = away.get(target, &admin).await;
        let is_right = answer.status == status && cross_origin(&answer) == OPEN;
        differences.extend((!is_right).then(|| format!("MongoDB away, {target}: expected {status}, {answer:?}")));
    }
    away.stop().await;
    assert_all_agree(differences);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_asks_beforehand_is_told_what_the_settings_say() {
    const LIST: &str = "https://a.example, https://b.example:8443 ,http://localhost:3000";
    let (on, off) = (|| bson!(true), || bson!(false));
    let origin = |origin: &'static str| vec![("Origin", origin), PREFLIGHT];
    let refused = (405, NOT_ENABLED, None);
    let any = (200, "OK", Some("*"));
    let invalid = (403, INVALID, None);
    let echoed = |origin: &'static str| (200, "OK", Some(origin));
    let rows = vec![
        (off(), bson!("*"), origin(A), refused),
        (off(), bson!("*"), vec![ORIGIN_A], refused),
        (off(), bson!("*"), vec![PREFLIGHT], refused),
        (off(), bson!(A), origin(A), refused),
        (bson!("true"), bson!("*"), origin(A), refused),
        (bson!(1), bson!("*"), origin(A), refused),
        (Bson::Null, bson!("*"), origin(A), refused),
        (on(), bson!("*"), origin(A), any),
        (on(), bson!("*"), vec![ORIGIN_A], any),
        (on(), bson!("*"), vec![PREFLIGHT], any),
        (on(), bson!("*"), origin("null"), any),
        (on(), bson!("*"), vec![ORIGIN_A, ("Access-Control-Request-Headers", "x-other")], any),
        (on(), bson!(7), origin(A), any),
        (on(), Bson::Null, origin(A), any),
        (on(), bson!(LIST), origin(A), echoed(A)),
        (on(), bson!(LIST), vec![ORIGIN_A], echoed(A)),
        (on(), bson!(LIST), origin("https://b.example:8443"), echoed("https://b.example:8443")),
        (on(), bson!(LIST), origin("http://localhost:3000"), echoed("http://localhost:3000")),
        (on(), bson!(A), origin(A), echoed(A)),
        (on(), bson!(LIST), origin("https://c.example"), invalid),
        (on(), bson!(LIST), origin("http://a.example"), invalid),
        (on(), bson!(LIST), origin("https://a.example:8443"), invalid),
        (on(), bson!(LIST), origin("https://A.example"), invalid),
        (on(), bson!(LIST), origin("https://a.example.evil.example"), invalid),
        (on(), bson!(LIST), origin("https://a.example, https://b.example:8443"), invalid),
        (on(), bson!(LIST), vec![ORIGIN_A, ORIGIN_A], invalid),
        (on(), bson!(LIST), origin("null"), invalid),
        (on(), bson!(LIST), origin("*"), invalid),
        (on(), bson!(LIST), origin(""), invalid),
        (on(), bson!(LIST), vec![PREFLIGHT], invalid),
        (on(), bson!(""), origin(A), invalid),
    ];
    let mut differences = Vec::new();
    for (switch, origins, headers, (status, body, allowed)) in rows {
        let workspace = Workspace::with_admin().await;
        set(&workspace, switch.clone(), origins.clone()).await;
        let service = Service::on(&workspace).await;
        let row = format!("{switch:?} {origins:?} {headers:?}");
        let answer = service.request("OPTIONS", &asking(PERIOD), &headers).await;
        differences.extend(no_verdict(&row, &answer, status, body, allowed));
        service.stop().await;
    }
    assert_all_agree(differences);
}

#[tokio::test(flavor = "multi_thread")]
async fn options_of_no_browser_or_elsewhere_is_just_another_method() {
    let workspace = Workspace::with_admin().await;
    set(&workspace, bson!(true), bson!("*")).await;
    let url = workspace.url();
    let service =
        Service::start(settings(&[("mongo_url", &url), ("http.root_url", "https://host.example/chat")])).await;
    let path = format!("/chat{PATH}");
    let headers = [ORIGIN_A, PREFLIGHT];

    let rows: [(&str, Headers<'_>, u16, &str, Option<&str>); 6] = [
        (&path, &[], 405, METHOD_NOT_ALLOWED, Some("GET, HEAD, OPTIONS")),
        (&path, &Workspace::admin(), 405, METHOD_NOT_ALLOWED, Some("GET, HEAD, OPTIONS")),
        (&path, &[("Access-Control-Request-Headers", "x")], 405, METHOD_NOT_ALLOWED, Some("GET, HEAD, OPTIONS")),
        ("/healthz", &headers, 405, METHOD_NOT_ALLOWED, Some("GET, HEAD")),
        (PATH, &headers, 404, NOT_FOUND, None),
        ("/nowhere", &headers, 404, NOT_FOUND, None),
    ];
    let mut differences = Vec::new();
    for (target, headers, status, body, allow) in rows {
        let answer = service.request("OPTIONS", target, headers).await;
        let row = format!("{target} {headers:?}");
        differences.extend(difference(&row, &answer, status, body));
        let is_bare = cross_origin(&answer).is_empty() && answer.header("allow") == allow;
        differences.extend((!is_bare).then(|| format!("{row}: {answer:?}")));
    }
    let answer = service.request("OPTIONS", &path, &headers).await;
    differences.extend(no_verdict("below the path of ROOT_URL", &answer, 200, "OK", Some("*")));

    service.stop().await;
    assert_all_agree(differences);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_setting_is_followed_within_10_seconds_and_the_last_known_applies_while_mongodb_is_away() {
    let mongod = start_mongod(&[]).await.expect("mongod");
    let workspace = Workspace::at(&mongod.url("rocketchat"), "rocketchat").await;
    let service = Service::on(&workspace).await;
    let ask = || service.request("OPTIONS", PATH, &[ORIGIN_A, PREFLIGHT]);
    assert_all_agree(no_verdict("no settings", &ask().await, 405, NOT_ENABLED, None));

    set(&workspace, bson!(true), bson!(A)).await;
    let changed = Stopwatch::start();
    while ask().await.status != 200 {
        assert!(changed.elapsed() < Duration::from_secs(10), "the change is not followed");
        sleep(Duration::from_millis(100)).await;
    }
    signal("KILL", mongod.pid());

    // Longer than the pause between two reads and a read.
    for _ in 0..10 {
        sleep(Duration::from_secs(1)).await;
        assert_all_agree(no_verdict("MongoDB is away", &ask().await, 200, "OK", Some(A)));
    }
    service.stop().await;
}
