//! A workspace whose numbers are known: what is written is a list, and what the page must show is counted from that list.

use bson::{Document, doc};
use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, Timelike, Utc};
use serde_json::{Value, json};

use crate::support::Workspace;

/// A zone in which it is about noon, so that no test meets midnight, and hours to be added to UTC.
pub fn zone() -> (String, i64) {
    let offset = 12 - i64::from(Utc::now().hour());
    // The signs of these zones are the other way round.
    let name = match offset {
        0 => "Etc/GMT".to_owned(),
        1.. => format!("Etc/GMT-{offset}"),
        _ => format!("Etc/GMT+{}", -offset),
    };
    (name, offset)
}

/// Messages of one room on one day.
#[derive(Debug, Clone, Copy)]
pub struct Sent {
    pub room: &'static str,
    pub ago: u64,
    pub number: u64,
}

/// The rooms: id, type, name.
pub const ROOMS: [(&str, &str, &str); 6] = [
    ("channel", "c", "general"),
    ("random", "c", "Random talk"),
    ("old-project", "c", "old-project"),
    ("private", "p", "staff"),
    ("direct", "d", ""),
    ("direct2", "d", ""),
];

/// A workspace with messages of 21 days and today, people of 21 days, and all that is counted.
pub struct Known {
    pub workspace: Workspace,
    pub zone: String,
    pub today: NaiveDate,
    offset: i64,
    messages: Vec<Sent>,
}

impl Known {
    /// Writes it.
    pub async fn write() -> Self {
        let (zone, offset) = zone();
        let today = (Utc::now() + TimeDelta::hours(offset)).date_naive();
        let workspace = Workspace::with_admin().await;
        let mut known = Self { workspace, zone, today, offset, messages: Vec::new() };
        for (id, kind, name) in ROOMS {
            let fields = doc! { "t": kind, "name": name };
            if ["channel", "private", "direct"].contains(&id) {
                known.workspace.update("rocketchat_room", id, doc! { "$set": fields }).await;
            } else {
                let mut room = doc! { "_id": id };
                room.extend(fields);
                known.workspace.insert("rocketchat_room", [room]).await;
            }
        }
        known.workspace.insert("rocketchat_settings", [doc! { "_id": "Site_Name", "value": "Known workspace" }]).await;
        for ago in 0..=20 {
            known.send("channel", ago, ago % 5 + 3).await;
            known.send("private", ago, ago % 3).await;
            known.send("random", ago, if ago < 8 { ago * 2 % 7 } else { 0 }).await;
            known.send("old-project", ago, if (8..=14).contains(&ago) { 2 } else { 0 }).await;
            known.send("direct", ago, 1 + ago % 2).await;
        }
        known.send("direct2", 3, 4).await;
        // Neither a livechat nor a message of the system is counted.
        known.workspace.insert("rocketchat_message", vec![known.message("livechat", 2); 3]).await;
        let mut system = known.message("channel", 2);
        system.insert("t", "uj");
        known.workspace.insert("rocketchat_message", [system]).await;

        let mut people = Vec::new();
        for ago in 1..=20 {
            people.extend((0..known.active(ago)).map(|number| known.session("user_daily", &format!("u{number}"), ago)));
        }
        people.push(known.session("session", "u0", 0));
        known.workspace.insert("rocketchat_sessions", people).await;
        for (number, ago) in [1, 3, 3, 9, 40].into_iter().enumerate() {
            let user =
                doc! { "_id": format!("new{number}"), "username": format!("new{number}"), "createdAt": known.at(ago) };
            known.workspace.insert("users", [user]).await;
        }
        known
    }

    /// The day so many days ago.
    pub fn day(&self, ago: u64) -> NaiveDate {
        self.today - Days::new(ago)
    }

    /// Ten in the morning of the day so many days ago, there.
    pub fn at(&self, ago: u64) -> bson::DateTime {
        let local = self.day(ago).and_hms_opt(10, 0, 0).expect("a time");
        bson::DateTime::from_chrono(local.and_utc() - TimeDelta::hours(self.offset))
    }

