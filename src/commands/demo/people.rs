//! The people of the demonstration: thirty users who came over two years, some bots, and the sessions of the last 45 days as
//! Rocket.Chat would have left them. The same on every run of a day.

use bson::{DateTime, Document, doc};
use chrono::{DateTime as Instant, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, Utc, Weekday};

/// First names of people who have not got their user from the documentation.
const NAMES: [&str; 27] = [
    "carla", "david", "elif", "farid", "greta", "hugo", "ines", "jonas", "kira", "leon", "mona", "nils", "olga",
    "paul", "quinn", "rosa", "samir", "tara", "uwe", "vera", "wim", "xenia", "yusuf", "zoe", "arne", "bea", "cem",
];

/// Users who are no people: name and `type`.
const MACHINES: [(&str, &str); 3] = [("rocket.cat", "bot"), ("build.bot", "bot"), ("poll.app", "app")];

/// How long Rocket.Chat keeps sessions, in days.
const KEPT_DAYS: u64 = 45;

/// Over how many days the users came.
const YEARS: u64 = 730;

/// Two hours past midnight Rocket.Chat looks at the sessions of the days before.
const NIGHT: NaiveTime = NaiveTime::from_hms_opt(2, 0, 0).expect("a time");

/// A number that looks like chance, the same for the same things.
fn chance(of: &str, day: NaiveDate, what: u64) -> u64 {
    let mut number = what.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ u64::from(day.to_epoch_days().unsigned_abs());
    for byte in of.bytes() {
        number = (number ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
    }
    number ^= number >> 33;
    number.wrapping_mul(0xFF51_AFD7_ED55_8CCD) >> 40
}

fn at(day: NaiveDate, time: NaiveTime) -> Instant<Utc> {
    day.and_time(time).and_utc()
}

/// `_id` of a user by name.
fn id(name: &str) -> String {
    format!("{name}User{:0>width$}", "", width = 13usize.saturating_sub(name.len()))
}

/// The users without a token.
pub fn users(now: Instant<Utc>) -> Vec<Document> {
    let today = now.date_naive();
    let user = |name: &str, kind: &str, created: Instant<Utc>| {
        doc! {
            "_id": id(name),
            "username": name,
            "type": kind,
            "active": true,
            "roles": [if kind == "user" { "user" } else { "bot" }],
            "createdAt": DateTime::from_chrono(created),
        }
    };
    let people = NAMES.iter().enumerate().map(|(place, name)| {
        // Many came at the beginning, and two in the last days.
        let age = YEARS * (NAMES.len() - place).pow(2) as u64 / NAMES.len().pow(2) as u64;
        let day = today - Days::new(age);
        let minute = TimeDelta::minutes(8 * 60 + (chance(name, day, 0) % 480) as i64);
        user(name, "user", (at(day, NaiveTime::MIN) + minute).min(now))
    });
    let machines = MACHINES.iter().map(|(name, kind)| user(name, kind, at(today - Days::new(YEARS), NIGHT)));
    people.chain(machines).collect()
}

/// The sessions of all of them and of an administrator: those of each day, and what Rocket.Chat made of them in the night after.
pub fn sessions(administrator: &str, now: Instant<Utc>) -> Vec<Document> {
    let today = now.date_naive();
    let mut people: Vec<_> = NAMES.iter().map(|name| (id(name), "user")).collect();
    people.extend([(administrator.to_owned(), "admin"), ("AnnaUser111111111".to_owned(), "user")]);
    people.extend([("BenUser2222222222".to_owned(), "guest"), ("aVisitorOfTheSite".to_owned(), "anonymous")]);
    let mut sessions = Vec::new();
    for age in (0..=KEPT_DAYS).rev() {
        let day = today - Days::new(age);
        for (user, role) in &people {
            day_of(user, role, day, now, &mut sessions);
        }
    }
    sessions
}

/// A day of somebody: perhaps some sessions.
fn day_of(user: &str, role: &str, day: NaiveDate, now: Instant<Utc>, sessions: &mut Vec<Document>) {
    let chance = |what| chance(user, day, what);
    let is_weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    if chance(1) % 100 >= if is_weekend { 15 } else { 82 } {
        return;
    }
    let night = at(day + Days::new(1), NIGHT);
    let is_over = now >= night;
    let mut begin = at(day, NaiveTime::MIN) + TimeDelta::minutes(6 * 60 + (chance(2) % 240) as i64);
    let mut time = TimeDelta::zero();
    let mut count = 0;
    for number in 0..=chance(3) % 3 {
        let length = TimeDelta::minutes(20 + (chance(10 + number) % 300) as i64);
        let end = begin + length;
        if begin > now {
            break;
        }
        let mut session = doc! {
            "type": if is_over { "computed-session" } else { "session" },
            "userId": user,
            "sessionId": format!("{user}{day}{number}"),
            "year": day.year(),
            "month": day.month() as i32,
            "day": day.day() as i32,
            "loginAt": DateTime::from_chrono(begin),
            "lastActivityAt": DateTime::from_chrono(end.min(now)),
            "mostImportantRole": role,
        };
        match chance(20 + number) % 20 {
            // Still open, or of an instance that crashed and closed nothing.
            0 => {}
            _ if end > now => {}
            _ => {
                session.insert("closedAt", DateTime::from_chrono(end));
            }
        }
        if is_over {
            session.insert("_computedAt", DateTime::from_chrono(night));
        }
        sessions.push(session);
        (time, count) = (time + length, count + 1);
        begin = end + TimeDelta::minutes(5 + (chance(30 + number) % 120) as i64);
    }
    if is_over && count > 0 {
        sessions.push(doc! {
            "type": "user_daily",
            "userId": user,
            "year": day.year(),
            "month": day.month() as i32,
            "day": day.day() as i32,
            "mostImportantRole": role,
            "sessions": count,
            "time": time.num_seconds(),
            "_computedAt": DateTime::from_chrono(night),
        });
    }
}
