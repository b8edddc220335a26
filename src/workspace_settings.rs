//! The workspace's own settings that this service follows (contract section 5's table).
//!
//! A task reads them every few seconds, so no request does. While MongoDB is away the last known ones stay in effect;
//! until the first read, Rocket.Chat's defaults. Only who asks is never decided by a default that was not read: a token may
//! have expired by the setting.

mod values;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::Duration,
};

use bson::{RawBson, RawDocument, doc};
use log::{info, warn};
use tokio::{task::JoinHandle, time::sleep};

pub use self::values::{Cors, FOLLOWED, LoginExpiration, RateLimit, Values, number};
use crate::mongo::{self, Deadline, Mongo, MongoError, Operation, Query};

/// What an administrator is promised: a changed setting applies within so long.
const FOLLOWED_WITHIN: Duration = Duration::from_secs(10);

/// The pause between two reads.
const PAUSE: Duration = Duration::from_secs(5);

/// How long a read may take.
const READ_TIME: Duration = Duration::from_secs(3);

const _: () = assert!(PAUSE.as_millis() + READ_TIME.as_millis() < FOLLOWED_WITHIN.as_millis());

/// How long the first read may take, which the start waits for.
const FIRST_READ_TIME: Duration = Duration::from_secs(1);

/// Reads the `value` of some settings. What is missing is absent.
///
/// # Errors
/// MongoDB does not give them.
pub async fn find(
    mongo: &Mongo,
    ids: &[&str],
    operation: Operation,
    deadline: Deadline,
) -> Result<HashMap<String, RawBson>, MongoError> {
    let pipeline = vec![doc! { "$match": { "_id": { "$in": ids.to_vec() } } }, doc! { "$project": { "value": 1 } }];
    let query = Query { collection: mongo::SETTINGS, pipeline, hint: None, operation };
    let take = |found: &mut HashMap<_, _>, row: &RawDocument| {
        if let (Ok(id), Ok(Some(value))) = (row.get_str("_id"), row.get("value")) {
            found.insert(id.to_owned(), RawBson::from(value));
        }
    };
    match operation {
        // A request waits for an election, as far as its deadline allows.
        Operation::Viewer => mongo.aggregate_on_primary(query, deadline, HashMap::new(), take).await,
        _ => mongo.aggregate(query, deadline, HashMap::new(), take).await,
    }
}

/// The settings in effect and the task that keeps them current, which ends with this.
#[derive(Debug)]
pub struct WorkspaceSettings {
    poller: Arc<SettingsPoller>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl WorkspaceSettings {
    /// Reads them once, if MongoDB answers at once, and begins to follow them.
    pub async fn start(mongo: Arc<Mongo>) -> Self {
        let poller = Arc::new(SettingsPoller { mongo, current: RwLock::default(), oddities: Mutex::default() });
        // Why a read fails is in the log by then.
        let _ = poller.read(Operation::Settings, Deadline::after(FIRST_READ_TIME)).await;
        let task = tokio::spawn({
            let poller = Arc::clone(&poller);
            async move {
                loop {
                    sleep(PAUSE).await;
                    let _ = poller.read(Operation::Settings, Deadline::after(READ_TIME)).await;
                }
            }
        });
        Self { poller, task: Mutex::new(Some(task)) }
    }

    /// The settings in effect.
    pub fn values(&self) -> Arc<Values> {
        self.poller.current().0
    }

    /// How long login tokens last. Read now if no setting has ever been read.
    ///
    /// # Errors
    /// That is so, and MongoDB does not give it.
    pub async fn login_expiration(&self, deadline: Deadline) -> Result<LoginExpiration, MongoError> {
        let (values, is_read) = self.poller.current();
        if is_read {
            return Ok(values.login_expiration);
        }
        Ok(self.poller.read(Operation::Viewer, deadline).await?.login_expiration)
    }

    /// Stops following them and waits until that is so.
    pub async fn stop(&self) {
        if let Some(task) = self.take_task() {
            // A read that is under way runs in a task of the driver's, which comes to its own end.
            task.abort();
            drop(task.await);
        }
    }

    fn take_task(&self) -> Option<JoinHandle<()>> {
        self.task.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Drop for WorkspaceSettings {
    fn drop(&mut self) {
        if let Some(task) = self.take_task() {
            task.abort();
        }
    }
}

/// Reads the settings again and again.
#[derive(Debug)]
struct SettingsPoller {
    mongo: Arc<Mongo>,
    /// The settings in effect, and whether they have been read.
    current: RwLock<(Arc<Values>, bool)>,
    /// What was odd at the last read: it is told once.
    oddities: Mutex<Vec<String>>,
}

impl SettingsPoller {
    fn current(&self) -> (Arc<Values>, bool) {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// If it fails, what was known before stays in effect.
    async fn read(&self, operation: Operation, deadline: Deadline) -> Result<Arc<Values>, MongoError> {
        let found = find(&self.mongo, &FOLLOWED, operation, deadline).await?;
        let (values, oddities) = Values::read(&found);
        let mut told = self.oddities.lock().unwrap_or_else(PoisonError::into_inner);
        if oddities != *told {
            match oddities.is_empty() {
                true => info!("{}: every setting can be used now", mongo::SETTINGS),
                false => warn!("defaults apply for settings in {}: {}", mongo::SETTINGS, oddities.join("; ")),
            }
            *told = oddities;
        }
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        if *current.0 != values {
            info!("{}: now {values}", mongo::SETTINGS);
        }
        let values = Arc::new(values);
        *current = (Arc::clone(&values), true);
        Ok(values)
    }
}
