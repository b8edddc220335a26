//! Rocket.Chat's database: its collections, and how they are read. Only this module names collections, and only it
//! talks to the driver.
//!
//! Every operation of a request is an aggregation that reads. Each runs as a task of its own under a [`Deadline`]: the driver's
//! futures must not be dropped half way, so when the time is over the caller goes away and the task ends by itself:
//! the server has the same limit (`maxTimeMS`), counted from when it begins.

mod client;
mod collections;
mod deadline;
mod elsewhere;
mod error;
mod inspect;
mod metrics;
mod operation;
mod permits;
mod reachability;
mod snapshot;
mod tls;
mod watch;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bson::{Document, RawDocument, doc};
use log::{debug, warn};
use mongodb::{
    Database,
    action::Action,
    options::{Hint, ReadPreference, ReadPreferenceOptions, SelectionCriteria},
};
use tokio::{runtime::Handle, task::JoinHandle, time::Instant};

pub use collections::{ANALYTICS, MESSAGES, OAUTH_ACCESS_TOKENS, PERMISSIONS, ROLES, ROOMS, SESSIONS, SETTINGS, USERS};
pub use deadline::{Deadline, Patience};
pub use error::MongoError;
pub use inspect::{Account, HistoryKept, ServerInfo, Topology};
pub use metrics::MongoMetrics;
pub use operation::Operation;
pub use permits::{Permit, Permits};
pub use snapshot::{MajorityPoint, Snapshot};
pub use tls::is_about_a_certificate;
pub use watch::{StreamStart, Watch};

use self::{
    client::{Connected, LazyClient},
    operation::{Asks, Stopwatch},
    reachability::Reachability,
};
use crate::{config, mongo_url::MongoUrl};

/// The name that MongoDB's log and `currentOp` show for our connections.
const APP_NAME: &str = "rocketchat-engagement";

/// Connections beside those that count.
const LOOK_UP_CONNECTIONS: u32 = 10;

/// An aggregation. Not `Debug`: its pipeline may hold a token.
#[derive(Clone)]
pub struct Query {
    /// Where it begins.
    pub collection: &'static str,
    /// Its stages.
    pub pipeline: Vec<Document>,
    /// The key pattern of the index that it must use.
    pub hint: Option<Document>,
    /// Why it is run.
    pub operation: Operation,
}

/// A handle on Rocket.Chat's database.
#[derive(Debug)]
pub struct Mongo {
    client: Arc<LazyClient>,
    stopwatch: Stopwatch,
    reachability: Arc<Reachability>,
    last_warning: AtomicU64,
    began: Instant,
}

impl Mongo {
    /// Makes the handle. Nothing is connected yet, so this succeeds while MongoDB is away, and while the name in a
    /// `mongodb+srv` connection string cannot be resolved. Must be called on the runtime that the driver is to live on.
    ///
    /// `counting` is the read preference for counting; none: that of the connection string.
    ///
    /// # Errors
    /// A connection string that the driver refuses.
    pub async fn new(
        url: &MongoUrl,
        counting: Option<config::ReadPreference>,
        parallelism: usize,
        patience: Patience,
    ) -> Result<Self, MongoError> {
        let client = Arc::new(LazyClient::new(url, counting, parallelism, patience));
        match client.connected().await {
            Ok(_) => {}
            Err(error @ MongoError::Unreachable(_)) => warn!("MongoDB's name cannot be resolved yet: {error}"),
            Err(error) => return Err(error),
        }
        Ok(Self {
            client,
            stopwatch: Stopwatch::default(),
            reachability: Arc::default(),
            last_warning: AtomicU64::new(0),
            began: Instant::now(),
        })
    }

    /// From here on operations are timed and their failures counted.
    pub fn measured_by(self, metrics: Arc<MongoMetrics>) -> Self {
        Self { stopwatch: Stopwatch::from(metrics), ..self }
    }

    /// The runtime that the driver lives on.
    pub fn runtime(&self) -> &Handle {
        self.client.runtime()
    }

