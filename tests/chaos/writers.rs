//! Writes what Rocket.Chat would write, and keeps the book.
//!
//! Each writer owns the messages that it inserted, so that the writes to one message come one after another. A write of
//! unknown outcome leaves its messages alone until a reading of the database tells.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bson::{Bson, DateTime, Document, doc};
use mongodb::{
    Collection, Database,
    error::Result,
    options::{DatabaseOptions, IndexOptions, WriteConcern},
};
use tokio::{sync::RwLock, task::JoinHandle, time::sleep};

use crate::{
    book::Book,
    random::Random,
    truth::{DAY, Kind, Message, NOWHERE, Room, room_id},
};

/// Rooms that may exist.
const ROOMS: Room = 14;

/// How many days back messages are spread.
const HISTORY_DAYS: u64 = 200;

/// What the index on `expireAt` means: expired at that moment.
const EXPIRES_AT: Duration = Duration::ZERO;

/// A message and what it becomes.
type Change = (String, Option<Message>);

/// Stops the writers between two writes for as long as its write guard is held.
pub type Gate = Arc<RwLock<()>>;

/// The database, and who must hold a write before it is acknowledged: a majority, or the primary alone.
#[derive(Clone)]
pub struct Target {
    database: Database,
    primary_alone: Arc<AtomicBool>,
}

impl Target {
    /// A majority must hold what is written.
    pub fn new(database: Database) -> Self {
        Self { database, primary_alone: Arc::default() }
    }

    /// From the next write on the primary is enough, or is not any more. Only while it cannot lose what it has: the book knows of
    /// nothing that is taken back.
    pub fn trust_primary_alone(&self, is_so: bool) {
        self.primary_alone.store(is_so, Ordering::SeqCst);
    }

    fn concern(&self) -> WriteConcern {
        if self.primary_alone.load(Ordering::SeqCst) { WriteConcern::nodes(1) } else { WriteConcern::majority() }
    }

    /// A collection with what is asked of writes now.
    pub fn collection(&self, name: &str) -> Collection<Document> {
        let options = DatabaseOptions::builder().write_concern(self.concern()).build();
        self.database.client().database_with_options(self.database.name(), options).collection(name)
    }
}

/// A writer of messages.
pub struct Writer {
    name: String,
    target: Target,
    book: Book,
    random: Random,
    /// Messages that it may change.
    own: Vec<String>,
    written: u64,
}

impl Writer {
    /// One with a name that no other has.
    pub fn new(name: &str, target: Target, book: Book, seed: u64) -> Self {
        let random = Random::new(seed);
        Self { name: name.to_owned(), target, book, random, own: Vec::new(), written: 0 }
    }

    /// Inserts a history, so that there is something to load. Nothing may fail yet.
    pub async fn write_history(&mut self, messages: usize) {
        let batch: Vec<_> = (0..messages).map(|_| self.invent(HISTORY_DAYS)).collect();
        for batch in batch.chunks(500) {
            assert!(self.insert(batch.to_vec()).await, "the history is written");
        }
    }

    /// Writes until it is stopped.
    pub fn run(mut self, gate: Gate) -> JoinHandle<()> {
        tokio::spawn(async move {
            loop {
                let open = gate.read().await;
                self.step().await;
                drop(open);
                sleep(Duration::from_millis(self.random.between(4, 30))).await;
            }
        })
    }

    async fn step(&mut self) {
        match self.random.weighted(&[40, 12, 10, 6, 6, 6, 6, 5, 4, 4, 3, 2]) {
            0 => {
                let batch = match self.random.chance(10) {
                    true => (0..self.random.between(2, 20)).map(|_| self.invent(0)).collect(),
                    false => vec![self.invent(0)],
                };
                self.insert(batch).await;
            }
            1 => self.edit().await,
            2 => self.delete().await,
            3 => self.update(|message, _| message.kind = Kind::Removed).await,
            4 => self.update(|message, _| message.kind = Kind::Absent).await,
            5 => self.update(|message, random| message.room = any_room(random)).await,
            6 => self.update(|message, random| message.hidden = random.chance(50)).await,
            7 => self.replace().await,
            8 => self.insert_expiring().await,
            9 => {
                let old = self.invent(HISTORY_DAYS);
                self.insert(vec![old]).await;
            }
            10 => self.transact().await,
            _ => self.prune().await,
        }
    }

    fn messages(&self) -> Collection<Document> {
        self.target.collection("rocketchat_message")
    }

    fn new_id(&mut self) -> String {
        self.written += 1;
        format!("{}{:07}", self.name, self.written)
    }

    /// A message of today, or of one of some days up to today.
    fn invent(&mut self, days: u64) -> Change {
        let kind = [Kind::Absent, Kind::Encrypted, Kind::Null, Kind::Joined][self.random.weighted(&[84, 8, 2, 6])];
        // A client's clock may be ahead: one message in fifty is of tomorrow.
        let age = match self.random.chance(2) {
            true => -DAY,
            false => self.random.between(0, days) as i64 * DAY,
        };
        let ts = Some(DateTime::now().timestamp_millis() - age);
        (self.new_id(), Some(Message { room: any_room(&mut self.random), ts, kind, hidden: false }))
    }

