//! Another primary, and a history that may have gone back.

use super::*;

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
