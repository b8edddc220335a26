//! The answers as a person would work them out, one document at a time, from the words of the contract (sections 7, 13
//! and 14).

use std::collections::{BTreeMap, BTreeSet};

use bson::{Bson, DateTime, Document};
use chrono::{Days, NaiveDate, NaiveDateTime, SecondsFormat, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::support::millis;

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// A date as JavaScript writes it.
pub fn iso(at: DateTime) -> String {
    at.to_chrono().to_rfc3339_opts(SecondsFormat::Millis, true)
}

fn local(at: DateTime, zone: Tz) -> NaiveDateTime {
    at.to_chrono().with_timezone(&zone).naive_local()
}

/// Whether a user counts, and when they were created.
fn created(user: &Document) -> Option<DateTime> {
    let Some(Bson::DateTime(at)) = user.get("createdAt") else { return None };
    let has_name = matches!(user.get("username"), Some(Bson::String(name)) if !name.is_empty());
    let anonymous = Bson::from("anonymous");
    let is_anonymous = matches!(user.get("roles"), Some(Bson::Array(roles)) if roles.contains(&anonymous));
    let is_other = matches!(user.get("type"), Some(Bson::String(kind)) if ["app", "bot", "visitor"].contains(&&**kind));
    (has_name && !is_anonymous && !is_other).then_some(*at)
}

/// `users/new-users`; none if the period has n < 0.
pub fn new_users(users: &[Document], start: DateTime, end: DateTime, zone: Tz) -> Option<String> {
    let (start, end) = (local(start, zone), local(end, zone));
    let n = (end - start).num_milliseconds() / DAY + 1;
    if n < 0 {
        return None;
    }
    let window = |first: NaiveDate, last: NaiveDate| {
        let mut days: BTreeMap<NaiveDate, i64> = BTreeMap::new();
        for day in users.iter().filter_map(created).map(|at| local(at, zone).date()) {
            if first <= day && day <= last {
                *days.entry(day).or_default() += 1;
            }
        }
        let mut days: Vec<_> = days.into_iter().rev().collect();
        if n > 0 {
            days.truncate(n as usize);
        }
        days
    };
    let current = window(start.date(), end.date());
    let last_of_previous = start.date() - Days::new(1);
    let previous = window(last_of_previous - Days::new(n as u64), last_of_previous);
    let sum = |window: &[(NaiveDate, i64)]| window.iter().map(|entry| entry.1).sum::<i64>();
    let of = |day: NaiveDate| current.iter().find(|entry| entry.0 == day).map_or(0, |entry| entry.1);
    let (count, variation) = (sum(&current), sum(&current) - sum(&previous));
    let yesterday = of(end.date() - Days::new(1));
    let change = of(end.date()) - yesterday;
    let entry = |(day, users): &(NaiveDate, i64)| format!(r#"{{"day":"{}","users":{users}}}"#, begin_of(*day, zone));
    let days: Vec<_> = current.iter().map(entry).collect();
    Some(format!(
        r#"{{"days":[{}],"period":{{"count":{count},"variation":{variation}}},"yesterday":{{"count":{yesterday},"variation":{change}}},"success":true}}"#,
        days.join(",")
    ))
}

/// The first minute of a day, found by looking at the clock every minute.
fn begin_of(day: NaiveDate, zone: Tz) -> String {
    let noon_before = day.and_hms_opt(12, 0, 0).expect("noon").and_utc() - TimeDelta::days(2);
    let mut minutes = (0..4 * 1440).map(|minute| noon_before + TimeDelta::minutes(minute));
    let first: chrono::DateTime<Utc> =
        minutes.find(|at| at.with_timezone(&zone).date_naive() == day).expect("the day has a minute");
    first.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// A whole number of a type that counts.
fn whole(document: &Document, field: &str) -> Option<i64> {
    match document.get(field)? {
        Bson::Int32(number) => Some(i64::from(*number)),
        Bson::Int64(number) => Some(*number),
        Bson::Double(number) if number.fract() == 0.0 && number.abs() < 9e18 => Some(*number as i64),
        _ => None,
    }
}

fn is_type(document: &Document, kind: &str) -> bool {
    matches!(document.get("type"), Some(Bson::String(text)) if text == kind)
}

fn user_of(document: &Document) -> Option<&str> {
    document.get("userId")?.as_str()
}

/// The day of a `user_daily` document that counts, and whose it is.
fn daily(document: &Document) -> Option<(NaiveDate, &str)> {
    let is_person = match document.get("mostImportantRole") {
        None | Some(Bson::Null) => true,
        Some(Bson::String(role)) => role != "anonymous",
        Some(_) => false,
    };
    let [year, month, day] = ["year", "month", "day"].map(|field| whole(document, field));
    let date =
        NaiveDate::from_ymd_opt(i32::try_from(year?).ok()?, u32::try_from(month?).ok()?, u32::try_from(day?).ok()?)?;
    (is_type(document, "user_daily") && is_person).then_some((date, user_of(document)?))
}

/// The users of each day from the first to the last, newest first.
fn days(sessions: &[Document], first: NaiveDate, last: NaiveDate) -> Vec<(NaiveDate, Vec<&str>)> {
    let mut days: BTreeMap<NaiveDate, Vec<&str>> = BTreeMap::new();
    for (day, user) in sessions.iter().filter_map(daily).filter(|(day, _)| first <= *day && *day <= last) {
        days.entry(day).or_default().push(user);
    }
    days.into_iter().rev().collect()
}

fn fields_of(day: NaiveDate) -> String {
    day.format(r#""day":%-d,"month":%-m,"year":"#).to_string() + &chrono::Datelike::year(&day).to_string()
}

/// `users/active-users`.
pub fn active(sessions: &[Document], start: DateTime, end: DateTime, zone: Tz) -> String {
    let days = days(sessions, local(start, zone).date(), local(end, zone).date());
    let entries = days.into_iter().map(|(day, users)| {
        // Texts are ordered by their bytes.
        let users: BTreeSet<_> = users.into_iter().collect();
        let list = serde_json::json!(users);
        format!(r#"{{"usersList":{list},"users":{},{}}}"#, users.len(), fields_of(day))
    });
    month(entries)
}

/// `users/chat-busier/weekly-data`.
pub fn weekly(sessions: &[Document], start: DateTime, zone: Tz) -> String {
    let last = local(start, zone).date();
    let days = days(sessions, last - Days::new(7), last);
    month(days.into_iter().map(|(day, users)| format!(r#"{{"users":{},{}}}"#, users.len(), fields_of(day))))
}

fn month(entries: impl Iterator<Item = String>) -> String {
    format!(r#"{{"month":[{}],"success":true}}"#, entries.collect::<Vec<_>>().join(","))
}

/// The instant of the login in a `computed-session` document that counts, whose it is, and the hours from the login to the
/// end, as far as they are in one day.
fn session(document: &Document) -> Option<(i64, &str, i64, i64)> {
    let Some(Bson::DateTime(login)) = document.get("loginAt") else { return None };
    let hour = |at: DateTime| at.timestamp_millis().rem_euclid(DAY) / HOUR;
    let closed = match document.get("closedAt") {
        None | Some(Bson::Null) => 23,
        Some(Bson::DateTime(closed)) => hour(*closed),
        Some(_) => return None,
    };
    let user = user_of(document).filter(|_| is_type(document, "computed-session"))?;
    Some((login.timestamp_millis(), user, hour(*login), closed))
}

/// `users/chat-busier/hourly-data`.
pub fn hourly(sessions: &[Document], start: DateTime) -> String {
    let start = start.timestamp_millis();
    let mut all: Vec<_> = sessions.iter().filter_map(session).collect();
    all.retain(|(login, ..)| start - DAY <= *login && *login <= start);
    let slots = (0..12).rev().map(|slot| slot * 2).map(|hour| {
        let there = all.iter().filter(|(_, _, login, closed)| *login <= hour && hour <= *closed);
        let users: BTreeSet<_> = there.map(|(_, user, ..)| user).collect();
        format!(r#"{{"users":{},"hour":{hour}}}"#, users.len())
    });
    let slots: Vec<_> = slots.filter(|_| !all.is_empty()).collect();
    format!(r#"{{"hours":[{}],"success":true}}"#, slots.join(","))
}

/// `users/users-by-time-of-the-day-in-a-week`.
pub fn by_time(sessions: &[Document], start: DateTime, end: DateTime) -> String {
    let (start, end) = (start.timestamp_millis(), end.timestamp_millis());
    let mut groups: BTreeMap<[i64; 4], BTreeSet<&str>> = BTreeMap::new();
    for document in sessions {
        let numbers = ["year", "month", "day"].map(|field| whole(document, field));
        let (Some((login, user, first, last)), [Some(year), Some(month), Some(day)]) = (session(document), numbers)
        else {
            continue;
        };
        for hour in (first..=last).filter(|_| start <= login && login <= end) {
            groups.entry([year, month, day, hour]).or_default().insert(user);
        }
    }
    let entries = groups.iter().rev().map(|([year, month, day, hour], users)| {
        let users = users.len();
        format!(r#"{{"users":{users},"hour":{hour},"day":{day},"month":{month},"year":{year}}}"#)
    });
    format!(r#"{{"week":[{}],"success":true}}"#, entries.collect::<Vec<_>>().join(","))
}

/// Questions about sessions, with their answers.
pub fn about_sessions(
    sessions: &[Document],
    start: DateTime,
    end: DateTime,
    zone: Tz,
) -> [(&'static str, String, String); 4] {
    use super::{ACTIVE, BY_TIME, HOURLY, WEEKLY, period};
    let (both, one) = (period(&iso(start), &iso(end)), format!("start={}", iso(start)));
    [
        (ACTIVE, both.clone(), active(sessions, start, end, zone)),
        (HOURLY, one.clone(), hourly(sessions, start)),
        (WEEKLY, one, weekly(sessions, start, zone)),
        (BY_TIME, both, by_time(sessions, start, end)),
    ]
}

/// The least and the greatest instant that a question can name.
pub fn widest() -> [DateTime; 2] {
    [millis(-62_167_219_200_000), millis(253_402_300_799_999)]
}
