//! Random workspaces and random periods, compared with a separate, slow, obvious computation, in every way of counting.

use bson::{Bson, Document, doc};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use tokio::runtime::Runtime;

use super::{
    CHANNELS, MESSAGE, ORIGIN, ROOM, TOP_FIVE, ask,
    by_hand::{World, iso},
};
use crate::{
    counting::KINDS,
    support::{PATH, Service, Workspace, millis, settings, utc},
};

/// How a workspace is laid out, which decides how aggregations count it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    Small,
    /// So many messages that each day is counted by itself.
    Large,
    /// No index on `ts`.
    Unindexed,
}

/// Zones with an instant near which their clocks do something unpleasant.
const ZONES: [(&str, &str, Layout); 8] = [
    ("UTC", "2016-02-29T00:00:00Z", Layout::Small),
    ("UTC", "2020-03-01T00:00:00Z", Layout::Large),
    ("Asia/Kolkata", "2023-05-20T18:30:00Z", Layout::Small),
    // Midnight is skipped, and the hour before it repeated.
    ("America/Sao_Paulo", "2018-11-04T03:00:00Z", Layout::Small),
    ("America/Sao_Paulo", "2018-02-18T02:00:00Z", Layout::Large),
    // A day that never was.
    ("Pacific/Apia", "2011-12-30T10:00:00Z", Layout::Small),
    // Half an hour of summer time.
    ("Australia/Lord_Howe", "2023-04-01T15:00:00Z", Layout::Unindexed),
    // The old day goes on after the new one has begun.
    ("America/St_Johns", "2010-11-07T02:31:00Z", Layout::Unindexed),
];

/// Each of these starts a service of its own.
const CASES_A_ZONE: u32 = 3;

/// Messages of 1990, which no period asks about: they only make a workspace large.
const BALLAST: usize = 51_000;

const DAY: i64 = 86_400_000;

/// The rooms that messages are in. The last two never have a document.
const IDS: [&str; 10] = ["", "B", "a", "10", "9", "é", "\u{ff5e}", "\u{1f600}", "gone", "$rid"];

/// What a message can have besides its room and its instant, and whether it counts.
const MESSAGES: [(fn() -> Document, bool); 9] = [
    (|| doc! {}, true),
    (|| doc! { "tmid": "thread" }, true),
    (|| doc! { "t": "e2e" }, true),
    (|| doc! { "t": null, "_hidden": false }, true),
    (|| doc! { "_hidden": [true] }, true),
    (|| doc! { "t": "uj" }, false),
    (|| doc! { "t": "rm" }, false),
    (|| doc! { "_hidden": true }, false),
    (|| doc! { "t": ["e2e"] }, false),
];

/// A random case: the fields of each room that there is, messages as milliseconds from the unpleasant instant with a
/// room and a kind, and periods as two such distances with a page.
#[derive(Debug, Clone)]
struct Case {
    rooms: Vec<Option<[usize; 6]>>,
    messages: Vec<(i64, usize, usize)>,
    periods: Vec<(i64, i64, Option<usize>, Option<usize>)>,
}

fn cases() -> impl Strategy<Value = Case> {
    // Most things lie close to the change, and many exactly on a minute of it.
    let near = prop_oneof![
        3 => -5 * DAY..5 * DAY,
        3 => (-2_880i64..2_880).prop_map(|minute| minute * 60_000),
        1 => (-120i64..120, -1i64..2).prop_map(|(minute, ms)| minute * 60_000 + ms),
        1 => -900 * DAY..900 * DAY,
    ];
    let room = prop::option::weighted(0.85, [0usize..8, 0..6, 0..6, 0..4, 0..4, 0..6]);
    let rooms = prop::collection::vec(room, IDS.len() - 2);
    // As many that count as others, or nearly.
    let kind = prop_oneof![3 => 0usize..5, 1 => 5..MESSAGES.len()];
    let messages = prop::collection::vec((near.clone(), 0..IDS.len(), kind), 0..120);
    let page = prop::option::of(0usize..8);
    let periods = prop::collection::vec((near.clone(), near, page.clone(), page), 1..6);
    (rooms, messages, periods).prop_map(|(rooms, messages, periods)| Case { rooms, messages, periods })
}

/// A room's document.
fn room(id: &str, [kind, name, fname, ts, updated, usernames]: [usize; 6]) -> Document {
    let mut room = doc! { "_id": id };
    let mut put = |field: &str, value: Option<Bson>| {
        if let Some(value) = value {
            room.insert(field, value);
        }
    };
    let kinds = ["c", "p", "d", "c", "p", "d", "l"];
    put("t", kinds.get(kind).map(|kind| Bson::from(*kind)));
    let name_of = |which: usize, text: &str| match which {
        0 => None,
        1 => Some("".into()),
        2 => Some(Bson::Null),
        3 => Some(Bson::Array(vec![text.into()])),
        _ => Some(format!("{text} \"{id}\"").into()),
    };
    put("name", name_of(name, "name"));
    put("fname", name_of(fname, "fname"));
    let date_of = |which: usize| match which {
        0 => None,
        1 => Some("2023-01-01T00:00:00.000Z".into()),
        which => Some(Bson::DateTime(millis(utc("2019-07-01T00:00:00Z").timestamp_millis() + which as i64))),
    };
    put("ts", date_of(ts));
    put("_updatedAt", date_of(updated));
    put(
        "usernames",
        match usernames {
            0 => None,
            1 => Some(Bson::Null),
            2 => Some(Bson::Array(vec![])),
            3 => Some("b".into()),
            4 => Some(Bson::Array(vec!["b".into(), Bson::Int32(1), "a".into()])),
            _ => Some(Bson::Array(vec!["z".into(), "y".into()])),
        },
    );
    room
}

