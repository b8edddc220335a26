//! The four answers from `rocketchat_sessions` (contract section 14).

use bson::{Bson, Document, bson, doc};
use rocketchat_engagement::http::dashboard::{ENDPOINTS, OF_SESSIONS};

use super::{ask, body, period};
use crate::support::{GuardedMongod, Service, Workspace, millis, settings, utc};

const NIGHT: &str = "2023-05-10T23:59:59.999Z";
const MORNING: &str = "2023-05-10T00:00:00.000Z";

fn session(user: &str, from: &str, to: Option<&str>) -> Document {
    let mut document = doc! {
        "type": "computed-session", "userId": user, "sessionId": "s", "year": 2023, "month": 5, "day": 10,
        "loginAt": utc(from),
    };
    document.extend(to.map(|to| ("closedAt".to_owned(), Bson::DateTime(utc(to)))));
    document
}

fn daily(user: &str, year: i32, month: i32, day: i32) -> Document {
    doc! { "type": "user_daily", "userId": user, "year": year, "month": month, "day": day, "sessions": 1 }
}

async fn with(documents: Vec<Document>) -> (Workspace, Service) {
    let workspace = Workspace::with_admin().await;
    workspace.insert("rocketchat_sessions", documents).await;
    let service = Service::on(&workspace).await;
    (workspace, service)
}

