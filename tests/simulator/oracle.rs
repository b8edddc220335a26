//! The judge: whatever the feed claims is compared with the database's own history, after every step.
//!
//! For each claimed day there is one moment at which it is said to be true, and it must be true then, by room type, to the
//! message. That moment must have been majority-committed, and nothing that the primary wrote longer than `max_staleness` ago may
//! be missing from it. So when memory has come to the end of the oplog, the answer is the present.

use std::ops::RangeInclusive;

use rocketchat_engagement::tally::feed::{Answer, Feed};
use rocketchat_engagement::tally::time::{Day, Millis, Timestamp};

use crate::server::{FIRST_DAY, Op, ROOMS, Server, TYPES, room_id};

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

/// The messages per room in two windows, by the moments that are claimed for their days: id, type, and both numbers.
fn true_rooms(feed: &Feed, server: &Server, windows: &[RangeInclusive<Day>; 2]) -> Option<Vec<RoomClaim>> {
    let mut rooms = vec![[0; 2]; ROOMS];
    let mut kinds = None;
    for (index, window) in windows.iter().enumerate() {
        for day in window.clone() {
            let moment = feed.moment(day)?;
            kinds = Some(moment.rooms);
            let Some(place) = usize::try_from(day - FIRST_DAY).ok() else { continue };
            let truth = server.truth_at(moment.messages);
            let Some(cells) = truth.0.get(place) else { continue };
            for (sums, messages) in rooms.iter_mut().zip(cells) {
                sums[index] += u64::from(*messages);
            }
        }
    }
    let kind = |room| kinds.and_then(|at| server.room_at(room, at)).filter(|kind| *kind < COUNTED);
    let claims = rooms.into_iter().enumerate().filter(|(_, sums)| *sums != [0; 2]);
    Some(claims.filter_map(|(room, sums)| Some((room_id(room).into(), TYPES[kind(room)?].into(), sums))).collect())
}

/// A room's id, its type, and its messages in two windows.
type RoomClaim = (String, String, [u64; 2]);

/// Whether the sums per room of two windows of days were claimed; an error if they were, wrongly. That they are of moments that
/// may be claimed is seen by [`check`].
pub fn check_rooms(
    feed: &Feed,
    server: &Server,
    windows: &[RangeInclusive<Day>; 2],
    now: Millis,
) -> Result<bool, String> {
    let days: Vec<_> = windows.iter().map(|window| matches!(feed.days(window.clone(), now), Answer::Live(_))).collect();
    let Answer::Live(claimed) = feed.rooms(windows, now) else {
        return match days.contains(&false) {
            true => Ok(false),
            false => Err(format!("{windows:?}: days are claimed, and rooms are not")),
        };
    };
    let mut claimed: Vec<RoomClaim> =
        claimed.iter().map(|room| (room.id.to_owned(), room.kind.to_owned(), room.messages)).collect();
    claimed.sort_unstable();
    let Some(truth) = true_rooms(feed, server, windows) else {
        return Err(format!("{windows:?}: rooms are claimed, and not all days are loaded"));
    };
    if claimed != truth {
        return Err(format!("{windows:?}: {claimed:?} claimed, {truth:?} true"));
    }
    Ok(true)
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
