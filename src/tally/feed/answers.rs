//! What can be asked of the counts, and how things stand. Nothing here changes them.

use std::ops::RangeInclusive;

use super::event::{Request, Stream};
use super::messages::Batch;
use super::{Feed, FeedStatus, Hindrance};
use crate::dashboard::{
    breakdown::{Breakdown, WINDOWS},
    room_sums::RoomSums,
};
use crate::tally::cube::Cube;
use crate::tally::time::{Day, Millis, Timestamp};

/// The answer to a question for counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer<T> {
    /// The counts.
    Live(T),
    /// Not all of the days are in memory.
    NotLoaded,
    /// They are, but may be older than allowed.
    Stale,
}

/// The moment at which a day's count is true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// For the messages.
    pub messages: Timestamp,
    /// For the types of the rooms.
    pub rooms: Timestamp,
}

impl Feed {
    /// The days with messages among these, oldest first, with their number.
    pub fn days(&self, days: RangeInclusive<Day>, now: Millis) -> Answer<Vec<(Day, u64)>> {
        self.vouched(now, self.cube.days(days))
    }

    /// The messages of these days by type of room, in the order of the counted types.
    pub fn types(&self, days: RangeInclusive<Day>, now: Millis) -> Answer<Vec<u64>> {
        self.vouched(now, self.cube.types(days))
    }

    /// The messages per room in each of these windows of days.
    pub fn rooms<const N: usize>(&self, windows: &[RangeInclusive<Day>; N], now: Millis) -> Answer<RoomSums<N>> {
        self.busiest(windows, usize::MAX, now)
    }

    /// The same, of which only so many rooms are kept, those with the most messages in the first window.
    pub fn busiest<const N: usize>(
        &self,
        windows: &[RangeInclusive<Day>; N],
        most: usize,
        now: Millis,
    ) -> Answer<RoomSums<N>> {
        self.vouched_if_fresh(windows, now, |cube| cube.busiest(windows, most))
    }

    /// Messages by day and type, and by room in each of these windows; of one room only, if it is told.
    pub fn breakdown(
        &self,
        windows: &[RangeInclusive<Day>; WINDOWS],
        room: Option<&str>,
        now: Millis,
    ) -> Answer<Breakdown<Day>> {
        self.vouched_if_fresh(windows, now, |cube| cube.breakdown(windows, room))
    }

    /// Counts that cost more than others, so they are not made for nothing.
    fn vouched_if_fresh<T>(
        &self,
        windows: &[RangeInclusive<Day>],
        now: Millis,
        counts: impl FnOnce(&Cube) -> Option<T>,
    ) -> Answer<T> {
        let counts = self.is_fresh(now).then(|| counts(&self.cube)).flatten();
        let covers = || windows.iter().all(|days| self.cube.covers(days));
        match counts {
            None if self.list.is_known() && covers() => Answer::Stale,
            counts => self.vouched(now, counts),
        }
    }

    /// Counts of the cube, which has none if it has not loaded all that is asked for.
    fn vouched<T>(&self, now: Millis, counts: Option<T>) -> Answer<T> {
        match counts.filter(|_| self.list.is_known()) {
            None => Answer::NotLoaded,
            Some(_) if !self.is_fresh(now) => Answer::Stale,
            Some(counts) => Answer::Live(counts),
        }
    }

    fn is_fresh(&self, now: Millis) -> bool {
        self.staleness(now).is_some_and(|staleness| staleness <= self.config.max_staleness)
    }

    /// How old an answer from memory can be at most; none before both streams have brought anything.
    pub fn staleness(&self, now: Millis) -> Option<Millis> {
        let fresh = self.messages.fresh?.min(self.rooms.fresh?);
        Some(now.saturating_sub(fresh))
    }

    /// The moment at which a loaded day's count is true.
    pub fn moment(&self, day: Day) -> Option<Moment> {
        let messages = self.cube.version(day)?.max(self.messages.position);
        let rooms = self.list.version()?.max(self.rooms.position);
        Some(Moment { messages, rooms })
    }

    /// How things stand.
    pub fn status(&self, now: Millis) -> FeedStatus {
        let staleness = self.staleness(now);
        let batch = self.batch.as_ref().map_or(0, Batch::len);
        let has_all = self.complete && self.list.is_known() && !self.cube.leaves_out();
        let hindrance = if self.resting_until.is_some() {
            Some(Hindrance::ImagesLost)
        } else if self.points.majority_behind_for(now) > self.config.max_staleness / 2 {
            Some(Hindrance::MajorityBehind)
        } else {
            self.cube.leaves_out().then_some(Hindrance::DaysTooLarge)
        };
        FeedStatus {
            live: self.is_fresh(now) && has_all,
            loaded_days: self.cube.loaded_days(self.today),
            staleness,
            backlog: self.messages.log.len() + self.rooms.log.len() + batch,
            hindrance,
        }
    }

    /// Whether the answer to this request is still waited for. What is not may be ended.
    pub fn awaits(&self, request: Request) -> bool {
        self.messages.link.is(request)
            || self.rooms.link.is(request)
            || self.reading.is_for(request)
            || self.loads.iter().any(|load| load.is_for(request))
            || self.batch.as_ref().is_some_and(|batch| batch.is_for(request))
            || self.list.is_for(request)
            || self.audit.is_some_and(|(own, _, _)| own == request)
    }

    /// The counts.
    pub fn cube(&self) -> &Cube {
        &self.cube
    }

    /// Whether more events of this stream are welcome. Not while too many wait: the stream is to be left alone until then.
    pub fn wants_more(&self, stream: Stream) -> bool {
        let waiting = match stream {
            Stream::Messages => self.messages.log.complete(),
            Stream::Rooms => self.rooms.log.complete(),
        };
        waiting < self.config.max_backlog && self.shaken.is_none()
    }
}
