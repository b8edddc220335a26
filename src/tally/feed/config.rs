//! The feed's settings.

use crate::tally::time::Millis;

/// How the feed behaves. The times are in milliseconds.
#[derive(Clone, Debug)]
pub struct Config {
    /// The room types that count.
    pub counted_types: Vec<String>,
    /// How many days are loaded.
    pub history_days: u32,
    /// How many of them at once.
    pub span_days: u32,
    /// How many loads may run at the same time.
    pub parallelism: usize,
    /// The pause after a load, to be gentle.
    pub load_pause: Millis,
    /// How old an answer from memory may be.
    pub max_staleness: Millis,
    /// The time between two audits; 0: none.
    pub audit_every: Millis,
    /// After this time a small read has failed.
    pub request_timeout: Millis,
    /// After this time the opening of a stream has failed. Long: the server first reads the oplog from the token on.
    pub open_timeout: Millis,
    /// After this time a load has failed.
    pub load_timeout: Millis,
    /// A stream that is silent for longer has broken. Above the time that the server waits before an empty batch.
    pub silence: Millis,
    /// How long nothing is loaded that was lost, or could not be loaded, again and again.
    pub rest: Millis,
    /// The time between two questions to the primary how far it has come.
    pub point_every: Millis,
    /// The first pause before something is tried again.
    pub min_pause: Millis,
    /// The longest.
    pub max_pause: Millis,
    /// Above this number of waiting events no more are wanted.
    pub max_backlog: usize,
    /// Sets jitter and the choice of audited days.
    pub seed: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            counted_types: ["c", "p", "d"].map(String::from).into(),
            history_days: 400,
            span_days: 16,
            parallelism: 2,
            load_pause: 0,
            max_staleness: 2_000,
            audit_every: 300_000,
            request_timeout: 10_000,
            open_timeout: 120_000,
            load_timeout: 600_000,
            silence: 30_000,
            rest: 3_600_000,
            point_every: 100,
            min_pause: 100,
            max_pause: 30_000,
            max_backlog: 20_000,
            seed: 1,
        }
    }
}
