//! Who was active on which day, and how many people were there in which hour: what the page shows of people.
//!
//! A finished day does not change, but its documents expire, or are made late. So how many documents each day has is asked again and
//! again, which MongoDB tells from its index alone, and a day is read only if it is not known with as many. Of today and the three days
//! before, sessions are read as well: the job that makes the others has not run yet, or ran while a session went on.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use bson::{DateTime, Document, RawBsonRef, RawDocument, doc};
use chrono::{DateTime as Instant, Days, NaiveDate, Utc};
use futures::{StreamExt, TryStreamExt, future, stream};
use roaring::RoaringBitmap;
use tokio::{sync::Mutex, time::timeout_at};

use super::{
    People,
    sessions::{COMPUTED, Numbers, USER_DAILY, date_of, number_of, of_days},
    wall_clock::WallClock,
};
use crate::{
    cached::{Cached, used_for},
    clock::Clock,
    dashboard::{
        page::people::{Activity, HOURS, HourlyPeople},
        period::DayRange,
    },
    mongo::{Deadline, MongoError},
};

/// `type` of a session of today.
const SESSION: &str = "session";

/// The roles of those who are no people (`mostImportantRole`).
const NO_PEOPLE: [&str; 3] = ["anonymous", "bot", "app"];

/// So many days before today are read again and again.
const RECENT: u64 = 3;

/// So many days are read with one question at the most.
const DAYS_A_READ: usize = 8;

/// So many questions are asked at once.
const READS: usize = 2;

/// What is kept of people's days. People have numbers.
#[derive(Debug, Default)]
pub(super) struct ActivityCache {
    clock: Clock,
    documents: Cached<Arc<Documents>>,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    numbers: Numbers,
    /// Those by which the days below were kept or forgotten.
    documents: Arc<Documents>,
    /// Days of which sessions do not matter any more.
    days: BTreeMap<NaiveDate, Kept<Arc<RoaringBitmap>>>,
    hours: BTreeMap<NaiveDate, Kept<[u32; HOURS]>>,
    recent: Option<Recent>,
}

/// How many documents each day has.
#[derive(Debug, Default)]
struct Documents {
    daily: BTreeMap<NaiveDate, u64>,
    sessions: BTreeMap<NaiveDate, u64>,
}

/// What was found on a day when it had so many documents.
#[derive(Debug)]
struct Kept<T> {
    documents: u64,
    found: T,
}

/// The last days.
#[derive(Debug)]
struct Recent {
    today: NaiveDate,
    people: BTreeMap<NaiveDate, Arc<RoaringBitmap>>,
    hours: BTreeMap<NaiveDate, [u32; HOURS]>,
    /// Until when this is used, by the clock.
    until: u64,
}

/// The people of some days, and for each the hours in which they were there, a bit for each.
type Sessions = BTreeMap<NaiveDate, HashMap<Box<str>, u32>>;

impl People {
    /// The first day on which it is known who was active. Does not wait for anybody who reads days.
    ///
    /// # Errors
    /// MongoDB does not tell by the deadline.
    pub async fn active_since(&self, now: Instant<Utc>, deadline: Deadline) -> Result<Option<NaiveDate>, MongoError> {
        Ok(self.documents(deadline).await?.active_since(self.zone.date(now)))
    }

    /// Who was active on these days, and how many people were there in each hour of those.
    ///
    /// # Errors
    /// MongoDB does not tell by the deadline. What it has told is kept, so the next question takes less.
    pub async fn activity(
        &self,
        days: &[DayRange],
        hours: DayRange,
        now: Instant<Utc>,
        deadline: Deadline,
    ) -> Result<(Activity, HourlyPeople), MongoError> {
        let today = self.zone.date(now);
        let mut known = self.known(deadline).await?;
        let documents = self.documents(deadline).await?;
        known.keep_only(&documents);
        let (active_since, hours_since) = (documents.active_since(today), documents.sessions.keys().next().copied());
        let is_asked = |day: &NaiveDate| days.iter().any(|days| days.contains(*day));
        let recent = (today - Days::new(RECENT)).iter_days().take_while(|day| *day <= today);
        if recent.into_iter().any(|day| is_asked(&day) || hours.contains(day)) {
            self.read_recent(&mut known, now, deadline).await?;
        }
        self.read_days(&mut known, is_asked, today, deadline).await?;
        self.read_hours(&mut known, hours, now, deadline).await?;
        let Known { days: kept, hours: kept_hours, recent, .. } = &*known;
        let mut people: BTreeMap<_, _> =
            kept.iter().filter(|(day, _)| is_asked(day)).map(|(day, kept)| (*day, Arc::clone(&kept.found))).collect();
        let in_hours = |(day, _): &(&NaiveDate, _)| hours.contains(**day);
        let mut by_hour: BTreeMap<_, _> = kept_hours
            .iter()
            .map(|(day, kept)| (day, kept.found))
            .filter(in_hours)
            .map(|(day, found)| (*day, found))
            .collect();
        // Of another day they are unfinished, and what was read since is right.
        if let Some(recent) = recent.as_ref().filter(|recent| recent.today == today) {
            people.extend(recent.people.iter().map(|(day, people)| (*day, Arc::clone(people))));
            by_hour.extend(recent.hours.iter().map(|(day, hours)| (*day, *hours)));
        }
        Ok((
            Activity { since: active_since, today, days: people },
            HourlyPeople { since: hours_since, today, days: by_hour },
        ))
    }

