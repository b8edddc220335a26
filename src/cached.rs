//! Something that takes a while to read, used again for a short while.
//!
//! Whoever asks while it is read waits for that, so questions that come together share one read; and as long
//! as it takes no more than three seconds, reading takes a twentieth of all time at the most.

use std::time::Duration;

use tokio::{sync::Mutex, time::timeout_at};

use crate::{
    clock::Clock,
    mongo::{Deadline, MongoError},
};

/// For how long it is used at least, and at most.
const USED_FOR: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(60)];

/// The pause after a read, as a multiple of the time it took.
const PAUSE: u32 = 20;

/// What was read last.
#[derive(Debug)]
pub struct Cached<T> {
    clock: Clock,
    read: Mutex<Option<Read<T>>>,
}

#[derive(Debug)]
struct Read<T> {
    value: T,
    /// Until when it is used, by the clock.
    until: u64,
}

impl<T> Default for Cached<T> {
    fn default() -> Self {
        Self { clock: Clock::new(), read: Mutex::new(None) }
    }
}

impl<T: Clone> Cached<T> {
    /// What was read a second ago, or twenty times as long as it took, but no longer than a minute; else reads it.
    ///
    /// # Errors
    /// Those of `read`; somebody else reads until the deadline.
    pub async fn get(
        &self,
        deadline: Deadline,
        read: impl AsyncFnOnce() -> Result<T, MongoError>,
    ) -> Result<T, MongoError> {
        let mut last = timeout_at(deadline.instant(), self.read.lock()).await.map_err(|_| MongoError::TooSlow)?;
        let asked = self.clock.now();
        if let Some(Read { value, until }) = &*last
            && asked < *until
        {
            return Ok(value.clone());
        }
        let value = read().await?;
        *last = Some(Read { value: value.clone(), until: asked.saturating_add(used_for(self.clock, asked)) });
        Ok(value)
    }
}

/// For how many milliseconds something is used that began to be read at a time and is there now.
pub fn used_for(clock: Clock, asked: u64) -> u64 {
    let [least, most] = USED_FOR;
    let took = Duration::from_millis(clock.now().saturating_sub(asked));
    u64::try_from((took * PAUSE).clamp(least, most).as_millis()).unwrap_or(u64::MAX)
}
