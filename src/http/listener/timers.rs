//! How long the service waits for a client: for a head that is due, and for a request that may never come.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::time::{Instant, Sleep, sleep, sleep_until};

/// How long a head that is late is looked for once more.
const LAST_LOOK: Duration = Duration::from_millis(100);

/// How long a client may take.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    /// For the head of a request. After as long without a request it gives up its seat to one that waits.
    pub head: Duration,
    /// From an answer to the next request.
    pub idle: Duration,
}

/// Until when a head is due.
pub struct Due {
    time: Pin<Box<Sleep>>,
    /// A service that was suspended sees first that the time is over and then what came in time. So it looks once more.
    is_last_look: bool,
}

impl Due {
    /// A head that is due after this time.
    pub fn after(time: Duration) -> Self {
        Self { time: Box::pin(sleep(time)), is_last_look: false }
    }

    /// Whether it is late.
    pub fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        ready!(self.time.as_mut().poll(cx));
        if self.is_last_look {
            return Poll::Ready(());
        }
        self.is_last_look = true;
        self.time.as_mut().reset(Instant::now() + LAST_LOOK);
        self.time.as_mut().poll(cx)
    }
}

/// Since when nothing has been written, and when that is looked at again. actix has a timer for it that begins anew with each waking.
pub struct Idle {
    since: Instant,
    look: Option<Pin<Box<Sleep>>>,
}

impl Idle {
    /// From now on.
    pub fn new() -> Self {
        Self { since: Instant::now(), look: None }
    }

    /// Something is written, so the time begins anew. The task is woken when it may be over.
    pub fn begin(&mut self, cx: &mut Context<'_>, times: Times) {
        self.since = Instant::now();
        let _not_over = self.poll_over(cx, times, || false);
    }

    /// Whether nothing has been written for the whole time, or for that after which the client has to give way, if it has to.
    pub fn poll_over(&mut self, cx: &mut Context<'_>, times: Times, has_to_go: impl Fn() -> bool) -> Poll<()> {
        let (asks, ends) = (self.since + times.head, self.since + times.idle);
        let look = self.look.get_or_insert_with(|| Box::pin(sleep_until(asks.min(ends))));
        loop {
            ready!(look.as_mut().poll(cx));
            let now = Instant::now();
            if ends <= now || asks <= now && has_to_go() {
                return Poll::Ready(());
            }
            let next = if asks <= now { now + times.head } else { asks };
            look.as_mut().reset(next.min(ends));
        }
    }
}
