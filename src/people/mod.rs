//! What is known of people: when users were created, and the sessions that Rocket.Chat keeps of them.

mod activity;
mod new_users;
mod sessions;
mod wall_clock;

use std::sync::Arc;

use crate::{
    cached::Cached,
    dashboard::messages_sent::DayCounts,
    mongo::{Mongo, Permits},
    time_zone::TimeZone,
};
use activity::ActivityCache;

/// A handle on the people of the workspace.
#[derive(Debug)]
pub struct People {
    mongo: Arc<Mongo>,
    zone: TimeZone,
    /// As many as reads of sessions or users may run in MongoDB at once: they may take seconds.
    permits: Permits,
    new_users: Cached<Arc<DayCounts>>,
    activity: ActivityCache,
}

impl People {
    /// Makes the handle; so many reads may run at once. Nothing is read yet.
    pub fn new(mongo: Arc<Mongo>, zone: TimeZone, parallelism: usize) -> Self {
        Self {
            mongo,
            zone,
            permits: Permits::new(parallelism),
            new_users: Cached::default(),
            activity: ActivityCache::default(),
        }
    }
}
