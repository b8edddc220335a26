//! Time as a test may hold it against the service: without what the machine stood still for.

use std::{
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
    thread,
    time::{Duration, Instant},
};

const TICK: Duration = Duration::from_millis(50);

/// Ticks that come later by less are as good as punctual.
const JITTER: Duration = Duration::from_millis(100);

/// When the clock ticked last, and for how long it had stood still until then.
struct Clock {
    ticked: Instant,
    stood_still: Duration,
}

impl Clock {
    /// For how long it has stood still until now.
    fn stood_still(&self) -> Duration {
        let late = self.ticked.elapsed().saturating_sub(TICK);
        self.stood_still + if late > JITTER { late } else { Duration::ZERO }
    }
}

/// The clock of this process. It ticks in a thread of its own: if that does not run, neither does anything else.
fn clock() -> MutexGuard<'static, Clock> {
    static CLOCK: OnceLock<Mutex<Clock>> = OnceLock::new();
    let mut is_new = false;
    let clock = CLOCK.get_or_init(|| {
        is_new = true;
        Mutex::new(Clock { ticked: Instant::now(), stood_still: Duration::ZERO })
    });
    let lock = || clock.lock().unwrap_or_else(PoisonError::into_inner);
    if is_new {
        thread::spawn(move || {
            loop {
                thread::sleep(TICK);
                let mut clock = lock();
                clock.stood_still = clock.stood_still();
                clock.ticked = Instant::now();
            }
        });
    }
    lock()
}

/// Measures time, but not while the whole machine stands still.
pub struct Stopwatch {
    began: Instant,
    stood_still: Duration,
}

impl Stopwatch {
    /// Begins now.
    pub fn start() -> Self {
        let stood_still = clock().stood_still();
        Self { began: Instant::now(), stood_still }
    }

    /// The time since then.
    pub fn elapsed(&self) -> Duration {
        let stood_still = clock().stood_still().saturating_sub(self.stood_still);
        self.began.elapsed().saturating_sub(stood_still)
    }
}
