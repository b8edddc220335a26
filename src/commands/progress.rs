//! How far a command has come: on standard error, if that is a terminal, and only if it takes longer than a second.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Quicker things need none.
const PATIENCE: Duration = Duration::from_secs(1);

/// How often it is drawn in a second; terminals may be slow.
const DRAWN: u8 = 4;

/// A bar over a stretch of time that is being counted. It is gone when this is dropped.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    from: DateTime<Utc>,
    began: Instant,
}

impl Progress {
    /// A bar over the time from `from` to `to`, not yet visible.
    pub fn new(what: &'static str, from: DateTime<Utc>, to: DateTime<Utc>) -> Self {
        let bar = ProgressBar::with_draw_target(Some(seconds(to - from)), ProgressDrawTarget::hidden());
        let style = ProgressStyle::with_template("{msg} [{bar:40}] {percent:>3} %, {eta} left");
        if let Ok(style) = style {
            bar.set_style(style.progress_chars("=> "));
        }
        Self { bar: bar.with_message(what), from, began: Instant::now() }
    }

    /// It has come to an instant. What was further stays so.
    pub fn reached(&self, at: DateTime<Utc>) {
        if self.bar.is_hidden() && self.began.elapsed() > PATIENCE {
            // Draws nothing where standard error is no terminal.
            self.bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(DRAWN));
        }
        self.bar.set_position(self.bar.position().max(seconds(at - self.from)));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn seconds(time: chrono::TimeDelta) -> u64 {
    time.num_seconds().try_into().unwrap_or_default()
}
