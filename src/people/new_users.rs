//! Users by the day on which they were created (contract section 13).
//!
//! There is no index that a question about a period could use, so MongoDB looks at all users each time. What it found is used again for
//! a short while, and questions that come together share one read: the time that MongoDB spends is at most a twentieth of all time.

use std::{sync::Arc, time::Duration};

use bson::{Document, RawDocument, doc};
use tokio::{sync::Mutex, time::timeout_at};

use super::People;
use crate::{
    clock::Clock,
    dashboard::messages_sent::DayCounts,
    mongo::{self, Deadline, MongoError, Operation, Query},
    time_zone::TimeZone,
};

/// For how long a read is used at least, and at most.
const USED_FOR: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(60)];

/// The pause after a read, as a multiple of the time it took.
const PAUSE: u32 = 20;

/// `type` of users who are no people (contract section 13).
const NO_PEOPLE: [&str; 3] = ["app", "bot", "visitor"];

/// What was read last.
#[derive(Debug, Default)]
pub(super) struct NewUsersCache {
    clock: Clock,
    read: Mutex<Option<Read>>,
}

#[derive(Debug)]
struct Read {
    days: Arc<DayCounts>,
    /// Until when it is used, by the clock.
    until: u64,
}

impl People {
    /// How many users were created on each day, of those that there are now, or were when MongoDB was asked last: a second ago, or
    /// twenty times as long as it took, but no longer than a minute. Days without any are absent.
    ///
    /// # Errors
    /// MongoDB does not tell by the deadline.
    pub async fn new_users(&self, deadline: Deadline) -> Result<Arc<DayCounts>, MongoError> {
        let NewUsersCache { clock, read } = &self.new_users;
        // Whoever comes while somebody reads waits for that.
        let mut read = timeout_at(deadline.instant(), read.lock()).await.map_err(|_| MongoError::TooSlow)?;
        let asked = clock.now();
        if let Some(Read { days, until }) = &*read
            && asked < *until
        {
            return Ok(Arc::clone(days));
        }
        let days = Arc::new(self.read_users(deadline).await?);
        let [least, most] = USED_FOR;
        let took = Duration::from_millis(clock.now().saturating_sub(asked));
        let used_for = (took * PAUSE).clamp(least, most);
        let until = asked.saturating_add(u64::try_from(used_for.as_millis()).unwrap_or(u64::MAX));
        *read = Some(Read { days: Arc::clone(&days), until });
        Ok(days)
    }

    async fn read_users(&self, deadline: Deadline) -> Result<DayCounts, MongoError> {
        let query = Query { collection: mongo::USERS, pipeline: pipeline(), hint: None, operation: Operation::Users };
        let zone: TimeZone = self.zone.clone();
        let take = move |days: &mut DayCounts, row: &RawDocument| {
            if let Ok(created) = row.get_datetime("createdAt")
                && let Some(created) = chrono::DateTime::from_timestamp_millis(created.timestamp_millis())
            {
                *days.entry(zone.date(created)).or_default() += 1;
            }
        };
        let permit = self.permits.granted(deadline).await?;
        self.mongo.aggregate(query, deadline, DayCounts::new(), permit.held_by(take)).await
    }
}

/// When each user who counts was created. Types are compared as they are: to MongoDB's `$match` a symbol is a text, and an array what
/// it holds.
fn pipeline() -> Vec<Document> {
    let is = |value: &str, kind: &str| doc! { "$eq": [{ "$type": value }, kind] };
    let texts = doc! { "$filter": { "input": "$roles", "cond": is("$$this", "string") } };
    let is_anonymous = doc! { "$cond": [{ "$isArray": "$roles" }, { "$in": ["anonymous", texts] }, false] };
    let is_no_person = doc! { "$and": [is("$type", "string"), { "$in": ["$type", NO_PEOPLE.to_vec()] }] };
    let counts = doc! { "$and": [
        is("$createdAt", "date"),
        is("$username", "string"),
        { "$ne": ["$username", ""] },
        { "$not": [is_anonymous] },
        { "$not": [is_no_person] },
    ] };
    vec![doc! { "$match": { "$expr": counts } }, doc! { "$project": { "_id": 0, "createdAt": 1 } }]
}
