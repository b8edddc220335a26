//! Random users, sessions and periods, compared with a separate, slow, obvious computation.

use bson::{Bson, Document, doc};
use chrono::Datelike;
use chrono_tz::Tz;
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use tokio::runtime::Runtime;

use super::{
    NEW, SESSIONS, ask,
    by_hand::{about_sessions, iso, new_users},
    period,
};
use crate::support::{Service, Workspace, millis, settings, utc};

/// Zones with an instant near which their clocks do something unpleasant, and whether sessions have their indexes.
const ZONES: [(&str, &str, bool); 9] = [
    ("UTC", "2016-02-29T00:00:00Z", true),
    ("UTC", "2023-01-01T00:00:00Z", false),
    ("Asia/Kolkata", "2023-05-20T18:30:00Z", true),
    // Midnight is skipped, and the hour before it repeated.
    ("America/Sao_Paulo", "2018-11-04T03:00:00Z", true),
    ("America/Sao_Paulo", "2018-02-18T02:00:00Z", false),
    // A day that never was.
    ("Pacific/Apia", "2011-12-30T10:00:00Z", true),
    // Half an hour of summer time.
    ("Australia/Lord_Howe", "2023-04-01T15:00:00Z", false),
    // The old day goes on after the new one has begun.
    ("America/St_Johns", "2010-11-07T02:31:00Z", true),
    ("Pacific/Kiritimati", "1994-12-31T10:00:00Z", true),
];

/// Each of these starts a service of its own: `new-users` keeps for a while what it has read.
const CASES_A_ZONE: u32 = 5;

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// A user's `username`, `roles` and `type`, each absent or one of these.
const NAMES: [fn() -> Bson; 6] =
    [|| "ann".into(), || "é \"".into(), || " ".into(), || "".into(), || Bson::Null, || Bson::Array(vec!["ann".into()])];
const ROLES: [fn() -> Bson; 7] = [
    || Bson::Array(vec!["user".into()]),
    || Bson::Array(vec![]),
    || Bson::Null,
    || "anonymous".into(),
    || Bson::Array(vec![Bson::Array(vec!["anonymous".into()]), "Anonymous".into()]),
    || Bson::Array(vec!["user".into(), "anonymous".into()]),
    || Bson::Array(vec!["anonymous".into()]),
];
const TYPES: [fn() -> Bson; 8] = [
    || "user".into(),
    || Bson::Null,
    || "unknown".into(),
    || Bson::Array(vec!["bot".into()]),
    || "Bot".into(),
    || "bot".into(),
    || "app".into(),
    || "visitor".into(),
];

const IDS: [fn() -> Bson; 9] = [
    || "b".into(),
    || "a".into(),
    || "B".into(),
    || "".into(),
    || "\u{ff5e}".into(),
    || "\u{1f600}\"".into(),
    || Bson::Null,
    || Bson::Int32(1),
    || Bson::Array(vec!["a".into()]),
];
const SESSION_TYPES: [&str; 5] = ["user_daily", "computed-session", "session", "computed_session", ""];
const MOST_IMPORTANT: [fn() -> Bson; 6] = [
    || "user".into(),
    || "Anonymous".into(),
    || Bson::Null,
    || "anonymous".into(),
    || Bson::Array(vec!["anonymous".into()]),
    || Bson::Boolean(true),
];

/// How a date's numbers are stored.
#[derive(Debug, Clone, Copy)]
enum Numbers {
    Int32,
    Int64,
    Double,
    /// Not whole.
    Fraction,
    Text,
    /// The year: an index takes no two arrays in a document.
    Array,
    /// The 30th of February.
    NoDay,
}

#[derive(Debug, Clone)]
struct Session {
    kind: usize,
    user: usize,
    role: Option<usize>,
    numbers: Numbers,
    /// From the unpleasant instant, in milliseconds.
    login: i64,
    closed: Closed,
    /// How often the same document is there.
    copies: usize,
}

#[derive(Debug, Clone, Copy)]
enum Closed {
    Absent,
    Null,
    /// So long after the login, or before it.
    After(i64),
    Text,
}

