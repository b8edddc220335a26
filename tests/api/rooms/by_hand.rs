//! The answers as a person would work them out, one message at a time, from the words of the contract (sections 7 and
//! 10 to 12).

use std::{cmp::Reverse, collections::BTreeMap};

use bson::{Bson, DateTime, Document};
use chrono::{NaiveDate, NaiveDateTime, SecondsFormat, TimeDelta};
use chrono_tz::Tz;

use super::{list, listed, origins, popular};
use crate::support::millis;

/// What a workspace holds.
#[derive(Debug)]
pub struct World {
    zone: Tz,
    rooms: Vec<Document>,
    /// The days of the messages, of each room, that count if their room does.
    days: BTreeMap<String, Vec<NaiveDate>>,
}

/// A date as JavaScript writes it.
pub fn iso(at: DateTime) -> String {
    at.to_chrono().to_rfc3339_opts(SecondsFormat::Millis, true)
}

impl World {
    /// With room and instant of every message that counts if its room does.
    pub fn new(zone: Tz, rooms: Vec<Document>, messages: impl IntoIterator<Item = (String, i64)>) -> Self {
        let mut world = Self { zone, rooms, days: BTreeMap::new() };
        for (room, at) in messages {
            let day = world.local(millis(at)).date();
            world.days.entry(room).or_default().push(day);
        }
        world
    }

    fn local(&self, at: DateTime) -> NaiveDateTime {
        at.to_chrono().with_timezone(&self.zone).naive_local()
    }

    /// Whole days between the clocks on the wall, towards zero, plus 1.
    fn n(&self, start: DateTime, end: DateTime) -> i64 {
        (self.local(end) - self.local(start)).num_milliseconds() / 86_400_000 + 1
    }

    /// The rooms whose messages count, with their types, by the bytes of their ids.
    fn counted(&self) -> BTreeMap<&str, (&str, &Document)> {
        let counted = self.rooms.iter().filter_map(|room| match (room.get("_id"), room.get("t")) {
            (Some(Bson::String(id)), Some(Bson::String(kind))) if ["c", "p", "d"].contains(&kind.as_str()) => {
                Some((id.as_str(), (kind.as_str(), room)))
            }
            _ => None,
        });
        counted.collect()
    }

    /// The messages of a room on the days from the first to the last.
    fn sum(&self, room: &str, first: NaiveDate, last: NaiveDate) -> i64 {
        let days = self.days.get(room).into_iter().flatten();
        days.filter(|day| first <= **day && **day <= last).count() as i64
    }

    /// `messages/origin`.
    pub fn origin(&self, start: DateTime, end: DateTime) -> String {
        let (first, last) = (self.local(start).date(), self.local(end).date());
        let mut entries = ["d", "p", "c"].map(|kind| (kind, 0));
        for (id, (kind, _)) in self.counted() {
            let sum = self.sum(id, first, last);
            entries.iter_mut().filter(|entry| entry.0 == kind).for_each(|entry| entry.1 += sum as u64);
        }
        // A sort that keeps the order of equal ones.
        entries.sort_by_key(|entry| Reverse(entry.1));
        origins(&entries)
    }

    /// `messages/top-five-popular-channels`.
    pub fn top_five(&self, start: DateTime, end: DateTime) -> String {
        let (first, last) = (self.local(start).date(), self.local(end).date());
        let counted = self.counted();
        let mut rooms: Vec<_> = counted.iter().map(|(id, room)| (self.sum(id, first, last), room)).collect();
        rooms.retain(|(sum, _)| *sum > 0);
        rooms.sort_by_key(|(sum, _)| Reverse(*sum));
        let entries = rooms.iter().take(5).map(|(sum, (kind, room))| {
            let mut fields = vec![format!(r#""messages":{sum}"#), format!(r#""t":"{kind}""#)];
            fields.extend(text(room, "fname").or(text(room, "name")).map(|name| format!(r#""name":{name}"#)));
            fields.push(format!(r#""usernames":{}"#, usernames(room).unwrap_or("[]".to_owned())));
            format!("{{{}}}", fields.join(","))
        });
        popular(&entries.collect::<Vec<_>>())
    }

    /// `channels/list`, with so many skipped and at most so many taken.
    pub fn channels(&self, start: DateTime, end: DateTime, offset: usize, limit: Option<usize>) -> String {
        let entries = self.all_channels(start, end);
        let total = entries.len();
        let page: Vec<_> = entries.into_iter().skip(offset).take(limit.unwrap_or(usize::MAX)).collect();
        list(&page, total, &offset.to_string())
    }

    fn all_channels(&self, start: DateTime, end: DateTime) -> Vec<String> {
        let (first, last) = (self.local(start).date(), self.local(end).date());
        let earliest = first - TimeDelta::days(self.n(start, end) + 1);
        let day_before = (first - TimeDelta::days(1)).min(last);
        let counted = self.counted();
        let mut rooms: Vec<_> = counted
            .iter()
            // Nothing before the earliest, even if that is after the start.
            .map(|(id, room)| (self.sum(id, first.max(earliest), last), self.sum(id, earliest, day_before), room))
            .collect();
        rooms.retain(|(messages, before, _)| *messages > 0 || *before > 0);
        rooms.sort_by_key(|(messages, ..)| Reverse(*messages));
        let entries = rooms.iter().map(|(messages, before, (kind, room))| {
            let mut fields = vec![format!(r#""_id":{}"#, room["_id"])];
            fields.extend(text(room, "name").or(text(room, "fname")).map(|name| format!(r#""name":{name}"#)));
            fields.extend(date(room, "ts"));
            fields.push(format!(r#""t":"{kind}""#));
            fields.extend(date(room, "_updatedAt"));
            fields.extend(usernames(room).map(|all| format!(r#""usernames":{all}"#)));
            listed(&fields.join(","), *messages, *before)
        });
        entries.collect()
    }

    /// Whether `messages-sent` lists every day of the period: there are no more days with messages than it takes.
    pub fn is_uncut(&self, start: DateTime, end: DateTime) -> bool {
        let (first, last) = (self.local(start).date(), self.local(end).date());
        let counted = self.counted();
        let right = self.days.iter().filter(|(id, _)| counted.contains_key(id.as_str()));
        let mut days: Vec<_> = right.flat_map(|(_, days)| days).collect();
        days.retain(|day| first <= **day && **day <= last);
        days.sort_unstable();
        days.dedup();
        let n = self.n(start, end);
        n == 0 || n > 0 && days.len() as i64 <= n
    }
}

/// A text that is not empty, as JSON.
fn text(room: &Document, field: &str) -> Option<String> {
    match room.get(field) {
        Some(Bson::String(text)) if !text.is_empty() => Some(serde_json::json!(text).to_string()),
        _ => None,
    }
}

/// A date that JavaScript has, too.
fn date(room: &Document, field: &str) -> Option<String> {
    const MOST: u64 = 8_640_000_000_000_000;
    match room.get(field) {
        Some(Bson::DateTime(at)) if at.timestamp_millis().unsigned_abs() <= MOST => {
            Some(format!(r#""{field}":"{}""#, iso(*at)))
        }
        _ => None,
    }
}

fn usernames(room: &Document) -> Option<String> {
    let Some(Bson::Array(items)) = room.get("usernames") else {
        return None;
    };
    let texts: Vec<_> = items.iter().filter_map(Bson::as_str).collect();
    Some(serde_json::json!(texts).to_string())
}
