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

#[test]
fn a_document_is_read_as_it_was_just_before_its_change() {
    let mut rig = Rig::live(2);
    rig.event(5, "a", Change::Delete);
    rig.idle();
    let (request, command) = rig.read();
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
    let (request, _) = rig.read();
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
    let (request, _) = rig.read();
    rig.give(Input::Failed { request, fault: Fault::Unreachable });
    assert!(!rig.rebuilt());
    rig.now += 1_000;
    rig.give(Input::Tick { today: TODAY });
    let (request, _) = rig.read();
    rig.give(Input::Failed { request, fault: Fault::HistoryLost });
    assert!(rig.rebuilt());
    assert_eq!(rig.today(), Answer::NotLoaded);
}

#[test]
fn a_change_of_a_document_that_was_not_there_costs_a_reload() {
    let mut rig = Rig::live(2);
    rig.event(5, "a", Change::Delete);
    rig.idle();
    let (request, _) = rig.read();
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
    rig.empty_batches();
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
    rig.now = 2_100;
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

#[test]
fn memory_is_stale_while_no_majority_holds_the_newest_writes() {
    let mut rig = Rig::live(2);
    let stands_still = Point { last_write: T(9), majority: T(8), term: 1, process: 1 };
    for _ in 0..20 {
        rig.later();
        rig.answer_point(stands_still);
        rig.empty_batches();
    }
    assert_eq!(rig.today(), Answer::Stale);
    assert_eq!(rig.feed.status(rig.now).hindrance, Some(Hindrance::MajorityBehind));
    rig.later();
    rig.answer_point(Point { majority: T(9), ..stands_still });
    rig.now += 1;
    rig.empty_batches();
    assert_eq!(rig.today(), Answer::Live(vec![(TODAY, 2)]));
    assert_eq!(rig.feed.status(rig.now).hindrance, None);
}

#[test]
fn memory_is_stale_while_the_streams_are_open_on_a_member_that_lags_behind() {
    let mut rig = Rig::live(2);
    let point = Point { last_write: T(9), majority: T(9), term: 1, process: 1 };
    rig.feed.points.clear();
    for _ in 0..20 {
        rig.later();
        rig.answer_point(point);
        rig.now += 1;
        rig.empty_batches_of(Some(T(8)));
    }
    assert_eq!(rig.today(), Answer::Stale);
    rig.empty_batches_of(Some(T(9)));
    assert_eq!(rig.today(), Answer::Live(vec![(TODAY, 2)]));
}

/// A feed that has seen an event, and now another primary.
fn with_another_primary(last_write: Timestamp, term: i64) -> Rig {
    let mut rig = Rig::live(2);
    rig.event(5, "a", Change::Insert(image()));
    rig.idle();
    rig.later();
    rig.answer_point(Point { last_write, majority: last_write, term, process: 2 });
    rig
}

#[test]
fn another_primary_that_has_the_last_event_costs_no_reload() {
    let mut rig = with_another_primary(T(7), 2);
    rig.later();
    assert_eq!(rig.reopen(T(7)), [Start::At(T(5)), Start::Now]);
    let (request, _) = rig.read();
    rig.give(Input::RoomList { request, version: T(7), rooms: vec![("room".into(), Some("c".into()))] });
    rig.event(5, "a", Change::Insert(image()));
    rig.later();
    rig.answer_point(Point { last_write: T(7), majority: T(7), term: 2, process: 2 });
    rig.now += 1;
    rig.empty_batches();
    assert!(!rig.rebuilt());
    assert_eq!(rig.today(), Answer::Live(vec![(TODAY, 3)]));
}

#[test]
fn a_history_that_has_gone_back_costs_messages_and_rooms() {
    // No event comes; another event comes; the term is an old one; the newest write is one.
    let no_event = |rig: &mut Rig| rig.empty_batches();
    let another = |rig: &mut Rig| rig.event(6, "b", Change::Insert(image()));
    let nothing = |_: &mut Rig| {};
    for (last_write, term, then) in
        [(7, 2, no_event as fn(&mut Rig)), (7, 2, another), (7, 1, nothing), (4, 2, nothing)]
    {
        let mut rig = with_another_primary(T(last_write), term);
        if rig.commands.iter().any(|(_, command)| matches!(command, Command::Watch { .. })) {
            rig.reopen(T(7));
            then(&mut rig);
        }
        for stream in [Stream::Messages, Stream::Rooms] {
            assert!(rig.notices.contains(&Notice::Rebuild(stream, Reason::GoneBack)), "{last_write} {term} {stream:?}");
        }
        assert_eq!(rig.today(), Answer::NotLoaded);
    }
}

#[test]
fn a_member_that_lags_behind_says_nothing_about_the_history() {
    let mut rig = with_another_primary(T(7), 2);
    rig.reopen(T(7));
    rig.empty_batches_of(Some(T(4)));
    assert!(!rig.rebuilt());
    rig.empty_batches_of(Some(T(5)));
    assert!(rig.notices.contains(&Notice::Rebuild(Stream::Messages, Reason::GoneBack)));
}

#[test]
fn what_is_loaded_and_not_proven_by_an_event_is_loaded_again() {
    let mut rig = Rig::live(2);
    rig.later();
    rig.answer_point(Point { last_write: T(7), majority: T(7), term: 2, process: 2 });
    assert!(rig.notices.contains(&Notice::Rebuild(Stream::Messages, Reason::Unproven)));
    assert!(rig.notices.contains(&Notice::Rebuild(Stream::Rooms, Reason::Unproven)));
}

#[test]
fn what_comes_after_a_lost_connection_waits_until_the_primary_has_answered() {
    let mut rig = Rig::live(2);
    rig.later();
    let (request, _) = rig.take(|command| *command == Command::ReadPoint).unwrap();
    rig.give(Input::Shaken);
    rig.event(5, "a", Change::Insert(image()));
    rig.empty_batches();
    let point = Point { last_write: T(5), majority: T(5), term: 1, process: 1 };
    rig.give(Input::Point { request, asked: rig.now, point });
    assert_eq!(rig.today(), Answer::Live(vec![(TODAY, 2)]), "that question was asked before");
    rig.later();
    rig.answer_point(point);
    assert_eq!(rig.today(), Answer::Live(vec![(TODAY, 3)]));
}

#[test]
fn without_a_primary_for_a_day_no_more_is_kept_than_is_waited_for() {
    let mut rig = Rig::live(2);
    rig.event(5, "a", Change::Delete);
    rig.empty_batches();
    rig.give(Input::Shaken);
    for _ in 0..1_000 {
        rig.now += 10_000;
        rig.give(Input::Tick { today: TODAY });
        while let Some((request, command)) = rig.take(|_| true) {
            match command {
                Command::ReadImages { ids, .. } => {
                    let found = ids.into_iter().map(|id| (id, image())).collect();
                    rig.give(Input::Images { request, found });
                }
                _ => rig.give(Input::Failed { request, fault: Fault::Unreachable }),
            }
        }
    }
    assert!(rig.feed.held.len() < 10, "{} inputs are kept", rig.feed.held.len());
}

#[test]
fn days_that_were_forgotten_are_loaded_when_the_clock_is_set_back() {
    for ahead in [1, 3, 4_000] {
        let mut rig = Rig::live(2);
        rig.give(Input::Tick { today: TODAY + ahead });
        rig.give(Input::Tick { today: TODAY });
        let status = rig.feed.status(rig.now);
        assert!(!status.live, "{ahead}: {status:?}");
        while let Some((request, command)) = rig.take(|command| matches!(command, Command::Load { .. })) {
            let Command::Load { first, last, .. } = command else { continue };
            let has_today = first <= TODAY && last.is_none_or(|last| TODAY <= last);
            let cells = has_today.then(|| CellCount { room: "room".into(), day: TODAY, messages: 2 });
            rig.give(Input::Loaded { request, version: T(9), cells: cells.into_iter().collect() });
        }
        let status = rig.feed.status(rig.now);
        assert!(status.live && status.loaded_days == 4, "{ahead}: {status:?}");
        assert_eq!(rig.feed.days(TODAY - 3..=TODAY, rig.now), Answer::Live(vec![(TODAY, 2)]));
    }
}

/// Whatever is asked for is answered until all is loaded.
fn settle(rig: &mut Rig) {
    for _ in 0..10 {
        rig.later();
        rig.reopen(T(1));
        rig.load(T(1), 2);
        rig.idle();
    }
}

#[test]
fn former_states_that_are_gone_again_and_again_end_the_loading_for_an_hour() {
    let mut rig = Rig::live(2);
    for losses in 1..=3 {
        rig.event(losses * 10, "a", Change::Delete);
        rig.empty_batches();
        let (request, _) = rig.take(|command| matches!(command, Command::ReadImages { .. })).unwrap();
        rig.give(Input::Failed { request, fault: Fault::HistoryLost });
        assert_eq!(rig.notices.contains(&Notice::Rest(3_600_000)), losses == 3);
        rig.now += 10_000;
        settle(&mut rig);
    }
    assert_eq!(rig.feed.status(rig.now).hindrance, Some(Hindrance::ImagesLost));
    assert_eq!(rig.today(), Answer::NotLoaded);
    rig.now += 3_600_000;
    settle(&mut rig);
    assert_eq!(rig.today(), Answer::Live(vec![(TODAY, 2)]));
    assert_eq!(rig.feed.status(rig.now).hindrance, None);
    // Once more is enough then.
    rig.event(50, "a", Change::Delete);
    rig.empty_batches();
    let (request, _) = rig.take(|command| matches!(command, Command::ReadImages { .. })).unwrap();
    rig.give(Input::Failed { request, fault: Fault::HistoryLost });
    assert_eq!(rig.feed.status(rig.now).hindrance, Some(Hindrance::ImagesLost));
}

#[test]
fn a_span_whose_snapshot_expires_is_halved_and_a_single_day_is_left_to_aggregations() {
    let mut rig = Rig::open();
    let (request, _) = rig.take(|command| matches!(command, Command::ReadRooms { .. })).unwrap();
    rig.give(Input::RoomList { request, version: T(1), rooms: vec![("room".into(), Some("c".into()))] });
    for _ in 0..100 {
        while let Some((request, command)) = rig.take(|command| matches!(command, Command::Load { .. })) {
            let Command::Load { first, last, .. } = command else { continue };
            let is_too_large = first < TODAY && last.is_none_or(|last| TODAY - 1 <= last);
            rig.give(match is_too_large {
                true => Input::Failed { request, fault: Fault::HistoryLost },
                false => Input::Loaded { request, version: T(1), cells: Vec::new() },
            });
        }
        rig.later();
        rig.idle();
    }
    let day_before = TODAY - 1;
    assert!(rig.notices.contains(&Notice::TooLarge(day_before, 3_600_000)));
    let status = rig.feed.status(rig.now);
    assert_eq!((status.live, status.loaded_days), (false, 3));
    assert_eq!(status.hindrance, Some(Hindrance::DaysTooLarge));
    assert_eq!(rig.feed.days(day_before..=TODAY, rig.now), Answer::NotLoaded);
    assert_eq!(rig.feed.days(TODAY - 3..=TODAY - 2, rig.now), Answer::Live(vec![]));
    rig.now += 3_600_000;
    settle(&mut rig);
    assert!(rig.feed.status(rig.now).live);
}

#[test]
fn loads_that_are_given_up_are_not_awaited() {
    let mut rig = Rig::open();
    let (request, _) = rig.take(|command| matches!(command, Command::Load { .. })).unwrap();
    assert!(rig.feed.awaits(request));
    rig.break_messages(Fault::HistoryLost);
    assert!(!rig.feed.awaits(request));
}

#[test]
fn a_list_of_rooms_that_cannot_be_read_is_asked_for_with_growing_pauses() {
    let mut rig = Rig::open();
    let mut pauses = Vec::new();
    for failure in 0..12 {
        let (request, _) = rig.take(|command| matches!(command, Command::ReadRooms { .. })).unwrap();
        let failed = rig.now;
        if failure % 2 == 0 {
            rig.give(Input::Failed { request, fault: Fault::Unreachable });
        } else {
            // No answer at all, as long as it may take.
            rig.now += rig.feed.config.load_timeout;
            rig.give(Input::Tick { today: TODAY });
        }
        let failed = failed.max(rig.now);
        while !rig.commands.iter().any(|(_, command)| matches!(command, Command::ReadRooms { .. })) {
            rig.now += 10;
            rig.give(Input::Tick { today: TODAY });
            assert!(rig.now - failed <= rig.feed.config.max_pause + 10, "it is not asked for again");
        }
        pauses.push(rig.now - failed);
    }
    let (least, most) = (rig.feed.config.min_pause, rig.feed.config.max_pause);
    for (failures, pause) in pauses.iter().enumerate() {
        let full = (least << failures).min(most);
        assert!((full / 2..=full + 10).contains(pause), "{failures} failures: {pauses:?}");
    }
    assert!(pauses.last() >= Some(&(most / 2)), "{pauses:?}");
}
