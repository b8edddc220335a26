//! Random workspaces and random periods, compared with a separate, slow, obvious computation (contract section 7).

use std::collections::BTreeMap;

use bson::{Bson, DateTime, Document, doc};
use chrono::{Days, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::support::{PATH, Service, Workspace, millis, settings};

/// Zones with an instant near which their clocks do something unpleasant.
const ZONES: [(&str, &str); 9] = [
    ("UTC", "2016-02-29T00:00:00Z"),
    ("Asia/Kolkata", "2023-05-20T18:30:00Z"),
    // Midnight is skipped, and the hour before it repeated.
    ("America/Sao_Paulo", "2018-11-04T03:00:00Z"),
    ("America/Sao_Paulo", "2018-02-18T02:00:00Z"),
    // Midnight is repeated.
    ("America/Havana", "2023-11-05T05:00:00Z"),
    // The old day goes on after the new one has begun.
    ("America/St_Johns", "2010-11-07T02:31:00Z"),
    // A day that never was.
    ("Pacific/Apia", "2011-12-30T10:00:00Z"),
    // Half an hour of summer time.
    ("Australia/Lord_Howe", "2023-04-01T15:00:00Z"),
    ("Africa/Cairo", "2023-04-27T22:00:00Z"),
];

/// How a workspace is laid out, which decides how its messages are counted.
#[derive(Debug, Clone, Copy)]
enum Layout {
    /// Few messages and the index that Rocket.Chat makes.
    Small,
    /// So many messages that each day is counted by itself.
    Large,
    /// No index on `ts`.
    Unindexed,
    /// As small, and the counts in memory, which has followed the messages.
    Followed,
}

/// Messages of 1990, which no period asks about: they only make a workspace large.
const BALLAST: i32 = 51_000;

/// A random case: messages as milliseconds from the unpleasant instant and a kind; periods as two such distances.
#[derive(Debug, Clone)]
struct Case {
    messages: Vec<(i64, usize)>,
    periods: Vec<(i64, i64)>,
}

const DAY: i64 = 86_400_000;

fn cases() -> impl Strategy<Value = Case> {
    // Most things lie close to the change, and many exactly on a minute of it.
    let near = prop_oneof![
        3 => -5 * DAY..5 * DAY,
        3 => (-2_880i64..2_880).prop_map(|minute| minute * 60_000),
        1 => (-120i64..120, -1i64..2).prop_map(|(minute, ms)| minute * 60_000 + ms),
        1 => -900 * DAY..900 * DAY,
    ];
    let messages = prop::collection::vec((near.clone(), 0usize..KINDS.len()), 0..80);
    let periods = prop::collection::vec((near.clone(), near), 1..5);
    (messages, periods).prop_map(|(messages, periods)| Case { messages, periods })
}

/// What a message can be: its fields, and whether it counts.
const KINDS: [(fn() -> Document, bool); 8] = [
    (|| doc! { "rid": "channel" }, true),
    (|| doc! { "rid": "private" }, true),
    (|| doc! { "rid": "direct", "t": "e2e" }, true),
    (|| doc! { "rid": "livechat" }, false),
    (|| doc! { "rid": "gone" }, false),
    (|| doc! { "rid": "channel", "t": "uj" }, false),
    (|| doc! { "rid": "private", "_hidden": true }, false),
    (|| doc! { "rid": ["channel"] }, false),
];

#[test]
fn random_workspaces_are_counted_as_by_hand_with_few_messages() {
    compare(Layout::Small, 30);
}

#[test]
fn random_workspaces_are_counted_as_by_hand_with_many_messages() {
    compare(Layout::Large, 8);
}

#[test]
fn random_workspaces_are_counted_as_by_hand_without_an_index() {
    compare(Layout::Unindexed, 8);
}

#[test]
fn random_workspaces_are_counted_as_by_hand_from_memory() {
    compare(Layout::Followed, 8);
}

/// Runs random cases in every zone.
fn compare(layout: Layout, cases_a_zone: u32) {
    let runtime = Runtime::new().expect("a runtime");
    for (zone, change) in ZONES {
        let (workspace, service) = runtime.block_on(prepare(layout, zone));
        let change = chrono::DateTime::parse_from_rfc3339(change).expect("an instant").timestamp_millis();
        let mut runner =
            TestRunner::new(Config { cases: cases_a_zone, failure_persistence: None, ..Config::default() });
        let check = |case: Case| runtime.block_on(check(&workspace, &service, layout, (zone, change), &case));
        runner.run(&cases(), check).unwrap_or_else(|failure| panic!("{layout:?} {zone}: {failure}"));
        assert_eq!(service.reloads(), 0, "{layout:?} {zone}");
        runtime.block_on(service.stop());
    }
}

async fn prepare(layout: Layout, zone: &str) -> (Workspace, Service) {
    let workspace = match layout {
        Layout::Unindexed => Workspace::with_admin().await,
        Layout::Small | Layout::Large | Layout::Followed => Workspace::with_admin().await.with_index().await,
    };
    if matches!(layout, Layout::Large) {
        let ballast = (0..BALLAST).map(|_| doc! { "rid": "channel", "ts": millis(640_000_000_000) });
        workspace.insert("rocketchat_message", ballast).await;
    }
    let url = workspace.url();
    let values = [("mongo_url", url.as_str()), ("time_zone", zone)];
    let service = match layout {
        Layout::Followed => Service::start_live(&values).await,
        Layout::Small | Layout::Large | Layout::Unindexed => Service::start(settings(&values)).await,
    };
    (workspace, service)
}

async fn check(
    workspace: &Workspace,
    service: &Service,
    layout: Layout,
    (zone, change): (&str, i64),
    case: &Case,
) -> Result<(), TestCaseError> {
    let all = workspace.database.collection::<Document>("rocketchat_message");
    let recent = doc! { "ts": { "$gte": millis(800_000_000_000) } };
    all.delete_many(recent).await.expect("a deletion");
    let documents = case.messages.iter().map(|&(distance, kind)| {
        let mut document = KINDS[kind].0();
        document.insert("ts", Bson::DateTime(millis(change + distance)));
        document
    });
    workspace.insert("rocketchat_message", documents).await;
    let is_live = matches!(layout, Layout::Followed);
    if is_live {
        service.catch_up().await;
    }
    let counting: Vec<_> =
        case.messages.iter().filter(|(_, kind)| KINDS[*kind].1).map(|(distance, _)| change + distance).collect();
    for &(start, end) in &case.periods {
        let (start, end) = (millis(change + start), millis(change + end));
        let text = |at: DateTime| at.to_chrono().to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
        let target = format!("{PATH}?start={}&end={}", text(start), text(end));
        let from_memory = service.answers_from_memory();
        let response = service.get(&target, &Workspace::admin()).await;
        prop_assert_eq!(
            service.answers_from_memory() - from_memory,
            u64::from(is_live && response.status == 200),
            "{}",
            target
        );
        match by_hand(&counting, start, end, zone.parse().expect("a zone")) {
            Some(expected) => prop_assert_eq!((response.status, response.json()), (200, expected), "{}", target),
            None => prop_assert_eq!(response.status, 400, "{}", target),
        }
    }
    Ok(())
}

/// The answer, computed one message at a time from the words of the contract.
fn by_hand(messages: &[i64], start: DateTime, end: DateTime, zone: Tz) -> Option<Value> {
    let local = |at: DateTime| at.to_chrono().with_timezone(&zone).naive_local();
    let (start, end) = (local(start), local(end));
    let whole_days = (end - start).num_milliseconds() / DAY;
    let n = usize::try_from(whole_days + 1).ok()?;
    let mut days: BTreeMap<NaiveDate, u64> = BTreeMap::new();
    for &message in messages {
        *days.entry(local(millis(message)).date()).or_default() += 1;
    }
    let window = |first: NaiveDate, last: NaiveDate| {
        let inside = days.iter().rev().filter(|(day, _)| first <= **day && **day <= last);
        inside.take(if n == 0 { usize::MAX } else { n }).map(|(day, messages)| (*day, *messages)).collect::<Vec<_>>()
    };
    let current = window(start.date(), end.date());
    let last_of_previous = start.date() - Days::new(1);
    let previous = window(last_of_previous - Days::new(n as u64), last_of_previous);
    let sum = |window: &[(NaiveDate, u64)]| window.iter().map(|entry| entry.1 as i64).sum::<i64>();
    let of = |day: NaiveDate| current.iter().find(|entry| entry.0 == day).map_or(0, |entry| entry.1 as i64);
    let yesterday = of(end.date() - Days::new(1));
    let entry = |(day, messages): &(NaiveDate, u64)| json!({ "day": begin_of(*day, zone), "messages": messages });
    Some(json!({
        "days": current.iter().map(entry).collect::<Vec<_>>(),
        "period": { "count": sum(&current), "variation": sum(&current) - sum(&previous) },
        "yesterday": { "count": yesterday, "variation": of(end.date()) - yesterday },
        "success": true,
    }))
}

/// The first minute of a day, found by looking at the clock every minute.
fn begin_of(day: NaiveDate, zone: Tz) -> String {
    let noon_before = day.and_hms_opt(12, 0, 0).expect("noon").and_utc() - TimeDelta::days(2);
    let mut minutes = (0..4 * 1440).map(|minute| noon_before + TimeDelta::minutes(minute));
    let first: chrono::DateTime<Utc> =
        minutes.find(|at| at.with_timezone(&zone).date_naive() == day).expect("the day has a minute");
    first.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}