    /// Runs an aggregation that must see what the primary holds now, like who asks. While the members elect a primary it waits for
    /// that, as long as the deadline allows: a secondary might not have heard of a revocation yet.
    ///
    /// # Errors
    /// As for [`Self::aggregate`].
    pub async fn aggregate_on_primary<T: Clone + Send + 'static>(
        &self,
        query: Query,
        deadline: Deadline,
        filled: T,
        take: impl FnMut(&mut T, &RawDocument) + Clone + Send + 'static,
    ) -> Result<T, MongoError> {
        loop {
            match self.aggregate(query.clone(), deadline, filled.clone(), take.clone()).await {
                Err(MongoError::Unreachable(_)) if self.client.lacks_primary() => {
                    let pause = deadline.remaining().ok_or(MongoError::TooSlow)?.min(ELECTION_PAUSE);
                    tokio::time::sleep(pause).await;
                }
                result => return result,
            }
        }
    }

    /// Runs an aggregation and hands each resulting document to `take`, which fills what is returned.
    ///
    /// # Errors
    /// Everything that can go wrong on the way; the log has been told.
    pub async fn aggregate<T: Send + 'static>(
        &self,
        query: Query,
        deadline: Deadline,
        filled: T,
        take: impl FnMut(&mut T, &RawDocument) + Send + 'static,
    ) -> Result<T, MongoError> {
        self.aggregate_in_batches(BATCH, query, deadline, filled, take).await
    }

    /// The same of many documents, of which never more than some are here at once.
    ///
    /// # Errors
    /// As for [`Self::aggregate`].
    pub async fn stream<T: Send + 'static>(
        &self,
        query: Query,
        deadline: Deadline,
        filled: T,
        take: impl FnMut(&mut T, &RawDocument) + Send + 'static,
    ) -> Result<T, MongoError> {
        self.aggregate_in_batches(STREAMED, query, deadline, filled, take).await
    }

    async fn aggregate_in_batches<T: Send + 'static>(
        &self,
        batch: u32,
        query: Query,
        deadline: Deadline,
        mut filled: T,
        mut take: impl FnMut(&mut T, &RawDocument) + Send + 'static,
    ) -> Result<T, MongoError> {
        let Query { collection, pipeline, hint, operation } = query;
        let result = self.run(operation, deadline, async move |Asked { database, selection }, time: Duration| {
            let handle = database.collection::<Document>(collection);
            let action = handle.aggregate(pipeline).selection_criteria(selection).max_time(time).batch_size(batch);
            let mut cursor = action.optional(hint, |action, keys| action.hint(Hint::Keys(keys))).await?;
            while cursor.advance().await? {
                take(&mut filled, cursor.current());
            }
            Ok(filled)
        });
        result.await.inspect_err(|error| self.log(collection, error))
    }

    /// About how many documents a collection has, from what MongoDB has noted: it need not look.
    ///
    /// # Errors
    /// As for [`Self::aggregate`].
    pub async fn estimated_count(&self, collection: &'static str, deadline: Deadline) -> Result<u64, MongoError> {
        let result =
            self.run(Operation::Estimate, deadline, async move |Asked { database, selection }, time: Duration| {
                let handle = database.collection::<Document>(collection);
                handle.estimated_document_count().selection_criteria(selection).max_time(time).await
            });
        result.await.inspect_err(|error| self.log(collection, error))
    }

    /// Whom an operation asks.
    async fn asked(&self, operation: Operation) -> Result<Asked, MongoError> {
        Ok(Asked::by(operation, &self.client.connected().await?))
    }

    /// Asks the server whether it is there and lets us read what we need. Costs it next to nothing.
    ///
    /// # Errors
    /// It is not, or not in time, or it does not let us.
    pub async fn probe(&self, deadline: Deadline) -> Result<(), MongoError> {
        // Nothing is found, so nothing is looked up; but the server checks our rights on all of it first.
        let mut pipeline = vec![doc! { "$match": { "_id": "" } }];
        // Servers before 5.0 do not know this form, which looking up who asks needs.
        let concise = doc! { "from": ROLES, "localField": "roles", "foreignField": "_id", "pipeline": [], "as": "any" };
        pipeline.push(doc! { "$lookup": concise });
        for collection in [ROLES, PERMISSIONS, SETTINGS, OAUTH_ACCESS_TOKENS, ROOMS, MESSAGES] {
            pipeline.push(doc! { "$lookup": { "from": collection, "pipeline": [{ "$limit": 1 }], "as": "any" } });
        }
        let look_up = Query { collection: USERS, pipeline, hint: None, operation: Operation::Probe };
        // Counting may be done by other members of the replica set.
        let count = Query { collection: MESSAGES, pipeline: one(), hint: None, operation: Operation::ProbeCounting };
        let answered = futures::future::join(
            self.aggregate(look_up, deadline, (), |(), _| ()),
            self.aggregate(count, deadline, (), |(), _| ()),
        );
        let (looked_up, counted) = answered.await;
        looked_up.and(counted)
    }

    /// How often a member of the replica set was lost, or another one became primary. What comes after a change of this number
    /// may come from a process that was started since.
    pub fn losses(&self) -> u64 {
        self.client.losses()
    }

    /// Why MongoDB cannot be used, in a fixed text that may be told to anyone.
    pub fn reason(&self, error: &MongoError) -> &'static str {
        match error {
            MongoError::Unreachable(_) | MongoError::TooSlow if self.client.lacks_primary() => "MongoDB has no primary",
            error => error.reason(),
        }
    }

    /// Whether anybody could ever be recognised. If not, the database's name is probably wrong.
    ///
    /// # Errors
    /// As for [`Self::aggregate`].
    pub async fn has_users(&self, deadline: Deadline) -> Result<bool, MongoError> {
        let query = Query { collection: USERS, pipeline: one(), hint: None, operation: Operation::Probe };
        self.aggregate(query, deadline, false, |found, _| *found = true).await
    }

    /// Runs an operation as a task of the driver's runtime and waits for it until the deadline.
    async fn run<T, F, W>(&self, operation: Operation, deadline: Deadline, work: W) -> Result<T, MongoError>
    where
        T: Send + 'static,
        F: Future<Output = mongodb::error::Result<T>> + Send + 'static,
        W: FnOnce(Asked, Duration) -> F + Send + 'static,
    {
        let time = deadline.remaining().ok_or(MongoError::TooSlow)?;
        let (client, reachability) = (Arc::clone(&self.client), Arc::clone(&self.reachability));
        let task = self.runtime().spawn(async move {
            let result = match client.connected().await {
                Ok(connected) => work(Asked::by(operation, &connected), time).await.map_err(MongoError::from),
                Err(error) => Err(error),
            };
            reachability.note(&result);
            if operation.asks() == Asks::Primary {
                client.note(matches!(result, Err(MongoError::Unreachable(_)))).await;
            }
            result
        });
        self.stopwatch.time(operation, self.wait(task, deadline)).await
    }

    async fn wait<T>(&self, task: JoinHandle<Result<T, MongoError>>, deadline: Deadline) -> Result<T, MongoError> {
        match tokio::time::timeout_at(deadline.instant(), task).await {
            Ok(Ok(result)) => result,
            Ok(Err(panic)) => Err(MongoError::Panicked(panic.to_string())),
            Err(_) => Err(self.reachability.why_late()),
        }
    }

    /// A failing MongoDB fails every request: one warning a second is enough, the others are for debugging.
    fn log(&self, what: &str, error: &MongoError) {
        let now = self.began.elapsed().as_secs() + 1;
        match self.last_warning.swap(now, Ordering::Relaxed) == now {
            true => debug!("{what}: {error}"),
            false => warn!("{what}: {error}"),
        }
    }
}