    /// What is known. Who comes while somebody reads waits for that.
    async fn known(&self, deadline: Deadline) -> Result<tokio::sync::MutexGuard<'_, Known>, MongoError> {
        timeout_at(deadline.instant(), self.activity.known.lock()).await.map_err(|_| MongoError::TooSlow)
    }

    /// How many documents each day has, asked for again if that was too long ago.
    async fn documents(&self, deadline: Deadline) -> Result<Arc<Documents>, MongoError> {
        let count = async || {
            let daily = self.count_documents(&[USER_DAILY], deadline);
            let (daily, sessions) =
                future::try_join(daily, self.count_documents(&[SESSION, COMPUTED], deadline)).await?;
            Ok(Arc::new(Documents { daily, sessions }))
        };
        self.activity.documents.get(deadline, count).await
    }

    async fn count_documents(
        &self,
        types: &[&str],
        deadline: Deadline,
    ) -> Result<BTreeMap<NaiveDate, u64>, MongoError> {
        let key = doc! { "year": "$year", "month": "$month", "day": "$day" };
        let group = doc! { "$group": { "_id": key, "documents": { "$sum": 1 } } };
        let pipeline = vec![doc! { "$match": { "type": { "$in": types.to_vec() } } }, group];
        let take = |days: &mut BTreeMap<NaiveDate, u64>, row: &RawDocument| {
            let date = row.get_document("_id").ok().and_then(date_of);
            if let (Some(date), Some(documents)) = (date, number_of(row, "documents")) {
                *days.entry(date).or_default() += documents.unsigned_abs();
            }
        };
        self.read(pipeline, deadline, BTreeMap::new(), take).await
    }

    /// Reads the last days again, if that was too long ago.
    async fn read_recent(&self, known: &mut Known, now: Instant<Utc>, deadline: Deadline) -> Result<(), MongoError> {
        let (clock, today) = (self.activity.clock, self.zone.date(now));
        let asked = clock.now();
        if known.recent.as_ref().is_some_and(|recent| asked < recent.until && recent.today == today) {
            return Ok(());
        }
        let days = DayRange { first: today - Days::new(RECENT), last: today };
        let (daily, sessions) =
            future::try_join(self.read_daily(days, deadline), self.read_sessions(days, now, deadline)).await?;
        let mut people: BTreeMap<NaiveDate, RoaringBitmap> = BTreeMap::new();
        let mut hours = BTreeMap::new();
        for (day, ids) in daily {
            people.entry(day).or_default().extend(ids.iter().map(|id| known.numbers.of(id)));
        }
        for (day, sessions) in sessions {
            people.entry(day).or_default().extend(sessions.keys().map(|id| known.numbers.of(id)));
            hours.insert(day, by_hour(&sessions));
        }
        let people = people.into_iter().map(|(day, people)| (day, Arc::new(people))).collect();
        known.recent = Some(Recent { today, people, hours, until: asked + used_for(clock, asked) });
        Ok(())
    }

    /// Reads who was active on the days that are asked for and not known.
    async fn read_days(
        &self,
        known: &mut Known,
        is_asked: impl Fn(&NaiveDate) -> bool,
        today: NaiveDate,
        deadline: Deadline,
    ) -> Result<(), MongoError> {
        let is_unknown = |day: &NaiveDate| !known.days.contains_key(day);
        let finished = known.documents.daily.iter().filter(|(day, _)| **day < today - Days::new(RECENT));
        let wanted: Vec<_> = finished
            .filter(|(day, _)| is_asked(day) && is_unknown(day))
            .map(|(day, documents)| (*day, *documents))
            .collect();
        let reads = wanted.chunk_by(|(first, _), (next, _)| *first + Days::new(1) == *next);
        let reads: Vec<_> = reads.flat_map(|run| run.chunks(DAYS_A_READ)).map(<[_]>::to_vec).collect();
        let read = async |days: Vec<(NaiveDate, u64)>| {
            let (Some((first, _)), Some((last, _))) = (days.first(), days.last()) else {
                return Ok((days, BTreeMap::new()));
            };
            let found = self.read_daily(DayRange { first: *first, last: *last }, deadline).await?;
            Ok::<_, MongoError>((days, found))
        };
        let mut reads = stream::iter(reads).map(read).buffer_unordered(READS);
        while let Some((days, mut found)) = reads.try_next().await? {
            for (day, documents) in days {
                let ids = found.remove(&day).unwrap_or_default();
                let people = ids.iter().map(|id| known.numbers.of(id)).collect();
                known.days.insert(day, Kept { documents, found: Arc::new(people) });
            }
        }
        Ok(())
    }

    /// Reads the hours of the days that are asked for and not known.
    async fn read_hours(
        &self,
        known: &mut Known,
        asked: DayRange,
        now: Instant<Utc>,
        deadline: Deadline,
    ) -> Result<(), MongoError> {
        let finished = DayRange { last: asked.last.min(self.zone.date(now) - Days::new(RECENT + 1)), ..asked };
        let sessions = &known.documents.sessions;
        let wanted: Vec<_> = sessions
            .iter()
            .filter(|(day, _)| finished.contains(**day) && !known.hours.contains_key(day))
            .map(|(day, documents)| (*day, *documents))
            .collect();
        let read = async |(day, documents)| {
            let sessions = self.read_sessions(DayRange { first: day, last: day }, now, deadline).await?;
            let found = sessions.get(&day).map(by_hour).unwrap_or_default();
            Ok::<_, MongoError>((day, Kept { documents, found }))
        };
        let mut reads = stream::iter(wanted).map(read).buffer_unordered(READS);
        while let Some((day, hours)) = reads.try_next().await? {
            known.hours.insert(day, hours);
        }
        Ok(())
    }

    async fn read_daily(
        &self,
        days: DayRange,
        deadline: Deadline,
    ) -> Result<BTreeMap<NaiveDate, BTreeSet<Box<str>>>, MongoError> {
        let project = doc! { "_id": 0, "userId": 1, "year": 1, "month": 1, "day": 1 };
        let pipeline = vec![of_days(&[USER_DAILY], days, &NO_PEOPLE), doc! { "$project": project }];
        let take = move |found: &mut BTreeMap<NaiveDate, BTreeSet<Box<str>>>, row: &RawDocument| {
            let date = date_of(row).filter(|date| days.contains(*date));
            if let (Some(date), Ok(user)) = (date, row.get_str("userId")) {
                found.entry(date).or_default().insert(user.into());
            }
        };
        self.read(pipeline, deadline, BTreeMap::new(), take).await
    }

    async fn read_sessions(
        &self,
        days: DayRange,
        now: Instant<Utc>,
        deadline: Deadline,
    ) -> Result<Sessions, MongoError> {
        let project = doc! {
            "_id": 0, "userId": 1, "year": 1, "month": 1, "day": 1, "loginAt": 1, "closedAt": 1, "lastActivityAt": 1,
        };
        let pipeline: Vec<Document> =
            vec![of_days(&[SESSION, COMPUTED], days, &NO_PEOPLE), doc! { "$project": project }];
        let all = days.first.iter_days().take_while(|day| *day <= days.last);
        let clocks: HashMap<_, _> = all.map(|day| (day, WallClock::of(day, &self.zone))).collect();
        let take = move |found: &mut Sessions, row: &RawDocument| {
            let clock = date_of(row).and_then(|date| Some((date, clocks.get(&date)?)));
            if let (Some((date, clock)), Ok(user)) = (clock, row.get_str("userId")) {
                let hours = hours_of(row, clock, now);
                let people = found.entry(date).or_default();
                match people.get_mut(user) {
                    Some(bits) => *bits |= hours,
                    None => drop(people.insert(user.into(), hours)),
                }
            }
        };
        self.read(pipeline, deadline, Sessions::new(), take).await
    }
}

