//! What counts, on which day, and in which window (contract section 7).

use bson::{Bson, Document, doc};

use crate::support::{PATH, Service, Workspace, utc};

/// The kinds of services that are asked, in the order of [`Service::of_every_kind`].
pub const KINDS: [&str; 3] = ["by aggregations", "followed", "loaded"];

/// Asks as the admin about a period.
async fn ask(service: &Service, start: &str, end: &str) -> serde_json::Value {
    let response = service.get(&format!("{PATH}?start={start}&end={end}"), &Workspace::admin()).await;
    assert_eq!(response.status, 200, "{response:?}");
    response.json()
}

fn message(room: impl Into<Bson>, at: &str) -> Document {
    doc! { "rid": room, "ts": utc(at), "msg": "text" }
}

/// Messages that count, in a channel.
fn messages(at: &str, count: usize) -> impl Iterator<Item = Document> {
    std::iter::repeat_n(message("channel", at), count)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_document_counts_or_does_not() {
    let with = |fields: Document| {
        let mut document = message("channel", "2000-01-01T12:00:00.000Z");
        document.extend(fields);
        document
    };
    let table = [
        ("a message in a channel", with(doc! {}), 1),
        ("in a private group", with(doc! { "rid": "private" }), 1),
        ("in direct messages", with(doc! { "rid": "direct" }), 1),
        ("of livechat", with(doc! { "rid": "livechat" }), 0),
        ("of voip", with(doc! { "rid": "voip" }), 0),
        ("in a room without a type", with(doc! { "rid": "typeless" }), 0),
        ("in a room whose type is a number", with(doc! { "rid": "odd" }), 0),
        ("in a room that is gone", with(doc! { "rid": "gone" }), 0),
        ("without a room", doc! { "ts": utc("2000-01-01T12:00:00Z") }, 0),
        ("with a room of null", with(doc! { "rid": null }), 0),
        ("with a number as a room", with(doc! { "rid": 7 }), 0),
        ("with rooms in an array", with(doc! { "rid": ["channel"] }), 0),
        ("with an object as a room", with(doc! { "rid": { "_id": "channel" } }), 0),
        ("with a room's name that looks like a field", with(doc! { "rid": "$rid" }), 0),
        ("a thread reply", with(doc! { "tmid": "thread" }), 1),
        (
            "an edited message",
            with(doc! { "editedAt": utc("2023-01-01T00:00:00Z"), "editedBy": { "_id": "admin" } }),
            1,
        ),
        ("a copy kept as edit history", with(doc! { "_hidden": true, "parent": "other" }), 0),
        ("with _hidden false", with(doc! { "_hidden": false }), 1),
        ("with _hidden null", with(doc! { "_hidden": null }), 1),
        ("with a text in _hidden", with(doc! { "_hidden": "true" }), 1),
        ("with a number in _hidden", with(doc! { "_hidden": 1 }), 1),
        ("with true in an array of _hidden", with(doc! { "_hidden": [true] }), 1),
        ("end-to-end encrypted", with(doc! { "t": "e2e" }), 1),
        ("with a type of null", with(doc! { "t": null }), 1),
        ("deleted", with(doc! { "t": "rm" }), 0),
        ("somebody joined", with(doc! { "t": "uj" }), 0),
        ("with an empty type", with(doc! { "t": "" }), 0),
        ("with a number as type", with(doc! { "t": 5 }), 0),
        ("with false as type", with(doc! { "t": false }), 0),
        ("with types in an array", with(doc! { "t": ["e2e"] }), 0),
        ("with null in an array of types", with(doc! { "t": [null] }), 0),
        // MongoDB's comparisons take symbols for texts.
        ("with a symbol as type", with(doc! { "t": Bson::Symbol("e2e".to_owned()) }), 0),
        ("with a symbol as a room", with(doc! { "rid": Bson::Symbol("channel".to_owned()) }), 0),
        ("in a room whose type is a symbol", with(doc! { "rid": "symbol" }), 0),
        ("encrypted but hidden", with(doc! { "t": "e2e", "_hidden": true }), 0),
    ];
    let workspace = Workspace::with_admin().await;
    workspace.insert("rocketchat_room", [doc! { "_id": "typeless" }, doc! { "_id": "odd", "t": 1 }]).await;
    workspace.insert("rocketchat_room", [doc! { "_id": "symbol", "t": Bson::Symbol("c".to_owned()) }]).await;
    // Each row has a day of its own.
    let day = |row: usize| chrono::NaiveDate::from_ymd_opt(2023, 1, 1).expect("a day") + chrono::Days::new(row as u64);
    let documents = table.iter().enumerate().map(|(row, (_, document, _))| {
        let mut document = document.clone();
        document.insert("ts", utc(&format!("{}T12:00:00.000Z", day(row))));
        document
    });
    let write = workspace.insert("rocketchat_message", documents);
    for (kind, service) in KINDS.into_iter().zip(Service::of_every_kind(&workspace, &[], write).await) {
        let answer = ask(&service, "2023-01-01T00:00:00.000Z", "2023-02-28T00:00:00.000Z").await;

        for (row, (name, _, expected)) in table.iter().enumerate() {
            let label = format!("{}T00:00:00.000Z", day(row));
            let counted = answer["days"].as_array().expect("days").iter().find(|entry| entry["day"] == label.as_str());
            let counted = counted.map_or(0, |entry| entry["messages"].as_u64().expect("a number"));
            assert_eq!(counted, *expected, "{name}, {kind}");
        }
        assert_eq!(service.answers_from_memory(), u64::from(kind != KINDS[0]), "{kind}");
        service.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_without_a_date_are_passed_over_and_disturb_nothing() {
    let workspace = Workspace::with_admin().await;
    let odd = [
        Bson::Null,
        "2023-05-20T12:00:00.000Z".into(),
        Bson::Int64(1_684_584_000_000),
        bson::Timestamp { time: 1_684_584_000, increment: 1 }.into(),
        doc! { "$date": "2023-05-20T12:00:00.000Z" }.into(),
        Bson::Array(vec![utc("2023-05-20T12:00:00.000Z").into()]),
        Bson::Array(vec![utc("2023-05-20T12:00:00.000Z").into(), utc("2023-05-21T12:00:00.000Z").into()]),
        bson::DateTime::MAX.into(),
        bson::DateTime::MIN.into(),
    ];
    let write = async {
        workspace.insert("rocketchat_message", odd.map(|ts| doc! { "rid": "channel", "ts": ts })).await;
        workspace.insert("rocketchat_message", [doc! { "rid": "channel" }]).await;
        workspace.insert("rocketchat_message", messages("2023-05-20T12:00:00.000Z", 2)).await;
    };
    for (kind, service) in KINDS.into_iter().zip(Service::of_every_kind(&workspace, &[], write).await) {
        for (start, end) in [
            ("2023-05-20T00:00:00.000Z", "2023-05-20T00:00:00.000Z"),
            ("2023-05-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"),
            ("0000-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"),
        ] {
            let answer = ask(&service, start, end).await;
            assert_eq!(
                answer["days"],
                serde_json::json!([{ "day": "2023-05-20T00:00:00.000Z", "messages": 2 }]),
                "{start}, {kind}"
            );
        }
        service.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_goes_from_its_first_to_its_last_millisecond_in_the_servers_time_zone() {
    for (zone, first, last, label) in [
        ("", "2023-05-20T00:00:00.000Z", "2023-05-20T23:59:59.999Z", "2023-05-20T00:00:00.000Z"),
        ("Asia/Kolkata", "2023-05-19T18:30:00.000Z", "2023-05-20T18:29:59.999Z", "2023-05-19T18:30:00.000Z"),
        // Midnight is skipped on the day itself.
        ("America/Sao_Paulo", "2018-11-04T03:00:00.000Z", "2018-11-05T01:59:59.999Z", "2018-11-04T03:00:00.000Z"),
        // Midnight comes twice.
        ("America/Havana", "2023-11-05T04:00:00.000Z", "2023-11-06T04:59:59.999Z", "2023-11-05T04:00:00.000Z"),
    ] {
        let workspace = Workspace::with_admin().await;
        let ms = |text: &str, more: i64| bson::DateTime::from_millis(utc(text).timestamp_millis() + more);
        let at = [ms(first, -1), ms(first, 0), ms(last, 0), ms(last, 1)];
        let write = workspace.insert("rocketchat_message", at.map(|ts| doc! { "rid": "channel", "ts": ts }));
        let services = Service::of_every_kind(&workspace, &[("time_zone", zone)], write).await;
        for (kind, service) in KINDS.into_iter().zip(services) {
            let answer = ask(&service, first, last).await;

            let expected = serde_json::json!([{ "day": label, "messages": 2 }]);
            assert_eq!(answer["days"], expected, "{zone}, {kind}");
            // The millisecond before lies in the previous window.
            assert_eq!(answer["period"], serde_json::json!({ "count": 2, "variation": 1 }), "{zone}, {kind}");
            assert_eq!(service.answers_from_memory(), u64::from(kind != KINDS[0]), "{zone}, {kind}");
            service.stop().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn windows_are_whole_days_cut_to_the_newest_n_with_messages() {
    let workspace = Workspace::with_admin().await;
    // Day of May 2023 → messages.
    let counts = [(6, 100), (7, 50), (8, 9), (9, 8), (10, 7), (11, 6), (12, 5), (13, 4)];
    let write = async {
        for (day, count) in counts {
            let at = format!("2023-05-{day:02}T15:00:00.000Z");
            workspace.insert("rocketchat_message", messages(&at, count)).await;
        }
    };
    let services = Service::of_every_kind(&workspace, &[], write).await;

    for (start, end, days, period, yesterday) in [
        // n = 3; the previous window has the days 7 to 10, of which the newest three count: 7 + 8 + 9.
        ("11T00:00:00.000Z", "13T00:00:00.000Z", vec![(13, 4), (12, 5), (11, 6)], (15, -9), (5, -1)),
        // Times of day do not cut days off; n = 2, although three calendar days are touched: the newest two are listed.
        ("11T23:00:00.000Z", "13T01:00:00.000Z", vec![(13, 4), (12, 5)], (9, -6), (5, -1)),
        // n = 1, two calendar days: only the last one is listed, so yesterday has none.
        ("12T23:00:00.000Z", "13T01:00:00.000Z", vec![(13, 4)], (4, -2), (0, 4)),
        // One day.
        ("10T00:00:00.000Z", "10T00:00:00.000Z", vec![(10, 7)], (7, -1), (0, 7)),
        // Days without messages do not take places from others.
        ("14T00:00:00.000Z", "15T00:00:00.000Z", vec![], (0, -9), (0, 0)),
        // The end before the start, but n = 1: no days, and the previous window as always.
        ("12T12:00:00.000Z", "11T13:00:00.000Z", vec![], (0, -6), (0, 0)),
    ] {
        let days: Vec<_> = days
            .iter()
            .map(|(day, messages)| serde_json::json!({ "day": format!("2023-05-{day:02}T00:00:00.000Z"), "messages": messages }))
            .collect();
        let comparison = |(count, variation)| serde_json::json!({ "count": count, "variation": variation });
        let expected = serde_json::json!({
            "days": days, "period": comparison(period), "yesterday": comparison(yesterday), "success": true,
        });
        for (kind, service) in KINDS.into_iter().zip(&services) {
            let answer = ask(service, &format!("2023-05-{start}"), &format!("2023-05-{end}")).await;
            assert_eq!(answer, expected, "{start} {end}, {kind}");
        }
    }
    for service in services {
        service.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_counts_can_be_configured() {
    let at = "2023-05-20T12:00:00.000Z";
    let mut documents = vec![message("channel", at), message("livechat", at), message("livechat", at)];
    documents.extend([("channel", "uj"), ("livechat", "rm"), ("channel", "e2e")].map(|(room, kind)| {
        let mut document = message(room, at);
        document.insert("t", kind);
        document
    }));

    for (room_types, message_types, expected) in
        [("c,p,d", "e2e", 2), ("l", "e2e", 2), ("c,l", "uj,rm", 5), ("v", "e2e", 0)]
    {
        let workspace = Workspace::with_admin().await;
        let write = workspace.insert("rocketchat_message", documents.clone());
        let values = [("counting.room_types", room_types), ("counting.message_types", message_types)];
        for (kind, service) in KINDS.into_iter().zip(Service::of_every_kind(&workspace, &values, write).await) {
            let answer = ask(&service, "2023-05-20T00:00:00.000Z", "2023-05-20T00:00:00.000Z").await;
            assert_eq!(answer["period"]["count"], expected, "{room_types} {message_types}, {kind}");
            service.stop().await;
        }
    }
}

/// More rooms than are looked up at once, over more than one aggregation: the clocks were changed on 26 March.
#[tokio::test(flavor = "multi_thread")]
async fn workspaces_with_very_many_rooms_are_counted_in_full() {
    const ROOMS: usize = 21_000;
    let id = |room: usize| format!("room{room}");
    // One in three does not count.
    let rooms = (0..ROOMS).map(|room| doc! { "_id": id(room), "t": (["c", "l", "d"][room % 3]) }).collect::<Vec<_>>();
    let days = ["2023-03-20T12:00:00.000Z", "2023-03-28T12:00:00.000Z"];
    let written = (0..ROOMS).flat_map(|room| days.map(|at| message(id(room), at))).collect::<Vec<_>>();
    let workspace = Workspace::with_admin().await;
    workspace.insert("rocketchat_room", rooms).await;
    let write = workspace.insert("rocketchat_message", written);
    let values = [("time_zone", "Europe/Berlin")];
    for (kind, service) in KINDS.into_iter().zip(Service::of_every_kind(&workspace, &values, write).await) {
        let answer = ask(&service, "2023-03-20T12:00:00.000Z", "2023-03-29T12:00:00.000Z").await;
        let counts: Vec<_> =
            answer["days"].as_array().into_iter().flatten().map(|day| day["messages"].clone()).collect();
        assert_eq!(counts, [ROOMS * 2 / 3, ROOMS * 2 / 3], "{kind}");
        service.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_answer_knows_what_was_written_deleted_or_changed_before_it() {
    let workspace = Workspace::with_admin().await;
    let service = Service::on(&workspace).await;
    let count =
        async || ask(&service, "2023-05-20T00:00:00.000Z", "2023-05-20T00:00:00.000Z").await["period"]["count"].clone();
    assert_eq!(count().await, 0);

    let mut document = message("channel", "2023-05-20T12:00:00.000Z");
    document.insert("_id", "one");
    workspace.insert("rocketchat_message", [document]).await;
    assert_eq!(count().await, 1);
    workspace.update("rocketchat_message", "one", doc! { "$set": { "t": "rm" } }).await;
    assert_eq!(count().await, 0);
    workspace.update("rocketchat_message", "one", doc! { "$unset": { "t": 1 } }).await;
    assert_eq!(count().await, 1);
    workspace.update("rocketchat_room", "channel", doc! { "$set": { "t": "l" } }).await;
    assert_eq!(count().await, 0);
    workspace.update("rocketchat_room", "channel", doc! { "$set": { "t": "p" } }).await;
    assert_eq!(count().await, 1);
    workspace.delete("rocketchat_room", "channel").await;
    assert_eq!(count().await, 0);
    service.stop().await;
}
