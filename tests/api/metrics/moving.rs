//! Each metric of requests and of MongoDB's operations moves when the thing happens.

use bson::{Document, doc};
use mongodb::IndexModel;

use super::scrape::Scrape;
use crate::support::{
    PATH, Service, Workspace,
    answers::{PERIOD, asking},
    hashed, settings, user, utc,
};

/// What has been added between two scrapes.
fn added(before: &Scrape, after: &Scrape, series: &str) -> f64 {
    after.value(series) - before.value(series)
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_counted_by_route_and_status_and_timed() {
    let workspace = Workspace::with_admin().await;
    workspace.insert("users", [user("nobody", &["user"], "nobody-secret-token")]).await;
    let service = Service::on(&workspace).await;
    let admin = Workspace::admin();
    let nobody = [("X-User-Id", "nobody"), ("X-Auth-Token", "nobody-secret-token")];
    let long = "x".repeat(40_000);
    for (method, target, headers, status, route) in [
        ("GET", asking(PERIOD), &admin[..], 200, "messages_sent"),
        ("HEAD", asking(PERIOD), &admin[..], 200, "messages_sent"),
        ("GET", asking("start=now"), &admin[..], 400, "messages_sent"),
        ("GET", asking(PERIOD), &[], 401, "messages_sent"),
        ("GET", asking(PERIOD), &nobody[..], 403, "messages_sent"),
        ("POST", asking(PERIOD), &admin[..], 405, "messages_sent"),
        ("GET", asking(&long[..9_000]), &admin[..], 414, "messages_sent"),
        ("GET", asking(PERIOD), &[("X-Long", long.as_str())], 431, "messages_sent"),
        ("GET", "/healthz".to_owned(), &[], 200, "healthz"),
        ("DELETE", "/healthz".to_owned(), &[], 405, "healthz"),
        ("GET", "/openapi.json".to_owned(), &[], 200, "openapi"),
        ("GET", "/readyz".to_owned(), &[], 200, "readyz"),
        ("GET", "/".to_owned(), &[], 404, "other"),
        ("GET", "/metrics".to_owned(), &[], 404, "other"),
        ("GET", format!("/chat{PATH}"), &admin[..], 404, "other"),
    ] {
        let before = Scrape::of(&service).await;
        assert_eq!(service.request(method, &target, headers).await.status, status, "{method} {target}");
        let after = Scrape::of(&service).await;
        let counted = format!("http_requests_total{{route=\"{route}\",status=\"{status}\"}}");
        assert_eq!(added(&before, &after, &counted), 1.0, "{method} {target}");
        let timed = format!("http_request_duration_seconds_count{{route=\"{route}\"}}");
        assert_eq!(added(&before, &after, &timed), 1.0, "{method} {target}");
        assert_eq!(after.sum("http_requests_total") - before.sum("http_requests_total"), 1.0, "{method} {target}");
    }
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_too_many_are_counted() {
    let workspace = Workspace::with_admin().await;
    // Administrators bypass the limit.
    workspace.insert("rocketchat_roles", [doc! { "_id": "reader" }]).await;
    let permit = doc! { "$push": { "roles": "reader" } };
    workspace.update("rocketchat_permissions", "view-engagement-dashboard", permit).await;
    workspace.insert("users", [user("reader", &["reader"], "reader-secret-token")]).await;
    let limit = doc! { "_id": "API_Enable_Rate_Limiter_Limit_Calls_Default", "value": 1 };
    workspace.insert("rocketchat_settings", [limit]).await;
    let service = Service::on(&workspace).await;
    let reader = [("X-User-Id", "reader"), ("X-Auth-Token", "reader-secret-token")];

    for expected in [200, 429, 429] {
        assert_eq!(service.get(&asking(PERIOD), &reader).await.status, expected);
    }

    let scrape = Scrape::of(&service).await;
    assert_eq!(scrape.value("rate_limited_requests_total"), 2.0);
    assert_eq!(scrape.value("http_requests_total{route=\"messages_sent\",status=\"429\"}"), 2.0);
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn authentication_failures_are_counted_by_reason() {
    let workspace = Workspace::with_admin().await;
    let old = doc! { "hashedToken": hashed("expired-secret-token"), "when": utc("2020-01-01T00:00:00.000Z") };
    let services = doc! { "resume": { "loginTokens": [old] } };
    workspace.insert("users", [doc! { "_id": "late", "roles": ["admin"], "services": services }]).await;
    let mut gone = user("gone", &["admin"], "gone-secret-token");
    gone.insert("active", false);
    workspace.insert("users", [gone]).await;
    let oauth = |token: &str, user: &str, expires: &str| {
        crate::support::keep_secret(token);
        doc! { "accessToken": token, "userId": user, "expires": utc(expires) }
    };
    let past = oauth("past-oauth-token", "admin", "2020-01-01T00:00:00.000Z");
    workspace.insert("rocketchat_oauth_access_tokens", [past]).await;
    let service = Service::on(&workspace).await;
    let long = "x".repeat(513);
    let login = |id, token| vec![("X-User-Id", id), ("X-Auth-Token", token)];
    for (headers, query, reason) in [
        (vec![], "", "missing"),
        (vec![("X-User-Id", "admin")], "", "missing"),
        (login("admin", long.as_str()), "", "malformed"),
        (vec![], "&access_token[]=x", "malformed"),
        (login("admin", "nobodys-secret-token"), "", "unknown"),
        (login("nobody", "admin-secret-token"), "", "unknown"),
        (vec![], "&access_token=nobodys-oauth-token", "unknown"),
        (login("late", "expired-secret-token"), "", "expired"),
        (vec![("Authorization", "Bearer past-oauth-token")], "", "expired"),
        (login("gone", "gone-secret-token"), "", "inactive"),
    ] {
        let before = Scrape::of(&service).await;
        assert_eq!(service.get(&asking(&format!("{PERIOD}{query}")), &headers).await.status, 401, "{headers:?}");
        let after = Scrape::of(&service).await;
        let counted = format!("authentication_failures_total{{reason=\"{reason}\"}}");
        assert_eq!(added(&before, &after, &counted), 1.0, "{reason}: {headers:?}");
        let all = after.sum("authentication_failures_total");
        assert_eq!(all, after.value("http_requests_total{route=\"messages_sent\",status=\"401\"}"));
    }
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn operations_of_mongodb_are_timed_by_what_they_are_for() {
    let workspace = Workspace::with_admin().await.without_rate_limit().await;
    let ts = utc("2023-05-20T12:00:00.000Z");
    workspace.insert("rocketchat_message", [doc! { "_id": "one", "rid": "channel", "ts": ts }]).await;
    // Without it everything would be counted twice.
    let messages = workspace.database.collection::<Document>("rocketchat_message");
    messages.create_index(IndexModel::builder().keys(doc! { "ts": 1 }).build()).await.expect("an index");
    let done = |scrape: &Scrape, operation: &str| {
        scrape.value(&format!("mongodb_operation_duration_seconds_count{{operation=\"{operation}\"}}"))
    };

    let service = Service::on(&workspace).await;
    assert_eq!(service.get(&asking(PERIOD), &Workspace::admin()).await.status, 200);
    service.until_ready().await;
    let scrape = Scrape::of(&service).await;
    for operation in ["viewer", "count", "counted_rooms", "estimate"] {
        assert_eq!(done(&scrape, operation), 1.0, "{operation}");
    }
    assert!(done(&scrape, "probe") >= 1.0);
    assert_eq!(done(&scrape, "probe"), done(&scrape, "probe_counting"));
    assert!(done(&scrape, "settings") >= 1.0);
    assert_eq!(scrape.value("tally_answers_total{source=\"aggregations\"}"), 1.0);
    for operation in ["load", "rooms", "images", "audit", "majority_point", "open_stream"] {
        assert_eq!(done(&scrape, operation), 0.0, "{operation}");
    }
    service.stop().await;

    let service = Service::on_live(&workspace).await;
    workspace.delete("rocketchat_message", "one").await;
    service.catch_up().await;
    assert_eq!(service.get(&asking(PERIOD), &Workspace::admin()).await.status, 200);
    let scrape = Scrape::of(&service).await;
    for operation in ["load", "rooms", "images", "majority_point", "open_stream", "viewer"] {
        assert!(done(&scrape, operation) >= 1.0, "{operation}");
    }
    assert_eq!((done(&scrape, "count"), done(&scrape, "audit")), (0.0, 0.0));
    assert_eq!(scrape.value("tally_answers_total{source=\"memory\"}"), 1.0);
    // Settings and probes have a second or three, and may run out of time on a busy machine.
    let is_patient = |operation: &str| !matches!(operation, "settings" | "probe" | "probe_counting");
    let errors = scrape.series.iter().filter(|each| each.name.ends_with("mongodb_operation_errors_total"));
    let failed: Vec<_> = errors.filter(|each| each.value > 0.0 && is_patient(&each.labels["operation"])).collect();
    assert!(failed.is_empty(), "{failed:?}");
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_mongodb_failures_are_counted_and_scrapes_answered() {
    let url = "mongodb://127.0.0.1:1/rocketchat?serverSelectionTimeoutMS=200";
    let service = Service::start(settings(&[("mongo_url", url), ("tally.mode", "auto")])).await;
    assert_eq!(service.get(&asking(PERIOD), &Workspace::admin()).await.status, 503);
    assert_eq!(service.get("/readyz", &[]).await.status, 503);

    let scrape = Scrape::of(&service).await;
    assert_eq!(scrape.value("mongodb_operation_errors_total{operation=\"viewer\",error=\"unreachable\"}"), 1.0);
    assert_eq!(scrape.value("mongodb_operation_duration_seconds_count{operation=\"viewer\"}"), 1.0);
    assert_eq!(scrape.value("http_requests_total{route=\"messages_sent\",status=\"503\"}"), 1.0);
    assert_eq!(scrape.value("http_requests_total{route=\"readyz\",status=\"503\"}"), 1.0);
    assert_eq!(scrape.value("tally_state{state=\"loading\"}"), 1.0);
    assert_eq!(scrape.sum("tally_state"), 1.0);
    assert_eq!((scrape.find("tally_staleness_seconds"), scrape.value("tally_loaded_dates")), (None, 0.0));
    service.stop().await;
}
