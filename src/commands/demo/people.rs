//! The people of the demonstration: sixty users who came over two years, more and more of them, some bots, and the sessions of
//! the last 45 days as Rocket.Chat would have left them: office hours with a break at noon. The same on every run of a day.

use bson::{DateTime, Document, doc};
use chrono::{DateTime as Instant, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, Utc, Weekday};

/// First names of people who have not got their user from the documentation.
const NAMES: [&str; 58] = [
    "carla", "david", "elif", "farid", "greta", "hugo", "ines", "jonas", "kira", "leon", "mona", "nils", "olga",
    "paul", "quinn", "rosa", "samir", "tara", "uwe", "vera", "wim", "xenia", "yusuf", "zoe", "arne", "bea", "cem",
    "dora", "emil", "finn", "gesa", "hannes", "ida", "jasper", "katja", "lars", "malte", "nora", "oskar", "pia",
    "ralf", "selma", "timo", "ulla", "viktor", "wanda", "yasmin", "amir", "birgit", "claas", "dilan", "enno", "frieda",
    "gustav", "hedda", "iwan", "juri", "klara",
];

/// How many days ago the newest ones came, the last of [`NAMES`] last; in the thirty days before fewer did.
const NEWEST: [u64; 11] = [55, 47, 40, 29, 27, 22, 20, 15, 9, 6, 1];

/// Users who are no people: name and `type`.
const MACHINES: [(&str, &str); 3] = [("rocket.cat", "bot"), ("build.bot", "bot"), ("poll.app", "app")];

/// How long Rocket.Chat keeps sessions, in days.
const KEPT_DAYS: u64 = 45;

/// Over how many days the users came.
const YEARS: u64 = 730;

/// Two hours past midnight Rocket.Chat looks at the sessions of the days before.
const NIGHT: NaiveTime = NaiveTime::from_hms_opt(2, 0, 0).expect("a time");

/// A number that looks like chance, the same for the same things.
pub fn chance(of: &str, day: NaiveDate, what: u64) -> u64 {
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

/// How many days ago somebody came. Many did at the beginning.
fn age(place: usize) -> u64 {
    let early = NAMES.len() - NEWEST.len();
    match place.checked_sub(early) {
        Some(newest) => NEWEST[newest],
        None => 60 + (YEARS - 60) * (early - place).pow(2) as u64 / early.pow(2) as u64,
    }
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
        let day = today - Days::new(age(place));
        let minute = TimeDelta::minutes(8 * 60 + (chance(name, day, 0) % 480) as i64);
        user(name, "user", (at(day, NaiveTime::MIN) + minute).min(now))
    });
    let machines = MACHINES.iter().map(|(name, kind)| user(name, kind, at(today - Days::new(YEARS), NIGHT)));
    people.chain(machines).collect()
}

/// The sessions of all of them and of an administrator: those of each day, and what Rocket.Chat made of them in the night after.
pub fn sessions(administrator: &str, now: Instant<Utc>) -> Vec<Document> {
    let today = now.date_naive();
    let mut people: Vec<_> = NAMES.iter().enumerate().map(|(place, name)| (id(name), "user", age(place))).collect();
    people.extend([(administrator.to_owned(), "admin", YEARS), ("AnnaUser111111111".to_owned(), "user", YEARS)]);
    people.extend([("BenUser2222222222".to_owned(), "guest", YEARS)]);
    people.extend([("aVisitorOfTheSite".to_owned(), "anonymous", YEARS)]);
    let mut sessions = Vec::new();
    for age in (0..=KEPT_DAYS).rev() {
        let day = today - Days::new(age);
        for (user, role, _) in people.iter().filter(|(.., came)| *came >= age) {
            day_of(user, role, day, now, &mut sessions);
        }
    }
    sessions
}

/// When somebody is there on a day, in minutes since midnight: in the morning and after noon, some at a stretch, some once more
/// in the evening.
fn times(user: &str, day: NaiveDate) -> Vec<(i64, i64)> {
    let draw = |what: u64, from: i64, to: i64| from + (chance(user, day, what) % (to - from).unsigned_abs()) as i64;
    if is_weekend(day) {
        let begin = draw(2, 9 * 60, 20 * 60);
        return vec![(begin, begin + draw(3, 10, 90))];
    }
    let (begin, end) = (draw(2, 7 * 60, 9 * 60 + 45), draw(3, 15 * 60 + 45, 18 * 60 + 15));
    let mut times = match draw(4, 0, 100) {
        0..15 => vec![(begin, end)],
        15..25 => vec![(begin, draw(5, 11 * 60, 12 * 60))],
        _ => vec![(begin, draw(5, 11 * 60 + 20, 12 * 60 + 10)), (draw(6, 12 * 60 + 45, 13 * 60 + 25), end)],
    };
    if draw(7, 0, 100) < 12 {
        let begin = draw(8, 19 * 60, 21 * 60);
        times.push((begin, begin + draw(9, 10, 75)));
    }
    times
}

fn is_weekend(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

/// A day of somebody: perhaps some sessions.
fn day_of(user: &str, role: &str, day: NaiveDate, now: Instant<Utc>, sessions: &mut Vec<Document>) {
    if chance(user, day, 1) % 100 >= if is_weekend(day) { 12 } else { 84 } {
        return;
    }
    let night = at(day + Days::new(1), NIGHT);
    let is_over = now >= night;
    let mut time = TimeDelta::zero();
    let mut count = 0;
    for (begin, end) in times(user, day) {
        let [begin, end] = [begin, end].map(|minute| at(day, NaiveTime::MIN) + TimeDelta::minutes(minute));
        if begin > now {
            break;
        }
        let mut session = doc! {
            "type": if is_over { "computed-session" } else { "session" },
            "userId": user,
            "sessionId": format!("{user}{day}{count}"),
            "year": day.year(),
            "month": day.month() as i32,
            "day": day.day() as i32,
            "loginAt": DateTime::from_chrono(begin),
            "lastActivityAt": DateTime::from_chrono(end.min(now)),
            "mostImportantRole": role,
        };
        // One in twenty is of an instance that crashed and closed nothing.
        if end <= now && !chance(user, day, 20 + count).is_multiple_of(20) {
            session.insert("closedAt", DateTime::from_chrono(end));
        }
        if is_over {
            session.insert("_computedAt", DateTime::from_chrono(night));
        }
        sessions.push(session);
        (time, count) = (time + (end - begin), count + 1);
    }
    if is_over && count > 0 {
        sessions.push(doc! {
            "type": "user_daily",
            "userId": user,
            "year": day.year(),
            "month": day.month() as i32,
            "day": day.day() as i32,
            "mostImportantRole": role,
            "sessions": count as i32,
            "time": time.num_seconds(),
            "_computedAt": DateTime::from_chrono(night),
        });
    }
}