/// The database, and which of its members an operation asks.
struct Asked {
    database: Database,
    selection: SelectionCriteria,
}

impl Asked {
    fn by(operation: Operation, connected: &Connected) -> Self {
        let selection = match operation.asks() {
            Asks::Primary => SelectionCriteria::ReadPreference(ReadPreference::Primary),
            Asks::AnyMember => selection(config::ReadPreference::PrimaryPreferred),
            Asks::CountingMember => connected.counting.clone(),
        };
        Self { database: connected.database.clone(), selection }
    }
}

/// The pause between two tries while the members elect a primary. The driver waits as well, until it gives up.
const ELECTION_PAUSE: Duration = Duration::from_millis(50);

/// Results come in as few replies as MongoDB's 16 MB allow.
const BATCH: u32 = 1_000_000;

/// Of streamed documents so many come in a reply.
const STREAMED: u32 = 5_000;

/// Any document of a collection, without its fields.
fn one() -> Vec<Document> {
    vec![doc! { "$limit": 1 }, doc! { "$project": { "_id": 1 } }]
}

fn selection(preference: config::ReadPreference) -> SelectionCriteria {
    let options = Some(ReadPreferenceOptions::default());
    SelectionCriteria::ReadPreference(match preference {
        config::ReadPreference::Primary => ReadPreference::Primary,
        config::ReadPreference::PrimaryPreferred => ReadPreference::PrimaryPreferred { options },
        config::ReadPreference::Secondary => ReadPreference::Secondary { options },
        config::ReadPreference::SecondaryPreferred => ReadPreference::SecondaryPreferred { options },
        config::ReadPreference::Nearest => ReadPreference::Nearest { options },
    })
}
