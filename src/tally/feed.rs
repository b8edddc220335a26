//! Follows two change streams and keeps the [`Cube`] right, as a state machine without I/O.
//!
//! Rule: [`Feed::step`] takes one thing that happened and the time, and gives the requests that follow from it; [`Feed::days`]
//! answers wholly from memory or not at all. Boundary: it reads no clock, opens no connection and knows no BSON.
//!
//! # Why it is exact
//!
//! The claim: when `days` answers, each day's count is what the database held at one moment, no more than `max_staleness`
//! ago as far as the servers that were asked know; and that moment is the same for all days but those loaded from a snapshot
//! newer than the last event applied.
//!
//! Write `M(s)` for the messages as of cluster time `s`, majority-committed, and `p` for the *position*: all events of time
//! `≤ p` have been applied, none later. A loaded day has a *version* `v`, the time of its snapshot. The invariant: **a loaded
//! day holds the count of `M(max(p, v))`.**
//!
//! 1. *Every event comes, once and in order.* The stream begins at a time `o`, and `p` with the moment before `o`. It is
//!    reopened after the last token that came, or given up with everything that rests on it. Events that come twice are told by
//!    their tokens. Events of one time (a transaction) are applied together, when something later has come
//!    (`backlog`): so there is no `p` at which half of a time has been applied.
//! 2. *What an event does is known.* An insert carries its document. Of other events' documents the state before a batch is
//!    read at exactly the moment before the first event of the batch, so at a time `s` with `p ≤ s` and no event between: what
//!    is read is `M(p)`. The events say what changes from there, one after another (`images`). Nothing is estimated, so
//!    nothing has to be located, marked and counted again. Should the server not have that moment any more, all is loaded again.
//! 3. *A day in memory takes part in it.* Events `> v` are applied to it, events `≤ v` are not: they are in the snapshot.
//! 4. *A day being loaded misses none.* Its load is requested at a position `p₀`, from when on its changes are queued, and its
//!    snapshot is taken only if `v ≥ p₀`. So each change is `≤ p₀`, then it is in the snapshot; or later, then it is in the
//!    queue, and is applied if it is `> v`. (To ask for `v ≥ o` only is not enough: what came between `o` and `p₀` was let pass.)
//! 5. *Room types* are assignments, not sums: a list at `v` and the events after it, by the same rules with a position of their
//!    own. When a room's type changes, each day's count in it moves from one sum to the other.
//! 6. *Fresh.* The primary is asked again and again for its newest write and for that of the majority. Memory holds everything up
//!    to such a question when an event after that write has been applied, or when an empty batch shows the same (`freshness`). It
//!    is used for `max_staleness` from there.
//! 7. *The same history.* The primary's answers also tell whether it may have forgotten something. Then nothing counts as fresh until
//!    it is proven that it has not, or everything is loaded again (`history`).
//!
//! So no answer depends on how long a request takes, in what order answers come, or whether they come: an unknown, late or
//! too old one changes nothing. What cannot be (a count below zero, a change of a document that was not there, a difference
//! found by an audit) is never repaired: everything is loaded again.

mod answers;
mod backlog;
mod config;
mod event;
mod follow;
mod freshness;
mod history;
mod images;
mod link;
mod loads;
mod messages;
mod points;
mod rooms;
mod status;
mod streams;

use std::collections::VecDeque;

use super::cube::Cube;
use super::flaw::{Flaw, Flaws};
use super::time::{Day, Millis, Timestamp};
pub use answers::{Answer, Moment};
pub use config::Config;
pub use event::{
    Change, Command, DocumentId, Event, Fault, Image, Input, MessageChange, Notice, Output, Patch, Point, ProcessId,
    Reason, Request, ResumeToken, RoomChange, Start, Stream,
};
use follow::Follow;
use freshness::{Points, Silence};
use history::History;
use link::Backoff;
use loads::Load;
use messages::Batch;
use points::{Doubt, Reading};
use rooms::RoomList;
pub use status::{FeedStatus, Hindrance};

/// See the module.
#[derive(Debug)]
pub struct Feed {
    config: Config,
    today: Day,
    cube: Cube,
    messages: Follow<MessageChange>,
    /// Events under way into the cube: the documents they change are being read.
    batch: Option<Batch>,
    rooms: Follow<RoomChange>,
    list: RoomList,
    list_backoff: Backoff,
    /// The question to the primary how far it has come.
    reading: Reading,
    points: Points,
    history: History,
    /// A primary of which it is being proven that it has what has been followed.
    doubt: Option<Doubt>,
    /// The last request made before a connection was lost, if no primary has answered to a later one since.
    shaken: Option<Request>,
    /// What has come since then.
    held: Vec<Input>,
    /// When documents as they were before a change were gone, the newest last.
    images_lost: VecDeque<Millis>,
    /// Until when nothing is loaded, since it would be lost again.
    resting_until: Option<Millis>,
    loads: Vec<Load>,
    load_backoff: Backoff,
    next_load: Millis,
    audit: Option<(Request, Timestamp, Millis)>,
    next_audit: Option<Millis>,
    rebuild: Backoff,
    rebuilt: Millis,
    complete: bool,
    requests: u64,
    flaws: Flaws,
    out: Vec<Output>,
}

