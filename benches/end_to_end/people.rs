//! New users of a large workspace, and sessions: 10,000 people, 45 days, ten sessions a day each.

use std::{net::SocketAddr, time::Instant};

use bson::{DateTime, Document, doc};
use chrono::{Datelike, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use mongodb::{Database, IndexModel};
use rocketchat_engagement::{
    commands::demo::mongod::PrivateMongod,
    http::dashboard::{Endpoint, active_users, new_users, time_of_day},
};

use crate::{
    CONNECTIONS, Failure, REQUESTS, ROUNDS,
    client::{Client, at_once, median},
    process::{Process, resident_memory},
    table::Table,
    workspace::{PERMITTED, REFUSED, Workload},
};

const USERS: u32 = 100_000;
const PEOPLE: u32 = 10_000;
const DAYS: u64 = 45;
const SESSIONS: u32 = 10;

/// Documents in one insertion.
const BATCH: usize = 20_000;

/// How often slow things are measured.
const RUNS: usize = 5;

/// Measures all of it.
pub async fn measure(table: &mut Table, mongod: &PrivateMongod, client: &mongodb::Client) -> Result<(), Failure> {
    let database = client.database("people");
    Workload { messages: 20_000, rooms: 100, days: 181 }.fill(&database).await?;
    eprintln!("making {USERS} users, and the sessions of {PEOPLE} people");
    fill(&database).await?;
    // Longer than any answer takes, lest it is given up.
    let deadline = ("ENGAGEMENT_HTTP_REQUEST_DEADLINE", "300");
    let environment = [("RUST_LOG", "warn,rocketchat_engagement=info"), deadline];
    let serve = || Process::serve(&mongod.url("people"), &environment);
    let (process, address) = serve();
    users(table, address)?;
    active(table, &database, address, &process).await?;
    page(table, address)?;
    for (days, name) in [(7, "7 days"), (DAYS, "45 days")] {
        let began = Instant::now();
        Client::connect(address)?.ask(&target(&time_of_day::ENDPOINT, days), PERMITTED, 200)?;
        table.time(&format!("users by time of the day, {name}"), &format!("time_of_day_{days}_ms"), began.elapsed());
    }
    table.number("resident memory after that, MB", "people_mb", resident_memory(process.pid()) as f64 / 1e6);
    Ok(())
}

/// The last days up to yesterday, as the stock page asks.
fn target(endpoint: &Endpoint, days: u64) -> String {
    let today = Utc::now().date_naive();
    let start = today - Days::new(days);
    format!("{}?start={start}T00:00:00.000Z&end={today}T23:59:59.999Z", endpoint.path)
}

/// The page's people: the first question, which reads each day once, and those after it.
fn page(table: &mut Table, address: SocketAddr) -> Result<(), Failure> {
    let today = Utc::now().date_naive();
    let (start, end) = (today - Days::new(30), today - Days::new(1));
    let target = format!("/engagement/api/people?start={start}&end={end}&compare=previous");
    let first = Client::connect(address)?.ask(&target, PERMITTED, 200)?;
    table.time("the page's people, days that are not known", "page_people_first_ms", first);
    let answer = median(at_once(1, REQUESTS, address, &target, PERMITTED, 200)?);
    table.ratio("the page's people once they are, p50, ms", "page_people_ms", answer.as_secs_f64() * 1000.0, "<= 50");
    Ok(())
}

fn users(table: &mut Table, address: SocketAddr) -> Result<(), Failure> {
    let new = target(&new_users::ENDPOINT, 90);
    let [mut answers, mut refusals] = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        refusals.extend(at_once(1, REQUESTS, address, &new, REFUSED, 403)?);
        answers.extend(at_once(1, REQUESTS, address, &new, PERMITTED, 200)?);
    }
    let slowest = answers.iter().max().copied().unwrap_or_default();
    let ratio = median(answers).as_secs_f64() / median(refusals).as_secs_f64();
    table.ratio("p50 of new_users, 100,000 users ÷ of a 403", "new_users", ratio, "<= 3");
    table.time("the slowest of them, which reads all users", "new_users_slowest_ms", slowest);
    Ok(())
}

