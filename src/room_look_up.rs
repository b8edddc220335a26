//! Names, members and times of rooms, read from the database when they are asked for: an answer tells of a few rooms, and people
//! rename them.

use std::{collections::HashMap, sync::Arc};

use bson::{RawBsonRef, RawDocument, doc};
use tokio::{sync::Mutex, time::timeout_at};

use crate::{
    clock::Clock,
    dashboard::{instant::iso_string_of_millis, room_details::RoomDetails, room_sums::RoomIds},
    mongo::{self, Deadline, Mongo, MongoError, Operation, Query},
};

/// How many rooms are looked up at once, to stay far below MongoDB's limit of 16 MB for a command.
const ROOMS_A_LOOK_UP: usize = 20_000;

/// What the documents of these rooms say, by `_id`. Rooms that do not exist are absent. One look-up for the rooms of any page.
///
/// # Errors
/// MongoDB does not tell by the deadline.
pub async fn look_up(
    mongo: &Mongo,
    ids: &[&str],
    deadline: Deadline,
) -> Result<HashMap<String, RoomDetails>, MongoError> {
    let mut rooms = HashMap::new();
    for some in ids.chunks(ROOMS_A_LOOK_UP) {
        let pipeline = vec![
            doc! { "$match": { "_id": { "$in": some } } },
            doc! { "$project": { "name": 1, "fname": 1, "ts": 1, "_updatedAt": 1, "usernames": 1 } },
        ];
        let query = Query { collection: mongo::ROOMS, pipeline, hint: None, operation: Operation::RoomDetails };
        let take = |rooms: &mut HashMap<_, _>, row: &RawDocument| {
            if let Ok(id) = row.get_str("_id") {
                rooms.insert(id.to_owned(), read(row));
            }
        };
        rooms.extend(mongo.aggregate_on_primary(query, deadline, HashMap::new(), take).await?);
    }
    Ok(rooms)
}

/// How many rooms of these types there are.
///
/// # Errors
/// MongoDB does not tell by the deadline.
pub async fn count(mongo: &Mongo, types: &[&str], deadline: Deadline) -> Result<u64, MongoError> {
    let pipeline = vec![
        doc! { "$match": { "t": { "$in": types.to_vec(), "$not": { "$type": "array" } } } },
        doc! { "$count": "rooms" },
    ];
    let query = Query { collection: mongo::ROOMS, pipeline, hint: None, operation: Operation::CountedRooms };
    let take = |rooms: &mut u64, row: &RawDocument| {
        let found = row.get("rooms").ok().flatten();
        *rooms = match found {
            Some(RawBsonRef::Int32(rooms)) => u64::from(rooms.unsigned_abs()),
            Some(RawBsonRef::Int64(rooms)) => rooms.unsigned_abs(),
            _ => 0,
        };
    };
    mongo.aggregate(query, deadline, 0, take).await
}

/// For how long a name is told again before it is read once more, in milliseconds.
const NAMES_USED_FOR: u64 = 5_000;

/// Names of rooms, as they were a few seconds ago.
#[derive(Debug, Default)]
pub struct RoomNames {
    clock: Clock,
    read: Mutex<Names>,
}

/// Names by `_id`. Thousands are looked for in each answer, so they are shared and not copied.
#[derive(Debug, Default)]
struct Names {
    by_id: hashbrown::HashMap<String, Arc<str>>,
    /// When they are read again, in milliseconds of the clock.
    until: u64,
    /// For which rooms they were asked last.
    asked: RoomIds,
    /// The names of these.
    answered: Arc<[Arc<str>]>,
}

impl Names {
    /// The names of these rooms, if all of them are known.
    fn of(&mut self, ids: &[&str]) -> Option<Arc<[Arc<str>]>> {
        // Mostly they are the same again, and to see that takes a fraction of looking for each.
        if self.asked.len() != ids.len() || !(0..).map(|number| self.asked.get(number)).zip(ids).all(|(a, b)| a == *b) {
            self.answered = ids.iter().map(|id| self.by_id.get(*id).map(Arc::clone)).collect::<Option<_>>()?;
            self.asked = RoomIds::default();
            ids.iter().for_each(|id| self.asked.push(id));
        }
        Some(Arc::clone(&self.answered))
    }
}

