//! The feed's decisions, one at a time; the simulator in `tests/simulator` tries them in every order.

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
        rig.reopen(T(1));
        rig
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

    fn idle(&mut self) {
        for request in [self.messages.unwrap(), self.rooms.unwrap()] {
            self.give(Input::Idle { request, token: None, asked: self.now });
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

    fn today(&self) -> Answer {
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
    Event { at, token, happened: 0, change: MessageChange { id: id.into(), change } }
}

#[test]
fn a_document_is_read_as_it_was_just_before_its_change() {
    let mut rig = Rig::live(2);
    rig.event(5, "a", Change::Delete);
    rig.idle();
    let (request, command) = rig.take(|_| true).unwrap();
    assert_eq!(command, Command::ReadImages { ids: vec!["a".into()], at: T(4) });
    rig.give(Input::Images { request, found: vec![("a".into(), image())] });
    assert_eq!(rig.today(), Answer::Live(vec![(TODAY, 1)]));
}

#[test]
fn later_changes_of_a_document_go_on_from_the_earlier_ones() {
    let mut rig = Rig::live(2);
    let hide = |hidden| Change::Update(Patch { hidden: Some(hidden), ..Patch::default() });
    rig.events(vec![
        event(T(5), "a", hide(true)),
        event(T(6), "a", hide(true)),
        event(T(7), "b", Change::Insert(image())),
        event(T(8), "b", Change::Delete),
        event(T(9), "c", Change::Insert(Image::default())),
    ]);
    rig.idle();
    let (request, _) = rig.take(|_| true).unwrap();
    rig.give(Input::Images { request, found: vec![("a".into(), image())] });
    assert_eq!(rig.today(), Answer::Live(vec![(TODAY, 1)]));
}

#[test]
fn a_transaction_waits_until_it_is_complete() {
    let mut rig = Rig::live(2);
    rig.event(5, "a", Change::Insert(image()));
    assert_eq!(rig.today(), Answer::Live(vec![(TODAY, 2)]));
    rig.event(5, "b", Change::Insert(image()));
    assert_eq!(rig.today(), Answer::Live(vec![(TODAY, 2)]));
    rig.event(6, "c", Change::Insert(image()));
    assert_eq!(rig.today(), Answer::Live(vec![(TODAY, 4)]));
    rig.idle();
    assert_eq!(rig.today(), Answer::Live(vec![(TODAY, 5)]));
}

#[test]
fn five_thousand_deletions_cost_a_few_reads() {
    let mut rig = Rig::live(5_000);
    let deletions: Vec<_> = (0..5_000).map(|index| event(T(10 + index), &format!("{index}"), Change::Delete)).collect();
    let (mut reads, mut ids_read, mut waiting) = (0, 0, None);
    for batch in deletions.chunks(100) {
        rig.events(batch.to_vec());
        waiting = rig.take(|command| matches!(command, Command::ReadImages { .. })).or(waiting);
        // An answer takes as long as ten batches.
        if batch[0].at.increment() % 1_000 == 910 {
            answer(&mut rig, &mut waiting, &mut reads, &mut ids_read);
        }
    }
    rig.idle();
    while waiting.is_some() {
        answer(&mut rig, &mut waiting, &mut reads, &mut ids_read);
    }
    assert_eq!(rig.today(), Answer::Live(vec![]));
    assert_eq!(ids_read, 5_000);
    assert!(reads <= 8, "{reads} reads");
}

fn answer(rig: &mut Rig, waiting: &mut Option<(Request, Command)>, reads: &mut usize, ids_read: &mut usize) {
    let Some((request, Command::ReadImages { ids, .. })) = waiting.take() else { return };
    *reads += 1;
    *ids_read += ids.len();
    rig.give(Input::Images { request, found: ids.into_iter().map(|id| (id, image())).collect() });
    *waiting = rig.take(|command| matches!(command, Command::ReadImages { .. }));
}

#[test]
fn documents_that_cannot_be_read_any_more_cost_a_reload() {
    let mut rig = Rig::live(2);
    rig.event(5, "a", Change::Delete);
    rig.idle();
    let (request, _) = rig.take(|_| true).unwrap();
    rig.give(Input::Failed { request, fault: Fault::Unreachable });
    assert!(!rig.rebuilt());
    rig.now += 1_000;
    rig.give(Input::Tick { today: TODAY });
    let (request, _) = rig.take(|_| true).unwrap();
    rig.give(Input::Failed { request, fault: Fault::HistoryLost });
    assert!(rig.rebuilt());
    assert_eq!(rig.today(), Answer::NotLoaded);
}

#[test]
fn a_change_of_a_document_that_was_not_there_costs_a_reload() {
    let mut rig = Rig::live(2);
    rig.event(5, "a", Change::Delete);
    rig.idle();
    let (request, _) = rig.take(|_| true).unwrap();
    rig.give(Input::Images { request, found: vec![] });
    assert!(rig.rebuilt());
}

#[test]
fn an_outage_costs_no_reload_and_the_stream_goes_on_after_its_last_token() {
    let mut rig = Rig::live(2);
    rig.event(5, "a", Change::Insert(image()));
    for _ in 0..5 {
        rig.break_messages(Fault::Unreachable);
        assert!(rig.reopen(T(9)).contains(&Start::After("00000005a".into())));
    }
    rig.event(5, "a", Change::Insert(image()));
    rig.idle();
    assert!(!rig.rebuilt());
    assert_eq!(rig.today(), Answer::Live(vec![(TODAY, 3)]), "an event that comes twice counts once");
}

#[test]
fn a_stream_that_is_refused_three_times_at_one_place_is_begun_anew() {
    let mut rig = Rig::live(2);
    for _ in 0..2 {
        rig.break_messages(Fault::Refused);
        rig.reopen(T(9));
    }
    assert!(!rig.rebuilt());
    rig.break_messages(Fault::Refused);
    assert!(rig.rebuilt());
    assert!(rig.reopen(T(9)).contains(&Start::Now));
    assert_eq!(rig.today(), Answer::NotLoaded);
    rig.load(T(9), 7).unwrap();
    rig.idle();
    assert_eq!(rig.today(), Answer::Live(vec![(TODAY, 7)]));
}

#[test]
fn a_snapshot_older_than_what_was_let_pass_is_taken_again() {
    let mut rig = Rig::open();
    let (request, _) = rig.take(|command| matches!(command, Command::Load { .. })).unwrap();
    rig.give(Input::Failed { request, fault: Fault::Unreachable });
    rig.event(5, "a", Change::Insert(image()));
    rig.idle();
    rig.now += 1_000;
    rig.give(Input::Tick { today: TODAY });
    rig.load(T(4), 1).unwrap();
    assert_eq!(rig.notices.last(), Some(&Notice::TooOld));
    rig.now += 1_000;
    rig.give(Input::Tick { today: TODAY });
    let (_, command) = rig.commands.iter().find(|(_, command)| matches!(command, Command::Load { .. })).unwrap();
    assert_eq!(*command, Command::Load { first: TODAY - 3, last: None, not_before: T(5) });
}

#[test]
fn memory_is_used_for_as_long_as_it_is_fresh() {
    let mut rig = Rig::live(2);
    rig.now += 2_000;
    assert_eq!(rig.today(), Answer::Live(vec![(TODAY, 2)]));
    rig.now += 1;
    assert_eq!(rig.today(), Answer::Stale);
    rig.event(5, "a", Change::Delete);
    rig.idle();
    assert_eq!(rig.today(), Answer::Stale, "an empty batch says nothing while events before it wait");
}

#[test]
fn a_flood_of_events_is_kept_out_but_for_a_transaction_under_way() {
    let mut rig = Rig::live(2);
    rig.feed.config.max_backlog = 10;
    rig.event(5, "first", Change::Delete);
    rig.event(6, "second", Change::Delete);
    for index in 0..20 {
        rig.event(7, &format!("{index:02}"), Change::Insert(image()));
    }
    assert!(rig.feed.wants_more(Stream::Messages));
    for index in 0..20 {
        rig.event(8 + index, "one", Change::Insert(image()));
    }
    assert!(!rig.feed.wants_more(Stream::Messages));
}
