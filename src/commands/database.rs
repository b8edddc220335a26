//! The database for a command: connected as configured, and given up when it no longer answers.

use std::{sync::Arc, time::Duration};

use tokio::time::sleep;

use crate::{
    config::Settings,
    mongo::{Deadline, Mongo, MongoError},
};

/// Whoever counts a large history may need hours. What ends a command early is a silent server.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// How often a server is asked whether it is still there, how long it may take to answer, and how often it may fail to.
const PING_PAUSE: Duration = Duration::from_secs(5);
const PING_TIME: Duration = Duration::from_secs(5);
const MOST_FAILURES: u32 = 3;

/// Makes the handle; the driver connects when it is used.
///
/// # Errors
/// As for [`Mongo::new`].
pub async fn connect(settings: &Settings) -> Result<Arc<Mongo>, MongoError> {
    let counting = &settings.counting;
    Mongo::new(&settings.mongo_url, counting.read_preference, counting.parallelism).await.map(Arc::new)
}

/// The deadline of a command's long operations.
pub fn deadline() -> Deadline {
    Deadline::after(LONGEST)
}

/// Does something that takes as long as it takes, but not if the server is silent meanwhile: half a minute and it ends.
///
/// # Errors
/// Those of the work, or why the server does not answer.
pub async fn while_alive<T>(mongo: &Mongo, work: impl Future<Output = Result<T, MongoError>>) -> Result<T, MongoError> {
    let silence = async {
        let mut failures = 0;
        loop {
            sleep(PING_PAUSE).await;
            match mongo.ping(Deadline::after(PING_TIME)).await {
                Ok(()) => failures = 0,
                Err(error) => {
                    failures += 1;
                    if failures == MOST_FAILURES {
                        return error;
                    }
                }
            }
        }
    };
    tokio::select! {
        result = work => result,
        error = silence => Err(error),
    }
}