impl Known {
    /// Forgets what was found on days that have another number of documents now.
    fn keep_only(&mut self, documents: &Arc<Documents>) {
        if !Arc::ptr_eq(&self.documents, documents) {
            self.days.retain(|day, kept| documents.daily.get(day) == Some(&kept.documents));
            self.hours.retain(|day, kept| documents.sessions.get(day) == Some(&kept.documents));
            self.documents = Arc::clone(documents);
        }
    }
}

impl Documents {
    /// The first day with a document of who was active, or with a session that shows it.
    fn active_since(&self, today: NaiveDate) -> Option<NaiveDate> {
        let session = self.sessions.range(today - Days::new(RECENT)..=today).next();
        [self.daily.keys().next(), session.map(|(day, _)| day)].into_iter().flatten().min().copied()
    }
}

/// How many people were there in each hour.
fn by_hour(people: &HashMap<Box<str>, u32>) -> [u32; HOURS] {
    let mut hours = [0; HOURS];
    for bits in people.values() {
        hours.iter_mut().enumerate().for_each(|(hour, people)| *people += bits >> hour & 1);
    }
    hours
}

/// The hours in which a session was open on its own day. None if one of its times is of a wrong type.
fn hours_of(row: &RawDocument, clock: &WallClock, now: Instant<Utc>) -> u32 {
    let time = |name| match row.get(name) {
        Ok(None | Some(RawBsonRef::Null | RawBsonRef::Undefined)) => Some(None),
        Ok(Some(RawBsonRef::DateTime(at))) => Some(Some(DateTime::timestamp_millis(at))),
        _ => None,
    };
    match (time("loginAt"), time("closedAt"), time("lastActivityAt")) {
        (Some(Some(login)), Some(closed), Some(active)) => {
            let end = closed.or(active).unwrap_or(now.timestamp_millis());
            clock.hours(login, end)
        }
        _ => 0,
    }
}
