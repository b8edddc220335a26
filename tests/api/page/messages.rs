//! `GET /engagement/api/messages`, in all ways of counting.

use bson::{Document, doc};

use super::{CONTEXT, MESSAGES, body};
use crate::metrics::scrape::Scrape;
use crate::support::{Service, Workspace, utc};

fn messages(room: &str, at: &str, number: usize) -> Vec<Document> {
    vec![doc! { "rid": room, "ts": utc(at), "u": { "_id": "u" } }; number]
}

/// Rooms with names, and messages of a few days, in a zone whose days begin at 18:30 UTC.
async fn write(workspace: &Workspace) {
    workspace
        .update("rocketchat_room", "channel", doc! { "$set": { "name": "general", "fname": "General talk" } })
        .await;
    workspace.update("rocketchat_room", "private", doc! { "$set": { "name": "staff", "fname": "" } }).await;
    workspace.update("rocketchat_room", "direct", doc! { "$set": { "usernames": ["anna", "bert"] } }).await;
    let more = [doc! { "_id": "other", "t": "d" }, doc! { "_id": "<b>&", "t": "c", "name": "=1+1" }];
    workspace.insert("rocketchat_room", more).await;
    let mut all = Vec::new();
    for (room, at, number) in [
        // The last instant of the 1st of March there, and the first of the 2nd.
        ("channel", "2026-03-01T18:29:59.999Z", 1),
        ("channel", "2026-03-01T18:30:00.000Z", 3),
        ("private", "2026-02-28T12:00:00.000Z", 2),
        ("direct", "2026-03-03T12:00:00.000Z", 1),
        ("other", "2026-03-03T12:00:00.000Z", 1),
        ("other", "2026-02-28T12:00:00.000Z", 1),
        ("<b>&", "2025-03-03T12:00:00.000Z", 4),
        ("<b>&", "2024-03-04T12:00:00.000Z", 2),
        ("livechat", "2026-03-02T12:00:00.000Z", 5),
        ("livechat", "2019-03-02T12:00:00.000Z", 1),
        ("gone", "2026-03-02T12:00:00.000Z", 5),
    ] {
        all.extend(messages(room, at, number));
    }
    all.push(doc! { "rid": "channel", "ts": utc("2026-03-02T12:00:00Z"), "t": "rm" });
    all.push(doc! { "rid": "channel", "ts": utc("2026-03-02T12:00:00Z"), "_hidden": true });
    workspace.insert("rocketchat_message", all).await;
}

