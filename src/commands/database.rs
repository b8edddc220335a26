//! The database for a command: connected as configured.

use std::{sync::Arc, time::Duration};

use crate::{
    config::Settings,
    mongo::{Deadline, Mongo, MongoError},
};

/// Whoever counts a large history may need hours. What ends a command early is a server that the driver no longer
/// reaches: its monitor interrupts what runs there after some seconds, even if the server is only frozen.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

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
