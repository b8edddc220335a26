//! What people and programs do to the database, at random: all that Rocket.Chat does, and what hands do to it.

use rocketchat_engagement::tally::time::{Day, Millis};

use crate::random::Random;
use crate::server::{DAYS, Doc, FIRST_DAY, IDS, Kind, ROOMS, Server, TYPES, Ts};

/// How often what is done; another mix for each run.
pub struct Mix {
    weights: [u64; 14],
}

impl Mix {
    pub fn new(random: &mut Random) -> Self {
        let mut weights = [24, 6, 6, 4, 4, 3, 3, 8, 2, 2, 6, 4, 2, 1];
        for weight in &mut weights {
            *weight *= random.between(0, 4);
        }
        weights[0] += 20;
        weights[13] = weights[13].min(1);
        Self { weights }
    }

    /// One transaction, mostly of one write.
    pub fn write(&self, random: &mut Random, server: &mut Server, now: Millis, today: Day) {
        server.begin(now);
        let writes = if random.chance(12) { random.between(2, 6) } else { 1 };
        for _ in 0..writes {
            self.one(random, server, now, today);
        }
        server.end();
    }

    fn one(&self, random: &mut Random, server: &mut Server, now: Millis, today: Day) {
        let kind = random.weighted(&self.weights);
        let id = random.below(IDS);
        let Some(doc) = server.message(id) else {
            return match kind {
                0..=10 => server.insert(now, id, any_doc(random, now, today)),
                11 => any_room(random, server, now),
                12 => server.noop(now),
                _ => drop_something(random, server, now),
            };
        };
        match kind {
            0 => server.delete(now, id),
            // An edit: a hidden copy of the old text, and the new text, which is none of the counted fields.
            1 => {
                if let Some(copy) = (0..IDS).find(|copy| server.message(*copy).is_none()) {
                    server.insert(now, copy, Doc { hidden: true, ..doc });
                }
                server.update(now, id, doc);
            }
            2 => server.update(now, id, Doc { kind: Kind::Removed, ..doc }),
            3 => server.update(now, id, Doc { kind: any_kind(random), ..doc }),
            4 => server.update(now, id, Doc { hidden: !doc.hidden, ..doc }),
            5 => server.update(now, id, Doc { room: any_doc(random, now, today).room, ..doc }),
            6 => server.update(now, id, Doc { ts: any_ts(random, today), ..doc }),
            7 => server.delete(now, id),
            8 => server.replace(now, id, any_doc(random, now, today)),
            9 => prune(random, server, now, doc.room),
            10 => expire(server, now),
            11 => any_room(random, server, now),
            12 => server.noop(now),
            _ => drop_something(random, server, now),
        }
    }
}

fn any_kind(random: &mut Random) -> Kind {
    [Kind::Absent, Kind::Absent, Kind::Encrypted, Kind::System, Kind::Removed][random.below(5)]
}

fn any_ts(random: &mut Random, today: Day) -> Ts {
    match random.below(20) {
        0 => Ts::Text,
        1 => Ts::Missing,
        // Long ago, before the history that is loaded, and in the future.
        2 => Ts::Day((today - random.between(8, 18) as Day).max(FIRST_DAY)),
        3 => Ts::Day((today + random.between(1, 9) as Day).min(FIRST_DAY + DAYS as Day - 1)),
        _ => Ts::Day(today - random.below(9) as Day),
    }
}

fn any_doc(random: &mut Random, now: Millis, today: Day) -> Doc {
    Doc {
        room: (!random.chance(3)).then(|| random.below(ROOMS)),
        ts: any_ts(random, today),
        kind: if random.chance(75) { Kind::Absent } else { any_kind(random) },
        hidden: random.chance(6),
        expires: random.chance(20).then(|| now + random.between(1, 5_000)),
    }
}

/// Every message of a room, one write each, or as one write.
fn prune(random: &mut Random, server: &mut Server, now: Millis, room: Option<usize>) {
    let one_by_one = random.chance(50);
    for id in 0..IDS {
        if server.message(id).is_some_and(|doc| doc.room == room) {
            if one_by_one {
                server.end();
                server.begin(now);
            }
            server.delete(now, id);
        }
    }
}

/// What the TTL monitor does.
fn expire(server: &mut Server, now: Millis) {
    for id in 0..IDS {
        if server.message(id).is_some_and(|doc| doc.expires.is_some_and(|expires| expires <= now)) {
            server.end();
            server.begin(now);
            server.delete(now, id);
        }
    }
}

/// A room is created, given another type, or deleted.
fn any_room(random: &mut Random, server: &mut Server, now: Millis) {
    let room = random.below(ROOMS);
    let kind = (!random.chance(25)).then(|| random.weighted(&[4, 4, 4, 2, 1])).filter(|kind| *kind < TYPES.len());
    if server.room(room) != kind {
        server.set_room(now, room, kind);
    }
}

fn drop_something(random: &mut Random, server: &mut Server, now: Millis) {
    if random.chance(30) {
        server.end();
        server.begin(now);
        if random.chance(70) {
            server.drop_messages(now)
        } else {
            server.drop_rooms(now)
        }
        server.end();
        server.begin(now);
    }
}
