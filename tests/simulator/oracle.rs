//! The judge: whatever the feed claims is compared with the database's own history, after every step.
//!
//! For each claimed day there is one moment at which it is said to be true, and it must be true then, by room type, to the
//! message. That moment must have been majority-committed, and nothing that the primary wrote longer than `max_staleness` ago may
//! be missing from it. So when memory has come to the end of the oplog, the answer is the present.

use std::ops::RangeInclusive;

use rocketchat_engagement::tally::feed::{Answer, Feed};
use rocketchat_engagement::tally::time::{Day, Millis, Timestamp};

use crate::server::{FIRST_DAY, Op, Server};

/// The first so many types count.
pub const COUNTED: usize = 3;

/// The truth of a day: by counted type.
pub fn truth(server: &Server, day: Day, messages: Timestamp, rooms: Timestamp) -> [u64; COUNTED] {
    let mut sums = [0; COUNTED];
    let Some(cells) = usize::try_from(day - FIRST_DAY).ok().and_then(|day| server.truth_at(messages).0.get(day)) else {
        return sums;
    };
    for (room, messages) in cells.iter().enumerate().filter(|(_, messages)| **messages > 0) {
        if let Some(sum) = server.room_at(room, rooms).and_then(|kind| sums.get_mut(kind)) {
            *sum += u64::from(*messages);
        }
    }
    sums
}

/// When the first write after a moment was made, whether a majority holds it or not.
fn next_written(server: &Server, moment: Timestamp, wanted: impl Fn(&Op) -> bool) -> Option<Millis> {
    let from = server.oplog.partition_point(|entry| entry.at <= moment);
    server.oplog.get(from..)?.iter().find(|entry| wanted(&entry.op)).map(|entry| entry.written)
}

/// Whether these days were claimed; an error if they were, wrongly.
pub fn check(
    feed: &Feed,
    server: &Server,
    days: RangeInclusive<Day>,
    now: Millis,
    max_staleness: Millis,
) -> Result<bool, String> {
    let Answer::Live(claimed) = feed.days(days.clone(), now) else { return Ok(false) };
    if !claimed.is_sorted_by(|a, b| a.0 < b.0) || claimed.iter().any(|(day, count)| !days.contains(day) || *count == 0)
    {
        return Err(format!("{days:?}: badly formed {claimed:?}"));
    }
    let mut oldest: Option<(Timestamp, Timestamp)> = None;
    for day in days {
        let Some(moment) = feed.moment(day) else { return Err(format!("day {day} is claimed but not loaded")) };
        let (messages, rooms) = (moment.messages, moment.rooms);
        if messages.max(rooms) > server.majority_at() {
            return Err(format!("day {day} is claimed of {moment:?}, beyond the majority"));
        }
        let truth = truth(server, day, messages, rooms);
        let sums = feed.cube().by_type(day).unwrap_or_default();
        let claim = claimed.iter().find(|(claimed, _)| *claimed == day).map_or(0, |(_, count)| *count);
        if sums != truth || claim != truth.iter().sum::<u64>() {
            return Err(format!("day {day}: {claim} {sums:?} claimed, {truth:?} true at {moment:?}"));
        }
        let (a, b) = oldest.unwrap_or((messages, rooms));
        oldest = Some((a.min(messages), b.min(rooms)));
    }
    let Some((messages, rooms)) = oldest else { return Ok(true) };
    let message = |op: &Op| matches!(op, Op::Message(..) | Op::DropMessages);
    let room = |op: &Op| matches!(op, Op::Room(..) | Op::DropRooms);
    for missing in [next_written(server, messages, message), next_written(server, rooms, room)].into_iter().flatten() {
        if missing + max_staleness < now {
            return Err(format!("claimed at {now} without what was written at {missing}"));
        }
    }
    Ok(true)
}
