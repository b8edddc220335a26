//! Sessions, read as Rocket.Chat has written them (contract section 14): by its indexes, with each request.
//!
//! A document is taken by its types: what has another type in a field that matters is as if it were not there.

use std::{collections::HashMap, ops::RangeInclusive};

use bson::{Bson, DateTime, Document, RawBsonRef, RawDocument, doc};
use chrono::{DateTime as Instant, Datelike, Days, NaiveDate, TimeDelta, Timelike, Utc};
use futures::future;
use roaring::RoaringBitmap;

use super::People;
use crate::{
    dashboard::{
        active_users::ActiveUsers,
        busy_times::{DayOfPeople, HourOfDay, Slots},
        period::DayRange,
    },
    mongo::{self, Deadline, MongoError, Operation, Query},
};

/// `type` of what Rocket.Chat makes each night: a document for each user and day.
pub(super) const USER_DAILY: &str = "user_daily";
/// `type` of a session of the days before.
pub(super) const COMPUTED: &str = "computed-session";

/// The role of those who were not logged in.
const ANONYMOUS: [&str; 1] = ["anonymous"];

/// The types of values that are no role: all but texts and those that stand for nothing.
const NO_ROLES: [&str; 18] = [
    "double",
    "object",
    "array",
    "binData",
    "objectId",
    "bool",
    "date",
    "regex",
    "dbPointer",
    "javascript",
    "symbol",
    "javascriptWithScope",
    "int",
    "timestamp",
    "long",
    "decimal",
    "minKey",
    "maxKey",
];

/// People by number: an id is kept once.
#[derive(Debug, Default)]
pub(super) struct Numbers(HashMap<Box<str>, u32>);

impl Numbers {
    pub(super) fn of(&mut self, id: &str) -> u32 {
        match self.0.get(id) {
            Some(number) => *number,
            None => {
                // Four thousand million people would need more memory than any machine has.
                let number = self.0.len() as u32;
                self.0.insert(id.into(), number);
                number
            }
        }
    }
}

/// Who was active, under way.
#[derive(Debug, Default)]
struct Active {
    numbers: Numbers,
    days: HashMap<NaiveDate, RoaringBitmap>,
}

impl Active {
    /// Adds the people of other days.
    fn add(&mut self, other: Self) {
        let mut numbers = vec![0; other.numbers.0.len()];
        for (id, number) in other.numbers.0 {
            if let Some(slot) = numbers.get_mut(number as usize) {
                *slot = self.numbers.of(&id);
            }
        }
        for (day, users) in other.days {
            let users = users.iter().filter_map(|number| numbers.get(number as usize).copied());
            self.days.entry(day).or_default().extend(users);
        }
    }

    /// Numbers in the order of the ids, so that each day's are in that order as well.
    fn finish(self) -> ActiveUsers {
        let mut ids: Vec<_> = self.numbers.0.into_iter().collect();
        ids.sort_unstable();
        let mut places = vec![0u32; ids.len()];
        for ((_, number), place) in ids.iter().zip(0..) {
            if let Some(slot) = places.get_mut(*number as usize) {
                *slot = place;
            }
        }
        let place = |number: u32| places.get(number as usize).copied();
        let mut days: Vec<_> =
            self.days.into_iter().map(|(day, users)| (day, users.iter().filter_map(place).collect())).collect();
        days.sort_unstable_by_key(|(day, _): &(NaiveDate, RoaringBitmap)| std::cmp::Reverse(*day));
        ActiveUsers::new(ids.into_iter().map(|(id, _)| id).collect(), days)
    }
}

impl People {
    /// Who was active on each of these days.
    ///
    /// # Errors
    /// MongoDB does not tell by the deadline.
    pub async fn active(&self, days: DayRange, deadline: Deadline) -> Result<ActiveUsers, MongoError> {
        if days.is_empty() {
            return Ok(ActiveUsers::new(Vec::new(), Vec::new()));
        }
        // In two parts side by side: MongoDB gives each to another of its threads.
        let middle = days.first + Days::new((days.last - days.first).num_days().unsigned_abs() / 2);
        let older = self.active_part(DayRange { first: days.first, last: middle }, deadline);
        let newer = self.active_part(DayRange { first: middle + Days::new(1), last: days.last }, deadline);
        let (mut found, newer) = future::try_join(older, newer).await?;
        found.add(newer);
        Ok(found.finish())
    }

    async fn active_part(&self, days: DayRange, deadline: Deadline) -> Result<Active, MongoError> {
        if days.is_empty() {
            return Ok(Active::default());
        }
        let project = doc! { "_id": 0, "userId": 1, "year": 1, "month": 1, "day": 1 };
        let pipeline = vec![of_days(&[USER_DAILY], days, &ANONYMOUS), doc! { "$project": project }];
        let take = move |found: &mut Active, row: &RawDocument| {
            let date = date_of(row).filter(|date| days.contains(*date));
            if let (Some(date), Ok(user)) = (date, row.get_str("userId")) {
                let number = found.numbers.of(user);
                found.days.entry(date).or_default().insert(number);
            }
        };
        self.read(pipeline, deadline, Active::default(), take).await
    }