#[test]
fn random_workspaces_are_answered_as_by_hand_in_every_way_of_counting() {
    let runtime = Runtime::new().expect("a runtime");
    for (zone, change, layout) in ZONES {
        let (workspace, [aggregating, followed]) = runtime.block_on(prepare(layout, zone));
        let change = utc(change).timestamp_millis();
        let mut runner =
            TestRunner::new(Config { cases: CASES_A_ZONE, failure_persistence: None, ..Config::default() });
        let check = |case: Case| runtime.block_on(check(&workspace, [&aggregating, &followed], (zone, change), &case));
        runner.run(&cases(), check).unwrap_or_else(|failure| panic!("{layout:?} {zone}: {failure}"));
        assert_eq!(followed.reloads(), 0, "{layout:?} {zone}");
        runtime.block_on(aggregating.stop());
        runtime.block_on(followed.stop());
    }
}

async fn prepare(layout: Layout, zone: &str) -> (Workspace, [Service; 2]) {
    let mut workspace = Workspace::with_admin().await.without_rate_limit().await;
    if layout != Layout::Unindexed {
        workspace = workspace.with_index().await;
    }
    if layout == Layout::Large {
        let ballast = doc! { "rid": "B", "ts": utc("1990-01-01T00:00:00.000Z") };
        workspace.insert(MESSAGE, std::iter::repeat_n(ballast, BALLAST)).await;
    }
    let url = workspace.url();
    let values = [("mongo_url", url.as_str()), ("time_zone", zone)];
    let services = [Service::start(settings(&values)).await, Service::start_live(&values).await];
    (workspace, services)
}

/// Writes a case, and holds the answers of every kind of service against it.
async fn check(
    workspace: &Workspace,
    [aggregating, followed]: [&Service; 2],
    (zone, change): (&str, i64),
    case: &Case,
) -> Result<(), TestCaseError> {
    let (rooms, messages) =
        (workspace.database.collection::<Document>(ROOM), workspace.database.collection::<Document>(MESSAGE));
    rooms.delete_many(doc! {}).await.expect("a deletion");
    let recent = doc! { "ts": { "$gte": millis(800_000_000_000) } };
    messages.delete_many(recent).await.expect("a deletion");
    let rooms: Vec<_> =
        IDS.iter().zip(&case.rooms).filter_map(|(id, fields)| fields.map(|fields| room(id, fields))).collect();
    // Messages come before and after their rooms.
    let (early, late) = case.messages.split_at(case.messages.len() / 2);
    let documents = |all: &[(i64, usize, usize)]| {
        let document = |&(distance, room, kind): &(i64, usize, usize)| {
            let mut document = MESSAGES[kind].0();
            document.extend(doc! { "rid": IDS[room], "ts": millis(change + distance) });
            document
        };
        all.iter().map(document).collect::<Vec<_>>()
    };
    workspace.insert(MESSAGE, documents(early)).await;
    workspace.insert(ROOM, rooms.clone()).await;
    workspace.insert(MESSAGE, documents(late)).await;
    let right = case.messages.iter().filter(|(.., kind)| MESSAGES[*kind].1);
    let right = right.map(|(distance, room, _)| (IDS[*room].to_owned(), change + distance));
    let world = World::new(zone.parse().expect("a zone"), rooms, right);

    let url = workspace.url();
    followed.catch_up().await;
    let loaded = Service::start_live(&[("mongo_url", &url), ("time_zone", zone)]).await;
    let mut result = Ok(());
    for (kind, service) in KINDS.into_iter().zip([aggregating, followed, &loaded]) {
        for period in &case.periods {
            result = result.and(periods_answer(service, kind, &world, change, *period).await);
        }
    }
    loaded.stop().await;
    result
}

async fn periods_answer(
    service: &Service,
    kind: &str,
    world: &World,
    change: i64,
    (start, end, offset, count): (i64, i64, Option<usize>, Option<usize>),
) -> Result<(), TestCaseError> {
    let (start, end) = (millis(change + start), millis(change + end));
    let period = format!("start={}&end={}", iso(start), iso(end));
    let mut page = String::new();
    page.extend(offset.map(|offset| format!("&offset={offset}")));
    page.extend(count.map(|count| format!("&count={count}")));
    let limit = count.filter(|count| *count > 0);
    let mut sum = None;
    for (target, expected) in [
        (format!("{ORIGIN}?{period}"), world.origin(start, end)),
        (format!("{TOP_FIVE}?{period}"), world.top_five(start, end)),
        (format!("{CHANNELS}?{period}{page}"), world.channels(start, end, offset.unwrap_or(0), limit)),
    ] {
        let from_memory = service.answers_from_memory();
        let answer = ask(service, &target).await;
        prop_assert_eq!((answer.status, &answer.body), (200, &expected), "{}: {}", kind, target);
        let expected = u64::from(kind != KINDS[0]);
        prop_assert_eq!(service.answers_from_memory() - from_memory, expected, "{}: {}", kind, target);
        sum = sum.or_else(|| {
            let body = answer.json();
            let entries = body["origins"].as_array()?;
            Some(entries.iter().filter_map(|entry| entry["messages"].as_u64()).sum::<u64>())
        });
    }
    if world.is_uncut(start, end) {
        let target = format!("{PATH}?{period}");
        let answer = ask(service, &target).await;
        prop_assert_eq!(answer.status, 200, "{}: {}", kind, target);
        prop_assert_eq!(answer.json()["period"]["count"].as_u64(), sum, "{}: {}", kind, target);
    }
    Ok(())
}
