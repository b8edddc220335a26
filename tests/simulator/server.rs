//! A pretend MongoDB: two collections with their whole history, an oplog, a majority point, snapshots, change streams.
//!
//! It keeps every version of every document, so that a read at any time is what the database was, and so that the truth can be
//! counted anew from the documents after every write.

use rocketchat_engagement::tally::feed::{
    Change, Event, Image, MessageChange, Patch, Point, ProcessId, RoomChange, Start, Stream,
};
use rocketchat_engagement::tally::time::{Day, Millis, Timestamp};

pub const ROOMS: usize = 6;
pub const IDS: usize = 48;
pub const FIRST_DAY: Day = 80;
pub const DAYS: usize = 60;
pub const TYPES: [&str; 5] = ["c", "p", "d", "l", "v"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ts {
    Day(Day),
    Text,
    Missing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Absent,
    Encrypted,
    System,
    Removed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Doc {
    pub room: Option<usize>,
    pub ts: Ts,
    pub kind: Kind,
    pub hidden: bool,
    pub expires: Option<Millis>,
}

/// What the oplog says.
#[derive(Clone, Debug)]
pub enum Op {
    Message(usize, Change),
    Room(usize, Option<usize>),
    DropMessages,
    DropRooms,
    Noop,
}

#[derive(Clone, Debug)]
pub struct Entry {
    pub at: Timestamp,
    pub token: String,
    pub op: Op,
    pub written: Millis,
    /// The term of the primary that wrote it.
    pub term: i64,
}

/// Messages that count by room and day, whatever the rooms' types.
#[derive(Clone, PartialEq, Eq)]
pub struct Truth(pub Box<[[u8; ROOMS]; DAYS]>);

type History<T> = Vec<(Timestamp, Option<T>)>;

fn at<T: Copy>(history: &History<T>, time: Timestamp) -> Option<T> {
    let index = history.partition_point(|(at, _)| *at <= time);
    index.checked_sub(1).and_then(|index| history[index].1)
}

#[derive(Clone)]
pub struct Server {
    /// The members' processes, the primary's first.
    pub processes: [ProcessId; 3],
    pub term: i64,
    messages: Vec<History<Doc>>,
    rooms: Vec<History<usize>>,
    pub oplog: Vec<Entry>,
    /// How many entries are majority-committed.
    pub majority: usize,
    /// Entries before this are gone from the oplog.
    pub oldest: usize,
    /// Reads at times before this are refused.
    pub window: Timestamp,
    pub dropped: Timestamp,
    truth: Vec<(Timestamp, Truth)>,
    last: Timestamp,
    ordinal: usize,
}

pub fn token(at: Timestamp, ordinal: usize) -> String {
    format!("{:010}.{:010}.{ordinal:06}", at.seconds(), at.increment())
}

pub fn image(doc: &Doc) -> Image {
    Image {
        room: doc.room.map(room_id),
        day: match doc.ts {
            Ts::Day(day) => Some(day),
            Ts::Text | Ts::Missing => None,
        },
        counted: matches!(doc.kind, Kind::Absent | Kind::Encrypted),
        hidden: doc.hidden,
    }
}

pub fn room_id(room: usize) -> Box<str> {
    format!("room{room}").into()
}

pub fn message_id(id: usize) -> Box<str> {
    format!("{id}").into()
}

pub enum Batch {
    Messages(Vec<Event<MessageChange>>),
    Rooms(Vec<Event<RoomChange>>),
    Idle(String, Timestamp),
    Invalidated,
    HistoryLost,
    Nothing,
}

impl Server {
    pub fn new(now: Millis) -> Self {
        let mut server = Self {
            processes: [1, 2, 3],
            term: 1,
            messages: vec![Vec::new(); IDS],
            rooms: vec![Vec::new(); ROOMS],
            oplog: Vec::new(),
            majority: 0,
            oldest: 0,
            window: Timestamp::default(),
            dropped: Timestamp::default(),
            truth: Vec::new(),
            last: Timestamp::default(),
            ordinal: 0,
        };
        server.begin(now);
        server.log(now, Op::Noop);
        server.end();
        server.commit(usize::MAX);
        server
    }

    // Writing. All writes between `begin` and `end` are one transaction.

    pub fn begin(&mut self, now: Millis) {
        let clock = Timestamp::new((now / 1000) as u32, 1);
        self.last = self.last.next().max(clock);
        self.ordinal = 0;
    }

    pub fn end(&mut self) {
        let truth = self.count();
        match self.truth.last_mut() {
            Some((at, held)) if *at == self.last => *held = truth,
            _ => self.truth.push((self.last, truth)),
        }
    }

    fn log(&mut self, now: Millis, op: Op) {
        self.ordinal += 1;
        let token = token(self.last, self.ordinal);
        self.oplog.push(Entry { at: self.last, token, op, written: now, term: self.term });
    }

    pub fn noop(&mut self, now: Millis) {
        self.log(now, Op::Noop);
    }

    pub fn message(&self, id: usize) -> Option<Doc> {
        at(&self.messages[id], Timestamp::new(u32::MAX, u32::MAX))
    }

    pub fn room(&self, room: usize) -> Option<usize> {
        at(&self.rooms[room], Timestamp::new(u32::MAX, u32::MAX))
    }

    pub fn insert(&mut self, now: Millis, id: usize, doc: Doc) {
        assert!(self.message(id).is_none());
        self.messages[id].push((self.last, Some(doc)));
        self.log(now, Op::Message(id, Change::Insert(image(&doc))));
    }

    pub fn update(&mut self, now: Millis, id: usize, doc: Doc) {
        let before = image(&self.message(id).expect("an update needs a document"));
        let after = image(&doc);
        self.messages[id].push((self.last, Some(doc)));
        let patch = Patch {
            room: (before.room != after.room).then_some(after.room),
            day: (before.day != after.day).then_some(after.day),
            counted: (before.counted != after.counted).then_some(after.counted),
            hidden: (before.hidden != after.hidden).then_some(after.hidden),
        };
        if patch != Patch::default() {
            self.log(now, Op::Message(id, Change::Update(patch)));
        }
    }

    pub fn replace(&mut self, now: Millis, id: usize, doc: Doc) {
        assert!(self.message(id).is_some());
        self.messages[id].push((self.last, Some(doc)));
        self.log(now, Op::Message(id, Change::Replace(image(&doc))));
    }

    pub fn delete(&mut self, now: Millis, id: usize) {
        assert!(self.message(id).is_some());
        self.messages[id].push((self.last, None));
        self.log(now, Op::Message(id, Change::Delete));
    }

    pub fn set_room(&mut self, now: Millis, room: usize, kind: Option<usize>) {
        self.rooms[room].push((self.last, kind));
        self.log(now, Op::Room(room, kind));
    }

    pub fn drop_messages(&mut self, now: Millis) {
        for history in &mut self.messages {
            history.push((self.last, None));
        }
        self.dropped = self.last;
        self.log(now, Op::DropMessages);
    }

    pub fn drop_rooms(&mut self, now: Millis) {
        for history in &mut self.rooms {
            history.push((self.last, None));
        }
        self.log(now, Op::DropRooms);
    }

    // Replication

    pub fn majority_at(&self) -> Timestamp {
        self.oplog[self.majority - 1].at
    }

    /// Commits some more entries, never half of a transaction.
    pub fn commit(&mut self, entries: usize) {
        let mut to = self.majority.saturating_add(entries).min(self.oplog.len());
        while to < self.oplog.len() && to > 0 && self.oplog[to].at == self.oplog[to - 1].at {
            to += 1;
        }
        self.majority = to;
    }

    /// What the primary answers when it is asked how far it has come.
    pub fn point(&self) -> Point {
        let last = self.oplog.last().expect("there is a first entry");
        Point { last_write: last.at, majority: self.majority_at(), term: last.term, process: self.processes[0] }
    }

    /// Another primary, and the first entry that it writes.
    fn elect(&mut self, now: Millis) {
        self.term += 1;
        self.begin(now);
        self.log(now, Op::Noop);
        self.end();
    }

    /// An election: what the majority does not have never happened.
    pub fn roll_back(&mut self, now: Millis) {
        self.keep(self.majority);
        self.processes.rotate_left(1);
        self.elect(now);
    }

    /// All members are started again. They keep nothing but what a majority had, and no snapshots.
    pub fn restart(&mut self, now: Millis) {
        self.keep(self.majority);
        self.processes = self.processes.map(|process| process + 3);
        self.elect(now);
        self.window = self.last;
    }

    /// All members are started again, on a copy from when the oplog had so many entries.
    pub fn restore(&mut self, now: Millis, mut entries: usize) {
        while entries > 1 && self.oplog.get(entries).is_some_and(|next| next.at == self.oplog[entries - 1].at) {
            entries -= 1;
        }
        self.keep(entries);
        self.majority = entries;
        self.oldest = self.oldest.min(entries - 1);
        self.term = self.oplog[entries - 1].term;
        self.restart(now);
    }

    /// Forgets all but the first entries of the oplog.
    fn keep(&mut self, entries: usize) {
        self.majority = self.majority.min(entries);
        self.oplog.truncate(entries);
        let last = self.majority_at();
        for history in &mut self.messages {
            history.retain(|(at, _)| *at <= last);
        }
        for history in &mut self.rooms {
            history.retain(|(at, _)| *at <= last);
        }
        self.truth.retain(|(at, _)| *at <= last);
        self.dropped = self.dropped.min(last);
        self.last = last;
    }

    // Reading at a time

    pub fn message_at(&self, id: usize, time: Timestamp) -> Option<Doc> {
        at(&self.messages[id], time)
    }

    pub fn room_at(&self, room: usize, time: Timestamp) -> Option<usize> {
        at(&self.rooms[room], time)
    }

    pub fn truth_at(&self, time: Timestamp) -> &Truth {
        let index = self.truth.partition_point(|(at, _)| *at <= time);
        &self.truth[index.saturating_sub(1)].1
    }

    /// Every document looked at, as they are now.
    fn count(&self) -> Truth {
        let mut truth = Truth(Box::new([[0; ROOMS]; DAYS]));
        for history in &self.messages {
            if let Some((_, Some(Doc { room: Some(room), ts: Ts::Day(day), kind, hidden: false, .. }))) = history.last()
                && matches!(kind, Kind::Absent | Kind::Encrypted)
            {
                truth.0[(day - FIRST_DAY) as usize][*room] += 1;
            }
        }
        truth
    }

    // Change streams: a cursor is the index of the next entry

    pub fn open(&self, start: &Start) -> Option<(usize, Timestamp)> {
        let now = self.majority_at();
        let (next, start) = match start {
            Start::Now => (self.oplog.partition_point(|entry| entry.at < now), now),
            Start::At(time) => (self.oplog.partition_point(|entry| entry.at < *time), *time),
            Start::After(after) => (self.oplog.partition_point(|entry| *entry.token <= **after), now),
        };
        (next >= self.oldest).then_some((next, start))
    }

    /// The next events, up to `limit`, or what else there is to say, of a member that knows so many entries to be
    /// majority-committed.
    pub fn read(&self, stream: Stream, cursor: &mut usize, known: usize, limit: usize) -> Batch {
        if *cursor < self.oldest {
            return Batch::HistoryLost;
        }
        let (mut messages, mut rooms) = (Vec::new(), Vec::new());
        while *cursor < known && messages.len() + rooms.len() < limit {
            let Entry { at, token, op, .. } = &self.oplog[*cursor];
            let (at, token) = (*at, token.as_str().into());
            match (op, stream) {
                (Op::Message(id, change), Stream::Messages) => {
                    let change = MessageChange { id: message_id(*id), change: change.clone() };
                    messages.push(Event { at, token, change });
                }
                (Op::Room(room, kind), Stream::Rooms) => {
                    let change = RoomChange { room: room_id(*room), kind: kind.map(|kind| TYPES[kind].into()) };
                    rooms.push(Event { at, token, change });
                }
                (Op::DropMessages, Stream::Messages) | (Op::DropRooms, Stream::Rooms) => {
                    if messages.is_empty() && rooms.is_empty() {
                        return Batch::Invalidated;
                    }
                    break;
                }
                _ => {}
            }
            *cursor += 1;
        }
        if !messages.is_empty() {
            Batch::Messages(messages)
        } else if !rooms.is_empty() {
            Batch::Rooms(rooms)
        } else if *cursor >= known {
            let reached = self.oplog[known - 1].at;
            Batch::Idle(token(reached, 0), reached)
        } else {
            Batch::Nothing
        }
    }
}
