//! What goes into the feed and what comes out: change events as they are used here, answers to requests, requests.
//!
//! All plain values. Whoever does I/O decodes MongoDB's documents into them, and asks MongoDB for no more than they hold.

use crate::tally::cube::{CellCount, Contradiction, Loaded, SpanDays};
use crate::tally::time::{Day, Millis, Timestamp};

/// A document's `_id`, as text. Opaque here: whoever does I/O writes it so that the `_id` can be had back from it.
pub type DocumentId = Box<str>;

/// A resume token: the `_data` of the token document. Servers since 4.0 write it so that it sorts as text in stream order.
pub type ResumeToken = Box<str>;

/// Numbers a request, so that its answer can be told from that of one given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Request(pub(super) u64);

/// Names a process of MongoDB's: another one after each start (`hello.topologyVersion.processId`).
pub type ProcessId = u128;

/// How far the primary and a majority of the members have come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// The primary's newest write (`hello.lastWrite.opTime.ts`).
    pub last_write: Timestamp,
    /// The newest write that a majority holds, as the primary knows it (`hello.lastWrite.majorityOpTime.ts`).
    pub majority: Timestamp,
    /// The term of the election that made it primary (`hello.lastWrite.opTime.t`).
    pub term: i64,
    /// Which process it is.
    pub process: ProcessId,
}

/// The two change streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// On the messages.
    Messages,
    /// On the rooms.
    Rooms,
}

/// An event of a change stream.
#[derive(Clone, Debug)]
pub struct Event<E> {
    /// The event's `clusterTime`. All events of a transaction (and of some bulk writes) have the same.
    pub at: Timestamp,
    /// Its resume token, `_id._data`.
    pub token: ResumeToken,
    /// What happened.
    pub change: E,
}

/// What decides whether and where a message counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Image {
    /// `rid`; none if it is no text.
    pub room: Option<Box<str>>,
    /// The day of `ts`; none if that is no date.
    pub day: Option<Day>,
    /// Whether its `t` is one of those that count.
    pub counted: bool,
    /// Whether `_hidden` is true.
    pub hidden: bool,
}

impl Image {
    /// The cell it counts in.
    pub fn cell(&self) -> Option<(&str, Day)> {
        if !self.counted || self.hidden {
            return None;
        }
        Some((self.room.as_deref()?, self.day?))
    }
}

/// The fields of an [`Image`] that an update changed. The outer option: whether it did; the value: as in the image, afterwards.
/// Updates that change none of them are not to be given: each would cost a read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Patch {
    /// See [`Image::room`].
    pub room: Option<Option<Box<str>>>,
    /// See [`Image::day`].
    pub day: Option<Option<Day>>,
    /// See [`Image::counted`].
    pub counted: Option<bool>,
    /// See [`Image::hidden`].
    pub hidden: Option<bool>,
}

/// What happened to a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It was inserted.
    Insert(Image),
    /// Some of its fields were changed or removed.
    Update(Patch),
    /// Another document took its place, with the same id.
    Replace(Image),
    /// It was deleted, by whatever means.
    Delete,
}

/// A change of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageChange {
    /// The message.
    pub id: DocumentId,
    /// What happened to it.
    pub change: Change,
}

/// A change of a room: its type afterwards. Updates that leave `t` alone are none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomChange {
    /// The room's id.
    pub room: Box<str>,
    /// `t`; none if the room is gone, or it is no text.
    pub kind: Option<Box<str>>,
}

/// What can go wrong with a request or a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// No answer: network, no primary, a time limit.
    Unreachable,
    /// The server answered with an error.
    Refused,
    /// The server no longer has the history that is asked for: for a stream 286, 280, 260, 222 or 136; for a read at a given
    /// time 239 or 246.
    HistoryLost,
    /// The collection was dropped or renamed, or the stream invalidated for any reason.
    Invalidated,
    /// An event that cannot be understood.
    Undecodable,
}

/// What the feed is told.
#[derive(Clone, Debug)]
pub enum Input {
    /// Time has passed. To be given about ten times a second, with the calendar day that it is.
    Tick {
        /// The day, in the server's calendar.
        today: Day,
    },
    /// A connection to MongoDB was lost, or another member is primary: what comes from now on may be of another history. To be given
    /// before anything of that comes.
    Shaken,
    /// The answer to `ReadPoint`.
    Point {
        /// Which.
        request: Request,
        /// When the primary was asked.
        asked: Millis,
        /// What it answered.
        point: Point,
    },
    /// A stream is open on the server.
    Opened {
        /// The `Watch`.
        request: Request,
        /// For [`Start::Now`] the time it was opened at: every event of this time and later comes.
        start: Timestamp,
        /// The token it began with.
        token: Option<ResumeToken>,
    },
    /// Events, in the order in which the stream gave them.
    Messages {
        /// The `Watch`.
        request: Request,
        /// The events.
        events: Vec<Event<MessageChange>>,
    },
    /// Events, in the order in which the stream gave them.
    Rooms {
        /// The `Watch`.
        request: Request,
        /// The events.
        events: Vec<Event<RoomChange>>,
    },
    /// An empty batch came: the stream has nothing more at present.
    ///
    /// A server that is no mongos reads the oplog to its end before it sends one, also after resuming, except as the first batch
    /// of an aggregation told `batchSize: 0`. A cursor that is closed gives no batches at all, however a driver puts that.
    Idle {
        /// The `Watch`.
        request: Request,
        /// The token that came with it.
        token: Option<ResumeToken>,
        /// When it was asked for: the server looked no sooner, however late the batch is heard of.
        asked: Millis,
        /// Up to when the member that was asked has given all events, if it says so. It may lag behind the majority.
        reached: Option<Timestamp>,
    },
    /// A request failed; an open stream broke.
    Failed {
        /// Which.
        request: Request,
        /// How.
        fault: Fault,
    },
    /// The answer to `Load`.
    Loaded {
        /// Which.
        request: Request,
        /// The time of the snapshot.
        version: Timestamp,
        /// Its non-empty cells.
        cells: Vec<CellCount>,
    },
    /// The answer to `ReadImages`: the documents found.
    Images {
        /// Which.
        request: Request,
        /// Id and image. The others did not exist at that time.
        found: Vec<(DocumentId, Image)>,
    },
    /// The answer to `ReadRooms`.
    RoomList {
        /// Which.
        request: Request,
        /// The time of the snapshot.
        version: Timestamp,
        /// Every room of a counted type, with its type.
        rooms: Vec<(Box<str>, Option<Box<str>>)>,
    },
    /// The answer to `Audit`.
    Audited {
        /// Which.
        request: Request,
        /// The time of the snapshot.
        version: Timestamp,
        /// The rooms with messages that day, with their number.
        rooms: Vec<(Box<str>, u32)>,
    },
}

