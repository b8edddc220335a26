//! Since when memory is known to hold every write.
//!
//! The primary is asked, many times a second, for its own newest write and for the newest that a majority holds. A change stream
//! gives what a majority holds, so an empty batch says nothing about writes beyond that. Memory holds every write that the primary
//! had when it was asked (a *point*) once
//! * an event after that write has been applied, or
//! * a later answer told that a majority holds it, and an empty batch was asked for after that answer, and everything before the
//!   batch has been applied. A stream may be open on a member that lags behind that majority: a batch's token names the time up to
//!   which its member has looked, and the write is no later.
//!
//! While no majority holds the newest writes no point is reached, and memory becomes stale.

use std::collections::VecDeque;

use crate::tally::time::{Millis, Timestamp};

/// More points are not kept: while the majority stands still, new ones could not be reached sooner than the first.
const MOST_POINTS: usize = 2_000;

/// What the primary had written when it was asked.
#[derive(Debug)]
struct Point {
    /// When it was first seen.
    since: Millis,
    /// When it was last asked for and nothing had been written since.
    asked: Millis,
    last_write: Timestamp,
    /// When an answer had come that tells that a majority holds this write.
    confirmed: Option<Millis>,
}

/// An empty batch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Silence {
    /// When it was asked for.
    pub(super) asked: Millis,
    /// Up to when the member has given all events, if it says so.
    pub(super) reached: Option<Timestamp>,
}

/// The points that matter still, oldest first.
#[derive(Debug, Default)]
pub(super) struct Points(VecDeque<Point>);

impl Points {
    /// Takes in what the primary has answered: when it was asked, its own newest write, and that of the majority.
    pub(super) fn push(&mut self, asked: Millis, heard: Millis, last_write: Timestamp, majority: Timestamp) {
        let is_full = self.0.len() >= MOST_POINTS;
        match self.0.back_mut() {
            // Nothing was written since.
            Some(last) if last.last_write == last_write && last.confirmed.is_none() => {
                last.asked = last.asked.max(asked)
            }
            _ if is_full => {}
            _ => self.0.push_back(Point { since: asked, asked, last_write, confirmed: None }),
        }
        let unconfirmed = self.0.iter_mut().rev().take_while(|point| point.confirmed.is_none());
        for point in unconfirmed.filter(|point| point.last_write <= majority) {
            point.confirmed = Some(heard);
        }
    }

    /// The newest moment of whose writes all are applied, once all events up to `position` are.
    pub(super) fn reached_by_event(&self, position: Timestamp) -> Option<Millis> {
        self.0.iter().rev().find(|point| point.last_write <= position).map(|point| point.asked)
    }

    /// The same, once everything is applied that came before an empty batch.
    pub(super) fn reached_by_empty_batch(&self, Silence { asked, reached }: Silence) -> Option<Millis> {
        let is_reached = |point: &&Point| {
            // Within the same millisecond, nobody knows which of the two came first.
            point.confirmed.is_some_and(|confirmed| confirmed < asked)
                && reached.is_none_or(|reached| point.last_write <= reached)
        };
        self.0.iter().rev().find(is_reached).map(|point| point.asked)
    }

    /// Forgets what is older than this.
    pub(super) fn forget_before(&mut self, moment: Millis) {
        while self.0.front().is_some_and(|point| point.asked < moment) {
            self.0.pop_front();
        }
    }

    /// Forgets all.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// How long the primary has had a write that no majority is known to hold.
    pub(super) fn majority_behind_for(&self, now: Millis) -> Millis {
        let first = self.0.iter().find(|point| point.confirmed.is_none());
        first.map_or(0, |point| now.saturating_sub(point.since))
    }
}

#[cfg(test)]
mod tests {
    use super::{Points, Silence, Timestamp};
    use crate::tally::time::Millis;

    const T: fn(u32) -> Timestamp = |increment| Timestamp::new(7, increment);

    fn asked(asked: Millis) -> Silence {
        Silence { asked, reached: None }
    }

    #[test]
    fn an_empty_batch_proves_freshness_up_to_the_majority_point_known_when_it_was_requested() {
        let mut points = Points::default();
        points.push(100, 110, T(5), T(3));
        assert_eq!(points.reached_by_empty_batch(asked(1_000)), None);
        points.push(200, 210, T(6), T(5));
        assert_eq!(points.reached_by_empty_batch(asked(210)), None);
        assert_eq!(points.reached_by_empty_batch(asked(211)), Some(100));
        points.push(300, 310, T(6), T(6));
        assert_eq!(points.reached_by_empty_batch(asked(311)), Some(300));
        assert_eq!(points.reached_by_event(T(4)), None);
        assert_eq!(points.reached_by_event(T(5)), Some(100));
    }

    #[test]
    fn an_empty_batch_from_a_lagging_member_proves_freshness_only_up_to_its_last_write() {
        let mut points = Points::default();
        points.push(100, 110, T(5), T(5));
        points.push(200, 210, T(6), T(6));
        for (reached, expected) in [(4, None), (5, Some(100)), (6, Some(200)), (7, Some(200))] {
            let silence = Silence { reached: Some(T(reached)), ..asked(1_000) };
            assert_eq!(points.reached_by_empty_batch(silence), expected, "{reached}");
        }
    }

    #[test]
    fn the_majority_is_behind_since_the_first_write_that_it_lacks() {
        let mut points = Points::default();
        points.push(100, 110, T(5), T(5));
        assert_eq!(points.majority_behind_for(500), 0);
        for asked in 200..5_000 {
            points.push(asked, asked, T(asked.max(1_000) as u32), T(5));
        }
        assert_eq!(points.majority_behind_for(5_000), 4_800);
        assert_eq!(points.reached_by_empty_batch(asked(5_000)), Some(100));
        points.push(5_001, 5_001, T(5_001), T(5_001));
        assert_eq!(points.majority_behind_for(5_001), 0);
    }
}