/// A random case. Instants are distances from the unpleasant one.
#[derive(Debug, Clone)]
struct Case {
    users: Vec<(i64, [Option<usize>; 3])>,
    sessions: Vec<Session>,
    periods: Vec<(i64, i64)>,
}

fn near() -> impl Strategy<Value = i64> + Clone {
    // Most things lie close to the change, and many exactly on a minute of it.
    prop_oneof![
        3 => -5 * DAY..5 * DAY,
        3 => (-2_880i64..2_880).prop_map(|minute| minute * 60_000),
        1 => (-120i64..120, -1i64..2).prop_map(|(minute, ms)| minute * 60_000 + ms),
        1 => -900 * DAY..900 * DAY,
    ]
}

/// Absent, or one of so many of which the first ones are more frequent.
fn one_of(good: usize, all: usize) -> impl Strategy<Value = Option<usize>> {
    prop_oneof![1 => Just(None), 6 => (0..good).prop_map(Some), 1 => (good..all).prop_map(Some)]
}

fn sessions() -> impl Strategy<Value = Session> {
    let numbers = prop_oneof![
        5 => Just(Numbers::Int32),
        2 => Just(Numbers::Int64),
        2 => Just(Numbers::Double),
        1 => prop_oneof![Just(Numbers::Fraction), Just(Numbers::Text), Just(Numbers::Array), Just(Numbers::NoDay)],
    ];
    let closed = prop_oneof![
        1 => Just(Closed::Absent),
        1 => Just(Closed::Null),
        4 => (0..8 * HOUR).prop_map(Closed::After),
        2 => (-30 * HOUR..60 * HOUR).prop_map(Closed::After),
        1 => Just(Closed::Text),
    ];
    let kind = prop_oneof![3 => Just(0), 4 => Just(1), 1 => 2..SESSION_TYPES.len()];
    let user = prop_oneof![6 => 0usize..6, 1 => 6..IDS.len()];
    (kind, user, one_of(3, MOST_IMPORTANT.len()), numbers, near(), closed, prop_oneof![4 => Just(1usize), 1 => Just(2)])
        .prop_map(|(kind, user, role, numbers, login, closed, copies)| Session {
            kind,
            user,
            role,
            numbers,
            login,
            closed,
            copies,
        })
}

fn cases() -> impl Strategy<Value = Case> {
    let fields = (one_of(3, NAMES.len()), one_of(5, ROLES.len()), one_of(5, TYPES.len()));
    let user = (near(), fields.prop_map(|(name, roles, kind)| [name, roles, kind]));
    let periods = prop_oneof![
        4 => (near(), near()),
        // From three days before the start to as many after it.
        2 => (near(), -72 * HOUR..72 * HOUR).prop_map(|(start, length)| (start, start + length)),
        2 => (near(), -3i64..4).prop_map(|(start, days)| (start, start + days * DAY)),
    ];
    (prop::collection::vec(user, 0..80), prop::collection::vec(sessions(), 0..80), prop::collection::vec(periods, 1..8))
        .prop_map(|(users, sessions, periods)| Case { users, sessions, periods })
}

fn user_document(at: i64, fields: [Option<usize>; 3]) -> Document {
    let mut document = doc! { "createdAt": millis(at) };
    for (field, which, values) in
        [("username", fields[0], &NAMES[..]), ("roles", fields[1], &ROLES[..]), ("type", fields[2], &TYPES[..])]
    {
        document.extend(which.map(|which| (field.to_owned(), values[which]())));
    }
    document
}

