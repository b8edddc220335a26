//! The answer of `users/active-users`: who was active on each day (contract section 14). Pure.
//!
//! The answer of a large workspace has hundreds of thousands of ids, most of them again and again. So it is kept as people and days, and
//! written a day at a time.

use std::io::Write;

use chrono::{Datelike, NaiveDate};
use roaring::RoaringBitmap;
use utoipa::ToSchema;

use super::succeeded;

/// Who was active.
#[derive(Debug, Clone, PartialEq)]
pub struct ActiveUsers {
    /// The people's ids as JSON, in order.
    ids: Vec<Box<[u8]>>,
    /// Newest first: the day, and the places of its people.
    days: Vec<(NaiveDate, RoaringBitmap)>,
}

/// What is sent, for the description.
#[derive(ToSchema)]
#[schema(as = ActiveUsers)]
#[expect(dead_code, reason = "the answer is written by hand, a day at a time")]
pub struct ActiveUsersBody {
    /// The days on which anybody was active, newest first.
    month: Vec<ActiveDay>,
    #[schema(schema_with = succeeded)]
    success: bool,
}

/// A day with the people who were active.
#[derive(ToSchema)]
#[expect(dead_code, reason = "as above")]
struct ActiveDay {
    /// `_id` of each of them, in order.
    #[schema(rename = "usersList")]
    users_list: Vec<String>,
    /// How many they are.
    users: u64,
    day: u32,
    month: u32,
    year: i32,
}

const BEGIN: &[u8] = br#"{"month":["#;
const END: &[u8] = br#"],"success":true}"#;

impl ActiveUsers {
    /// Of ids in order, and days, newest first, with the places of their people among the ids.
    pub fn new(ids: Vec<Box<str>>, days: Vec<(NaiveDate, RoaringBitmap)>) -> Self {
        let ids = ids.into_iter().map(|id| serde_json::to_vec(&id).unwrap_or_default().into()).collect();
        Self { ids, days }
    }

    /// Days and how many people were active, newest first.
    pub fn days(&self) -> impl Iterator<Item = (NaiveDate, u64)> {
        self.days.iter().map(|(day, users)| (*day, users.len()))
    }

    /// How many people were active on any of the days.
    pub fn people(&self) -> u64 {
        self.ids.len() as u64
    }

    /// How many bytes the answer has.
    pub fn length(&self) -> u64 {
        let days = self.days.iter().map(|(day, users)| {
            let ids = users.iter().filter_map(|place| self.ids.get(place as usize)).map(|id| id.len() + 1);
            let around = after_ids(*day, users.len()).len();
            OPEN.len() + ids.sum::<usize>().saturating_sub(usize::from(!users.is_empty())) + around
        });
        let commas = self.days.len().saturating_sub(1);
        (BEGIN.len() + days.sum::<usize>() + commas + END.len()) as u64
    }

    /// The answer in pieces, about one for each day.
    pub fn into_pieces(self) -> impl Iterator<Item = Vec<u8>> {
        let Self { ids, days } = self;
        let days = days.into_iter().enumerate().map(move |(index, (day, users))| {
            let mut piece = if index == 0 { Vec::new() } else { b",".to_vec() };
            piece.extend_from_slice(OPEN);
            for (index, place) in users.iter().enumerate() {
                if index > 0 {
                    piece.push(b',');
                }
                piece.extend_from_slice(ids.get(place as usize).map_or(b"", |id| id));
            }
            piece.extend_from_slice(&after_ids(day, users.len()));
            piece
        });
        std::iter::once(BEGIN.to_vec()).chain(days).chain([END.to_vec()])
    }
}

const OPEN: &[u8] = br#"{"usersList":["#;

fn after_ids(day: NaiveDate, users: u64) -> Vec<u8> {
    let mut text = Vec::new();
    let (year, month, day) = (day.year(), day.month(), day.day());
    // Writing to memory cannot fail.
    let _ = write!(text, r#"],"users":{users},"day":{day},"month":{month},"year":{year}}}"#);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(answer: ActiveUsers) -> String {
        let length = answer.length();
        let body = answer.into_pieces().collect::<Vec<_>>().concat();
        assert_eq!(body.len() as u64, length);
        String::from_utf8(body).expect("UTF-8")
    }

    #[test]
    fn the_documented_answer_comes_back_byte_for_byte() {
        let ids = ["9iN96PXnDK7XAYESA", "rbAXPnMktTFbNpwtJ"].map(Box::from).into();
        let day = NaiveDate::from_ymd_opt(2023, 4, 17).expect("a day");
        assert_eq!(
            body(ActiveUsers::new(ids, vec![(day, (0..2).collect())])),
            r#"{"month":[{"usersList":["9iN96PXnDK7XAYESA","rbAXPnMktTFbNpwtJ"],"users":2,"day":17,"month":4,"year":2023}],"success":true}"#
        );
    }

    #[test]
    fn it_is_json_whatever_the_ids_are_and_whether_there_are_any() {
        assert_eq!(body(ActiveUsers::new(vec![], vec![])), r#"{"month":[],"success":true}"#);
        let ids = vec!["a\"\\\u{7}é".into(), "b".into()];
        let day = |day| NaiveDate::from_ymd_opt(2023, 4, day).expect("a day");
        let days = vec![(day(2), (0..2).collect()), (day(1), (0..1).collect())];
        let body: serde_json::Value = serde_json::from_str(&body(ActiveUsers::new(ids, days))).expect("JSON");
        assert_eq!(body["month"][0]["usersList"], serde_json::json!(["a\"\\\u{7}é", "b"]));
        assert_eq!(body["month"][1]["users"], 1);
    }
}
