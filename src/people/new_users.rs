//! Users by the day on which they were created (contract section 13).
//!
//! There is no index that a question about a period could use, so MongoDB looks at all users each time. What it found is used again for
//! a short while.

use std::sync::Arc;

use bson::{Document, RawDocument, doc};

use super::People;
use crate::{
    dashboard::messages_sent::DayCounts,
    mongo::{self, Deadline, MongoError, Operation, Query},
    time_zone::TimeZone,
};

/// `type` of users who are no people (contract section 13).
const NO_PEOPLE: [&str; 3] = ["app", "bot", "visitor"];

impl People {
    /// How many users were created on each day, of those that there are now, or were when MongoDB was asked last: a second ago, or
    /// twenty times as long as it took, but no longer than a minute. Days without any are absent.
    ///
    /// # Errors
    /// MongoDB does not tell by the deadline.
    pub async fn new_users(&self, deadline: Deadline) -> Result<Arc<DayCounts>, MongoError> {
        self.new_users.get(deadline, async || self.read_users(deadline).await.map(Arc::new)).await
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
