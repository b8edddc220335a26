//! Counting by hand: every message is looked at here, one after the other, by the words of the contract (section 7).
//! Nothing of the tally is used: neither its conditions nor its arithmetic of days, and no `$group`.

use std::{collections::HashMap, sync::Arc};

use bson::{DateTime, RawBsonRef, RawDocument, doc};
use chrono::{Days, NaiveTime};

use crate::{
    commands::{
        database,
        progress::Progress,
        verify::compare::{Counts, Subject},
    },
    config::Counting,
    dashboard::messages_sent::DayCounts,
    dashboard::period::DayRange,
    mongo::{self, Mongo, MongoError, Operation, Query},
    time_zone::TimeZone,
};

/// The rooms that there are, and the type of those whose messages count.
pub type Rooms = HashMap<String, Option<String>>;

/// Counts by hand.
#[derive(Debug)]
pub struct ByHand {
    pub mongo: Arc<Mongo>,
    pub counting: Counting,
    pub zone: TimeZone,
}

/// What is kept of the messages that have been looked at.
struct Counted {
    days: DayCounts,
    rooms: HashMap<String, u64>,
    looked_at: u64,
}

impl ByHand {
    /// Messages per day, room and type of room, and of the busiest rooms.
    ///
    /// # Errors
    /// MongoDB does not give the messages, or the rooms.
    pub async fn count(&self, range: DayRange) -> Result<Counts, MongoError> {
        let rooms = Arc::new(self.rooms().await?);
        let counted = match self.messages(range, Arc::clone(&rooms), true).await {
            Err(MongoError::NoSuchIndex) => self.messages(range, Arc::clone(&rooms), false).await?,
            result => result?,
        };
        let mut counts = Counts::new();
        let mut busiest: Vec<_> = counted.rooms.values().copied().collect();
        busiest.sort_unstable_by(|a, b| b.cmp(a));
        for (room, messages) in counted.rooms {
            if let Some(Some(kind)) = rooms.get(&room) {
                *counts.entry(Subject::Type(kind.clone())).or_default() += messages;
            }
            counts.insert(Subject::Room(room), messages);
        }
        counts.extend(counted.days.into_iter().map(|(day, messages)| (Subject::Day(day), messages)));
        let places = busiest.into_iter().take(5).zip(1..);
        counts.extend(places.map(|(messages, place)| (Subject::Place(place), messages)));
        Ok(counts)
    }

    /// All rooms.
    ///
    /// # Errors
    /// MongoDB does not give them.
    pub async fn rooms(&self) -> Result<Rooms, MongoError> {
        let pipeline = vec![doc! { "$project": { "t": 1 } }];
        let query = Query { collection: mongo::ROOMS, pipeline, hint: None, operation: Operation::CountedRooms };
        let types = self.counting.room_types.clone();
        let take = move |rooms: &mut Rooms, row: &RawDocument| {
            if let Ok(id) = row.get_str("_id") {
                let kind = row.get_str("t").ok().filter(|kind| types.iter().any(|one| one == kind));
                rooms.insert(id.to_owned(), kind.map(str::to_owned));
            }
        };
        self.mongo.stream(query, database::deadline(), Rooms::new(), take).await
    }

    async fn messages(&self, range: DayRange, rooms: Arc<Rooms>, has_index: bool) -> Result<Counted, MongoError> {
        /// Lines for the progress are not needed for each message.
        const SOME: u64 = 10_000;

        // No zone is further than a day from UTC. What lies outside of the days is sorted out here.
        let midnight = |day: chrono::NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
        let (from, to) = (midnight(range.first - Days::new(2)), midnight(range.last + Days::new(3)));
        let pipeline = vec![
            doc! { "$match": { "ts": { "$gte": DateTime::from_chrono(from), "$lt": DateTime::from_chrono(to) } } },
            doc! { "$project": { "_id": 0, "rid": 1, "ts": 1, "t": 1, "_hidden": 1 } },
        ];
        let hint = has_index.then(|| doc! { "ts": 1 });
        let query = Query { collection: mongo::MESSAGES, pipeline, hint, operation: Operation::Count };
        let (zone, types) = (self.zone.clone(), self.counting.message_types.clone());
        let progress = Progress::new("counting by hand", from, to);
        let take = move |counted: &mut Counted, message: &RawDocument| {
            let Ok(ts) = message.get_datetime("ts").map(|ts| ts.to_chrono()) else { return };
            counted.looked_at += 1;
            if counted.looked_at.is_multiple_of(SOME) {
                progress.reached(ts);
            }
            let day = zone.date(ts);
            let Ok(room) = message.get_str("rid") else { return };
            let is_in_counting_room = rooms.get(room).is_some_and(Option::is_some);
            if range.contains(day) && is_in_counting_room && counts(message, &types) {
                *counted.days.entry(day).or_default() += 1;
                match counted.rooms.get_mut(room) {
                    Some(messages) => *messages += 1,
                    None => drop(counted.rooms.insert(room.to_owned(), 1)),
                }
            }
        };
        let begin = Counted { days: DayCounts::new(), rooms: HashMap::new(), looked_at: 0 };
        self.mongo.stream(query, database::deadline(), begin, take).await
    }
}

/// Whether a message counts, as far as that does not depend on its room or time.
fn counts(message: &RawDocument, types: &[String]) -> bool {
    let field = |name| message.get(name).ok().flatten();
    let is_hidden = matches!(field("_hidden"), Some(RawBsonRef::Boolean(true)));
    let is_plain = match field("t") {
        None | Some(RawBsonRef::Null) => true,
        Some(RawBsonRef::String(kind)) => types.iter().any(|one| one == kind),
        Some(_) => false,
    };
    is_plain && !is_hidden
}
