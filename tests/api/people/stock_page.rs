//! Every path, asked as Rocket.Chat's own page asks it, held against a count by hand.

use std::collections::{BTreeMap, BTreeSet};

use bson::{Bson, Document, doc};
use chrono::{Days, NaiveTime, TimeDelta, Timelike, Utc};
use futures::TryStreamExt;
use serde_json::{Value, json};

use crate::support::{Service, Workspace};

/// The documents of a collection.
async fn all(workspace: &Workspace, name: &str) -> Vec<Document> {
    let found = workspace.database.collection::<Document>(name).find(doc! {}).await.expect("documents");
    found.try_collect().await.expect("documents")
}

fn is(document: &Document, name: &str, text: &str) -> bool {
    document.get_str(name).is_ok_and(|found| found == text)
}

fn date(document: &Document, name: &str) -> Option<chrono::DateTime<Utc>> {
    match document.get(name) {
        Some(Bson::DateTime(at)) => Some(at.to_chrono()),
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_nine_paths_answer_the_pages_questions_as_a_count_by_hand() {
    let workspace = Workspace::demonstration().await;
    let service = Service::on_live(&workspace).await;
    let today = Utc::now().date_naive();
    let end = today.and_time(NaiveTime::MIN).and_utc() + TimeDelta::milliseconds(86_399_999);
    let rooms: BTreeMap<String, String> = all(&workspace, "rocketchat_room")
        .await
        .iter()
        .filter(|room| ["c", "p", "d"].contains(&room.get_str("t").expect("t")))
        .map(|room| (room.get_str("_id").expect("_id").to_owned(), room.get_str("t").expect("t").to_owned()))
        .collect();
    let counts = |message: &Document| {
        let kind = message.get_str("t").unwrap_or_default();
        ["", "e2e"].contains(&kind) && !message.get_bool("_hidden").unwrap_or_default()
    };
    let messages: Vec<_> = all(&workspace, "rocketchat_message").await.into_iter().filter(counts).collect();
    let users = all(&workspace, "users").await;
    let sessions = all(&workspace, "rocketchat_sessions").await;
    let text = |at: chrono::DateTime<Utc>| at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    let ask = async |path: &str, query: String| -> Value {
        let target = format!("/api/v1/engagement-dashboard/{path}?{query}");
        let answer = service.get(&target, &Workspace::admin_of_the_demonstration()).await;
        assert_eq!(answer.status, 200, "{target}: {answer:?}");
        answer.json()
    };

    for days in [7u64, 30, 90] {
        let first = today - Days::new(days);
        let start = first.and_time(NaiveTime::MIN).and_utc();
        let period = format!("start={}&end={}", text(start), text(end));
        let is_in =
            |document: &Document, name: &str| date(document, name).is_some_and(|at| (start..=end).contains(&at));
        let here: Vec<_> = messages
            .iter()
            .filter(|message| is_in(message, "ts"))
            .filter_map(|message| Some((message.get_str("rid").ok()?, rooms.get(message.get_str("rid").ok()?)?)))
            .collect();
        assert!(!here.is_empty());

        let sent = ask("messages/messages-sent", period.clone()).await;
        assert_eq!(sent["period"]["count"], here.len());
        let origin = ask("messages/origin", period.clone()).await;
        for of_type in origin["origins"].as_array().expect("types") {
            let kind = of_type["t"].as_str().expect("t");
            assert_eq!(of_type["messages"], here.iter().filter(|(_, t)| *t == kind).count(), "{kind}");
        }
        let mut by_room: BTreeMap<&str, usize> = BTreeMap::new();
        here.iter().for_each(|(room, _)| *by_room.entry(room).or_default() += 1);
        let mut busiest: Vec<_> = by_room.values().copied().collect();
        busiest.sort_unstable_by(|a, b| b.cmp(a));
        let top_five = ask("messages/top-five-popular-channels", period.clone()).await;
        let told: Vec<_> =
            top_five["channels"].as_array().expect("rooms").iter().map(|room| &room["messages"]).collect();
        assert_eq!(told, busiest.iter().take(5).map(|n| json!(n)).collect::<Vec<_>>().iter().collect::<Vec<_>>());
        let list = ask("channels/list", format!("{period}&offset=0&count=25")).await;
        for channel in list["channels"].as_array().expect("rooms") {
            let id = channel["room"]["_id"].as_str().expect("_id");
            assert_eq!(channel["messages"], by_room.get(id).copied().unwrap_or_default(), "{id}");
        }
        assert!(list["total"].as_u64().expect("total") as usize >= by_room.len());

        let created = |user: &&Document| {
            let is_person = !["app", "bot", "visitor"].contains(&user.get_str("type").unwrap_or_default());
            let is_anonymous = user.get_array("roles").is_ok_and(|roles| roles.contains(&"anonymous".into()));
            is_person && !is_anonymous && user.get_str("username").is_ok() && is_in(user, "createdAt")
        };
        let new = ask("users/new-users", period.clone()).await;
        assert_eq!(new["period"]["count"], users.iter().filter(created).count(), "{days} days");

        let mut active: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        for session in sessions.iter().filter(|session| is(session, "type", "user_daily")) {
            let of = |name| session.get_i32(name).expect("a number");
            let day = chrono::NaiveDate::from_ymd_opt(of("year"), of("month") as u32, of("day") as u32).expect("a day");
            let is_anonymous = is(session, "mostImportantRole", "anonymous");
            if !is_anonymous && (first..=today).contains(&day) {
                active.entry(day.to_string()).or_default().insert(session.get_str("userId").expect("userId"));
            }
        }
        let told = ask("users/active-users", period.clone()).await;
        let expected: Vec<_> = active.values().rev().map(|users| json!([users, users.len()])).collect();
        let told = told["month"].as_array().expect("days").iter().map(|day| json!([day["usersList"], day["users"]]));
        assert_eq!(told.collect::<Vec<_>>(), expected, "{days} days");

        let by_hour = ask("users/users-by-time-of-the-day-in-a-week", period.clone()).await;
        let mut hours: BTreeMap<[i64; 4], BTreeSet<&str>> = BTreeMap::new();
        for session in sessions.iter().filter(|session| is(session, "type", "computed-session")) {
            let Some(login) = date(session, "loginAt").filter(|at| (start..=end).contains(at)) else { continue };
            let last = date(session, "closedAt").map_or(23, |at| at.hour());
            for hour in login.hour()..=last {
                let of = |name| i64::from(session.get_i32(name).expect("a number"));
                let key = [of("year"), of("month"), of("day"), i64::from(hour)];
                hours.entry(key).or_default().insert(session.get_str("userId").expect("userId"));
            }
        }
        let expected = hours.iter().rev().map(|([year, month, day, hour], users)| {
            json!({ "users": users.len(), "hour": hour, "day": day, "month": month, "year": year })
        });
        assert_eq!(by_hour["week"], Value::Array(expected.collect()), "{days} days");
    }

    // One day and one week back and forth, as the arrows of the busy hours do.
    for back in [0u64, 1, 2, 7, 14] {
        let until = end - Days::new(back);
        let hourly = ask("users/chat-busier/hourly-data", format!("start={}", text(until))).await;
        let from = until - TimeDelta::hours(24);
        let computed = sessions.iter().filter(|session| is(session, "type", "computed-session"));
        let here: Vec<_> = computed
            .filter(|session| date(session, "loginAt").is_some_and(|at| (from..=until).contains(&at)))
            .collect();
        let slots = (0..12).rev().map(|half| half * 2).map(|slot| {
            let is_there = |session: &&&Document| {
                date(session, "loginAt").is_some_and(|at| at.hour() <= slot)
                    && date(session, "closedAt").is_none_or(|at| slot <= at.hour())
            };
            let users: BTreeSet<_> =
                here.iter().filter(is_there).map(|session| session.get_str("userId").expect("userId")).collect();
            json!({ "users": users.len(), "hour": slot })
        });
        let expected = if here.is_empty() { vec![] } else { slots.collect() };
        assert_eq!(hourly["hours"], Value::Array(expected), "{back} days back");

        let weekly = ask("users/chat-busier/weekly-data", format!("start={}", text(until))).await;
        let mut days: BTreeMap<chrono::NaiveDate, u64> = BTreeMap::new();
        for session in sessions.iter().filter(|session| is(session, "type", "user_daily")) {
            let of = |name| session.get_i32(name).expect("a number");
            let day = chrono::NaiveDate::from_ymd_opt(of("year"), of("month") as u32, of("day") as u32).expect("a day");
            let last = until.date_naive();
            let is_anonymous = is(session, "mostImportantRole", "anonymous");
            if !is_anonymous && (last - Days::new(7)..=last).contains(&day) {
                *days.entry(day).or_default() += 1;
            }
        }
        let told = weekly["month"].as_array().expect("days").iter().map(|day| day["users"].as_u64());
        assert_eq!(told.collect::<Vec<_>>(), days.values().rev().map(|users| Some(*users)).collect::<Vec<_>>());
    }
    service.stop().await;
}