async fn active(table: &mut Table, database: &Database, address: SocketAddr, process: &Process) -> Result<(), Failure> {
    let first = Utc::now().date_naive() - Days::new(31);
    let last = Utc::now().date_naive();
    let month = |date: NaiveDate| date.month() as i32;
    let of = |date: NaiveDate, days: Document| doc! { "year": date.year(), "month": month(date), "day": days };
    let from = of(first, doc! { "$gte": first.day() as i32 });
    let to = of(last, doc! { "$lte": last.day() as i32 });
    let bare = [
        doc! { "$match": { "type": "user_daily", "mostImportantRole": { "$ne": "anonymous" }, "$or": [from, to] } },
        doc! { "$group": { "_id": { "year": "$year", "month": "$month", "day": "$day" }, "users": { "$addToSet": "$userId" } } },
    ];
    let before = resident_memory(process.pid());
    let active = target(&active_users::ENDPOINT, 31);
    let [mut by_mongodb, mut answers] = [Vec::new(), Vec::new()];
    for _ in 0..RUNS {
        let began = Instant::now();
        let mut cursor = database.collection::<Document>("rocketchat_sessions").aggregate(bare.clone()).await?;
        while cursor.advance().await? {}
        by_mongodb.push(began.elapsed());
        answers.push(Client::connect(address)?.ask(&active, PERMITTED, 200)?);
    }
    let [by_mongodb, answer] = [by_mongodb, answers].map(median);
    table.time("active users of 31 days, the bare aggregation", "active_users_bare_ms", by_mongodb);
    table.time("active users of 31 days, an answer", "active_users_ms", answer);
    let ratio = answer.as_secs_f64() / by_mongodb.as_secs_f64();
    table.ratio("active users, an answer ÷ the bare aggregation", "active_users_ratio", ratio, "<= 1");
    at_once(CONNECTIONS, 3, address, &active, PERMITTED, 200)?;
    let more = most_memory(process.pid()).saturating_sub(before) as f64 / 1e6;
    table.ratio("more memory while 8 ask for active users, MB", "active_users_mb", more, "<= 64");
    Ok(())
}

/// The most that a process has had in memory, in bytes.
fn most_memory(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or_default() * 1024
}

async fn fill(database: &Database) -> Result<(), Failure> {
    let today = Utc::now().date_naive();
    let users = database.collection::<Document>("users");
    for begin in (0..USERS).step_by(BATCH) {
        let some = (begin..(begin + BATCH as u32).min(USERS)).map(|number| {
            let created = today - Days::new(u64::from(number % 730));
            let created = DateTime::from_chrono(created.and_time(NaiveTime::MIN).and_utc());
            doc! {
                "_id": id(number), "username": format!("user{number}"), "type": "user", "roles": ["user"], "active": true,
                "createdAt": created, "emails": [{ "address": format!("user{number}@example.org"), "verified": true }],
                "status": "offline", "statusConnection": "offline", "utcOffset": 1, "name": format!("User {number}"),
                "services": { "password": { "bcrypt": "$2b$10$0123456789012345678901234567890123456789012345678901" } },
            }
        });
        users.insert_many(some.collect::<Vec<_>>()).await?;
    }
    let sessions = database.collection::<Document>("rocketchat_sessions");
    for keys in [doc! { "type": 1, "year": 1, "month": 1, "day": 1 }, doc! { "loginAt": -1 }] {
        sessions.create_index(IndexModel::builder().keys(keys).build()).await?;
    }
    let mut batch = Vec::new();
    for age in 1..=DAYS {
        let day = today - Days::new(age);
        let date = doc! { "year": day.year(), "month": day.month() as i32, "day": day.day() as i32 };
        for person in 0..PEOPLE {
            let mut daily = doc! { "type": "user_daily", "userId": id(person), "mostImportantRole": "user" };
            daily.extend(date.clone());
            daily
                .extend(doc! { "sessions": SESSIONS, "time": 20_000, "devices": [{ "sessions": 10, "time": 20_000 }] });
            batch.push(daily);
            for number in 0..SESSIONS {
                let login =
                    day.and_time(NaiveTime::MIN).and_utc() + TimeDelta::minutes(i64::from(person % 60 + number * 120));
                let closed = login + TimeDelta::minutes(90);
                let mut session = doc! {
                    "type": "computed-session", "userId": id(person), "sessionId": format!("{person}-{number}"),
                    "loginAt": DateTime::from_chrono(login), "closedAt": DateTime::from_chrono(closed),
                    "mostImportantRole": "user",
                };
                session.extend(date.clone());
                batch.push(session);
            }
            if batch.len() >= BATCH {
                sessions.insert_many(std::mem::take(&mut batch)).await?;
            }
        }
    }
    if !batch.is_empty() {
        sessions.insert_many(batch).await?;
    }
    Ok(())
}

fn id(number: u32) -> String {
    format!("person{number:011}")
}