impl RoomNames {
    /// The names of these rooms in the same order, as people wrote them. The name of a room without one is empty.
    ///
    /// # Errors
    /// MongoDB does not tell by the deadline.
    pub async fn of(&self, mongo: &Mongo, ids: &[&str], deadline: Deadline) -> Result<Arc<[Arc<str>]>, MongoError> {
        let mut read = timeout_at(deadline.instant(), self.read.lock()).await.map_err(|_| MongoError::TooSlow)?;
        let now = self.clock.now();
        if read.until <= now {
            *read = Names { until: now + NAMES_USED_FOR, ..Names::default() };
        }
        if let Some(names) = read.of(ids) {
            return Ok(names);
        }
        let missing: Vec<_> = ids.iter().copied().filter(|id| !read.by_id.contains_key(*id)).collect();
        let found = look_up(mongo, &missing, deadline).await?;
        for id in missing {
            let name = found.get(id).and_then(RoomDetails::friendly_name).unwrap_or_default();
            read.by_id.insert(id.to_owned(), name.into());
        }
        Ok(read.of(ids).unwrap_or_default())
    }
}

/// Reads a room's document. A value of another kind is as if it were not there (contract sections 11 and 12).
fn read(row: &RawDocument) -> RoomDetails {
    let text = |name| row.get_str(name).ok().map(str::to_owned);
    let usernames = row.get_array("usernames").ok().map(|names| {
        let names = names.into_iter().filter_map(|name| name.ok()?.as_str().map(str::to_owned));
        names.collect()
    });
    RoomDetails {
        name: text("name"),
        fname: text("fname"),
        ts: date(row, "ts"),
        updated_at: date(row, "_updatedAt"),
        usernames,
    }
}

/// A date. What lies beyond the calendar of JavaScript is none for Rocket.Chat either.
fn date(row: &RawDocument, name: &str) -> Option<String> {
    match row.get(name) {
        Ok(Some(RawBsonRef::DateTime(at))) => iso_string_of_millis(at.timestamp_millis()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use bson::{Bson, RawDocumentBuf, doc};

    use super::*;

    fn details(document: bson::Document) -> RoomDetails {
        read(&RawDocumentBuf::try_from(&document).expect("a document"))
    }

    #[test]
    fn values_of_another_kind_are_as_if_they_were_not_there() {
        let symbol = Bson::Symbol("general".to_owned());
        let odd = doc! { "name": symbol, "fname": ["a"], "ts": 5, "_updatedAt": "2023", "usernames": "anna" };
        assert_eq!(details(odd), RoomDetails::default());
        let names = details(doc! { "usernames": ["anna", 5, null, ["bert"], "", "carl"] }).usernames;
        assert_eq!(names, Some(["anna", "", "carl"].map(str::to_owned).into()));
    }

    #[test]
    fn names_are_those_of_the_rooms_asked_for_whatever_was_asked_before() {
        let by_id = [("a", "Anna"), ("b", "Bert"), ("ab", "Both")].map(|(id, name)| (id.to_owned(), Arc::from(name)));
        let mut names = Names { by_id: by_id.into_iter().collect(), ..Names::default() };
        let mut of =
            |ids: &[&str]| names.of(ids).map(|found| found.iter().map(ToString::to_string).collect::<Vec<_>>());
        for _ in 0..2 {
            assert_eq!(of(&[]), Some(vec![]));
            assert_eq!(of(&["a", "b"]), Some(vec!["Anna".to_owned(), "Bert".to_owned()]));
            assert_eq!(of(&["b", "a"]), Some(vec!["Bert".to_owned(), "Anna".to_owned()]));
            assert_eq!(of(&["ab"]), Some(vec!["Both".to_owned()]));
            assert_eq!(of(&["ab", ""]), None);
            assert_eq!(of(&["ab"]), Some(vec!["Both".to_owned()]));
            assert_eq!(of(&["a"]), Some(vec!["Anna".to_owned()]));
            assert_eq!(of(&["a", "b", "ab"]).map(|names| names.len()), Some(3));
        }
        // The same question again is not answered anew.
        let of_two = names.of(&["a", "b"]).zip(names.of(&["a", "b"]));
        assert!(of_two.is_some_and(|(first, second)| Arc::ptr_eq(&first, &second)));
    }
}
