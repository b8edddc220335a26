//! Counting by hand: every message is looked at here, one after the other, by the words of the contract (section 7).
//! Nothing of the tally is used: neither its conditions nor its arithmetic of days, and no `$group`.

use std::{collections::HashMap, sync::Arc};

use bson::{DateTime, RawBsonRef, RawDocument, doc};
use chrono::{Days, NaiveTime};

use crate::{
    commands::{database, progress::Progress},
    config::Counting,
    dashboard::messages_sent::DayCounts,
    dashboard::period::DayRange,
    mongo::{self, Mongo, MongoError, Operation, Query},
    time_zone::TimeZone,
};

/// The rooms that there are, and whether messages in them count.
pub type Rooms = HashMap<String, bool>;

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
    looked_at: u64,
}

impl ByHand {
    /// Messages per day. Days without messages are absent.
    ///
    /// # Errors
    /// MongoDB does not give the messages, or the rooms.
    pub async fn days(&self, range: DayRange) -> Result<DayCounts, MongoError> {
        let rooms = Arc::new(self.rooms().await?);
        match self.messages(range, Arc::clone(&rooms), true).await {
            Err(MongoError::NoSuchIndex) => self.messages(range, rooms, false).await,
            result => result,
        }
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
                rooms.insert(id.to_owned(), row.get_str("t").is_ok_and(|kind| types.iter().any(|one| one == kind)));
            }
        };
        self.mongo.stream(query, database::deadline(), Rooms::new(), take).await
    }

    async fn messages(&self, range: DayRange, rooms: Arc<Rooms>, has_index: bool) -> Result<DayCounts, MongoError> {
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
            let is_in_counting_room =
                message.get_str("rid").is_ok_and(|room| rooms.get(room).copied().unwrap_or_default());
            if range.contains(day) && is_in_counting_room && counts(message, &types) {
                *counted.days.entry(day).or_default() += 1;
            }
        };
        let begin = Counted { days: DayCounts::new(), looked_at: 0 };
        let counted = self.mongo.stream(query, database::deadline(), begin, take).await?;
        Ok(counted.days)
    }
}

/// Whether a message counts, as far as that does not depend on its room or time.
fn counts(message: &RawDocument, types: &[String]) -> bool {
    let field = |name| message.get(name).ok().flatten();
    let is_hidden = matches!(field("_hidden"), Some(RawBsonRef::Boolean(true)));
    let is_plain = match field("t") {
        None | Some(RawBsonRef::Null | RawBsonRef::Undefined) => true,
        Some(RawBsonRef::String(kind)) => types.iter().any(|one| one == kind),
        Some(_) => false,
    };
    is_plain && !is_hidden
}
