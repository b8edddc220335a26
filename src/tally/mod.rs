//! The tally: messages per day, wherever they come from. The only module that knows where counts come from.

pub mod pipeline;

use std::{collections::HashSet, sync::Arc};

use bson::{RawBsonRef, RawDocument};
use chrono::NaiveDate;
use futures::{StreamExt, TryStreamExt, stream};
use log::debug;
use tokio::sync::Semaphore;

use crate::{
    config::Counting,
    mongo::{self, Deadline, Mongo, MongoError, Purpose},
    period::DayRange,
    report::DayCounts,
    time_zone::{Stretch, TimeZone},
};

/// A handle on the tally of the workspace. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Tally {
    mongo: Arc<Mongo>,
    counting: Arc<Counting>,
    zone: TimeZone,
    /// As many permits as aggregations may count in MongoDB at once.
    permits: Arc<Semaphore>,
}

impl Tally {
    /// Makes the handle; nothing is counted yet.
    pub fn new(mongo: Arc<Mongo>, counting: Counting, zone: TimeZone) -> Self {
        let permits = Arc::new(Semaphore::new(counting.parallelism));
        Self { mongo, counting: Arc::new(counting), zone, permits }
    }

    /// Messages per day over a range of days.
    ///
    /// # Errors
    /// MongoDB does not give the counts by the deadline. Never a part of them.
    pub async fn days(&self, range: DayRange, deadline: Deadline) -> Result<DayCounts, MongoError> {
        let (from, to) = self.zone.span(range.first, range.last);
        let rooms = Arc::new(self.rooms(deadline).await?);
        let chunks = self.zone.stretches(from, to).into_iter().flat_map(chunks);
        let counted = stream::iter(chunks).map(|chunk| self.count(chunk, Arc::clone(&rooms), deadline));
        let counted = counted.buffer_unordered(self.counting.parallelism);
        let add = async |mut days: DayCounts, counted: Counted| {
            for (day, messages) in counted.days.into_iter().filter(|(day, _)| range.contains(*day)) {
                *days.entry(day).or_default() += messages;
            }
            Ok(days)
        };
        counted.try_fold(DayCounts::new(), add).await
    }

    async fn rooms(&self, deadline: Deadline) -> Result<HashSet<String>, MongoError> {
        let take = |rooms: &mut HashSet<String>, row: &RawDocument| {
            rooms.extend(row.get_str("_id").map(str::to_owned));
        };
        let pipeline = pipeline::rooms(&self.counting);
        self.mongo.aggregate(mongo::ROOMS, pipeline, Purpose::Count, deadline, HashSet::new(), take).await
    }

    async fn count(
        &self,
        chunk: Stretch,
        rooms: Arc<HashSet<String>>,
        deadline: Deadline,
    ) -> Result<Counted, MongoError> {
        let permit = tokio::time::timeout_at(deadline.instant(), Arc::clone(&self.permits).acquire_owned()).await;
        let _permit = permit.map_err(|_| MongoError::TooSlow)?;
        let pipeline = pipeline::cells(&chunk, &self.counting);
        let take = move |counted: &mut Counted, row: &RawDocument| counted.add(row, &rooms);
        self.mongo.aggregate(mongo::MESSAGES, pipeline, Purpose::Count, deadline, Counted::default(), take).await
    }
}

/// What one aggregation counted.
#[derive(Debug, Default)]
struct Counted {
    days: DayCounts,
}

impl Counted {
    fn add(&mut self, row: &RawDocument, rooms: &HashSet<String>) {
        let read = || {
            let cell = row.get_document("_id").ok()?;
            let rid = cell.get_str("r").ok()?;
            let day = match cell.get("d").ok()?? {
                RawBsonRef::Double(day) => day as i32,
                RawBsonRef::Int64(day) => day as i32,
                _ => return None,
            };
            let n = row.get_i32("n").ok()?;
            rooms.contains(rid).then_some((NaiveDate::from_epoch_days(day)?, n as u64))
        };
        match read() {
            Some((day, n)) => *self.days.entry(day).or_default() += n,
            None => debug!("skipped"),
        }
    }
}

fn chunks(stretch: Stretch) -> Vec<Stretch> {
    vec![stretch]
}
