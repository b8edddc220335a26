//! The database for a command: connected as configured.

use std::{sync::Arc, time::Duration};

use crate::{
    commands::{failure::Failure, grant},
    config::{ConfigError, Settings},
    mongo::{Deadline, Mongo, MongoError, Patience},
};

/// Whoever counts a large history may need hours. What ends a command early is a server that the driver no longer
/// reaches: its monitor interrupts what runs there after 20 s, even if the server is only frozen.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// Makes the handle; the driver connects when it is used.
///
/// # Errors
/// As for [`Mongo::new`], or a file for TLS that cannot be used.
pub async fn connect(settings: &Settings, patience: Patience) -> Result<Arc<Mongo>, Failure> {
    settings.mongo_url.check_files().map_err(ConfigError::from)?;
    let counting = &settings.counting;
    let mongo = Mongo::new(&settings.mongo_url, counting.read_preference, counting.parallelism, patience);
    Ok(Arc::new(mongo.await?))
}

/// The deadline of a command's long operations.
pub fn deadline() -> Deadline {
    Deadline::after(LONGEST)
}

/// Where none of these things was counted: whether this is a database of Rocket.Chat's at all.
///
/// # Errors
/// It has no users, so its name is probably wrong; or MongoDB does not say.
pub async fn expect_workspace(mongo: &Mongo, settings: &Settings, things: &'static str) -> Result<(), Failure> {
    match mongo.has_users(deadline()).await {
        // An account that only counts need not be able to read users.
        Ok(true) | Err(MongoError::Refused(_)) => Ok(()),
        Ok(false) => Err(Failure::NoUsers(settings.mongo_url.database().to_owned(), things)),
        Err(error) => Err(error.into()),
    }
}

/// What was read for a flag, or that the account may not read it, with what grants that.
///
/// # Errors
/// It was not read.
pub async fn may_read<T>(
    read: Result<T, MongoError>,
    flag: &str,
    collection: &'static str,
    mongo: &Mongo,
    settings: &Settings,
) -> Result<T, Failure> {
    let reason = match read {
        Err(MongoError::Refused(reason)) => reason,
        read => return Ok(read?),
    };
    let account = mongo.account(deadline()).await.ok().flatten();
    let missing = vec![(collection, vec!["find"])];
    let remedy = account.map(|account| grant::remedy(&missing, &account, &settings.mongo_url).text);
    Err(Failure::Service(format!(
        "{flag} reads {collection}, which the account may not ({reason}); {}",
        remedy.as_deref().unwrap_or("put user and password into MONGO_URL")
    )))
}
