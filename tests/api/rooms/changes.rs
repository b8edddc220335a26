//! Changes of rooms and messages are seen in all three answers within 2 s, from memory.

use std::time::Duration;

use bson::{Bson, Document, doc};
use futures::TryStreamExt;
use tokio::time::sleep;

use super::{CHANNELS, MESSAGE, ORIGIN, ROOM, TOP_FIVE, ask, by_hand::World, messages};
use crate::{
    random::Random,
    support::{Service, Stopwatch, Workspace, utc},
};

/// Within so long a change is seen.
const SEEN: Duration = Duration::from_secs(2);

const DAY: &str = "2023-05-20T00:00:00.000Z";
const NOON: &str = "2023-05-20T12:00:00.000Z";
const DAY_BEFORE: &str = "2023-05-19T12:00:00.000Z";
const LONG_AGO: &str = "2022-05-20T12:00:00.000Z";

struct Followed {
    workspace: Workspace,
    service: Service,
    /// The last answers.
    last: [String; 3],
}

impl Followed {
    async fn new() -> Self {
        let workspace = Workspace::with_admin().await.without_rate_limit().await;
        let rooms = workspace.database.collection::<Document>(ROOM);
        rooms.delete_many(doc! {}).await.expect("a deletion");
        let service = Service::on_live(&workspace).await;
        let mut followed = Self { workspace, service, last: Default::default() };
        followed.is_seen("nothing yet", true).await;
        followed
    }

    async fn all(&self, collection: &str) -> Vec<Document> {
        let found = self.workspace.database.collection(collection).find(doc! {}).await.expect("a query");
        found.try_collect().await.expect("documents")
    }

    /// What the three answers must be, by what is in the database.
    async fn expected(&self) -> [String; 3] {
        let counts = |message: &Document| {
            let is_user_written = match message.get("t") {
                None | Some(Bson::Null) => true,
                Some(kind) => kind == &Bson::from("e2e"),
            };
            is_user_written && message.get("_hidden") != Some(&Bson::Boolean(true))
        };
        let messages = self.all(MESSAGE).await;
        let messages = messages.iter().filter(|message| counts(message)).filter_map(|message| {
            Some((message.get_str("rid").ok()?.to_owned(), message.get_datetime("ts").ok()?.timestamp_millis()))
        });
        let world = World::new(chrono_tz::Tz::UTC, self.all(ROOM).await, messages);
        let day = utc(DAY);
        [world.origin(day, day), world.top_five(day, day), world.channels(day, day, 0, None)]
    }

    /// Waits until all three answers tell of the last change, from memory, and whether they should differ from before.
    async fn is_seen(&mut self, what: &str, is_told: bool) {
        let changed = Stopwatch::start();
        let expected = self.expected().await;
        assert_eq!(expected != self.last, is_told, "{what}: this changes other answers than it should");
        for (path, expected) in [ORIGIN, TOP_FIVE, CHANNELS].into_iter().zip(&expected) {
            loop {
                let before = self.service.answers_from_memory();
                let answer = ask(&self.service, &format!("{path}?start={DAY}&end={DAY}")).await;
                assert_eq!(answer.status, 200, "{what}: {answer:?}");
                let is_from_memory = self.service.answers_from_memory() == before + 1;
                if is_from_memory && answer.body == *expected {
                    break;
                }
                let waited = changed.elapsed();
                assert!(
                    waited < SEEN,
                    "{what}, {path}: not seen after {waited:?}, from memory: {is_from_memory}\n    expected {expected}\n    answered {}",
                    answer.body
                );
                sleep(Duration::from_millis(10)).await;
            }
        }
        self.last = expected;
    }

