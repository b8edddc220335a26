//! `GET /engagement/api/people`: days of people, counted by hand, and what is kept of them.

use std::{sync::Arc, time::Instant};

use bson::{Bson, Document, bson, doc};
use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, Utc};
use rocketchat_engagement::{
    dashboard::period::DayRange,
    mongo::{Deadline, Mongo, Patience},
    people::People,
};
use serde_json::Value;

use super::{CONTEXT, PEOPLE, ask};
use crate::support::{PATIENCE, Service, Workspace, settings, start_mongod};

/// Half an hour off, so that an hour there is none of UTC's.
const ZONE: &str = "Asia/Kolkata";

fn offset() -> TimeDelta {
    TimeDelta::minutes(330)
}

fn today() -> NaiveDate {
    (Utc::now() + offset()).date_naive()
}

/// The day so many days ago.
fn ago(today: NaiveDate, days: u64) -> NaiveDate {
    today - Days::new(days)
}

/// An instant from what the clocks there show.
fn at(day: NaiveDate, time: &str) -> bson::DateTime {
    let local = day.and_time(time.parse().expect("a time"));
    bson::DateTime::from_chrono(local.and_utc() - offset())
}

fn document(kind: &str, user: &str, day: NaiveDate) -> Document {
    let (month, date) = (i64::from(day.month()), f64::from(day.day()));
    doc! { "type": kind, "userId": user, "year": day.year(), "month": month, "day": date }
}

fn with(mut document: Document, more: Document) -> Document {
    document.extend(more);
    document
}

/// What the test below counts by hand.
fn documents(today: NaiveDate) -> Vec<Document> {
    let day = |days| ago(today, days);
    let session = |kind: &str, user: &str, days: u64, more: Document| with(document(kind, user, day(days)), more);
    let computed = |user: &str, days: u64, more: Document| session("computed-session", user, days, more);
    let role = |role: &str| doc! { "mostImportantRole": role };
    vec![
        document("user_daily", "a", day(10)),
        document("user_daily", "a", day(10)),
        with(document("user_daily", "c", day(10)), doc! { "mostImportantRole": "user" }),
        with(document("user_daily", "bot", day(10)), role("bot")),
        with(document("user_daily", "app", day(10)), role("app")),
        with(document("user_daily", "nobody", day(10)), role("anonymous")),
        document("user_daily", "a", day(9)),
        document("user_daily", "d", day(5)),
        with(document("user_daily", "e", day(3)), doc! { "mostImportantRole": Bson::Null }),
        computed("a", 10, doc! { "loginAt": at(day(10), "03:15:00"), "closedAt": at(day(10), "04:40:00") }),
        computed("a", 10, doc! { "loginAt": at(day(10), "04:50:00"), "closedAt": at(day(10), "04:55:00") }),
        computed("c", 10, doc! { "loginAt": at(day(10), "23:30:00"), "lastActivityAt": at(day(9), "01:00:00") }),
        computed("bot", 10, with(role("bot"), doc! { "loginAt": at(day(10), "01:00:00") })),
        // Finished days count by the nightly documents, hours by sessions.
        computed("z", 5, doc! { "loginAt": at(day(5), "12:00:00"), "closedAt": Bson::Null }),
        session(
            "session",
            "f",
            1,
            doc! { "loginAt": at(day(1), "09:00:00"), "lastActivityAt": at(day(1), "09:30:00") },
        ),
        session("session", "g", 1, with(role("anonymous"), doc! { "loginAt": at(day(1), "09:00:00") })),
        // Active, though nobody knows when.
        session("session", "h", 2, doc! { "loginAt": "yesterday" }),
        session("session", "i", 2, doc! { "loginAt": at(day(2), "10:00:00"), "closedAt": true }),
    ]
}

/// What is skipped: a value of a wrong type in a field that matters, or no day of the calendar.
fn hostile(today: NaiveDate) -> Vec<Document> {
    let fine = || document("user_daily", "hostile", ago(today, 9));
    let mut all = Vec::new();
    for (field, value) in [
        ("type", bson!(["user_daily"])),
        ("type", Bson::Symbol("user_daily".to_owned())),
        ("userId", bson!(["hostile"])),
        ("userId", bson!(5)),
        ("userId", Bson::Null),
        ("year", bson!(today.year().to_string())),
        ("year", bson!([today.year()])),
        ("month", bson!(13)),
        ("month", bson!(f64::NAN)),
        ("day", bson!(1.5)),
        ("day", bson!({ "$gt": 0 })),
        ("mostImportantRole", bson!(["user"])),
        ("mostImportantRole", bson!(1)),
    ] {
        all.push(with(fine(), doc! { field: value }));
    }
    all
}