impl Feed {
    /// Nothing is known yet: the first step asks for the streams.
    pub fn new(config: Config, today: Day) -> Self {
        let backoff = |salt: u64| {
            let seed = config.seed.wrapping_add(salt).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            Backoff::new(config.min_pause, config.max_pause, seed)
        };
        Self {
            today,
            cube: Cube::new(&config.counted_types),
            messages: Follow::new(backoff(1)),
            batch: None,
            rooms: Follow::new(backoff(2)),
            list: RoomList::Unread { after: 0 },
            list_backoff: backoff(5),
            reading: Reading::Due(0),
            points: Points::default(),
            history: History::default(),
            doubt: None,
            shaken: None,
            held: Vec::new(),
            images_lost: VecDeque::new(),
            resting_until: None,
            loads: Vec::new(),
            load_backoff: backoff(3),
            next_load: 0,
            audit: None,
            next_audit: None,
            rebuild: backoff(4),
            rebuilt: 0,
            complete: false,
            requests: 0,
            flaws: Flaws::default(),
            out: Vec::new(),
            config,
        }
    }

    /// One that is wrong on purpose.
    #[doc(hidden)]
    pub fn flawed(config: Config, today: Day, flaws: Flaws) -> Self {
        let mut feed = Self::new(config, today);
        feed.flaws = flaws;
        feed.cube.set_flaws(flaws);
        feed.messages.log.keep_duplicates = flaws.has(Flaw::NoDuplicateFilter);
        feed.messages.log.split_groups = flaws.has(Flaw::EagerGroups);
        feed
    }

    /// Forgets everything, but the number of the last request: answers to earlier ones are none to those that will be made.
    pub fn begin_anew(&mut self) {
        let requests = self.requests;
        *self = Self { requests, ..Self::new(self.config.clone(), self.today) };
    }

    /// Takes one thing that happened, at this time. The outputs are to be acted on in their order.
    pub fn step(&mut self, now: Millis, input: Input) -> Vec<Output> {
        match input {
            Input::Tick { .. } | Input::Shaken | Input::Point { .. } => self.take(now, input),
            Input::Failed { request, .. } if self.reading.is_for(request) => self.take(now, input),
            input if self.shaken.is_some() => self.hold(input),
            input => self.take(now, input),
        }
        self.schedule(now);
        std::mem::take(&mut self.out)
    }

    fn take(&mut self, now: Millis, input: Input) {
        match input {
            Input::Shaken => self.shake(now),
            Input::Tick { today } => self.turn(today),
            Input::Point { request, asked, point } => self.on_point(now, request, asked.min(now), point),
            #[expect(clippy::panic, reason = "a test wants it")]
            Input::Opened { .. } if self.flaws.has(Flaw::Panics) => panic!("a flaw of this feed"),
            Input::Opened { request, start, token } => self.opened(now, request, start, token),
            Input::Messages { request, events } => self.on_messages(now, request, events),
            Input::Rooms { request, events } => self.on_rooms(now, request, events),
            Input::Idle { request, token, asked, reached } => {
                self.idle(now, request, token, Silence { asked: asked.min(now), reached })
            }
            Input::Failed { request, fault } => self.failed(now, request, fault),
            Input::Loaded { request, version, cells } => self.on_loaded(now, request, version, cells),
            Input::Images { request, found } => self.on_images(now, request, found),
            Input::RoomList { request, version, rooms } => self.on_room_list(now, request, version, rooms),
            Input::Audited { request, version, rooms } => self.on_audited(now, request, version, rooms),
        }
    }

    // Time

    fn turn(&mut self, today: Day) {
        self.today = today;
        let first = today.saturating_sub_unsigned(self.config.history_days.saturating_sub(1));
        // The clock has been set back: days that were forgotten, or never planned, belong to the history again.
        if !self.flaws.has(Flaw::NoDaysAnew) && self.cube.first_day().is_some_and(|planned| first < planned) {
            self.complete = false;
            if self.cube.begins_after(today) {
                self.plan();
            } else {
                self.cube.extend_back(first, self.config.span_days);
            }
        }
        self.cube.forget_before(first);
    }

    /// Forgets all counts and plans the loading of the whole history.
    fn plan(&mut self) {
        if !self.flaws.has(Flaw::NoRequestCheck) {
            self.loads.clear();
        }
        self.audit = None;
        self.cube.plan(self.today, self.config.history_days, self.config.span_days);
    }

    /// Gives up what takes too long and asks for what is due.
    fn schedule(&mut self, now: Millis) {
        self.schedule_point(now);
        if self.resting_until.is_some_and(|until| until <= now) {
            self.resting_until = None;
        }
        let silence = self.config.silence;
        if self.messages.link.is_stuck(now, silence) {
            self.broken(now, Stream::Messages, Fault::Unreachable);
        }
        if self.rooms.link.is_stuck(now, silence) {
            self.broken(now, Stream::Rooms, Fault::Unreachable);
        }
        // Not before the primary has told whose history is followed.
        let is_known = self.history.is_known();
        if self.messages.link.is_due(now) && is_known {
            let start = self.messages.start(self.flaws);
            let request = self.request(Command::Watch { stream: Stream::Messages, start });
            self.messages.link.opening(request, now.saturating_add(self.config.open_timeout));
        }
        if self.rooms.link.is_due(now) && is_known {
            let start = self.rooms.start(Flaws::default());
            let request = self.request(Command::Watch { stream: Stream::Rooms, start });
            self.rooms.link.opening(request, now.saturating_add(self.config.open_timeout));
        }
        self.schedule_images(now);
        self.schedule_list(now);
        self.schedule_loads(now);
        self.schedule_audit(now);
        if !self.complete && self.list.is_known() && self.cube.is_complete() {
            self.complete = true;
            self.notice(Notice::Complete);
        }
    }

    fn request(&mut self, command: Command) -> Request {
        self.requests += 1;
        let request = Request(self.requests);
        self.out.push(Output::Command(request, command));
        request
    }

    fn notice(&mut self, notice: Notice) {
        self.out.push(Output::Notice(notice));
    }
}

#[cfg(test)]
mod tests;