    fn message(&self, room: &str, ago: u64) -> Document {
        doc! { "rid": room, "ts": self.at(ago), "u": { "_id": "u0" } }
    }

    /// Writes messages into a room, and notes them.
    pub async fn send(&mut self, room: &'static str, ago: u64, number: u64) {
        let all = vec![self.message(room, ago); usize::try_from(number).expect("a number")];
        self.workspace.insert("rocketchat_message", all).await;
        self.messages.push(Sent { room, ago, number });
    }

    /// How many people were active on a day.
    pub fn active(&self, ago: u64) -> u64 {
        ago % 4 + 1
    }

    fn session(&self, kind: &str, user: &str, ago: u64) -> Document {
        let day = self.day(ago);
        let login = DateTime::from_timestamp_millis(self.at(ago).timestamp_millis()).expect("an instant");
        doc! {
            "type": kind, "userId": user, "year": day.year(), "month": i64::from(day.month()), "day": i64::from(day.day()),
            "loginAt": bson::DateTime::from_chrono(login),
        }
    }

    /// How many of the noted messages are in rooms that `wanted` wants, between two days ago, both included.
    pub fn count(&self, from: u64, to: u64, wanted: impl Fn(&str) -> bool) -> u64 {
        let in_them = self.messages.iter().filter(|sent| (to..=from).contains(&sent.ago) && wanted(sent.room));
        in_them.map(|sent| sent.number).sum()
    }

    /// Whether a room is of a type.
    pub fn is(room: &str, kind: &str) -> bool {
        ROOMS.iter().any(|one| one.0 == room && one.1 == kind)
    }

    /// What the page must show of the seven days up to yesterday, compared with the seven before.
    pub fn of_a_week(&self) -> Value {
        let (from, to) = (7, 1);
        let kinds = ["c", "p", "d"];
        let of_kind = |from, to, kind: &str| self.count(from, to, |room| Self::is(room, kind));
        let active_rooms = |from, to| {
            let active = |room: &&(&str, &str, &str)| room.1 != "d" && self.count(from, to, |id| id == room.0) > 0;
            ROOMS.iter().filter(active).count()
        };
        let mut rooms: Vec<_> = ROOMS
            .iter()
            .filter(|room| room.1 != "d")
            .map(|room| {
                (room.0, room.2, room.1, self.count(7, 1, |id| id == room.0), self.count(14, 8, |id| id == room.0))
            })
            .filter(|room| room.3 + room.4 > 0)
            .collect();
        rooms.sort_by_key(|room| std::cmp::Reverse(room.3));
        let mean = |from: u64, to: u64| {
            let people: u64 = (to..=from).map(|ago| self.active(ago)).sum();
            f64::from(u32::try_from(people).expect("few")) / 7.0
        };
        json!({
            "start": self.day(from).to_string(), "end": self.day(to).to_string(), "today": self.today.to_string(),
            "total": self.count(7, 1, |_| true), "before": self.count(14, 8, |_| true),
            "todayTotal": self.count(0, 0, |_| true),
            "types": kinds.map(|kind| json!([kind, of_kind(7, 1, kind)])),
            "activeRooms": active_rooms(7, 1), "activeRoomsBefore": active_rooms(14, 8),
            "newPeople": 3, "newPeopleBefore": 1,
            "active": mean(7, 1), "activeBefore": mean(14, 8),
            "rooms": rooms.iter().map(|(id, name, kind, now, before)| json!([id, name, kind, now, before])).collect::<Vec<_>>(),
            "direct": [of_kind(7, 1, "d"), of_kind(14, 8, "d")],
            "days": (1..=7).rev().map(|ago| {
                let [c, p, d] = kinds.map(|kind| of_kind(ago, ago, kind));
                json!([self.day(ago).to_string(), c, p, d, c + p + d, self.count(ago + 7, ago + 7, |_| true)])
            }).collect::<Vec<_>>(),
            "activeDays": (1..=7).rev().map(|ago| json!([self.day(ago).to_string(), self.active(ago)])).collect::<Vec<_>>(),
        })
    }
}
