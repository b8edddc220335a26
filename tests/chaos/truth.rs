//! What is right, by hand: which messages count, which day they belong to, and what the answer about a period is.
//!
//! Boundary: written from the contract alone (section 7); nothing here comes from the code that is tested.

use std::collections::BTreeMap;

use bson::{Bson, Document, doc};
use futures::TryStreamExt;
use mongodb::options::ReadConcern;

use crate::replica_set::ReplicaSet;

/// Milliseconds of a day.
pub const DAY: i64 = 86_400_000;

/// Time zones without clock changes, with what they are ahead of UTC, in milliseconds.
pub const ZONES: [(&str, i64); 3] = [("UTC", 0), ("Asia/Kolkata", 19_800_000), ("Etc/GMT+8", -28_800_000)];

/// Rooms are numbered; some of them exist at a time.
pub type Room = u8;

/// A room that has never existed.
pub const NOWHERE: Room = 99;

/// The id of a room.
pub fn room_id(room: Room) -> String {
    format!("room{room:02}")
}

fn room_number(id: &str) -> Room {
    id.strip_prefix("room").and_then(|number| number.parse().ok()).expect("a room of the test")
}

/// `t` of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Absent,
    Null,
    Encrypted,
    Removed,
    Joined,
}

/// What decides whether and where a message counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Message {
    pub room: Room,
    /// In milliseconds; none if it is no date.
    pub ts: Option<i64>,
    pub kind: Kind,
    pub hidden: bool,
}

impl Message {
    /// The day that it counts on, if its room counts, `ahead` of UTC.
    pub fn day(&self, ahead: i64) -> Option<i64> {
        let counts = matches!(self.kind, Kind::Absent | Kind::Null | Kind::Encrypted) && !self.hidden;
        Some((self.ts? + ahead).div_euclid(DAY)).filter(|_| counts)
    }

    fn read(document: &Document) -> Self {
        let kind = match document.get("t") {
            None => Kind::Absent,
            Some(Bson::Null) => Kind::Null,
            Some(Bson::String(kind)) if kind == "e2e" => Kind::Encrypted,
            Some(Bson::String(kind)) if kind == "rm" => Kind::Removed,
            Some(_) => Kind::Joined,
        };
        Self {
            room: room_number(document.get_str("rid").expect("a room")),
            ts: document.get_datetime("ts").ok().map(|ts| ts.timestamp_millis()),
            kind,
            hidden: document.get_bool("_hidden").unwrap_or(false),
        }
    }
}

/// Whether messages in a room of this type count.
pub fn room_counts(kind: Option<char>) -> bool {
    kind.is_some_and(|kind| "cpd".contains(kind))
}

/// A period that is asked about: whole days, both included, as numbers since 1970 in the time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    pub first: i64,
    pub last: i64,
}

impl Window {
    /// How many days: `n` of the contract.
    pub fn days(&self) -> i64 {
        self.last - self.first + 1
    }

    /// The first day of the previous window. The last is the day before [`Self::first`].
    pub fn before(&self) -> i64 {
        self.first - 1 - self.days()
    }

    /// The query string: noon of the first day to noon of the last.
    pub fn query(&self, ahead: i64) -> String {
        let noon = |day: i64| {
            let instant = bson::DateTime::from_millis(day * DAY - ahead + DAY / 2);
            let text = instant.try_to_rfc3339_string().expect("a date");
            // Without fractions, where JavaScript writes three digits.
            text.replace('Z', ".000Z")
        };
        format!("start={}&end={}", noon(self.first), noon(self.last))
    }
}

/// The answer about a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Days with messages.
    pub days: BTreeMap<i64, i64>,
    pub count: i64,
    pub variation: i64,
    pub yesterday: (i64, i64),
}