    /// One of its messages that is certainly there.
    fn pick(&mut self) -> Option<(String, Message)> {
        for _ in 0..20 {
            if self.own.is_empty() {
                return None;
            }
            let index = self.random.below(self.own.len());
            match self.book.message(&self.own[index]) {
                Some(Some(message)) => return Some((self.own[index].clone(), message)),
                Some(None) => drop(self.own.swap_remove(index)),
                None => {}
            }
        }
        None
    }

    /// Does a write whose effects are in the book from its beginning on. Whether it was acknowledged.
    async fn write(&self, changes: &[Change], write: impl Future<Output = Result<()>>) -> bool {
        self.book.begin(changes);
        let is_done = write.await.is_ok();
        if is_done {
            self.book.end(changes);
        }
        is_done
    }

    async fn insert(&mut self, batch: Vec<Change>) -> bool {
        let documents: Vec<_> = batch.iter().filter_map(|(id, message)| Some(document(id, &(*message)?))).collect();
        let messages = self.messages();
        let is_done = self.write(&batch, async { messages.insert_many(documents).await.map(drop) }).await;
        self.own.extend(batch.into_iter().map(|(id, _)| id));
        is_done
    }

    /// A message that a TTL index will delete.
    async fn insert_expiring(&mut self) {
        let change = self.invent(3);
        let in_time = self.random.between(1_500, 4_000);
        let (id, Some(message)) = &change else { return };
        let mut document = document(id, message);
        document.insert("expireAt", DateTime::from_millis(DateTime::now().timestamp_millis() + in_time as i64));
        self.book.begin(std::slice::from_ref(&change));
        self.book.will_expire(id, self.book.now() + Duration::from_millis(in_time) - Duration::from_millis(20));
        if self.messages().insert_one(document).await.is_ok() {
            self.book.end(&[change]);
        }
    }

    /// Keeps a hidden copy and changes the text.
    async fn edit(&mut self) {
        let Some((id, message)) = self.pick() else { return };
        let copy = (self.new_id(), Some(Message { hidden: true, ..message }));
        let mut copied = document(&copy.0, &Message { hidden: true, ..message });
        copied.insert("parent", &id);
        let messages = self.messages();
        if self.write(&[copy], async { messages.insert_one(copied).await.map(drop) }).await {
            let edit = doc! { "$set": { "msg": "edited", "editedAt": DateTime::now() } };
            drop(messages.update_one(doc! { "_id": id }, edit).await);
        }
    }

    /// Deletes, with or without a copy in the trash.
    async fn delete(&mut self) {
        let Some((id, message)) = self.pick() else { return };
        if self.random.chance(50) {
            let mut copy = document(&id, &message);
            copy.insert("__collection__", "rocketchat_message");
            drop(self.target.collection("rocketchat__trash").insert_one(copy).await);
        }
        let messages = self.messages();
        self.write(&[(id.clone(), None)], async { messages.delete_one(doc! { "_id": id }).await.map(drop) }).await;
    }

    /// Sets what differs of the deciding fields, and removes what is no longer there.
    async fn update(&mut self, change: impl FnOnce(&mut Message, &mut Random)) {
        let Some((id, message)) = self.pick() else { return };
        let mut changed = message;
        change(&mut changed, &mut self.random);
        let update = difference(&message, &changed);
        let messages = self.messages();
        let written = async { messages.update_one(doc! { "_id": &id }, update).await.map(drop) };
        self.write(&[(id.clone(), Some(changed))], written).await;
    }

    /// Puts another document with another `ts` in its place, which may be no date at all.
    async fn replace(&mut self) {
        let Some((id, _)) = self.pick() else { return };
        let (_, Some(mut message)) = self.invent(HISTORY_DAYS) else { return };
        message.ts = message.ts.filter(|_| self.random.chance(90));
        let messages = self.messages();
        let document = document(&id, &message);
        let written = async { messages.replace_one(doc! { "_id": &id }, document).await.map(drop) };
        self.write(&[(id.clone(), Some(message))], written).await;
    }

    /// Inserts some, removes one and moves one, all at one moment.
    async fn transact(&mut self) {
        let mut changes: Vec<_> = (0..3).map(|_| self.invent(2)).collect();
        let documents: Vec<_> = changes.iter().filter_map(|(id, message)| Some(document(id, &(*message)?))).collect();
        let (Some(removed), Some(moved)) = (self.pick(), self.pick()) else { return };
        if removed.0 == moved.0 {
            return;
        }
        let elsewhere = Message { room: any_room(&mut self.random), ..moved.1 };
        let inserted: Vec<_> = changes.iter().map(|(id, _)| id.clone()).collect();
        changes.extend([(removed.0.clone(), None), (moved.0.clone(), Some(elsewhere))]);
        let (messages, concern) = (self.messages(), self.target.concern());
        let written = async {
            let mut session = messages.client().start_session().await?;
            session.start_transaction().write_concern(concern).await?;
            messages.insert_many(documents).session(&mut session).await?;
            messages.delete_one(doc! { "_id": removed.0 }).session(&mut session).await?;
            let update = difference(&moved.1, &elsewhere);
            messages.update_one(doc! { "_id": moved.0 }, update).session(&mut session).await?;
            session.commit_transaction().await
        };
        self.write(&changes, written).await;
        self.own.extend(inserted);
    }

