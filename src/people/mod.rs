//! What is known of people: when users were created, and the sessions that Rocket.Chat keeps of them.

mod new_users;
mod sessions;

use std::sync::Arc;

use crate::{mongo::Mongo, time_zone::TimeZone};
use new_users::NewUsersCache;

/// A handle on the people of the workspace.
#[derive(Debug)]
pub struct People {
    mongo: Arc<Mongo>,
    zone: TimeZone,
    new_users: NewUsersCache,
}

impl People {
    /// Makes the handle. Nothing is read yet.
    pub fn new(mongo: Arc<Mongo>, zone: TimeZone) -> Self {
        Self { mongo, zone, new_users: NewUsersCache::default() }
    }
}
