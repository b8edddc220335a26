//! The connections that actix may have, which are those whose first head has come. The others wait before.
//!
//! So a client that sends its first head slowly takes nobody's seat, and one that has been answered and asks nothing more
//! gives up its own if another one waits for it.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The seats of a listener, whichever worker has the connection.
#[derive(Debug, Clone)]
pub struct Seats {
    free: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
}

/// A seat. Dropping it frees it.
#[derive(Debug)]
pub struct Seat {
    waiting: Arc<AtomicUsize>,
    _permit: OwnedSemaphorePermit,
}

/// One that waits for a seat, for as long as this lives.
struct Waiting(Arc<AtomicUsize>);

impl Seats {
    /// So many of them.
    pub fn new(count: usize) -> Self {
        Self { free: Arc::new(Semaphore::new(count)), waiting: Arc::default() }
    }

    /// Waits for a seat, in the order of those who ask. None if there will never be one.
    pub async fn take(&self) -> Option<Seat> {
        let permit = match Arc::clone(&self.free).try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => {
                let _waiting = Waiting::new(&self.waiting);
                Arc::clone(&self.free).acquire_owned().await.ok()?
            }
        };
        Some(Seat { waiting: Arc::clone(&self.waiting), _permit: permit })
    }
}

impl Seat {
    /// Whether somebody waits for a seat.
    pub fn is_wanted(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) > 0
    }
}

impl Waiting {
    fn new(waiting: &Arc<AtomicUsize>) -> Self {
        waiting.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(waiting))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use futures::{FutureExt, pin_mut};

    use super::*;

    #[tokio::test]
    async fn a_seat_is_wanted_while_somebody_waits_for_one() {
        let seats = Seats::new(1);
        let seat = seats.take().await.expect("the only seat");
        assert!(!seat.is_wanted());
        {
            let given_up = seats.take();
            pin_mut!(given_up);
            assert!(given_up.as_mut().now_or_never().is_none() && seat.is_wanted());
        }
        assert!(!seat.is_wanted(), "the other one has given up");

        let next = seats.take();
        pin_mut!(next);
        assert!(next.as_mut().now_or_never().is_none() && seat.is_wanted());
        drop(seat);
        assert!(!next.await.expect("a seat").is_wanted());
    }
}