impl Answer {
    /// Reads an answer's body; complains about one that contradicts itself.
    pub fn read(body: &str, window: Window, ahead: i64) -> Result<Self, String> {
        let json: serde_json::Value = serde_json::from_str(body).map_err(|error| error.to_string())?;
        let number = |value: &serde_json::Value| value.as_i64().ok_or("not a number".to_owned());
        let mut days = Vec::new();
        for entry in json["days"].as_array().ok_or("no days")? {
            let midnight = entry["day"].as_str().and_then(|day| bson::DateTime::parse_rfc3339_str(day).ok());
            let local = midnight.ok_or("no date")?.timestamp_millis() + ahead;
            if local % DAY != 0 {
                return Err(format!("{entry} is not at midnight"));
            }
            days.push((local / DAY, number(&entry["messages"])?));
        }
        if !days.is_sorted_by(|newer, older| newer.0 > older.0) {
            return Err("the days are not in order".to_owned());
        }
        if days.iter().any(|(day, messages)| *day < window.first || *day > window.last || *messages < 1) {
            return Err("days outside of the period, or without messages".to_owned());
        }
        let pair = |name: &str, second: &str| -> Result<_, String> {
            Ok((number(&json[name]["count"])?, number(&json[name][second])?))
        };
        let (count, variation) = pair("period", "variation")?;
        let yesterday = pair("yesterday", "variation")?;
        let answer = Self { days: days.into_iter().collect(), count, variation, yesterday };
        match (answer.days.values().sum::<i64>() == count, answer.expected_yesterday(window) == yesterday) {
            (true, true) => Ok(answer),
            _ => Err("the sums contradict the days".to_owned()),
        }
    }

    fn expected_yesterday(&self, window: Window) -> (i64, i64) {
        let on = |day: i64| self.days.get(&day).copied().unwrap_or(0);
        (on(window.last - 1), on(window.last) - on(window.last - 1))
    }
}

/// All messages and rooms, read at majority while nobody writes.
pub struct Truth {
    pub messages: BTreeMap<String, Message>,
    pub rooms: BTreeMap<Room, Option<char>>,
}

impl Truth {
    /// Reads everything.
    pub async fn read(set: &ReplicaSet) -> Self {
        let documents = read_all(set, "rocketchat_message").await;
        let id = |document: &Document| document.get_str("_id").expect("an id").to_owned();
        let messages = documents.iter().map(|document| (id(document), Message::read(document))).collect();
        let documents = read_all(set, "rocketchat_room").await;
        let kind = |room: &Document| room.get_str("t").ok().and_then(|kind| kind.chars().next());
        let rooms = documents.iter().map(|room| (room_number(&id(room)), kind(room))).collect();
        Self { messages, rooms }
    }

    /// What the answer about a window must be.
    pub fn answer(&self, window: Window, ahead: i64) -> Answer {
        let mut days: BTreeMap<i64, i64> = BTreeMap::new();
        for message in self.messages.values() {
            if room_counts(self.rooms.get(&message.room).copied().flatten())
                && let Some(day) = message.day(ahead)
            {
                *days.entry(day).or_default() += 1;
            }
        }
        let length = usize::try_from(window.days()).expect("a period");
        let newest = |first: i64, last: i64| {
            days.range(first..=last).rev().take(length).map(|(day, count)| (*day, *count)).collect::<BTreeMap<_, _>>()
        };
        let current = newest(window.first, window.last);
        let count: i64 = current.values().sum();
        let previous: i64 = newest(window.before(), window.first - 1).values().sum();
        let mut answer = Answer { days: current, count, variation: count - previous, yesterday: (0, 0) };
        answer.yesterday = answer.expected_yesterday(window);
        answer
    }
}

async fn read_all(set: &ReplicaSet, collection: &str) -> Vec<Document> {
    let keys = doc! { "rid": 1, "ts": 1, "t": 1, "_hidden": 1 };
    let find = set.collection(collection);
    let cursor = find.find(doc! {}).projection(keys).read_concern(ReadConcern::majority()).await.expect("a cursor");
    cursor.try_collect().await.expect("all documents")
}
