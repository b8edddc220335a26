//! `users/new-users` (contract section 13).

use bson::{Bson, Document, bson, doc};

use super::{ask, body, period};
use crate::support::{Service, Workspace, settings, utc};

fn created(id: &str, at: &str) -> Document {
    doc! { "_id": id, "username": id, "createdAt": utc(at), "roles": ["user"], "type": "user" }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documented_answer_comes_back_byte_for_byte() {
    let workspace = Workspace::with_admin().await;
    let users = (0..6).map(|number| created(&format!("u{number}"), "2023-02-06T12:00:00.000Z"));
    workspace.insert("users", users.chain([created("last", "2023-02-09T23:59:59.999Z")])).await;
    let service = Service::on(&workspace).await;
    let answer = body(&service, "new-users", &period("2023-02-04T00:00:00.000Z", "2023-02-11T00:00:00.000Z")).await;
    assert_eq!(
        answer,
        r#"{"days":[{"day":"2023-02-09T00:00:00.000Z","users":1},{"day":"2023-02-06T00:00:00.000Z","users":6}],"period":{"count":7,"variation":7},"yesterday":{"count":0,"variation":0},"success":true}"#
    );
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_user_counts_or_does_not() {
    let with = |fields: Document| {
        let mut user = created("x", "2023-02-06T12:00:00.000Z");
        user.extend(fields);
        user
    };
    let table: Vec<(&str, Document, bool)> = vec![
        ("a user", with(doc! {}), true),
        ("deactivated", with(doc! { "active": false }), true),
        ("without a type", with(doc! { "type": null }), true),
        ("of an unknown type", with(doc! { "type": "unknown" }), true),
        ("a bot", with(doc! { "type": "bot" }), false),
        ("an app", with(doc! { "type": "app" }), false),
        ("a visitor", with(doc! { "type": "visitor" }), false),
        ("an array of types", with(doc! { "type": ["bot"] }), true),
        ("a symbol as type", with(doc! { "type": Bson::Symbol("bot".to_owned()) }), true),
        ("anonymous", with(doc! { "roles": ["user", "anonymous"] }), false),
        ("anonymous as a text", with(doc! { "roles": "anonymous" }), true),
        ("anonymous as a symbol", with(doc! { "roles": [Bson::Symbol("anonymous".to_owned())] }), true),
        ("roles within roles", with(doc! { "roles": [["anonymous"]] }), true),
        ("no roles", with(doc! { "roles": null }), true),
        ("odd roles", with(doc! { "roles": [5, null, { "a": 1 }] }), true),
        ("no name", with(doc! { "username": null }), false),
        ("an empty name", with(doc! { "username": "" }), false),
        ("a number as name", with(doc! { "username": 5 }), false),
        ("names", with(doc! { "username": ["x"] }), false),
        ("a symbol as name", with(doc! { "username": Bson::Symbol("x".to_owned()) }), false),
        ("no date", with(doc! { "createdAt": null }), false),
        ("a text as date", with(doc! { "createdAt": "2023-02-06T12:00:00.000Z" }), false),
        ("dates", with(doc! { "createdAt": [utc("2023-02-06T12:00:00.000Z")] }), false),
        ("a number as date", with(doc! { "createdAt": bson!(1_675_684_800_000_i64) }), false),
    ];
    for (name, user, counts) in table {
        let workspace = Workspace::with_admin().await;
        workspace.insert("users", [user]).await;
        let service = Service::on(&workspace).await;
        let answer = ask(&service, "new-users", &period("2023-02-06T00:00:00.000Z", "2023-02-06T00:00:00.000Z")).await;
        assert_eq!(answer.json()["period"]["count"], u64::from(counts), "{name}");
        service.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn windows_cut_and_yesterday_are_those_of_messages() {
    let workspace = Workspace::with_admin().await;
    let zone = "America/Sao_Paulo";
    let days = ["2018-11-01", "2018-11-02", "2018-11-03", "2018-11-04", "2018-11-05", "2018-11-06", "2018-11-07"];
    let mut users = Vec::new();
    let mut messages = Vec::new();
    for (place, day) in days.iter().enumerate() {
        for number in 0..=place {
            // In the last hour of the day and in the first one, as that zone has them: the 4th begins at one o'clock.
            for time in ["03:30:00.000Z", "23:59:59.999Z"] {
                let at = format!("{day}T{time}");
                users.push(created(&format!("{day}{number}{time}"), &at));
                messages.push(doc! { "rid": "channel", "ts": utc(&at) });
            }
        }
    }
    workspace.insert("users", users).await;
    workspace.insert("rocketchat_message", messages).await;
    let url = workspace.url();
    let service = Service::start(settings(&[("mongo_url", url.as_str()), ("time_zone", zone)])).await;
    for (start, end) in [
        ("2018-11-05T12:00:00.000Z", "2018-11-07T12:00:00.000Z"),
        ("2018-11-05T12:00:00.000Z", "2018-11-07T11:00:00.000Z"),
        ("2018-11-04T02:30:00.000Z", "2018-11-05T03:30:00.000Z"),
        ("2018-11-07T12:00:00.000Z", "2018-11-06T13:00:00.000Z"),
        ("2018-11-07T12:00:00.000Z", "2018-11-06T12:00:00.000Z"),
        ("2018-11-07T12:00:00.000Z", "2018-11-05T12:00:00.000Z"),
        ("0000-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"),
    ] {
        let users = ask(&service, "new-users", &period(start, end)).await;
        let messages =
            service.get(&format!("{}?{}", crate::support::PATH, period(start, end)), &Workspace::admin()).await;
        assert_eq!((users.status, users.body), (messages.status, messages.body.replace("\"messages\"", "\"users\"")));
    }
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_who_is_made_or_deleted_is_seen_within_seconds() {
    let workspace = Workspace::with_admin().await;
    let service = Service::on(&workspace).await;
    let count = async || {
        let answer = ask(&service, "new-users", &period("2023-02-06T00:00:00.000Z", "2023-02-06T00:00:00.000Z")).await;
        answer.json()["period"]["count"].as_u64().expect("a count")
    };
    let until = async |wanted: u64| {
        let began = std::time::Instant::now();
        while count().await != wanted {
            assert!(began.elapsed() < std::time::Duration::from_secs(30), "{wanted}");
            tokio::task::yield_now().await;
        }
    };
    until(0).await;
    workspace.insert("users", [created("x", "2023-02-06T12:00:00.000Z")]).await;
    until(1).await;
    workspace.delete("users", "x").await;
    until(0).await;
    service.stop().await;
}
