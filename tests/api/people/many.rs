//! Many people, slow and vanishing clients, and the widest period.

use std::{collections::BTreeSet, time::Duration};

use bson::{Document, doc};
use chrono::Datelike;
use chrono_tz::Tz;
use futures::TryStreamExt;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};

use super::{
    ACTIVE, HOURLY, NEW, SESSIONS, WEEKLY, ask,
    by_hand::{about_sessions, iso, widest},
    period,
};
use crate::support::{
    Service, Stopwatch, Workspace,
    answers::{assert_all_agree, difference},
    millis, settings, utc,
};

const PEOPLE: usize = 3_000;
const DAYS: usize = 45;
const FIRST: &str = "2023-03-20T00:00:00.000Z";
/// All of the days.
const ALL: &str = "start=2023-03-20T00:00:00.000Z&end=2023-05-03T23:59:59.999Z";

/// Everybody on every day but one: the first is away on the first day, the second on the second, and so on.
async fn workspace_with_many() -> Workspace {
    let workspace = Workspace::with_admin().await.without_rate_limit().await;
    let people = (0..PEOPLE as i32).map(|number| doc! { "_id": number });
    workspace.insert("people", people).await;
    let at = doc! { "$add": [utc(FIRST), { "$multiply": ["$days", 86_400_000_i64] }] };
    let pipeline = [
        doc! { "$set": { "days": { "$range": [0, DAYS as i32] } } },
        doc! { "$unwind": "$days" },
        doc! { "$match": { "$expr": { "$ne": ["$days", "$_id"] } } },
        doc! { "$set": { "at": at } },
        doc! { "$project": {
            "_id": { "$concat": [{ "$toString": "$_id" }, "-", { "$toString": "$days" }] },
            "type": "user_daily",
            "userId": { "$concat": ["person\"é", { "$toString": "$_id" }] },
            "year": { "$year": "$at" },
            "month": { "$month": "$at" },
            "day": { "$dayOfMonth": "$at" },
            "mostImportantRole": "user",
            "sessions": 1, "time": 60, "devices": [],
        } },
        doc! { "$out": SESSIONS },
    ];
    let people = workspace.database.collection::<Document>("people");
    let written = people.aggregate(pipeline).await.expect("an aggregation").try_collect::<Vec<_>>().await;
    assert_eq!(written.expect("documents").len(), 0);
    let index = mongodb::IndexModel::builder().keys(doc! { "type": 1, "year": 1, "month": 1, "day": 1 }).build();
    workspace.database.collection::<Document>(SESSIONS).create_index(index).await.expect("an index");
    workspace
}

/// A connection that takes little at once, on which everybody has been asked for.
async fn ask_slowly(service: &Service) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(32_768).expect("a small buffer");
    let mut stream = socket.connect(service.address).await.expect("a connection");
    let headers = Workspace::admin().map(|(name, value)| format!("{name}: {value}\r\n")).concat();
    let path = format!("/api/v1/engagement-dashboard/users/{ACTIVE}?{ALL}");
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).await.expect("a request");
    stream
}