    async fn end(self) {
        assert_eq!(self.service.reloads(), 0);
        self.service.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_of_a_room_is_seen() {
    let mut followed = Followed::new().await;
    followed.workspace.insert(MESSAGE, messages("one", NOON, 3)).await;
    followed.workspace.insert(MESSAGE, messages("two", NOON, 2)).await;
    followed.workspace.insert(MESSAGE, messages("one", DAY_BEFORE, 1)).await;
    followed.is_seen("messages of rooms that do not exist", false).await;
    followed.workspace.insert(ROOM, [doc! { "_id": "one", "t": "c" }, doc! { "_id": "two", "t": "p" }]).await;
    followed.is_seen("rooms created", true).await;
    let other = utc("2023-06-01T00:00:00.000Z");
    for (what, update, is_told) in [
        ("named", doc! { "$set": { "name": "general" } }, true),
        ("fname", doc! { "$set": { "fname": "General" } }, true),
        ("another fname", doc! { "$set": { "fname": "General Talk" } }, true),
        ("an empty fname", doc! { "$set": { "fname": "" } }, true),
        ("a number as name", doc! { "$set": { "name": 5 } }, true),
        ("fname again", doc! { "$set": { "fname": "Again" } }, true),
        ("no name", doc! { "$unset": { "name": 1 } }, false),
        ("no fname", doc! { "$unset": { "fname": 1 } }, true),
        ("members", doc! { "$set": { "usernames": ["b", "a"] } }, true),
        ("a member more", doc! { "$push": { "usernames": "c" } }, true),
        ("a member less", doc! { "$pull": { "usernames": "b" } }, true),
        ("a member that is no text", doc! { "$push": { "usernames": 5 } }, false),
        ("no members any more", doc! { "$set": { "usernames": [] } }, true),
        ("no list of members", doc! { "$unset": { "usernames": 1 } }, true),
        ("created then", doc! { "$set": { "ts": other } }, true),
        ("updated then", doc! { "$currentDate": { "_updatedAt": true } }, true),
        ("a field that nobody asks for", doc! { "$set": { "topic": "topic", "msgs": 5 } }, false),
        ("made private", doc! { "$set": { "t": "p" } }, true),
        ("made direct, and named", doc! { "$set": { "t": "d", "name": "direct" } }, true),
        ("made livechat", doc! { "$set": { "t": "l" } }, true),
        ("a channel again", doc! { "$set": { "t": "c" } }, true),
        ("types in an array", doc! { "$set": { "t": ["c"] } }, true),
        ("a channel again", doc! { "$set": { "t": "c" } }, true),
        ("no type", doc! { "$unset": { "t": 1 } }, true),
        ("a private group", doc! { "$set": { "t": "p", "fname": "Private" } }, true),
    ] {
        followed.workspace.update(ROOM, "one", update).await;
        followed.is_seen(what, is_told).await;
    }
    let rooms = followed.workspace.database.collection::<Document>(ROOM);
    for (what, replacement) in [
        ("replaced", doc! { "t": "c", "name": "replaced", "usernames": ["x"] }),
        ("replaced by one of no type", doc! { "name": "replaced" }),
        ("replaced by a direct room", doc! { "t": "d", "usernames": ["y", "z"] }),
    ] {
        rooms.replace_one(doc! { "_id": "one" }, replacement).await.expect("a replacement");
        followed.is_seen(what, true).await;
    }
    for (what, again) in [
        ("created again as it was", doc! { "_id": "one", "t": "d", "usernames": ["y", "z"] }),
        ("created again with another type and name", doc! { "_id": "one", "t": "p", "fname": "Other" }),
        ("created again of a type that does not count", doc! { "_id": "one", "t": "l" }),
    ] {
        followed.workspace.delete(ROOM, "one").await;
        followed.is_seen("deleted", true).await;
        followed.workspace.insert(ROOM, [again.clone()]).await;
        followed.is_seen(what, again.get("t") != Some(&Bson::from("l"))).await;
    }
    followed.workspace.delete(ROOM, "one").await;
    followed.is_seen("deleted while it did not count", false).await;
    // At once, so that nobody sees it gone.
    followed.workspace.insert(ROOM, [doc! { "_id": "one", "t": "c", "name": "old" }]).await;
    followed.workspace.delete(ROOM, "one").await;
    followed.workspace.insert(ROOM, [doc! { "_id": "one", "t": "p", "name": "new" }]).await;
    followed.is_seen("deleted and created again", true).await;
    rooms.delete_many(doc! {}).await.expect("a deletion");
    followed.is_seen("all deleted", true).await;
    followed.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_of_a_message_is_seen() {
    let mut followed = Followed::new().await;
    let rooms = ["one", "two", "three"].map(|id| doc! { "_id": id, "t": "c", "name": id });
    followed.workspace.insert(ROOM, rooms).await;
    followed.workspace.update(ROOM, "three", doc! { "$set": { "t": "l" } }).await;
    followed.workspace.insert(MESSAGE, messages("two", NOON, 1)).await;
    let first = doc! { "_id": "first", "rid": "one", "ts": utc(NOON), "msg": "text" };
    followed.workspace.insert(MESSAGE, [first.clone()]).await;
    followed.is_seen("messages", true).await;
    for (what, update, is_told) in [
        ("an edit", doc! { "$set": { "msg": "other", "editedAt": utc(NOON) } }, false),
        ("moved to another room", doc! { "$set": { "rid": "two" } }, true),
        ("moved to one that does not count", doc! { "$set": { "rid": "three" } }, true),
        ("moved to none", doc! { "$set": { "rid": "nowhere" } }, false),
        ("moved back", doc! { "$set": { "rid": "one" } }, true),
        ("deleted, kept as a system message", doc! { "$set": { "t": "rm" } }, true),
        ("not deleted", doc! { "$unset": { "t": 1 } }, true),
        ("encrypted", doc! { "$set": { "t": "e2e" } }, false),
        ("hidden", doc! { "$set": { "_hidden": true } }, true),
        ("not hidden", doc! { "$set": { "_hidden": false } }, true),
        ("of the day before", doc! { "$set": { "ts": utc(DAY_BEFORE) } }, true),
        ("of long ago", doc! { "$set": { "ts": utc(LONG_AGO) } }, true),
        ("no date", doc! { "$set": { "ts": "2023-05-20" } }, false),
        ("of the day again", doc! { "$set": { "ts": utc(NOON) } }, true),
    ] {
        followed.workspace.update(MESSAGE, "first", update).await;
        followed.is_seen(what, is_told).await;
    }
    let all = followed.workspace.database.collection::<Document>(MESSAGE);
    followed.workspace.delete(MESSAGE, "first").await;
    followed.is_seen("deleted", true).await;
    followed.workspace.insert(MESSAGE, [first]).await;
    followed.is_seen("written again", true).await;
    // A retention policy deletes what is old, room by room.
    let numbered = |room: &'static str, at: &'static str| {
        (0..1_000).map(move |number| doc! { "_id": format!("{room} {at} {number}"), "rid": room, "ts": utc(at) })
    };
    for at in [NOON, DAY_BEFORE, LONG_AGO] {
        followed.workspace.insert(MESSAGE, numbered("one", at)).await;
        followed.workspace.insert(MESSAGE, numbered("two", at)).await;
    }
    followed.is_seen("many messages", true).await;
    let prune = async |room: &str, before: &str| {
        let old = doc! { "rid": room, "ts": { "$lt": utc(before) } };
        all.delete_many(old).await.expect("a deletion");
    };
    prune("one", DAY_BEFORE).await;
    followed.is_seen("what is long ago was pruned", false).await;
    prune("one", DAY).await;
    followed.is_seen("a room was pruned up to the day", true).await;
    prune("two", "2023-05-21T00:00:00.000Z").await;
    followed.is_seen("a room was pruned of all", true).await;
    all.delete_many(doc! {}).await.expect("a deletion");
    followed.is_seen("nothing is left", true).await;
    followed.end().await;
}

/// A room is deleted with its messages after it, as Rocket.Chat does in the other order: neither order leaves anything.
#[tokio::test(flavor = "multi_thread")]
async fn a_room_that_is_deleted_with_its_messages_and_created_again_begins_with_none() {
    let mut followed = Followed::new().await;
    let all = followed.workspace.database.collection::<Document>(MESSAGE);
    for room_first in [true, false] {
        let room = doc! { "_id": "one", "t": "c", "name": format!("room first: {room_first}") };
        followed.workspace.insert(ROOM, [room.clone()]).await;
        followed.workspace.insert(MESSAGE, messages("one", NOON, 5)).await;
        followed.is_seen("a room with messages", true).await;
        if room_first {
            followed.workspace.delete(ROOM, "one").await;
        }
        all.delete_many(doc! { "rid": "one" }).await.expect("a deletion");
        if !room_first {
            followed.workspace.delete(ROOM, "one").await;
        }
        followed.is_seen("deleted with its messages", true).await;
        followed.workspace.insert(ROOM, [room]).await;
        followed.is_seen("created again", false).await;
        followed.workspace.insert(MESSAGE, messages("one", NOON, 1)).await;
        followed.is_seen("a message in it", true).await;
        all.delete_many(doc! { "rid": "one" }).await.expect("a deletion");
        followed.workspace.delete(ROOM, "one").await;
        followed.is_seen("nothing is left", true).await;
    }
    followed.end().await;
}

/// Many changes of any kind, and one look at what they left: after each burst, in all three answers.
#[tokio::test(flavor = "multi_thread")]
async fn bursts_of_random_changes_are_seen() {
    const ROOMS: usize = 6;
    const MESSAGES: usize = 60;
    let mut random = Random::new(11);
    let mut followed = Followed::new().await;
    let rooms = followed.workspace.database.collection::<Document>(ROOM);
    let all = followed.workspace.database.collection::<Document>(MESSAGE);
    let instants = [NOON, DAY, "2023-05-20T23:59:59.999Z", "2023-05-21T00:00:00.000Z", DAY_BEFORE, LONG_AGO];
    let mut told = 0;
    for burst in 0..40 {
        for _ in 0..random.between(1, 25) {
            let room = format!("room{}", random.below(ROOMS));
            let this_room = doc! { "_id": &room };
            let kind = ["c", "p", "d", "l"][random.weighted(&[4, 4, 4, 1])];
            let this = doc! { "_id": random.below(MESSAGES) as i64 };
            let at = utc(instants[random.weighted(&[8, 2, 2, 1, 4, 1])]);
            match random.below(16) {
                0 => drop(rooms.delete_one(this_room).await.expect("a deletion")),
                1 | 2 => {
                    let update = doc! { "$set": { "t": kind } };
                    rooms.update_one(this_room, update).upsert(true).await.expect("an update");
                }
                3 => {
                    let replacement = doc! { "t": kind, "fname": format!("burst {burst}"), "usernames": [kind] };
                    rooms.replace_one(this_room, replacement).upsert(true).await.expect("a replacement");
                }
                4 => drop(rooms.update_one(this_room, doc! { "$unset": { "t": 1 } }).await.expect("an update")),
                5 | 6 => drop(all.delete_one(this).await.expect("a deletion")),
                7 => drop(all.update_one(this, doc! { "$set": { "t": "rm" } }).await.expect("an update")),
                8 => drop(all.update_one(this, doc! { "$set": { "rid": &room } }).await.expect("an update")),
                9 => drop(all.update_one(this, doc! { "$set": { "ts": at } }).await.expect("an update")),
                10 => drop(all.delete_many(doc! { "rid": &room, "ts": at }).await.expect("a deletion")),
                11 => {
                    let update = doc! { "$set": { "rid": &room, "ts": at }, "$unset": { "t": 1, "_hidden": 1 } };
                    all.update_many(doc! { "t": "rm" }, update).await.expect("an update");
                }
                _ => {
                    let replacement = doc! { "rid": &room, "ts": at, "_hidden": random.chance(10) };
                    all.replace_one(this, replacement).upsert(true).await.expect("a replacement");
                }
            }
        }
        let is_told = followed.expected().await != followed.last;
        told += usize::from(is_told);
        followed.is_seen(&format!("burst {burst}"), is_told).await;
    }
    assert!(told > 30, "{told} of 40 bursts changed an answer, so this tests little");
    // What has been followed is what is found by loading.
    let loaded = Service::on_live(&followed.workspace).await;
    for (path, expected) in [ORIGIN, TOP_FIVE, CHANNELS].into_iter().zip(followed.last.clone()) {
        assert_eq!(ask(&loaded, &format!("{path}?start={DAY}&end={DAY}")).await.body, expected, "{path}");
    }
    loaded.stop().await;
    followed.end().await;
}
