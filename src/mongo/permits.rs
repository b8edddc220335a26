//! How many aggregations of a kind may run in MongoDB at once.

use std::sync::Arc;

use bson::RawDocument;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout_at,
};

use super::{Deadline, MongoError};

/// As many permits as may run at once.
#[derive(Debug, Clone)]
pub struct Permits(Arc<Semaphore>);

/// A permit, which is given back when it is dropped.
#[derive(Debug)]
pub struct Permit(OwnedSemaphorePermit);

impl Permits {
    /// So many.
    pub fn new(number: usize) -> Self {
        Self(Arc::new(Semaphore::new(number)))
    }

    /// Waits for a permit.
    ///
    /// # Errors
    /// There is none by the deadline.
    pub async fn granted(&self, deadline: Deadline) -> Result<Permit, MongoError> {
        let permit = timeout_at(deadline.instant(), Arc::clone(&self.0).acquire_owned()).await;
        // The semaphore is never closed.
        permit.ok().and_then(Result::ok).map(Permit).ok_or(MongoError::TooSlow)
    }
}

impl Permit {
    /// Gives the permit back when the aggregation has ended, and not when its caller has gone away.
    pub fn held_by<T>(
        self,
        mut take: impl FnMut(&mut T, &RawDocument) + Send + 'static,
    ) -> impl FnMut(&mut T, &RawDocument) + Send + 'static
    where
        T: 'static,
    {
        move |filled, row| {
            let _held = &self.0;
            take(filled, row);
        }
    }
}