#[tokio::test(flavor = "multi_thread")]
async fn three_thousand_people_on_45_days_are_answered_whole_also_to_slow_clients() {
    let workspace = workspace_with_many().await;
    let service = Service::on(&workspace).await;

    let answer = ask(&service, ACTIVE, ALL).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-length"), Some(answer.body.len().to_string().as_str()));
    let json = answer.json();
    let days = json["month"].as_array().expect("days");
    assert_eq!(days.len(), DAYS);
    let first = utc(FIRST).to_chrono();
    for (entry, number) in days.iter().zip((0..DAYS).rev()) {
        let day = first + chrono::TimeDelta::days(number as i64);
        assert_eq!(
            (entry["year"].as_i64(), entry["month"].as_u64(), entry["day"].as_u64()),
            (Some(i64::from(day.year())), Some(u64::from(day.month())), Some(u64::from(day.day())))
        );
        let users: Vec<_> =
            entry["usersList"].as_array().expect("a list").iter().filter_map(|id| id.as_str()).collect();
        let expected: BTreeSet<_> =
            (0..PEOPLE).filter(|person| *person != number).map(|person| format!("person\"é{person}")).collect();
        assert!(users.iter().copied().eq(expected.iter().map(String::as_str)), "day {number}: {users:?}");
        assert_eq!(entry["users"].as_u64(), Some(PEOPLE as u64 - 1));
    }

    // Others are answered while some take their time, and after some have gone.
    let small = "start=2023-03-20T12:00:00.000Z";
    let week = ask(&service, WEEKLY, small).await;
    assert_eq!((week.status, week.json()["month"].as_array().map(Vec::len)), (200, Some(1)));
    let mut idle = ask_slowly(&service).await;
    for received in [0, 65_536] {
        let mut gone = ask_slowly(&service).await;
        gone.read_exact(&mut vec![0; received]).await.expect("a part");
        drop(gone);
        assert_eq!(ask(&service, WEEKLY, small).await.body, week.body);
    }
    let mut slow = ask_slowly(&service).await;
    let mut received = Vec::new();
    while slow.read_buf(&mut received).await.expect("a part") > 0 {
        if received.len() < 100_000 {
            assert_eq!(ask(&service, WEEKLY, small).await.body, week.body);
        }
    }
    let mut late = Vec::new();
    idle.read_to_end(&mut late).await.expect("all of it");
    for received in [received, late] {
        let text = String::from_utf8(received).expect("UTF-8");
        let (head, body) = text.split_once("\r\n\r\n").expect("a head");
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        assert!(body == answer.body, "{} bytes and not {}", body.len(), answer.body.len());
    }
    assert!(ask(&service, ACTIVE, ALL).await.body == answer.body);
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_widest_period_is_answered_fast_and_has_the_first_and_the_last_year() {
    let [first, last] = widest();
    let day = |year: i32, month: i32, day: i32| doc! { "year": year, "month": month, "day": day };
    let mut sessions = Vec::new();
    for (date, at) in [
        (day(-1, 12, 31), first.timestamp_millis() - 1),
        (day(0, 1, 1), first.timestamp_millis()),
        (day(0, 2, 29), first.timestamp_millis() + 59 * 86_400_000),
        (day(2023, 5, 20), utc("2023-05-20T12:00:00.000Z").timestamp_millis()),
        (day(9999, 12, 31), last.timestamp_millis()),
        (day(10_000, 1, 1), last.timestamp_millis() + 1),
    ] {
        let mut daily = doc! { "type": "user_daily", "userId": "ann" };
        daily.extend(date.clone());
        let mut computed = doc! { "type": "computed-session", "userId": "ann", "loginAt": millis(at) };
        computed.extend(date);
        sessions.extend([daily, computed]);
    }
    let users: Vec<_> = sessions.iter().filter_map(|session| session.get_datetime("loginAt").ok()).collect();
    let users: Vec<_> = users.into_iter().map(|at| doc! { "username": "ann", "createdAt": at }).collect();

    let mut wrong = Vec::new();
    for zone in ["UTC", "America/Sao_Paulo", "Pacific/Kiritimati"] {
        let workspace = Workspace::with_admin().await.without_rate_limit().await;
        workspace.insert(SESSIONS, sessions.clone()).await;
        workspace.insert("users", users.clone()).await;
        let service = Service::start(settings(&[("mongo_url", &workspace.url()), ("time_zone", zone)])).await;
        service.until_ready().await;
        let tz: Tz = zone.parse().expect("a zone");
        let watch = Stopwatch::start();
        let mut questions = about_sessions(&sessions, first, last, tz).to_vec();
        questions.extend(about_sessions(&sessions, last, first, tz));
        let days: &[&str] = match zone {
            "UTC" => &[
                "9999-12-31T00:00:00.000Z",
                "2023-05-20T00:00:00.000Z",
                "0000-02-29T00:00:00.000Z",
                "0000-01-01T00:00:00.000Z",
            ],
            // Three hours, six minutes and 28 seconds behind at first.
            "America/Sao_Paulo" => &[
                "9999-12-31T03:00:00.000Z",
                "2023-05-20T03:00:00.000Z",
                "0000-02-28T03:06:28.000Z",
                "-000001-12-31T03:06:28.000Z",
            ],
            _ => &[],
        };
        for (path, query, body) in &questions {
            let row = format!("{zone}: {path}?{query}");
            wrong.extend(difference(&row, &ask(&service, path, query).await, 200, body));
        }
        let answer = ask(&service, NEW, &period(&iso(first), &iso(last))).await;
        let json = answer.json();
        if !days.is_empty() {
            let answered: Vec<_> =
                json["days"].as_array().into_iter().flatten().filter_map(|day| day["day"].as_str()).collect();
            if answered != days {
                wrong.push(format!("{zone}: {answer:?}"));
            }
        }
        assert_eq!(answer.status, 200, "{answer:?}");
        assert!(watch.elapsed() < Duration::from_secs(5), "{zone}: {:?}", watch.elapsed());
        assert_eq!(ask(&service, HOURLY, &format!("start={}", iso(first))).await.status, 200);
        service.stop().await;
    }
    assert_all_agree(wrong);
}