    /// How many documents of people there are for each of these days, newest first.
    ///
    /// # Errors
    /// MongoDB does not tell by the deadline.
    pub async fn daily_counts(&self, days: DayRange, deadline: Deadline) -> Result<Vec<DayOfPeople>, MongoError> {
        let key = doc! { "year": "$year", "month": "$month", "day": "$day" };
        let pipeline =
            vec![of_days(&[USER_DAILY], days, &ANONYMOUS), doc! { "$group": { "_id": key, "users": { "$sum": 1 } } }];
        let take = move |found: &mut Vec<(NaiveDate, u64)>, row: &RawDocument| {
            let date = row.get_document("_id").ok().and_then(date_of).filter(|date| days.contains(*date));
            let users = row.get("users").ok().flatten().and_then(whole).and_then(|users| u64::try_from(users).ok());
            if let (Some(date), Some(users)) = (date, users) {
                found.push((date, users));
            }
        };
        let mut found = self.read(pipeline, deadline, Vec::new(), take).await?;
        found.sort_unstable_by_key(|(date, _)| std::cmp::Reverse(*date));
        Ok(found.into_iter().map(|(date, users)| DayOfPeople::new(date, users)).collect())
    }

    /// The people of the 24 hours up to an instant, by every second hour of the day (UTC).
    ///
    /// # Errors
    /// MongoDB does not tell by the deadline.
    pub async fn slots(&self, until: Instant<Utc>, deadline: Deadline) -> Result<Slots, MongoError> {
        #[derive(Default)]
        struct Found {
            numbers: Numbers,
            is_any: bool,
            /// By half the hour.
            slots: [RoaringBitmap; 12],
        }
        let pipeline = begun(until - TimeDelta::hours(24)..=until, &["userId", "loginAt", "closedAt"]);
        let take = |found: &mut Found, row: &RawDocument| {
            let Some(Session { user, from, to }) = Session::read(row) else { return };
            found.is_any = true;
            let number = found.numbers.of(user);
            for (hour, slot) in (0..).step_by(2).zip(&mut found.slots) {
                if from <= hour && to.is_none_or(|to| hour <= to) {
                    slot.insert(number);
                }
            }
        };
        let found = self.read(pipeline, deadline, Found::default(), take).await?;
        Ok(Slots::new(found.is_any.then(|| found.slots.map(|slot| slot.len()))))
    }

    /// The people of sessions that began between two instants, by hour (UTC) and the date that the session has, newest first.
    ///
    /// # Errors
    /// MongoDB does not tell by the deadline.
    pub async fn hours(
        &self,
        start: Instant<Utc>,
        end: Instant<Utc>,
        deadline: Deadline,
    ) -> Result<Vec<HourOfDay>, MongoError> {
        #[derive(Default)]
        struct Found {
            numbers: Numbers,
            hours: HashMap<[i64; 3], [RoaringBitmap; 24]>,
        }
        let fields = ["userId", "loginAt", "closedAt", "year", "month", "day"];
        let take = |found: &mut Found, row: &RawDocument| {
            let (Some(Session { user, from, to }), Some(date)) = (Session::read(row), numbers_of_date(row)) else {
                return;
            };
            let (number, to) = (found.numbers.of(user), to.unwrap_or(23));
            if from > to {
                return;
            }
            let hours = found.hours.entry(date).or_default();
            for hour in hours.iter_mut().take(to as usize + 1).skip(from as usize) {
                hour.insert(number);
            }
        };
        let found = self.read(begun(start..=end, &fields), deadline, Found::default(), take).await?;
        let mut dates: Vec<_> = found.hours.into_iter().collect();
        dates.sort_unstable_by_key(|(date, _)| std::cmp::Reverse(*date));
        let hours = dates.into_iter().flat_map(|(date, hours)| {
            let hours = (0u32..24).zip(hours).rev().filter(|(_, users)| !users.is_empty());
            hours.map(move |(hour, users)| HourOfDay::new(date, hour, users.len())).collect::<Vec<_>>()
        });
        Ok(hours.collect())
    }

    /// Reads sessions, when it is this read's turn.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        pipeline: Vec<Document>,
        deadline: Deadline,
        filled: T,
        take: impl FnMut(&mut T, &RawDocument) + Send + 'static,
    ) -> Result<T, MongoError> {
        let permit = self.permits.granted(deadline).await?;
        let query = Query { collection: mongo::SESSIONS, pipeline, hint: None, operation: Operation::Sessions };
        self.mongo.stream(query, deadline, filled, permit.held_by(take)).await
    }
}

/// A session: whose, and from which hour to which, if it has ended (UTC).
struct Session<'a> {
    user: &'a str,
    from: u32,
    to: Option<u32>,
}

