//! What there is to know about a database before the service is put on it. Only reads; every question has a deadline.

use std::{collections::HashMap, sync::Arc, time::Duration};

use bson::RawBson;
use chrono::{DateTime, Utc};
use futures::future::join_all;

use super::viewers::Viewers;
use crate::{
    commands::grant::Missing,
    config::{Settings, TallyMode},
    mongo::{
        Account, Deadline, HistoryKept, MESSAGES, Mongo, MongoError, OAUTH_ACCESS_TOKENS, Operation, PERMISSIONS,
        ROLES, ROOMS, SESSIONS, SETTINGS, ServerInfo, USERS,
    },
    tally::pipeline,
    time_zone::TimeZone,
    workspace_settings::{self, FOLLOWED},
};

/// How long each question may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// The collections that are read.
const READ: [&str; 8] = [USERS, ROLES, PERMISSIONS, SETTINGS, OAUTH_ACCESS_TOKENS, ROOMS, MESSAGES, SESSIONS];

/// The collections that are followed.
const FOLLOWED_COLLECTIONS: [&str; 2] = [ROOMS, MESSAGES];

/// What is known, or why it is not.
pub type Known<T> = Result<T, MongoError>;

/// Everything that was found out.
#[derive(Debug)]
pub struct Facts {
    pub server: ServerInfo,
    pub account: Known<Option<Account>>,
    /// About how many documents each collection has.
    pub collections: Vec<(&'static str, Known<u64>)>,
    /// Other databases that have messages, if this one has none.
    pub elsewhere: Vec<String>,
    pub has_index: Known<bool>,
    /// Whether each collection can be followed; empty if that is not wanted.
    pub following: Vec<(&'static str, Known<()>)>,
    /// For how long MongoDB keeps history; none if that does not matter.
    pub history: Option<Known<HistoryKept>>,
    pub viewers: Known<Viewers>,
    /// The values of the workspace's settings.
    pub settings: Known<HashMap<String, RawBson>>,
    /// The time zone of this machine, where it says so.
    pub machine_zone: Option<TimeZone>,
    pub now: DateTime<Utc>,
}

impl Facts {
    /// Finds everything out.
    ///
    /// # Errors
    /// There is no server, or it turns our account away.
    pub async fn collect(mongo: &Arc<Mongo>, settings: &Settings) -> Known<Self> {
        let deadline = || Deadline::after(PATIENCE);
        let server = mongo.server(deadline()).await?;
        let account = mongo.account(deadline()).await;
        let sizes = join_all(READ.map(|collection| async move {
            // To count the documents, `find` does not always do.
            let size = match mongo.may_read(collection, deadline()).await {
                Ok(()) => mongo.estimated_count(collection, deadline()).await,
                Err(error) => Err(error),
            };
            (collection, size)
        }));
        let following = match settings.tally.mode {
            TallyMode::Auto => &FOLLOWED_COLLECTIONS[..],
            TallyMode::Pipeline => &[],
        };
        let following = join_all(
            following
                .iter()
                .map(|collection| async move { (*collection, mongo.may_follow(collection, PATIENCE).await) }),
        );
        let (collections, following, elsewhere) =
            futures::join!(sizes, following, mongo.workspaces_elsewhere(deadline()));
        let history = match following.iter().all(|(_, followed)| followed.is_ok()) && !following.is_empty() {
            true => Some(mongo.history_kept(PATIENCE).await),
            false => None,
        };
        let (has_index, viewers, values) = futures::join!(
            mongo.has_index(MESSAGES, pipeline::index(), deadline()),
            Viewers::find(mongo, &settings.permission.default_roles, deadline()),
            workspace_settings::find(mongo, &FOLLOWED, Operation::Settings, deadline()),
        );
        let machine_zone = iana_time_zone::get_timezone().ok().and_then(|name| name.parse().ok());
        let now = Utc::now();
        let settings = values;
        Ok(Self {
            server,
            account,
            collections,
            elsewhere,
            has_index,
            following,
            history,
            viewers,
            settings,
            machine_zone,
            now,
        })
    }

    /// The rights that are missing.
    pub fn missing(&self) -> Missing {
        let refused = |error: &MongoError| matches!(error, MongoError::Refused(_));
        let mut missing = Missing::new();
        for (collection, size) in &self.collections {
            if size.as_ref().is_err_and(refused) {
                missing.push((collection, vec!["find"]));
            }
        }
        for (collection, followed) in &self.following {
            if followed.as_ref().is_err_and(refused) {
                match missing.iter_mut().find(|(known, _)| known == collection) {
                    Some((_, actions)) => actions.push("changeStream"),
                    None => missing.push((collection, vec!["changeStream"])),
                }
            }
        }
        missing
    }
}
