//! The counts in memory: they follow every kind of write, and what they cannot vouch for is counted by aggregations.

use std::time::{Duration, Instant};

use bson::{Bson, Document, doc};
use mongodb::Collection;
use tokio::time::sleep;

use crate::support::{PATH, PATIENCE, Service, Workspace, utc};

const NOON: &str = "2023-05-20T12:00:00.000Z";
const QUERY: &str = "?start=2023-05-20T00:00:00.000Z&end=2023-05-20T00:00:00.000Z";

struct Followed {
    workspace: Workspace,
    service: Service,
}

impl Followed {
    /// A workspace and a service that follows it.
    async fn new() -> Self {
        let workspace = Workspace::with_admin().await;
        let service = Service::on_live(&workspace).await;
        Self { workspace, service }
    }

    fn messages(&self) -> Collection<Document> {
        self.workspace.database.collection("rocketchat_message")
    }

    /// Waits until the answer counts so many messages on the day, and comes from memory.
    async fn until(&self, expected: u64, what: &str) {
        let began = Instant::now();
        loop {
            let before = self.service.answers_from_memory();
            let response = self.service.get(&format!("{PATH}{QUERY}"), &Workspace::admin()).await;
            let count = response.json()["period"]["count"].as_u64();
            if count == Some(expected) && self.service.answers_from_memory() > before {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "{what}: {expected} expected, {response:?}");
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// Ends, having loaded everything once only.
    async fn end(self) {
        assert_eq!(self.service.reloads(), 0);
        self.service.stop().await;
    }

    async fn insert(&self, id: impl Into<Bson>, room: &str) {
        self.workspace.insert("rocketchat_message", [message(id, room)]).await;
    }

    async fn update(&self, update: Document) {
        self.workspace.update("rocketchat_message", "one", update).await;
    }
}

fn message(id: impl Into<Bson>, room: &str) -> Document {
    doc! { "_id": id, "rid": room, "ts": utc(NOON), "msg": "text" }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_of_a_message_is_followed() {
    let followed = Followed::new().await;
    followed.until(0, "nothing yet").await;
    followed.insert("one", "channel").await;
    followed.until(1, "inserted").await;
    let elsewhere = utc("2023-06-20T12:00:00.000Z");
    for (what, update, expected) in [
        ("an edit", doc! { "$set": { "msg": "other", "editedAt": utc(NOON) } }, 1),
        ("deleted, kept as a system message", doc! { "$set": { "t": "rm" } }, 0),
        ("type removed", doc! { "$unset": { "t": 1 } }, 1),
        ("type null", doc! { "$set": { "t": null } }, 1),
        ("encrypted", doc! { "$set": { "t": "e2e" } }, 1),
        ("deleted, true in an array of _hidden", doc! { "$set": { "t": "rm", "_hidden": [true] } }, 0),
        ("type removed, the array is not true", doc! { "$unset": { "t": 1 } }, 1),
        ("hidden", doc! { "$set": { "_hidden": true } }, 0),
        ("type removed while hidden", doc! { "$unset": { "t": 1 } }, 0),
        ("not hidden", doc! { "$unset": { "_hidden": 1 } }, 1),
        ("moved to livechat", doc! { "$set": { "rid": "livechat" } }, 0),
        ("moved to a private group", doc! { "$set": { "rid": "private" } }, 1),
        ("room removed", doc! { "$unset": { "rid": 1 } }, 0),
        ("room back", doc! { "$set": { "rid": "private" } }, 1),
        ("another day", doc! { "$set": { "ts": elsewhere } }, 0),
        ("the day back", doc! { "$set": { "ts": utc(NOON) } }, 1),
        ("no date", doc! { "$set": { "ts": "text" } }, 0),
        ("a date again, all at once", doc! { "$set": { "ts": utc(NOON), "rid": "direct", "t": "e2e" } }, 1),
    ] {
        followed.update(update).await;
        followed.until(expected, what).await;
    }
    let replace = async |document: Document| {
        followed.messages().replace_one(doc! { "_id": "one" }, document).await.expect("a replacement");
    };
    replace(doc! { "rid": "channel", "ts": elsewhere }).await;
    followed.until(0, "replaced by one of another day").await;
    replace(doc! { "rid": "channel", "ts": utc(NOON) }).await;
    followed.until(1, "replaced by one of this day").await;
    followed.workspace.delete("rocketchat_message", "one").await;
    followed.until(0, "deleted").await;
    followed.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deletion_by_way_of_the_trash_and_ids_of_any_type_are_followed() {
    let followed = Followed::new().await;
    let ids = [Bson::from("one"), Bson::Int32(5), bson::oid::ObjectId::new().into(), doc! { "a": 1 }.into()];
    for id in ids.clone() {
        followed.insert(id, "channel").await;
    }
    followed.until(4, "inserted").await;
    for (deleted, id) in ids.into_iter().enumerate() {
        followed.workspace.insert("rocketchat__trash", [message(id.clone(), "channel")]).await;
        followed.messages().delete_one(doc! { "_id": id }).await.expect("a deletion");
        followed.until(3 - deleted as u64, "deleted").await;
    }
    followed.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn five_thousand_deletions_at_once_are_followed() {
    let followed = Followed::new().await;
    followed.insert("one", "private").await;
    let many = (0..5_000).map(|number| message(format!("message {number}"), "channel"));
    followed.workspace.insert("rocketchat_message", many).await;
    followed.until(5_001, "inserted").await;
    followed.messages().delete_many(doc! { "rid": "channel" }).await.expect("a deletion");
    followed.until(1, "deleted").await;
    followed.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rooms_are_followed() {
    let followed = Followed::new().await;
    for (id, room) in [("one", "channel"), ("two", "channel"), ("three", "later")] {
        followed.insert(id, room).await;
    }
    followed.until(2, "inserted").await;
    let rooms = followed.workspace.database.collection::<Document>("rocketchat_room");
    let set = async |update: Document| followed.workspace.update("rocketchat_room", "channel", update).await;
    followed.workspace.insert("rocketchat_room", [doc! { "_id": "later", "t": "p" }]).await;
    followed.until(3, "room created").await;
    set(doc! { "$set": { "t": "p" } }).await;
    set(doc! { "$set": { "name": "renamed" } }).await;
    followed.until(3, "channel made private").await;
    set(doc! { "$set": { "t": "l" } }).await;
    followed.until(1, "made livechat").await;
    set(doc! { "$unset": { "t": 1 } }).await;
    set(doc! { "$set": { "t": "c" } }).await;
    followed.until(3, "a channel again").await;
    rooms.replace_one(doc! { "_id": "channel" }, doc! { "t": ["c"] }).await.expect("a replacement");
    followed.until(1, "a type that is none").await;
    followed.workspace.delete("rocketchat_room", "later").await;
    followed.until(0, "room deleted").await;
    followed.workspace.insert("rocketchat_room", [doc! { "_id": "later", "t": "d" }]).await;
    followed.until(1, "room created again").await;
    rooms.drop().await.expect("a drop");
    followed.until(0, "rooms dropped").await;
    assert_eq!(followed.service.reloads(), 1);
    followed.service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_or_renamed_collection_is_loaded_again() {
    let followed = Followed::new().await;
    followed.insert("one", "channel").await;
    followed.until(1, "inserted").await;
    followed.messages().drop().await.expect("a drop");
    followed.until(0, "dropped").await;
    followed.insert("one", "channel").await;
    followed.update(doc! { "$set": { "msg": "other" } }).await;
    followed.until(1, "inserted again").await;
    let name = |collection: &str| format!("{}.{collection}", followed.workspace.database.name());
    let admin = Workspace::at(&followed.workspace.url(), "admin").await.database;
    let rename = doc! { "renameCollection": name("rocketchat_message"), "to": name("elsewhere") };
    admin.run_command(rename).await.expect("a rename");
    followed.until(0, "renamed").await;
    assert_eq!(followed.service.reloads(), 2);
    followed.service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_is_seen_as_a_whole() {
    let followed = Followed::new().await;
    followed.insert("one", "channel").await;
    followed.until(1, "inserted").await;
    let messages = followed.messages();
    for round in 0..5 {
        let mut session = followed.workspace.database.client().start_session().await.expect("a session");
        session.start_transaction().await.expect("a transaction");
        messages.delete_one(doc! { "_id": "one" }).session(&mut session).await.expect("a deletion");
        for number in 0..3 {
            let document = message(format!("{round} {number}"), "channel");
            messages.insert_one(document).session(&mut session).await.expect("an insertion");
        }
        messages.delete_many(doc! { "_id": format!("{round} 1") }).session(&mut session).await.expect("a deletion");
        messages.insert_one(message("one", "channel")).session(&mut session).await.expect("an insertion");
        session.commit_transaction().await.expect("a commit");
        followed.until(1 + 2 * (round + 1), "a transaction").await;
    }
    followed.end().await;
}