    /// Deletes many of a room at once.
    async fn prune(&mut self) {
        let Some((_, like)) = self.pick() else { return };
        let in_room = |id: &&String| matches!(self.book.message(id), Some(Some(message)) if message.room == like.room);
        let gone: Vec<_> = self.own.iter().filter(in_room).take(40).map(|id| (id.clone(), None)).collect();
        let ids: Vec<_> = gone.iter().map(|(id, _)| Bson::from(id)).collect();
        let messages = self.messages();
        let prune = doc! { "rid": room_id(like.room), "_id": { "$in": ids } };
        self.write(&gone, async { messages.delete_many(prune).await.map(drop) }).await;
    }
}

/// Creates, retypes and deletes rooms until it is stopped.
pub fn run_rooms(target: Target, book: Book, gate: Gate, seed: u64) -> JoinHandle<()> {
    let mut random = Random::new(seed);
    tokio::spawn(async move {
        loop {
            let open = gate.read().await;
            let room = random.below(usize::from(ROOMS)) as Room;
            let kind = ['c', 'p', 'd', 'l', 'v'][random.weighted(&[4, 3, 2, 1, 1])];
            match book.room(room) {
                Some(None) => drop(write_room(&target, &book, room, Some(kind), true).await),
                Some(Some(_)) if random.chance(25) => drop(write_room(&target, &book, room, None, false).await),
                Some(Some(_)) => drop(write_room(&target, &book, room, Some(kind), false).await),
                None => {}
            }
            drop(open);
            sleep(Duration::from_millis(random.between(100, 700))).await;
        }
    })
}

/// The rooms that are there at first.
pub async fn write_rooms(target: &Target, book: &Book) {
    for (room, kind) in (0..ROOMS - 2).zip("cccccppdddlv".chars()) {
        write_room(target, book, room, Some(kind), true).await.expect("a room");
    }
}

async fn write_room(target: &Target, book: &Book, room: Room, kind: Option<char>, is_new: bool) -> Result<()> {
    let rooms = target.collection("rocketchat_room");
    let id = room_id(room);
    book.begin_room(room, kind);
    match kind.map(String::from) {
        Some(kind) if is_new => drop(rooms.insert_one(doc! { "_id": id, "t": kind, "name": "a room" }).await?),
        Some(kind) => drop(rooms.update_one(doc! { "_id": id }, doc! { "$set": { "t": kind } }).await?),
        None => {
            rooms.delete_one(doc! { "_id": id }).await?;
        }
    }
    book.end_room(room);
    Ok(())
}

/// The indexes of the message collection that matter here, as Rocket.Chat makes them.
pub async fn write_indexes(database: &Database) -> Result<()> {
    let messages = database.collection::<Document>("rocketchat_message");
    let index = |keys: Document| mongodb::IndexModel::builder().keys(keys).build();
    let mut expiring = index(doc! { "expireAt": 1 });
    expiring.options = Some(IndexOptions::builder().expire_after(EXPIRES_AT).build());
    messages.create_indexes([index(doc! { "ts": 1 }), index(doc! { "rid": 1, "ts": 1 }), expiring]).await.map(drop)
}

fn any_room(random: &mut Random) -> Room {
    if random.chance(2) { NOWHERE } else { random.below(usize::from(ROOMS)) as Room }
}

/// A message as Rocket.Chat stores it.
fn document(id: &str, message: &Message) -> Document {
    let mut document = doc! { "_id": id, "msg": "x".repeat(100), "u": { "_id": "anna", "username": "anna" } };
    document.extend(fields(message));
    document
}

fn fields(message: &Message) -> Document {
    let ts = message.ts.map_or(Bson::from("no date"), |ts| DateTime::from_millis(ts).into());
    let mut fields = doc! { "rid": room_id(message.room), "ts": ts };
    let kind = match message.kind {
        Kind::Absent => None,
        Kind::Null => Some(Bson::Null),
        Kind::Encrypted => Some("e2e".into()),
        Kind::Removed => Some("rm".into()),
        Kind::Joined => Some("uj".into()),
    };
    fields.extend(kind.map(|kind| ("t".to_owned(), kind)));
    fields.extend(message.hidden.then(|| ("_hidden".to_owned(), true.into())));
    fields
}

/// The update that makes one message another.
fn difference(from: &Message, to: &Message) -> Document {
    let (before, after) = (fields(from), fields(to));
    let set: Document = after
        .iter()
        .filter(|(key, value)| before.get(key) != Some(value))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let unset: Document =
        before.keys().filter(|key| !after.contains_key(key)).map(|key| (key.clone(), Bson::from(""))).collect();
    let mut update = doc! { "$set": { "_updatedAt": DateTime::now() } };
    update.get_document_mut("$set").expect("just made").extend(set);
    if !unset.is_empty() {
        update.insert("$unset", unset);
    }
    update
}