fn target(today: NaiveDate, days: u64) -> String {
    format!("{PEOPLE}?start={}&end={today}", ago(today, days))
}

fn numbers(answer: &Value, field: &str) -> Vec<Option<u64>> {
    answer["active"]["days"].as_array().expect("days").iter().map(|day| day[field].as_u64()).collect()
}

/// Runs a test again that midnight has come into.
macro_rules! within_a_day {
    ($today:ident, $test:block) => {
        loop {
            let $today = today();
            $test
            if today() == $today {
                break;
            }
        }
    };
}

async fn in_zone(workspace: &Workspace) -> Service {
    Service::start(settings(&[("mongo_url", &workspace.url()), ("time_zone", ZONE)])).await
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_as_counted_by_hand() {
    within_a_day!(today, {
        let workspace = Workspace::with_admin().await;
        workspace.insert("rocketchat_sessions", documents(today).into_iter().chain(hostile(today))).await;
        let new = doc! { "_id": "n", "username": "n", "createdAt": at(ago(today, 2), "00:00:00") };
        workspace.insert("users", [new]).await;
        let service = in_zone(&workspace).await;

        let response = ask(&service, &target(today, 11)).await;
        let answer = response.json();
        if self::today() == today {
            let since = ago(today, 10).to_string();
            assert_eq!(answer["active"]["since"], since.as_str(), "{answer}");
            let [none, two, one, zero] = [None, Some(2), Some(1), Some(0)];
            let by_day = [none, two, one, zero, zero, zero, one, zero, one, two, one, zero];
            assert_eq!(numbers(&answer, "day1"), by_day);
            let by_week = [None; 7].into_iter().chain([3, 3, 4, 5, 5].map(Some)).collect::<Vec<_>>();
            assert_eq!(numbers(&answer, "day7"), by_week);
            assert_eq!(numbers(&answer, "day30"), [None; 12]);
            let new: Vec<_> =
                answer["new"]["days"].as_array().expect("days").iter().map(|day| &day["people"]).collect();
            assert_eq!(new[9], 1);
            assert_eq!(new.iter().filter(|people| **people != 0).count(), 1);
            assert_eq!(answer["hours"]["since"], since.as_str());
            assert_eq!(answer["hours"]["zone"], ZONE);
            let mut expected = [[0u64; 24]; 7];
            let mut add = |days: u64, hour: usize, people: u64| {
                expected[ago(today, days).weekday().num_days_from_monday() as usize][hour] += people;
            };
            add(10, 3, 1);
            add(10, 4, 1);
            add(10, 23, 1);
            (12..24).for_each(|hour| add(5, hour, 1));
            add(1, 9, 1);
            for (place, weekday) in answer["hours"]["weekdays"].as_array().expect("weekdays").iter().enumerate() {
                assert_eq!(weekday["weekday"], place + 1);
                assert_eq!(weekday["people"], serde_json::json!(expected[place]), "{weekday}");
                let days = (1..=10).filter(|days| ago(today, *days).weekday().num_days_from_monday() as usize == place);
                assert_eq!(weekday["days"], days.count(), "{weekday}");
            }
            for id in ["hostile", "\"a\"", "nobody"] {
                assert!(!response.body.contains(id), "no id of a person: {id}");
            }
        }
        service.stop().await;
    });
}

/// Whether the documents of each day were counted from the index alone.
async fn assert_counted_from_the_index(workspace: &Workspace) {
    let profile = workspace.database.collection::<Document>("system.profile");
    let counts = doc! { "command.aggregate": "rocketchat_sessions", "command.pipeline.1.$group": { "$exists": true } };
    let count = profile.find_one(counts).await.expect("an answer").expect("a count");
    assert_eq!(count.get_i32("docsExamined").ok(), Some(0), "{count}");
    assert!(count.get_i32("keysExamined").is_ok_and(|keys| keys > 0), "{count}");
}

/// How often MongoDB has told documents of sessions, and not just their number.
async fn reads(workspace: &Workspace) -> (u64, u64) {
    let profile = workspace.database.collection::<Document>("system.profile");
    let of_sessions = |stage: &str| {
        doc! { "command.aggregate": "rocketchat_sessions", format!("command.pipeline.1.{stage}"): { "$exists": true } }
    };
    let counted = profile.count_documents(of_sessions("$group")).await.expect("a number");
    let mut found = of_sessions("$project");
    found.insert("nreturned", doc! { "$gt": 0 });
    (counted, profile.count_documents(found).await.expect("a number"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finished_day_is_read_once_until_its_documents_expire_and_a_restart_changes_nothing() {
    within_a_day!(today, {
        let workspace = Workspace::with_admin().await;
        let day = |days| ago(today, days);
        let mut documents = Vec::new();
        for days in [8, 9, 20] {
            documents.push(document("user_daily", "a", day(days)));
            let login = doc! { "loginAt": at(day(days), "10:00:00"), "closedAt": at(day(days), "10:30:00") };
            documents.push(with(document("computed-session", "a", day(days)), login));
        }
        workspace.insert("rocketchat_sessions", documents).await;
        let keys = doc! { "type": 1, "year": 1, "month": 1, "day": 1 };
        let index = mongodb::IndexModel::builder().keys(keys).build();
        let sessions = workspace.database.collection::<Document>("rocketchat_sessions");
        sessions.create_index(index).await.expect("an index, as Rocket.Chat makes it");
        // Of its own size it forgets the first operations while the last are awaited.
        let large = doc! { "create": "system.profile", "capped": true, "size": 64 << 20 };
        workspace.database.run_command(large).await.expect("a large profile");
        workspace.database.run_command(doc! { "profile": 2 }).await.expect("a profile");
        let service = in_zone(&workspace).await;
        let target = target(today, 25);
        let first = ask(&service, &target).await;

        // Three days, in two runs, and the hours of each.
        assert_eq!(reads(&workspace).await.1, 5);
        let began = Instant::now();
        while reads(&workspace).await.0 < 6 {
            assert_eq!(ask(&service, &target).await.body, first.body);
            assert!(began.elapsed() < PATIENCE, "the numbers of documents are asked for again");
        }
        assert_eq!(reads(&workspace).await.1, 5, "nothing was read again");
        let other = in_zone(&workspace).await;
        assert_eq!(ask(&other, &target).await.body, first.body, "after a restart");
        other.stop().await;

        assert_counted_from_the_index(&workspace).await;
        let oldest = day(20);
        let of_oldest = doc! { "month": i64::from(oldest.month()), "day": i64::from(oldest.day()) };
        sessions.delete_many(of_oldest).await.expect("a deletion");
        let began = Instant::now();
        loop {
            let answer = ask(&service, &target).await.json();
            if answer["active"]["since"] == day(9).to_string() && answer["hours"]["since"] == day(9).to_string() {
                assert_eq!(numbers(&answer, "day1")[5], None, "{answer}");
                break;
            }
            assert!(began.elapsed() < PATIENCE, "the day that has expired: {answer}");
        }
        // A document that comes late.
        workspace.insert("rocketchat_sessions", [document("user_daily", "late", day(8))]).await;
        let began = Instant::now();
        while numbers(&ask(&service, &target).await.json(), "day1")[17] != Some(2) {
            assert!(began.elapsed() < PATIENCE, "the day that has changed");
        }
        service.stop().await;
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn today_is_known_from_open_sessions_and_followed() {
    within_a_day!(today, {
        let workspace = Workspace::with_admin().await;
        let service = in_zone(&workspace).await;
        let target = format!("{PEOPLE}?start={today}&end={today}&compare=weekdays");
        let answer = ask(&service, &target).await.json();
        assert_eq!(answer["active"]["since"], Value::Null);
        assert_eq!(numbers(&answer, "day1"), [None]);
        let login = DateTime::from_timestamp_millis(at(today, "00:00:00").timestamp_millis()).expect("an instant");
        let session = doc! { "loginAt": bson::DateTime::from_chrono(login) };
        workspace.insert("rocketchat_sessions", [with(document("session", "a", today), session)]).await;
        let began = Instant::now();
        loop {
            let answer = ask(&service, &target).await.json();
            if numbers(&answer, "day1") == [Some(1)] {
                let place = today.weekday().num_days_from_monday() as usize;
                assert_eq!(answer["hours"]["weekdays"][place]["people"][0], 1);
                assert_eq!(answer["active"]["compareDays"][0]["day1"], Value::Null);
                break;
            }
            assert!(began.elapsed() < PATIENCE && self::today() == today, "today's session: {answer}");
        }
        service.stop().await;
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_known_of_a_day_before_it_was_over_is_not_shown_later() {
    let workspace = Workspace::with_admin().await;
    let of = settings(&[("mongo_url", &workspace.url())]);
    let mongo =
        Mongo::new(&of.mongo_url, of.counting.read_preference, 2, Patience::OF_REQUESTS).await.expect("MongoDB");
    let people = People::new(Arc::new(mongo), of.time_zone, 2);
    let last = NaiveDate::from_ymd_opt(2023, 6, 30).expect("a date");
    let days = DayRange { first: last, last };
    let at_nine = DateTime::from_timestamp(1_688_115_600, 0).expect("an instant");
    let known = async |now| people.activity(&[days], days, now, Deadline::after(PATIENCE)).await.expect("people");
    let session = |kind: &str, user: &str, hour: i64| {
        let login = bson::DateTime::from_chrono(at_nine + TimeDelta::hours(hour));
        with(document(kind, user, last), doc! { "loginAt": login, "closedAt": login })
    };
    workspace.insert("rocketchat_sessions", [session("session", "a", -1)]).await;
    assert_eq!(known(at_nine).await.0.days.get(&last).map(|people| people.len()), Some(1));

    // Somebody comes later that day, and the nightly documents are made. Then nobody asks about the last days.
    let made = [session("session", "b", 1), document("user_daily", "a", last), document("user_daily", "b", last)];
    workspace.insert("rocketchat_sessions", made).await;

    let began = Instant::now();
    loop {
        let (activity, hours) = known(at_nine + TimeDelta::days(5)).await;
        let by_hour = hours.days.get(&last).map(|hours| (hours[8], hours[10]));
        let people = activity.days.get(&last).map(|people| people.len());
        if (people, by_hour) == (Some(2), Some((1, 1))) {
            break;
        }
        assert!(began.elapsed() < PATIENCE, "{activity:?} {hours:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_context_is_answered_while_somebody_reads_days() {
    let mongod = start_mongod(&[]).await.expect("mongod");
    let workspace = Workspace::at(&mongod.url("rocketchat"), "rocketchat").await;
    workspace.add_admin().await;
    let day = NaiveDate::from_ymd_opt(2023, 6, 30).expect("a date");
    workspace.insert("rocketchat_sessions", [document("user_daily", "a", day)]).await;
    let service = Service::on(&workspace).await;
    let admin = mongod.client().await.expect("a client").database("admin");
    let block = async |times: i32, milliseconds: i32| {
        let data = doc! {
            "failCommands": ["aggregate"], "namespace": "rocketchat.rocketchat_sessions",
            "blockConnection": true, "blockTimeMS": milliseconds,
        };
        let command = doc! { "configureFailPoint": "failCommand", "mode": { "times": times }, "data": data };
        admin.run_command(command).await.expect("a fail point").get_i32("count").expect("how often it was entered")
    };
    // What takes as long is used for ten seconds: both numbers of documents.
    block(2, 500).await;
    assert_eq!(ask(&service, CONTEXT).await.status, 200);

    let entered = block(1, 5_000).await;
    let people = async { ask(&service, &format!("{PEOPLE}?start={day}&end={day}")).await.status };
    let context = async {
        let reads = doc! { "waitForFailPoint": "failCommand", "timesEntered": entered + 1, "maxTimeMS": 20_000 };
        admin.run_command(reads).await.expect("somebody reads days");
        ask(&service, CONTEXT).await.status
    };
    tokio::select! {
        status = context => assert_eq!(status, 200),
        status = people => panic!("{status} before the context"),
    }
    service.stop().await;
}