impl Input {
    /// The request that it answers, or whose stream it comes from.
    pub(super) fn request(&self) -> Option<Request> {
        match self {
            Self::Tick { .. } | Self::Shaken => None,
            Self::Point { request, .. }
            | Self::Opened { request, .. }
            | Self::Messages { request, .. }
            | Self::Rooms { request, .. }
            | Self::Idle { request, .. }
            | Self::Failed { request, .. }
            | Self::Loaded { request, .. }
            | Self::Images { request, .. }
            | Self::RoomList { request, .. }
            | Self::Audited { request, .. } => Some(*request),
        }
    }
}

/// Where a stream is to begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// At the newest majority-committed write: `hello.lastWrite.majorityOpTime`, or just after it.
    Now,
    /// With the events of this time (`startAtOperationTime`).
    At(Timestamp),
    /// After this token (`resumeAfter`).
    After(ResumeToken),
}

/// What the feed asks for. All reads see majority-committed data of one time, a snapshot's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Ask the primary how far it and a majority have come. Answer: `Point`.
    ReadPoint,
    /// Open a stream; it takes the place of the one before on the same collection. Answers: `Opened`, then events and `Idle`
    /// without end, `Failed` when it ends.
    Watch {
        /// Which.
        stream: Stream,
        /// From where.
        start: Start,
    },
    /// Count the messages of these days, by room and day, in a snapshot no older than `not_before`. Best at a time named in the
    /// request, the later of `not_before` and the primary's majority point: a member that lags behind then waits until it is there.
    Load {
        /// The oldest day.
        first: Day,
        /// The newest; none: without end.
        last: Option<Day>,
        /// The oldest snapshot that will do.
        not_before: Timestamp,
    },
    /// Read these messages as they were at exactly this time (`atClusterTime`).
    ReadImages {
        /// Which.
        ids: Vec<DocumentId>,
        /// When.
        at: Timestamp,
    },
    /// Read id and type of the rooms of a counted type, in a snapshot no older than `not_before`.
    ReadRooms {
        /// The oldest snapshot that will do.
        not_before: Timestamp,
    },
    /// Count one day's messages by room, in a snapshot no older than `not_before`.
    Audit {
        /// The day.
        day: Day,
        /// The oldest snapshot that will do.
        not_before: Timestamp,
    },
}

/// Why everything is loaded again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// A stream cannot be continued.
    #[error("the change stream cannot be continued ({0:?})")]
    Stream(Fault),
    /// The primary has forgotten what had been followed: its database was restored from an older copy.
    #[error("MongoDB's history has gone back, as after a restore from an older copy")]
    GoneBack,
    /// The primary is a process that was not known, and no event proves that it has what had been followed.
    #[error("MongoDB was started again or another member is primary, and nothing shows that its history goes on")]
    Unproven,
    /// Documents changed, and the server no longer knows how they were before.
    #[error("the server no longer has the documents as they were before a change")]
    ImagesLost,
    /// What came does not fit together.
    #[error("contradiction: {0}")]
    Contradiction(#[from] Contradiction),
    /// An audit found a difference.
    #[error("an audit of day {day} found {wrong} wrong counts")]
    Audit {
        /// The day.
        day: Day,
        /// How many counts were wrong.
        wrong: usize,
    },
}

/// Something to log, and to count in a metric.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// A stream is open, for the first time or again.
    Opened(Stream),
    /// A stream broke, and is opened again where it was.
    Broken(Stream, Fault),
    /// All that this stream has brought is forgotten, and loaded again.
    Rebuild(Stream, Reason),
    /// Another process is primary. The events are asked for again from an old one, to see whether it has that.
    NewPrimary,
    /// Nothing is loaded for so long, since what is loaded is lost again and again.
    Rest(Millis),
    /// Some days take longer to load than the server keeps snapshots, so they are loaded in smaller parts.
    Halved(SpanDays),
    /// A day takes longer to load than the server keeps snapshots. It is left to aggregations, for so long.
    TooLarge(Day, Millis),
    /// Some days are loaded.
    Loaded(Loaded),
    /// A load or another read failed, and is tried again.
    Retry(Fault),
    /// A snapshot was older than asked for, and is taken again.
    TooOld,
    /// All days of the history are loaded, and the rooms are known.
    Complete,
    /// An audit found nothing wrong.
    Audited(Day),
}

/// What a step brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// To be done. The answer names the request.
    Command(Request, Command),
    /// To be logged.
    Notice(Notice),
}