fn session_document(session: &Session, change: i64, zone: Tz) -> Document {
    let login = change + session.login;
    let day = millis(login).to_chrono().with_timezone(&zone).date_naive();
    let number = |number: u32| match session.numbers {
        Numbers::Int32 | Numbers::NoDay | Numbers::Array => Bson::Int32(number as i32),
        Numbers::Int64 => Bson::Int64(i64::from(number)),
        Numbers::Double => Bson::Double(f64::from(number)),
        Numbers::Fraction => Bson::Double(f64::from(number) + 0.5),
        Numbers::Text => Bson::String(number.to_string()),
    };
    let (month, date) = if matches!(session.numbers, Numbers::NoDay) { (2, 30) } else { (day.month(), day.day()) };
    let year = number(day.year() as u32);
    let mut document = doc! {
        "type": SESSION_TYPES[session.kind],
        "userId": IDS[session.user](),
        "year": if matches!(session.numbers, Numbers::Array) { Bson::Array(vec![year]) } else { year },
        "month": number(month),
        "day": number(date),
        "loginAt": millis(login),
    };
    document.extend(session.role.map(|role| ("mostImportantRole".to_owned(), MOST_IMPORTANT[role]())));
    match session.closed {
        Closed::Absent => {}
        Closed::Null => drop(document.insert("closedAt", Bson::Null)),
        Closed::After(later) => drop(document.insert("closedAt", millis(login + later))),
        Closed::Text => drop(document.insert("closedAt", iso(millis(login)))),
    }
    document
}

#[test]
fn random_users_and_sessions_are_answered_as_by_hand() {
    let runtime = Runtime::new().expect("a runtime");
    for (zone, change, is_indexed) in ZONES {
        let workspace = runtime.block_on(prepare(is_indexed));
        let change = utc(change).timestamp_millis();
        let mut runner =
            TestRunner::new(Config { cases: CASES_A_ZONE, failure_persistence: None, ..Config::default() });
        let check = |case: Case| runtime.block_on(check(&workspace, (zone, change), &case));
        runner.run(&cases(), check).unwrap_or_else(|failure| panic!("{zone}: {failure}"));
    }
}

async fn prepare(is_indexed: bool) -> Workspace {
    let workspace = Workspace::with_admin().await.without_rate_limit().await;
    if is_indexed {
        let indexes = [doc! { "type": 1, "year": 1, "month": 1, "day": 1 }, doc! { "loginAt": -1 }];
        for keys in indexes {
            let index = mongodb::IndexModel::builder().keys(keys).build();
            workspace.database.collection::<Document>(SESSIONS).create_index(index).await.expect("an index");
        }
    }
    workspace
}

/// Writes a case, and holds the answers of a new service against it.
async fn check(workspace: &Workspace, (zone, change): (&str, i64), case: &Case) -> Result<(), TestCaseError> {
    let all = |name: &str| workspace.database.collection::<Document>(name);
    all("users").delete_many(doc! { "_id": { "$ne": "admin" } }).await.expect("a deletion");
    all(SESSIONS).delete_many(doc! {}).await.expect("a deletion");
    let tz: Tz = zone.parse().expect("a zone");
    let users: Vec<_> = case.users.iter().map(|(at, fields)| user_document(change + at, *fields)).collect();
    let of_session = |session: &Session| std::iter::repeat_n(session_document(session, change, tz), session.copies);
    let sessions: Vec<_> = case.sessions.iter().flat_map(of_session).collect();
    workspace.insert("users", users.clone()).await;
    workspace.insert(SESSIONS, sessions.clone()).await;

    let service = Service::start(settings(&[("mongo_url", &workspace.url()), ("time_zone", zone)])).await;
    let mut result = Ok(());
    for (start, end) in &case.periods {
        let (start, end) = (millis(change + start), millis(change + end));
        let mut questions =
            about_sessions(&sessions, start, end, tz).map(|(path, query, body)| (path, query, Some(body))).to_vec();
        questions.push((NEW, period(&iso(start), &iso(end)), new_users(&users, start, end, tz)));
        for (path, query, expected) in questions {
            result = result.and(answers(&service, path, &query, expected).await);
        }
    }
    service.stop().await;
    result
}

/// No body is a 400.
async fn answers(service: &Service, path: &str, query: &str, expected: Option<String>) -> Result<(), TestCaseError> {
    let answer = ask(service, path, query).await;
    match expected {
        Some(body) => prop_assert_eq!((answer.status, answer.body), (200, body), "{}?{}", path, query),
        None => prop_assert_eq!(answer.status, 400, "{}?{}", path, query),
    }
    Ok(())
}
