//! The feed's decisions, one at a time; the simulator in `tests/simulator` tries them in every order.

mod changes;
mod freshness;
mod history;
mod loading;
mod streams;

use super::*;
use crate::tally::cube::CellCount;

const TODAY: Day = 100;
const T: fn(u32) -> Timestamp = |increment| Timestamp::new(7, increment);

/// A feed, and the requests it has made last.
struct Rig {
    feed: Feed,
    now: Millis,
    commands: Vec<(Request, Command)>,
    notices: Vec<Notice>,
    messages: Option<Request>,
    rooms: Option<Request>,
}

impl Rig {
    /// Both streams are open since time 1; the loads are waited for.
    fn open() -> Self {
        let config = Config { history_days: 4, span_days: 4, audit_every: 0, ..Config::default() };
        let feed = Feed::new(config, TODAY);
        let mut rig = Self { feed, now: 0, commands: vec![], notices: vec![], messages: None, rooms: None };
        rig.give(Input::Tick { today: TODAY });
        rig.point(T(1));
        rig.reopen(T(1));
        rig
    }

    /// The primary answers that this is its newest write, and the majority's.
    fn point(&mut self, newest: Timestamp) {
        self.answer_point(Point { last_write: newest, majority: newest, term: 1, process: 1 });
    }

    fn answer_point(&mut self, point: Point) {
        let mut asked = None;
        while let Some((request, _)) = self.take(|command| *command == Command::ReadPoint) {
            // The last one; those before were given up.
            asked = Some(request);
        }
        let request = asked.expect("the question for a point");
        self.give(Input::Point { request, asked: self.now, point });
    }

    /// The time in which the primary is asked once more has passed, and a little more.
    fn later(&mut self) {
        self.now += 150;
        self.give(Input::Tick { today: TODAY });
    }

    /// Live, at time 1, with `messages` messages in the channel `room` today.
    fn live(messages: u32) -> Self {
        let mut rig = Self::open();
        let (request, _) = rig.take(|command| matches!(command, Command::ReadRooms { .. })).unwrap();
        rig.give(Input::RoomList { request, version: T(1), rooms: vec![("room".into(), Some("c".into()))] });
        rig.load(T(1), messages).unwrap();
        rig.idle();
        assert_eq!(rig.today(), Answer::Live(vec![(TODAY, u64::from(messages))]));
        rig
    }

    fn give(&mut self, input: Input) {
        for output in self.feed.step(self.now, input) {
            match output {
                Output::Command(request, command) => self.commands.push((request, command)),
                Output::Notice(notice) => self.notices.push(notice),
            }
        }
    }

    fn take(&mut self, wanted: impl Fn(&Command) -> bool) -> Option<(Request, Command)> {
        let index = self.commands.iter().position(|(_, command)| wanted(command))?;
        Some(self.commands.remove(index))
    }

    /// Opens the streams that are asked for.
    fn reopen(&mut self, start: Timestamp) -> Vec<Start> {
        let mut starts = Vec::new();
        while let Some((request, command)) = self.take(|command| matches!(command, Command::Watch { .. })) {
            let Command::Watch { stream, start: from } = command else { continue };
            starts.push(from);
            match stream {
                Stream::Messages => self.messages = Some(request),
                Stream::Rooms => self.rooms = Some(request),
            }
            self.give(Input::Opened { request, start, token: None });
        }
        starts
    }

    fn load(&mut self, version: Timestamp, messages: u32) -> Option<()> {
        let (request, _) = self.take(|command| matches!(command, Command::Load { .. }))?;
        let cells = vec![CellCount { room: "room".into(), day: TODAY, messages }];
        self.give(Input::Loaded { request, version, cells });
        Some(())
    }

    /// The next request but that for a point.
    fn read(&mut self) -> (Request, Command) {
        self.take(|command| *command != Command::ReadPoint).expect("a request")
    }

    /// The primary says that a majority holds all it has, and then both streams say that they have nothing more.
    fn idle(&mut self) {
        self.give(Input::Tick { today: TODAY });
        let is_awaited =
            |(request, command): &(Request, Command)| *command == Command::ReadPoint && self.feed.awaits(*request);
        if !self.commands.iter().any(is_awaited) {
            self.now += self.feed.config.point_every;
            self.give(Input::Tick { today: TODAY });
        }
        self.point(T(1_000_000));
        self.now += 1;
        self.empty_batches();
    }

    fn empty_batches(&mut self) {
        self.empty_batches_of(None);
    }

    /// Of a member that has come so far.
    fn empty_batches_of(&mut self, reached: Option<Timestamp>) {
        for request in [self.messages.unwrap(), self.rooms.unwrap()] {
            self.give(Input::Idle { request, token: None, asked: self.now, reached });
        }
    }

    fn event(&mut self, increment: u32, id: &str, change: Change) {
        self.events(vec![event(T(increment), id, change)]);
    }

    fn events(&mut self, events: Vec<Event<MessageChange>>) {
        self.give(Input::Messages { request: self.messages.unwrap(), events });
    }

    fn break_messages(&mut self, fault: Fault) {
        self.give(Input::Failed { request: self.messages.unwrap(), fault });
        self.now += 5_000;
        self.give(Input::Tick { today: TODAY });
    }

    fn today(&self) -> Answer<Vec<(Day, u64)>> {
        self.feed.days(TODAY..=TODAY, self.now)
    }

    fn rebuilt(&self) -> bool {
        self.notices.iter().any(|notice| matches!(notice, Notice::Rebuild(..)))
    }
}

fn image() -> Image {
    Image { room: Some("room".into()), day: Some(TODAY), counted: true, hidden: false }
}

fn event(at: Timestamp, id: &str, change: Change) -> Event<MessageChange> {
    let token = format!("{:08}{id}", at.increment()).into();
    Event { at, token, change: MessageChange { id: id.into(), change } }
}