/// Whole answers, counted by hand.
const EXPECTED: [(&str, &str); 4] = [
    (
        "start=2026-03-02&end=2026-03-03&compare=previous",
        r#"{"start":"2026-03-02","end":"2026-03-03","compare":{"start":"2026-02-28","end":"2026-03-01"},"days":[{"day":"2026-03-02","c":3,"p":0,"d":0},{"day":"2026-03-03","c":0,"p":0,"d":2}],"compareDays":[{"day":"2026-02-28","c":0,"p":2,"d":1},{"day":"2026-03-01","c":1,"p":0,"d":0}],"rooms":[{"id":"channel","name":"General talk","type":"c","messages":3,"before":1,"lastDay":"2026-03-02","trend":[3,0]},{"id":"private","name":"staff","type":"p","messages":0,"before":2,"lastDay":"2026-02-28","trend":[0,0]}],"direct":{"conversations":2,"messages":2,"before":1,"trend":[0,2]}}"#,
    ),
    (
        "start=2026-03-02&end=2026-03-02&compare=year",
        r#"{"start":"2026-03-02","end":"2026-03-02","compare":{"start":"2025-03-03","end":"2025-03-03"},"days":[{"day":"2026-03-02","c":3,"p":0,"d":0}],"compareDays":[{"day":"2025-03-03","c":4,"p":0,"d":0}],"rooms":[{"id":"channel","name":"General talk","type":"c","messages":3,"before":0,"lastDay":"2026-03-02","trend":[3]},{"id":"<b>&","name":"=1+1","type":"c","messages":0,"before":4,"lastDay":"2025-03-03","trend":[0]}],"direct":{"conversations":0,"messages":0,"before":0,"trend":[0]}}"#,
    ),
    (
        "start=2026-03-01&end=2026-03-02&room=channel",
        r#"{"start":"2026-03-01","end":"2026-03-02","compare":null,"days":[{"day":"2026-03-01","c":1,"p":0,"d":0},{"day":"2026-03-02","c":3,"p":0,"d":0}],"compareDays":[],"rooms":[{"id":"channel","name":"General talk","type":"c","messages":4,"before":0,"lastDay":"2026-03-02","trend":[1,3]}],"direct":{"conversations":0,"messages":0,"before":0,"trend":[0,0]}}"#,
    ),
    (
        "start=2026-03-02&end=2026-03-02&room=livechat&compare=weekdays",
        r#"{"start":"2026-03-02","end":"2026-03-02","compare":{"start":"2026-02-23","end":"2026-02-23"},"days":[{"day":"2026-03-02","c":0,"p":0,"d":0}],"compareDays":[{"day":"2026-02-23","c":0,"p":0,"d":0}],"rooms":[],"direct":{"conversations":0,"messages":0,"before":0,"trend":[0]}}"#,
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn messages_are_as_counted_by_hand_however_they_are_counted() {
    let workspace = Workspace::with_admin().await.with_index().await;
    let services =
        Service::of_every_kind(&workspace, &[("time_zone", "Asia/Kolkata")], async { write(&workspace).await }).await;
    for (kind, service) in ["aggregations", "followed", "loaded"].into_iter().zip(&services) {
        for (query, expected) in EXPECTED {
            assert_eq!(body(service, &format!("{MESSAGES}?{query}")).await, expected, "{kind}: {query}");
        }
        let context = super::ask(service, CONTEXT).await.json();
        assert_eq!(context["firstMessageDay"], "2024-03-04", "{kind}: not that of the livechat room");
        assert_eq!(context["channels"], 3, "{kind}");
        assert_eq!(context["firstActivityDay"], serde_json::Value::Null, "{kind}");
    }
    let [counted, followed, loaded] = services;
    assert!(followed.answers_from_memory() >= 4 && loaded.answers_from_memory() >= 4);
    for service in [counted, followed, loaded] {
        service.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn long_and_overlapping_windows_add_up_and_are_the_same_from_memory_and_aggregations() {
    let workspace = Workspace::with_admin().await.with_index().await;
    // Every room on days of its own, three years long.
    let day = |number: u32| utc("2023-01-01T12:00:00Z").timestamp_millis() + i64::from(number) * 86_400_000;
    let all = (0..1100u32).flat_map(|number| {
        let room = ["channel", "private", "direct", "livechat"][number as usize * 7 % 4];
        let at = bson::DateTime::from_millis(day(number));
        vec![doc! { "rid": room, "ts": at }; (number % 5) as usize]
    });
    workspace.insert("rocketchat_message", all).await;
    let (counted, live) = (Service::on(&workspace).await, Service::on_live(&workspace).await);
    for days in
        ["start=2024-01-01&end=2024-12-31", "start=2023-01-01&end=2025-12-31", "start=2024-02-27&end=2024-03-10"]
    {
        for more in ["", "&compare=previous", "&compare=weekdays", "&compare=year", "&compare=year&room=channel"] {
            let target = format!("{MESSAGES}?{days}{more}");
            let (counted, live) = (body(&counted, &target).await, body(&live, &target).await);
            assert_eq!(counted, live, "{target}");
            let answer: serde_json::Value = serde_json::from_str(&live).expect("JSON");
            let number = |value: &serde_json::Value| value.as_u64().unwrap_or_default();
            for (days, messages) in [("days", "messages"), ("compareDays", "before")] {
                let by_day = answer[days].as_array().expect("days").iter();
                let by_day: u64 = by_day.map(|day| number(&day["c"]) + number(&day["p"]) + number(&day["d"])).sum();
                let rooms = answer["rooms"].as_array().expect("rooms").iter();
                let by_room: u64 = rooms.map(|room| number(&room[messages])).sum();
                assert_eq!(by_day, by_room + number(&answer["direct"][messages]), "{target} {days}");
                assert!(by_day > 0 || answer[days] == serde_json::json!([]) || days == "compareDays", "{target}");
            }
            for room in answer["rooms"].as_array().expect("rooms").iter().chain([&answer["direct"]]) {
                let trend: u64 = room["trend"].as_array().expect("a trend").iter().map(number).sum();
                assert_eq!(trend, number(&room["messages"]), "{target}");
            }
        }
    }
    assert_eq!(live.answers_from_memory(), 15);
    for service in [counted, live] {
        service.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_room_has_its_new_name_and_the_workspace_its_own() {
    let workspace = Workspace::with_admin().await;
    write(&workspace).await;
    workspace.insert("rocketchat_settings", [doc! { "_id": "Site_Name", "value": "Acme & <Sons>" }]).await;
    let service = Service::on(&workspace).await;
    let name = async || {
        let answer =
            super::ask(&service, &format!("{MESSAGES}?start=2026-03-01&end=2026-03-02&room=channel")).await.json();
        answer["rooms"][0]["name"].as_str().expect("a name").to_owned()
    };
    assert_eq!(super::ask(&service, CONTEXT).await.json()["workspace"], "Acme & <Sons>");
    assert_eq!(name().await, "General talk");
    workspace.update("rocketchat_room", "channel", doc! { "$set": { "fname": "Anything" } }).await;
    let began = std::time::Instant::now();
    while name().await != "Anything" {
        assert!(began.elapsed() < crate::support::PATIENCE, "the new name");
    }
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_kept_for_a_while_and_that_of_a_further_room_is_read_at_once() {
    const ANSWERS: usize = 20;
    let workspace = Workspace::with_admin().await;
    write(&workspace).await;
    let service = Service::on(&workspace).await;
    for _ in 0..ANSWERS {
        let answer = body(&service, &format!("{MESSAGES}?start=2026-03-01&end=2026-03-01")).await;
        assert!(answer.contains("General talk"), "{answer}");
    }
    let with_another = super::ask(&service, &format!("{MESSAGES}?start=2025-03-01&end=2026-03-02")).await.json();
    let names: Vec<_> = with_another["rooms"].as_array().expect("rooms").iter().map(|room| &room["name"]).collect();
    assert_eq!(names, ["=1+1", "General talk", "staff"]);
    let scrape = Scrape::of(&service).await;
    let reads = scrape.value("mongodb_operation_duration_seconds_count{operation=\"room_details\"}");
    assert!((2.0..ANSWERS as f64).contains(&reads), "{reads}");
    service.stop().await;
}
