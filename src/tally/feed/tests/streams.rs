//! Change streams that break, and what is kept while they are behind.

use super::*;

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
