//! The driver's client: made as soon as the names in the connection string can be resolved, and what it knows of the members of
//! the replica set.

use std::{
    sync::{
        Arc, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use log::{debug, info};
use mongodb::{
    Client, Database, ServerType,
    event::{EventHandler, sdam::SdamEvent},
    options::{ClientOptions, ReadConcern, ReadPreference, SelectionCriteria},
};
use tokio::{
    runtime::Handle,
    sync::Mutex,
    time::{Instant, timeout},
};

use super::{APP_NAME, LOOK_UP_CONNECTIONS, MongoError, Patience, selection};
use crate::{config, mongo_url::MongoUrl};

/// A client that is made when it is first needed and its names can be resolved.
#[derive(Debug)]
pub(super) struct LazyClient {
    url: MongoUrl,
    /// The read preference for counting, if a setting chooses it.
    counting: Option<config::ReadPreference>,
    /// How many operations that count or follow may be under way at once.
    parallelism: u32,
    patience: Patience,
    members: Arc<Members>,
    /// Where the driver lives.
    runtime: Handle,
    connected: Mutex<Option<Connected>>,
    /// Since when no primary has answered.
    unreachable: std::sync::Mutex<Option<Instant>>,
}

/// After so long without a primary a new client is made. The driver keeps the highest term that it has seen and takes no primary of a
/// lower one; but a replica set that was restored from an older copy begins again with a lower term.
const RENEWED_AFTER: Duration = Duration::from_secs(15);

/// The database, and which members count.
#[derive(Debug, Clone)]
pub(super) struct Connected {
    pub(super) database: Database,
    pub(super) counting: SelectionCriteria,
}

impl LazyClient {
    /// Must be called on the runtime that the driver is to live on.
    pub(super) fn new(
        url: &MongoUrl,
        counting: Option<config::ReadPreference>,
        parallelism: usize,
        patience: Patience,
    ) -> Self {
        Self {
            url: url.clone(),
            counting,
            parallelism: u32::try_from(parallelism).unwrap_or_default(),
            patience,
            members: Arc::default(),
            runtime: Handle::current(),
            connected: Mutex::default(),
            unreachable: std::sync::Mutex::default(),
        }
    }

    /// The runtime that the driver lives on.
    pub(super) fn runtime(&self) -> &Handle {
        &self.runtime
    }

    /// The name of the database.
    pub(super) fn database_name(&self) -> &str {
        self.url.database()
    }

    /// Whether members can be reached, but none of them is primary: they elect one, or cannot.
    pub(super) fn lacks_primary(&self) -> bool {
        self.members.lack_primary.load(Ordering::Relaxed)
    }

    /// How often a member was lost, or another one became primary.
    pub(super) fn losses(&self) -> u64 {
        self.members.losses.load(Ordering::Acquire)
    }

    /// The client, made now if it has not been made yet.
    ///
    /// # Errors
    /// With `mongodb+srv` a name that cannot be resolved: another try may do. A connection string that the driver refuses.
    pub(super) async fn connected(&self) -> Result<Connected, MongoError> {
        let mut held = self.connected.lock().await;
        if let Some(connected) = &*held {
            return Ok(connected.clone());
        }
        let connected = self.connect().await?;
        *held = Some(connected.clone());
        Ok(connected)
    }

    /// Takes notice of whether an operation that needs the primary has found it.
    pub(super) async fn note(&self, is_unreachable: bool) {
        let is_overdue = {
            let mut since = self.unreachable.lock().unwrap_or_else(PoisonError::into_inner);
            let is_overdue = is_unreachable && since.is_some_and(|since| since.elapsed() >= RENEWED_AFTER);
            *since = if is_unreachable && !is_overdue { since.or_else(|| Some(Instant::now())) } else { None };
            is_overdue
        };
        if is_overdue {
            debug!("a new client is made, without what the driver remembers of the replica set");
            *self.connected.lock().await = None;
        }
    }

    async fn connect(&self) -> Result<Connected, MongoError> {
        let (url, patience, members) = (self.url.clone(), self.patience, Arc::clone(&self.members));
        let (counting, parallelism) = (self.counting, self.parallelism);
        let connect = async move {
            let parsing = ClientOptions::parse(url.connection_string().clone());
            let parsed = timeout(patience.server_selection, parsing).await;
            let unresolved = || MongoError::Unreachable("its name is not resolved in time".to_owned());
            let mut options = parsed.map_err(|_| unresolved())??;
            options.server_selection_timeout.get_or_insert(patience.server_selection);
            options.connect_timeout.get_or_insert(patience.connect);
            options.heartbeat_freq.get_or_insert(patience.heartbeat);
            options.app_name.get_or_insert_with(|| APP_NAME.to_owned());
            options.max_pool_size = Some(pool_size(options.max_pool_size, parallelism));
            // Who asks is read from the primary as it is: a revocation counts although no majority may know of it yet. So are
            // counts. What is followed or loaded names its own read concern.
            options.read_concern = Some(ReadConcern::local());
            let of_url = options.selection_criteria.replace(SelectionCriteria::ReadPreference(ReadPreference::Primary));
            let handler = move |event| members.note(&event);
            options.sdam_event_handler = Some(EventHandler::callback(handler));
            let counting = counting.map(selection).or(of_url);
            let counting = counting.unwrap_or_else(|| selection(config::ReadPreference::PrimaryPreferred));
            let database = Client::with_options(options)?.database(url.database());
            Ok(Connected { database, counting })
        };
        // The driver's tasks must not live and die with one of the HTTP server's threads.
        let connected = self.runtime.spawn(connect).await;
        connected.unwrap_or_else(|panic| Err(MongoError::Panicked(panic.to_string())))
    }
}

/// Each change stream holds a connection while it waits, and counting must leave some for looking up who asks. A smaller pool would
/// make every answer wait for the streams.
fn pool_size(wanted: Option<u32>, parallelism: u32) -> u32 {
    /// For looking up who asks, beside everything else.
    const LEAST_LOOK_UP: u32 = 2;

    let least = parallelism + LEAST_LOOK_UP;
    match wanted {
        None => parallelism + LOOK_UP_CONNECTIONS,
        // None at all means no limit.
        Some(0) => 0,
        Some(wanted) if wanted < least => {
            info!(
                "maxPoolSize={wanted} of the connection string is raised to {least}: change streams and counting need that many"
            );
            least
        }
        Some(wanted) => wanted,
    }
}

/// What the driver knows of the members.
#[derive(Debug, Default)]
struct Members {
    lack_primary: AtomicBool,
    /// Counts the losses of members.
    losses: AtomicU64,
}

impl Members {
    fn note(&self, event: &SdamEvent) {
        if let SdamEvent::TopologyDescriptionChanged(change) = event {
            let (before, after) = (change.previous_description.servers(), change.new_description.servers());
            let is_lost = |address, kind| after.get(address).map(|server| server.server_type()) != Some(kind);
            let held = before.iter().map(|(address, server)| (address, server.server_type()));
            let mut held = held.filter(|(_, kind)| matches!(kind, ServerType::RsPrimary | ServerType::RsSecondary));
            if held.any(|(address, kind)| is_lost(address, kind)) {
                self.losses.fetch_add(1, Ordering::Release);
            }
            let types: Vec<_> = after.values().map(|server| server.server_type()).collect();
            let has_primary = types.contains(&ServerType::RsPrimary);
            let may_get_one = types.iter().any(|of| matches!(of, ServerType::RsSecondary | ServerType::RsOther));
            self.lack_primary.store(may_get_one && !has_primary, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::pool_size;

    #[test]
    fn a_pool_has_room_for_all_that_is_under_way_at_once() {
        assert_eq!(pool_size(None, 9), 19);
        assert_eq!(pool_size(Some(1), 9), 11);
        assert_eq!(pool_size(Some(10), 9), 11);
        assert_eq!(pool_size(Some(11), 9), 11);
        assert_eq!(pool_size(Some(100), 9), 100);
        assert_eq!(pool_size(Some(0), 9), 0);
    }
}
