//! Something that takes a while to read, used again for a short while.
//!
//! Whoever asks while it is read waits for that, so questions that come together share one read; and as long
//! as it takes no more than three seconds, reading takes a twentieth of all time at the most. What MongoDB does not tell in time is asked
//! for again no sooner than after another such time, so that is half of all time.

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
    /// None: MongoDB took too long.
    value: Option<T>,
    /// Until when nobody reads again, by the clock.
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
    /// Those of `read`; somebody else reads until the deadline; MongoDB took too long just now.
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
            return value.clone().ok_or(MongoError::TooSlow);
        }
        let value = read().await;
        let until = match &value {
            Ok(_) => asked.saturating_add(used_for(self.clock, asked)),
            Err(MongoError::TooSlow) => asked.saturating_add(2 * self.clock.now().saturating_sub(asked)),
            Err(_) => asked,
        };
        *last = Some(Read { value: value.as_ref().ok().cloned(), until });
        value
    }
}

/// For how many milliseconds something is used that began to be read at a time and is there now.
pub fn used_for(clock: Clock, asked: u64) -> u64 {
    let [least, most] = USED_FOR;
    let took = Duration::from_millis(clock.now().saturating_sub(asked));
    u64::try_from((took * PAUSE).clamp(least, most).as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use tokio::time::sleep;

    use super::*;

    #[tokio::test]
    async fn what_mongodb_does_not_tell_in_time_is_not_asked_for_again_at_once() {
        const TOOK: Duration = Duration::from_millis(500);
        let cached = Cached::default();
        let deadline = Deadline::after(Duration::from_secs(60));
        let late = async || {
            sleep(TOOK).await;
            Err(MongoError::TooSlow)
        };
        assert!(matches!(cached.get(deadline, late).await, Err(MongoError::TooSlow)));
        let since = Instant::now();
        loop {
            match cached.get(deadline, async || Ok(7)).await {
                Ok(found) => break assert_eq!(found, 7),
                Err(MongoError::TooSlow) => tokio::task::yield_now().await,
                Err(error) => panic!("{error}"),
            }
        }
        assert!(since.elapsed() > TOOK / 2, "{:?}", since.elapsed());
    }

    #[tokio::test]
    async fn after_another_error_it_is_asked_for_again_at_once() {
        let cached = Cached::default();
        let deadline = Deadline::after(Duration::from_secs(60));
        let refused = async || {
            sleep(Duration::from_millis(500)).await;
            Err(MongoError::Unreachable("gone".to_owned()))
        };
        assert!(cached.get(deadline, refused).await.is_err());
        assert_eq!(cached.get(deadline, async || Ok(7)).await.ok(), Some(7));
    }
}
