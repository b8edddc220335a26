//! What is loaded, and when it is given up.

use super::*;

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
