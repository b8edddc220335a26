//! The report for machines: CSV, and the endpoint's own JSON. Pure.

use std::{collections::BTreeMap, io};

use chrono::NaiveDate;
use serde::Serialize;

use super::{
    breakdown::{Parts, Report},
    daily::Daily,
};
use crate::{
    commands::console::{printable, printable_json},
    dashboard::instant::iso_string,
    dashboard::messages_sent::{Comparison, MessagesSent},
    time_zone::TimeZone,
};

/// A table with a header: a row per day, or per room.
///
/// # Errors
/// None that can happen: it is written to memory.
pub fn csv(report: &Report) -> io::Result<String> {
    let mut rows = Vec::new();
    let mut write = |row: Vec<String>| rows.push(row);
    match &report.parts {
        Parts::None => return by_day(&report.daily),
        Parts::RoomTypes(types) => {
            let kinds = types.iter().map(|kind| harmless(&kind.kind));
            write(["day".to_owned()].into_iter().chain(kinds).chain(["messages".to_owned()]).collect());
            for (day, messages) in &report.daily.days {
                let of_types = types.iter().map(|kind| kind.days.get(day).copied().unwrap_or_default().to_string());
                write([day.to_string()].into_iter().chain(of_types).chain([messages.to_string()]).collect());
            }
        }
        Parts::Rooms(rooms) => {
            write(["room_id", "name", "type", "messages", "variation"].map(str::to_owned).to_vec());
            for room in &rooms.busiest {
                let Comparison { count, variation } = room.messages;
                let [id, name, kind] =
                    [&room.id, room.name.as_ref().unwrap_or(&String::new()), &room.kind].map(|text| harmless(text));
                write(vec![id, name, kind, count.to_string(), variation.to_string()]);
            }
        }
    }
    written(rows)
}

/// A row per day.
///
/// # Errors
/// None that can happen.
pub fn by_day(Daily { of, days, .. }: &Daily) -> io::Result<String> {
    let header = ["day", of.key].map(str::to_owned).to_vec();
    written([header].into_iter().chain(days.iter().map(|(day, number)| vec![day.to_string(), number.to_string()])))
}

/// Rows, the first of which has the names of the columns.
///
/// # Errors
/// None that can happen.
pub fn written(rows: impl IntoIterator<Item = Vec<String>>) -> io::Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).map_err(io::Error::other)?;
    }
    let bytes = writer.into_inner().map_err(|error| io::Error::other(error.to_string()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A text that no spreadsheet takes for a formula (OWASP: CSV injection).
pub fn harmless(text: &str) -> String {
    let text = printable(text);
    match text.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']) {
        true => format!("'{text}"),
        false => text,
    }
}

/// The body of the endpoint's answer, to which the parts are added if there are any.
#[derive(Serialize)]
struct Body<'a> {
    #[serde(flatten)]
    answer: MessagesSent,
    #[serde(rename = "roomTypes", skip_serializing_if = "Option::is_none")]
    room_types: Option<Vec<RoomType<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rooms: Option<Vec<Room<'a>>>,
}

#[derive(Serialize)]
struct RoomType<'a> {
    t: &'a str,
    #[serde(flatten)]
    messages: Comparison,
    days: Vec<Day>,
}

#[derive(Serialize)]
struct Day {
    day: String,
    messages: u64,
}

#[derive(Serialize)]
struct Room<'a> {
    #[serde(rename = "_id")]
    id: &'a str,
    name: Option<&'a str>,
    t: &'a str,
    #[serde(flatten)]
    messages: Comparison,
}

/// The endpoint's own JSON, on one line.
///
/// # Errors
/// None that can happen.
pub fn json(body: &impl Serialize) -> io::Result<String> {
    let json = serde_json::to_string(body).map_err(io::Error::other)?;
    Ok(printable_json(&json) + "\n")
}

/// That of messages, with their parts.
///
/// # Errors
/// None that can happen.
pub fn messages(report: &Report) -> io::Result<String> {
    let days: Vec<_> = report.daily.days.iter().rev().copied().collect();
    let answer = MessagesSent::of(&report.summary, &days, &report.daily.zone);
    let mut body = Body { answer, room_types: None, rooms: None };
    match &report.parts {
        Parts::None => {}
        Parts::RoomTypes(types) => {
            let of = |days_of: &BTreeMap<NaiveDate, u64>| {
                let listed = days.iter().map(|(day, _)| (*day, days_of.get(day).copied().unwrap_or_default()));
                listed.map(|(day, messages)| Day { day: instant(day, &report.daily.zone), messages }).collect()
            };
            let types = types.iter();
            body.room_types =
                Some(types.map(|t| RoomType { t: &t.kind, messages: t.messages, days: of(&t.days) }).collect());
        }
        Parts::Rooms(rooms) => {
            let rooms = rooms.busiest.iter();
            body.rooms = Some(
                rooms
                    .map(|room| Room {
                        id: &room.id,
                        name: room.name.as_deref(),
                        t: &room.kind,
                        messages: room.messages,
                    })
                    .collect(),
            );
        }
    }
    json(&body)
}

fn instant(day: NaiveDate, zone: &TimeZone) -> String {
    iso_string(zone.start_of(day))
}