impl<'a> Session<'a> {
    fn read(row: &'a RawDocument) -> Option<Self> {
        let hour = |at: DateTime| Instant::from_timestamp_millis(at.timestamp_millis()).map(|at| at.hour());
        let to = match row.get("closedAt").ok()? {
            None | Some(RawBsonRef::Null | RawBsonRef::Undefined) => None,
            Some(RawBsonRef::DateTime(at)) => Some(hour(at)?),
            Some(_) => return None,
        };
        Some(Self { user: row.get_str("userId").ok()?, from: hour(row.get_datetime("loginAt").ok()?)?, to })
    }
}

/// A text field with one of these values, and neither a symbol nor an array with it.
fn one_of(values: &[&str]) -> Document {
    doc! { "$in": values.to_vec(), "$type": "string", "$not": { "$type": ["array", "symbol"] } }
}

/// The documents of these types of some days, but not of people whose most important role is one of these. The days are those of the
/// index `{type, year, month, day}`: whether they make a date that exists is looked at afterwards.
pub(super) fn of_days(types: &[&str], days: DayRange, but: &[&str]) -> Document {
    let DayRange { first, last } = days;
    let month = |date: NaiveDate| i64::from(date.month());
    let day = |date: NaiveDate| i64::from(date.day());
    let of_year = |year: i32, condition: Document| {
        let mut all = doc! { "year": i64::from(year) };
        all.extend(condition);
        Bson::from(all)
    };
    let from =
        vec![doc! { "month": month(first), "day": { "$gte": day(first) } }, doc! { "month": { "$gt": month(first) } }];
    let to =
        vec![doc! { "month": month(last), "day": { "$lte": day(last) } }, doc! { "month": { "$lt": month(last) } }];
    let ranges = match (first.year() == last.year(), first.month() == last.month()) {
        (true, true) => {
            let days = doc! { "month": month(first), "day": { "$gte": day(first), "$lte": day(last) } };
            vec![of_year(first.year(), days)]
        }
        (true, false) => {
            let between = doc! { "month": { "$gt": month(first), "$lt": month(last) } };
            let [from, to] = [from, to].map(|conditions| conditions.into_iter().next().unwrap_or_default());
            [from, between, to].map(|condition| of_year(first.year(), condition)).into()
        }
        (false, _) => {
            let between = doc! { "year": { "$gt": i64::from(first.year()), "$lt": i64::from(last.year()) } };
            let from = from.into_iter().map(|condition| of_year(first.year(), condition));
            let to = to.into_iter().map(|condition| of_year(last.year(), condition));
            from.chain(to).chain([Bson::from(between)]).collect()
        }
    };
    // An array is never its content, and a decimal no number of these (contract section 14). Said without expressions, which take
    // MongoDB twice as long.
    let of_type = |types: &[&str]| doc! { "$type": types.to_vec(), "$not": { "$type": "array" } };
    let is_number = of_type(&["int", "long", "double"]);
    doc! { "$match": {
        "type": one_of(types),
        "$or": ranges,
        "mostImportantRole": { "$nin": but.to_vec(), "$not": { "$type": NO_ROLES.to_vec() } },
        "userId": of_type(&["string"]),
        "year": is_number.clone(),
        "month": is_number.clone(),
        "day": is_number,
    } }
}

/// Some fields of the sessions that began between two instants.
fn begun(at: RangeInclusive<Instant<Utc>>, fields: &[&str]) -> Vec<Document> {
    let (from, to) = (DateTime::from_chrono(*at.start()), DateTime::from_chrono(*at.end()));
    let mut project = doc! { "_id": 0 };
    project.extend(fields.iter().map(|field| ((*field).to_owned(), Bson::from(1))));
    let begun = doc! { "$gte": from, "$lte": to, "$not": { "$type": "array" } };
    vec![doc! { "$match": { "type": one_of(&[COMPUTED]), "loginAt": begun } }, doc! { "$project": project }]
}

/// The date that a document has, if it is one of the calendar.
pub(super) fn date_of(row: &RawDocument) -> Option<NaiveDate> {
    let [year, month, day] = numbers_of_date(row)?;
    NaiveDate::from_ymd_opt(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?)
}

fn numbers_of_date(row: &RawDocument) -> Option<[i64; 3]> {
    Some([number_of(row, "year")?, number_of(row, "month")?, number_of(row, "day")?])
}

/// A field with a whole number.
pub(super) fn number_of(row: &RawDocument, name: &str) -> Option<i64> {
    row.get(name).ok().flatten().and_then(whole)
}

/// A whole number as JavaScript may have written it.
fn whole(value: RawBsonRef<'_>) -> Option<i64> {
    /// Doubles from here on have gaps.
    const MOST: f64 = 9_007_199_254_740_992.0;
    match value {
        RawBsonRef::Int32(number) => Some(number.into()),
        RawBsonRef::Int64(number) => Some(number),
        RawBsonRef::Double(number) if number.fract() == 0.0 && number.abs() < MOST => Some(number as i64),
        _ => None,
    }
}
