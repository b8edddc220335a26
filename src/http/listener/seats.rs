//! The connections that actix may have, which are those whose first head has come. The others wait before.
//!
//! So a client that sends its first head slowly takes nobody's seat, and one that has been answered and asks nothing more
//! gives up its own if another one waits for it: one client for each that waits.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The seats of a listener, whichever worker has the connection.
#[derive(Debug, Clone)]
pub struct Seats {
    free: Arc<Semaphore>,
    demand: Arc<Demand>,
}

/// How many wait for a seat, and how many give up theirs for that.
#[derive(Debug, Default)]
struct Demand(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    waiting: usize,
    /// At most as many as wait.
    leaving: usize,
}

/// A seat. Dropping it frees it.
#[derive(Debug)]
pub struct Seat {
    demand: Arc<Demand>,
    _permit: OwnedSemaphorePermit,
}

/// One that waits for a seat, for as long as this lives.
struct Waiting<'a> {
    demand: &'a Demand,
    is_seated: bool,
}

impl Seats {
    /// So many of them.
    pub fn new(count: usize) -> Self {
        Self { free: Arc::new(Semaphore::new(count)), demand: Arc::default() }
    }

    /// Waits for a seat, in the order of those who ask. None if there will never be one.
    pub async fn take(&self) -> Option<Seat> {
        let permit = match Arc::clone(&self.free).try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => {
                let mut waiting = Waiting::new(&self.demand);
                let permit = Arc::clone(&self.free).acquire_owned().await.ok()?;
                waiting.is_seated = true;
                permit
            }
        };
        Some(Seat { demand: Arc::clone(&self.demand), _permit: permit })
    }
}

impl Seat {
    /// Whether somebody waits for a seat for whom nobody else gives up one. Who is told so has to.
    pub fn has_to_go(&self) -> bool {
        let mut counts = self.demand.counts();
        let has_to = counts.leaving < counts.waiting;
        counts.leaving += usize::from(has_to);
        has_to
    }
}

impl Demand {
    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<'a> Waiting<'a> {
    fn new(demand: &'a Demand) -> Self {
        demand.counts().waiting += 1;
        Self { demand, is_seated: false }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut counts = self.demand.counts();
        counts.waiting = counts.waiting.saturating_sub(1);
        // Whoever was seated may have the seat of one that ended anyway. Then one more than needed goes, and never too few.
        counts.leaving = counts.leaving.saturating_sub(self.is_seated.into()).min(counts.waiting);
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures::FutureExt;

    use super::*;

    #[tokio::test]
    async fn one_has_to_go_for_each_that_waits() {
        let seats = Seats::new(3);
        let [first, second, third] = [seats.take().await, seats.take().await, seats.take().await].map(Option::unwrap);
        assert!(!first.has_to_go(), "nobody waits");
        {
            let mut given_up = pin!(seats.take());
            assert!(given_up.as_mut().now_or_never().is_none() && first.has_to_go());
        }
        assert!(!first.has_to_go(), "nobody waits any more");

        let (mut one, mut other) = (pin!(seats.take()), pin!(seats.take()));
        assert!(one.as_mut().now_or_never().is_none() && first.has_to_go() && !second.has_to_go());
        assert!(other.as_mut().now_or_never().is_none() && second.has_to_go() && !third.has_to_go());
        drop(first);
        assert!(!third.has_to_go(), "the second one goes for the other");
        let one = one.await.expect("the seat of the first");
        assert!(!one.has_to_go() && !third.has_to_go());
        drop(second);
        let _other = other.await.expect("the seat of the second");

        let mut next = pin!(seats.take());
        assert!(next.as_mut().now_or_never().is_none() && third.has_to_go(), "as at the beginning");
    }
}