/// The vector of the contract.
fn vector() -> Vec<Document> {
    let mut open = session("u6", "2023-05-10T08:00:00.000Z", Some("2023-05-10T09:00:00.000Z"));
    open.insert("type", "session");
    vec![
        session("u1", "2023-05-10T13:10:00.000Z", Some("2023-05-10T13:50:00.000Z")),
        session("u2", "2023-05-10T13:10:00.000Z", None),
        session("u3", "2023-05-10T08:00:00.000Z", Some("2023-05-10T10:30:00.000Z")),
        session("u3", "2023-05-10T09:00:00.000Z", Some("2023-05-10T12:30:00.000Z")),
        session("u4", "2023-05-10T22:00:00.000Z", Some("2023-05-11T01:00:00.000Z")),
        session("u5", "2023-05-10T23:05:00.000Z", None),
        open,
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn the_vector_of_the_contract_comes_back() {
    let (_workspace, service) = with(vector()).await;

    let hours = body(&service, "chat-busier/hourly-data", &format!("start={NIGHT}")).await;
    let slot = |hour: u32| format!(r#"{{"users":{},"hour":{hour}}}"#, u32::from(hour >= 8));
    let slots: Vec<_> = (0..12).rev().map(|half| slot(2 * half)).collect();
    assert_eq!(hours, format!(r#"{{"hours":[{}],"success":true}}"#, slots.join(",")));

    let week = body(&service, "users-by-time-of-the-day-in-a-week", &period(MORNING, NIGHT)).await;
    let entry =
        |(hour, users): (u32, u32)| format!(r#"{{"users":{users},"hour":{hour},"day":10,"month":5,"year":2023}}"#);
    let users = |hour| if matches!(hour, 13 | 23) { 2 } else { 1 };
    let entries: Vec<_> = (8..24).rev().map(|hour| entry((hour, users(hour)))).collect();
    assert_eq!(week, format!(r#"{{"week":[{}],"success":true}}"#, entries.join(",")));
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_windows_of_sessions_are_of_instants_and_closed() {
    let (_workspace, service) = with(vector()).await;
    for (start, is_any) in [
        ("2023-05-10T07:59:59.999Z", false),
        ("2023-05-10T08:00:00.000Z", true),
        ("2023-05-11T23:05:00.000Z", true),
        ("2023-05-11T23:05:00.001Z", false),
    ] {
        let hours = body(&service, "chat-busier/hourly-data", &format!("start={start}&end=never")).await;
        assert_eq!(hours != r#"{"hours":[],"success":true}"#, is_any, "{start}: {hours}");
    }
    let hours = async |start, end| {
        let answer = ask(&service, "users-by-time-of-the-day-in-a-week", &period(start, end)).await.json();
        answer["week"].as_array().expect("hours").len()
    };
    assert_eq!(hours("2023-05-10T22:00:00.000Z", "2023-05-10T23:04:59.999Z").await, 0, "a session over midnight");
    assert_eq!(hours("2023-05-10T23:05:00.000Z", "2023-05-10T23:05:00.000Z").await, 1);
    assert_eq!(hours(NIGHT, MORNING).await, 0, "an end before the start finds nothing");
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn days_are_those_of_the_servers_time_zone_and_of_people_only() {
    let anonymous = |mut document: Document| {
        document.insert("mostImportantRole", "anonymous");
        document
    };
    let role = |mut document: Document, role: Bson| {
        document.insert("mostImportantRole", role);
        document
    };
    let documents = vec![
        daily("b", 2023, 4, 17),
        daily("a", 2023, 4, 17),
        daily("a", 2023, 4, 17),
        role(daily("c", 2023, 4, 16), bson!("admin")),
        role(daily("d", 2023, 4, 16), Bson::Null),
        anonymous(daily("e", 2023, 4, 16)),
        anonymous(daily("e", 2023, 4, 10)),
        daily("f", 2022, 12, 31),
        daily("g", 2023, 1, 1),
        daily("h", 2023, 3, 31),
    ];
    let workspace = Workspace::with_admin().await;
    workspace.insert("rocketchat_sessions", documents).await;
    let values = [("mongo_url", workspace.url()), ("time_zone", "America/Sao_Paulo".to_owned())];
    let service = Service::start(settings(&values.each_ref().map(|(key, value)| (*key, value.as_str())))).await;

    // 01:00 UTC of the 18th is the evening of the 17th.
    let active = body(&service, "active-users", &period("2023-04-16T12:00:00.000Z", "2023-04-18T01:00:00.000Z")).await;
    assert_eq!(
        active,
        r#"{"month":[{"usersList":["a","b"],"users":2,"day":17,"month":4,"year":2023},{"usersList":["c","d"],"users":2,"day":16,"month":4,"year":2023}],"success":true}"#
    );
    let weekly = body(&service, "chat-busier/weekly-data", "start=2023-04-18T01:00:00.000Z").await;
    assert_eq!(
        weekly,
        r#"{"month":[{"users":3,"day":17,"month":4,"year":2023},{"users":2,"day":16,"month":4,"year":2023}],"success":true}"#
    );
    let days = async |start: &str, end: &str| {
        let answer = ask(&service, "active-users", &period(start, end)).await.json();
        let days = answer["month"].as_array().expect("days").iter();
        days.map(|day| format!("{}-{}-{}", day["year"], day["month"], day["day"])).collect::<Vec<_>>()
    };
    let whole = days("0000-01-01T12:00:00.000Z", "9999-12-31T12:00:00.000Z").await;
    assert_eq!(whole, ["2023-4-17", "2023-4-16", "2023-3-31", "2023-1-1", "2022-12-31"]);
    assert_eq!(days("2022-12-31T12:00:00.000Z", "2023-01-01T12:00:00.000Z").await, ["2023-1-1", "2022-12-31"]);
    assert_eq!(days("2023-01-02T12:00:00.000Z", "2023-04-16T12:00:00.000Z").await, ["2023-4-16", "2023-3-31"]);
    assert_eq!(days("2023-04-17T12:00:00.000Z", "2023-04-16T12:00:00.000Z").await, [""; 0]);
    service.stop().await;
}

/// A value of every type that there is.
fn values() -> Vec<Bson> {
    vec![
        Bson::Null,
        Bson::Undefined,
        bson!("text"),
        bson!(""),
        Bson::Symbol("u1".to_owned()),
        bson!(true),
        bson!(7),
        bson!(7_i64),
        bson!(7.0),
        bson!(7.5),
        bson!(f64::NAN),
        bson!(f64::INFINITY),
        bson!(i64::MAX),
        Bson::Decimal128("7".parse().expect("a decimal")),
        Bson::DateTime(utc("2023-05-10T09:00:00.000Z")),
        Bson::DateTime(millis(i64::MAX)),
        bson!([]),
        bson!([7, "u1", utc("2023-05-10T09:00:00.000Z")]),
        bson!({ "a": 1 }),
        Bson::MinKey,
        Bson::MaxKey,
        Bson::Timestamp(bson::Timestamp { time: 7, increment: 1 }),
        Bson::ObjectId(bson::oid::ObjectId::from_bytes([7; 12])),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_of_another_type_is_as_if_it_were_not_there() {
    let (workspace, service) = with(vector()).await;
    workspace.insert("rocketchat_sessions", [daily("u1", 2023, 5, 10)]).await;
    let asked = async || {
        let hours = body(&service, "chat-busier/hourly-data", &format!("start={NIGHT}")).await;
        let week = body(&service, "users-by-time-of-the-day-in-a-week", &period(MORNING, NIGHT)).await;
        let active = body(&service, "active-users", &period(MORNING, NIGHT)).await;
        let weekly = body(&service, "chat-busier/weekly-data", &format!("start={NIGHT}")).await;
        [hours, week, active, weekly]
    };
    let before = asked().await;
    let collection = workspace.database.collection::<Document>("rocketchat_sessions");
    let of_sessions = session("odd", "2023-05-10T03:00:00.000Z", None);
    let of_days = daily("odd", 2023, 5, 10);
    let fields = [
        (&of_sessions, &["type", "userId", "loginAt", "closedAt"][..]),
        (&of_days, &["type", "userId", "mostImportantRole", "year", "month", "day"][..]),
    ];
    let mut wrong = Vec::new();
    for value in values() {
        for (document, field) in
            fields.iter().flat_map(|(document, fields)| fields.iter().map(|field| (*document, *field)))
        {
            let mut document = document.clone();
            document.insert("_id", "odd");
            document.insert(field, value.clone());
            collection.insert_one(document).await.expect("an insert");
            let is_told = asked().await != before;
            collection.delete_one(doc! { "_id": "odd" }).await.expect("a deletion");
            let is_absent = matches!(value, Bson::Null | Bson::Undefined);
            let should_be = match field {
                "userId" => matches!(value, Bson::String(_)),
                "loginAt" => matches!(value, Bson::DateTime(at) if at.timestamp_millis() < i64::MAX),
                "closedAt" => is_absent || matches!(value, Bson::DateTime(at) if at.timestamp_millis() < i64::MAX),
                "mostImportantRole" => is_absent || matches!(value, Bson::String(_)),
                // None of the whole numbers is that year or month; the 7th is not asked about, but is one of the eight days.
                "day" => matches!(value, Bson::Int32(7) | Bson::Int64(7)) || matches!(value, Bson::Double(7.0)),
                _ => false,
            };
            if is_told != should_be {
                wrong.push(format!("{field}: {value:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whole_numbers_of_any_type_make_a_date_and_only_the_hourly_answer_repeats_invalid_ones() {
    let numbers = |year: Bson, month: Bson, day: Bson| doc! { "year": year, "month": month, "day": day };
    let mut documents = Vec::new();
    for (user, date) in [
        ("int", numbers(bson!(2023), bson!(5), bson!(10))),
        ("long", numbers(bson!(2023_i64), bson!(5_i64), bson!(10_i64))),
        ("double", numbers(bson!(2023.0), bson!(5.0), bson!(10.0))),
        ("fraction", numbers(bson!(2023), bson!(5), bson!(10.5))),
        ("decimal", numbers(bson!(2023), bson!(5), Bson::Decimal128("10".parse().expect("a decimal")))),
        ("array", numbers(bson!(2023), bson!(5), bson!([10]))),
        ("no day", numbers(bson!(2023), bson!(5), bson!(99))),
    ] {
        for mut document in
            [session(user, "2023-05-10T03:00:00.000Z", Some("2023-05-10T03:30:00.000Z")), daily(user, 1, 1, 1)]
        {
            document.extend(date.clone());
            documents.push(document);
        }
    }
    let (_workspace, service) = with(documents).await;
    let active = body(&service, "active-users", &period("2023-05-01T00:00:00.000Z", "2023-06-30T00:00:00.000Z")).await;
    assert_eq!(
        active,
        r#"{"month":[{"usersList":["double","int","long"],"users":3,"day":10,"month":5,"year":2023}],"success":true}"#
    );
    let weekly = body(&service, "chat-busier/weekly-data", &format!("start={NIGHT}")).await;
    assert_eq!(weekly, r#"{"month":[{"users":3,"day":10,"month":5,"year":2023}],"success":true}"#);
    let week = body(&service, "users-by-time-of-the-day-in-a-week", &period(MORNING, NIGHT)).await;
    assert_eq!(
        week,
        r#"{"week":[{"users":1,"hour":3,"day":99,"month":5,"year":2023},{"users":3,"hour":3,"day":10,"month":5,"year":2023}],"success":true}"#
    );
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_right_to_read_sessions_the_other_paths_go_on() {
    let guarded = GuardedMongod::start().await;
    let workspace = guarded.workspace("rocketchat").await;
    workspace.add_admin().await;
    let others = ["users", "roles", "permissions", "settings", "oauth_access_tokens", "room", "message"];
    let privileges: Vec<_> = others
        .iter()
        .map(|name| if *name == "users" { "users".to_owned() } else { format!("rocketchat_{name}") })
        .map(|name| doc! { "resource": { "db": "rocketchat", "collection": name }, "actions": ["find"] })
        .collect();
    let no_roles: [&str; 0] = [];
    let role = doc! { "createRole": "fewer", "privileges": privileges, "roles": no_roles.to_vec() };
    guarded.run("rocketchat", role).await;
    let user = doc! { "createUser": "fewer", "pwd": "fewerpassword", "roles": ["fewer"] };
    guarded.run("rocketchat", user).await;
    let url = guarded.url("fewer:fewerpassword@", "rocketchat", "rocketchat");
    let service = Service::start(settings(&[("mongo_url", &url)])).await;
    let is_of_sessions = |path: &str| OF_SESSIONS.iter().any(|endpoint| endpoint.path == path);
    for endpoint in ENDPOINTS {
        let target = format!("{}?{}", endpoint.path, period(MORNING, NIGHT));
        let answer = service.get(&target, &Workspace::admin()).await;
        assert_eq!(answer.status, if is_of_sessions(endpoint.path) { 503 } else { 200 }, "{target}: {answer:?}");
    }
    service.until_ready().await;
    service.stop().await;
}
