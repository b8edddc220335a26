//! What people are told about the tally in memory: progress, changes of state, and why things are loaded again.

use log::{debug, info, warn};

use super::events::date;
use crate::tally::{
    feed::{Feed, FeedStatus, Hindrance, Notice},
    time::Millis,
};

/// The time between two lines about progress.
const PROGRESS: Millis = 2_000;

/// Where counts come from, as the last line about it said.
#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    Loading,
    Live,
    Stale,
    Hindered(Hindrance),
    Obstacle(String),
}

/// Writes the log.
#[derive(Debug)]
pub struct Narrator {
    history_days: u32,
    state: State,
    /// When the loading that is under way began, how many messages it has brought, and when that was last told.
    began: Millis,
    messages: u64,
    told: Millis,
}

impl Narrator {
    /// Nothing is told yet.
    pub fn new(history_days: u32, now: Millis) -> Self {
        Self { history_days, state: State::Loading, began: now, messages: 0, told: now }
    }

    /// Tells where counts come from, if that has changed.
    pub fn state(&mut self, status: FeedStatus, obstacle: Option<&str>) {
        let state = match (status.live, obstacle, status.hindrance) {
            (true, _, _) => State::Live,
            (false, Some(obstacle), _) => State::Obstacle(obstacle.to_owned()),
            (false, None, Some(hindrance)) => State::Hindered(hindrance),
            (false, None, None) if status.loaded_days >= self.history_days => State::Stale,
            (false, None, None) => State::Loading,
        };
        if state == self.state {
            return;
        }
        match &state {
            State::Live => info!("counting is live: answers come from memory"),
            State::Loading => info!("counting by aggregations while history is being loaded"),
            State::Stale => info!("counting by aggregations until MongoDB's change streams are heard again"),
            State::Hindered(why) => warn!("counting by aggregations: {}", why.reason()),
            State::Obstacle(why) => warn!("counting by aggregations, for the database cannot be followed: {why}"),
        }
        self.state = state;
    }

    /// Tells what has come about.
    pub fn notice(&mut self, notice: &Notice, feed: &Feed, now: Millis) {
        match notice {
            Notice::Opened(stream) => debug!("the change stream on {stream:?} is open"),
            Notice::Broken(stream, fault) => debug!("the change stream on {stream:?} is opened again: {fault:?}"),
            Notice::Rebuild(stream, reason) => {
                warn!("what the change stream on {stream:?} brought is loaded again: {reason}");
                (self.began, self.messages, self.told) = (now, 0, now);
            }
            Notice::NewPrimary => {
                debug!("another process is primary: its oplog is searched for the last event that came")
            }
            Notice::Rest(time) => warn!(
                "MongoDB has lost the former states of changed documents again and again: for {} minutes counts come from \
                 aggregations; set minSnapshotHistoryWindowInSeconds to 300, its default",
                time.div_ceil(60_000)
            ),
            Notice::Halved(days) => info!(
                "loading takes longer than MongoDB keeps snapshots: {} and the days after it are loaded apart",
                date(days.first).map(|date| date.to_string()).unwrap_or_default()
            ),
            Notice::TooLarge(day, time) => warn!(
                "{} takes longer to load than MongoDB keeps snapshots (minSnapshotHistoryWindowInSeconds): for {} minutes \
                 it is counted by aggregations",
                date(*day).map(|date| date.to_string()).unwrap_or_default(),
                time.div_ceil(60_000)
            ),
            Notice::Loaded(loaded) => {
                self.messages += loaded.messages;
                self.progress(feed, now);
            }
            Notice::Retry(fault) => debug!("a read is tried again: {fault:?}"),
            Notice::TooOld => debug!("a snapshot was older than asked for, and is taken again"),
            Notice::Complete => {
                let (seconds, rate) = self.pace(now);
                info!(
                    "all of {} days are loaded: {} messages in {seconds:.1} s, {rate:.0} messages/s, {} MB for {} cells",
                    self.history_days,
                    self.messages,
                    feed.cube().memory().div_ceil(1 << 20),
                    feed.cube().cells()
                );
            }
            Notice::Audited(day) => match date(*day) {
                Some(date) => debug!("an audit of {date} found nothing wrong"),
                None => debug!("an audit found nothing wrong"),
            },
        }
    }

    fn progress(&mut self, feed: &Feed, now: Millis) {
        if now.saturating_sub(self.told) < PROGRESS {
            return;
        }
        self.told = now;
        let (seconds, rate) = self.pace(now);
        let loaded = feed.status(now).loaded_days;
        let left = seconds / f64::from(loaded.max(1)) * f64::from(self.history_days.saturating_sub(loaded));
        info!(
            "loading: {loaded} of {} days, {} messages, {rate:.0} messages/s, about {left:.0} s left",
            self.history_days, self.messages
        );
    }

    /// Seconds since loading began, and messages a second.
    fn pace(&self, now: Millis) -> (f64, f64) {
        let seconds = now.saturating_sub(self.began).max(1) as f64 / 1000.0;
        (seconds, self.messages as f64 / seconds)
    }
}
