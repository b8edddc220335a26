//! The cube by itself; the simulator in `tests/simulator` tries it together with the feed.

use super::*;

const T: fn(u32) -> Timestamp = |increment| Timestamp::new(7, increment);

fn cell(room: &str, day: Day, messages: u32) -> CellCount {
    CellCount { room: room.into(), day, messages }
}

/// Ten days up to day 100, in one span, with the rooms `channel` and `direct`.
fn planned() -> (Cube, SpanId) {
    let mut cube = Cube::new(&["c", "d"]);
    cube.plan(100, 10, 10);
    cube.set_room("channel", Some("c"));
    cube.set_room("direct", Some("d"));
    let (span, _) = cube.next_to_load(0).unwrap();
    (cube, span)
}

fn loaded(cells: Vec<CellCount>) -> Cube {
    let (mut cube, span) = planned();
    cube.begin_load(span);
    cube.install(span, T(5), cells).unwrap();
    cube
}

#[test]
fn a_change_up_to_the_version_is_in_the_snapshot_already() {
    let mut cube = loaded(vec![cell("channel", 98, 3)]);
    cube.apply(T(5), "channel", 98, 1).unwrap();
    assert_eq!(cube.days(91..=100), Some(vec![(98, 3)]));
    cube.apply(T(6), "channel", 98, 1).unwrap();
    assert_eq!(cube.days(91..=100), Some(vec![(98, 4)]));
}

#[test]
fn changes_during_a_load_are_kept_and_those_after_its_snapshot_applied() {
    let (mut cube, span) = planned();
    cube.apply(T(1), "channel", 99, 1).unwrap();
    cube.begin_load(span);
    cube.apply(T(4), "channel", 99, 1).unwrap();
    cube.apply(T(6), "channel", 99, 1).unwrap();
    assert_eq!(cube.days(99..=99), None);
    cube.install(span, T(5), vec![cell("channel", 99, 2)]).unwrap();
    assert_eq!(cube.days(99..=99), Some(vec![(99, 3)]));
}

#[test]
fn a_room_takes_its_messages_along_when_its_type_changes() {
    let mut cube = loaded(vec![cell("channel", 98, 3), cell("direct", 98, 2), cell("channel", 97, 1)]);
    assert_eq!(cube.by_type(98), Some(vec![3, 2]));
    cube.set_room("channel", Some("d"));
    assert_eq!(cube.by_type(98), Some(vec![0, 5]));
    cube.set_room("channel", Some("l"));
    assert_eq!(cube.days(91..=100), Some(vec![(98, 2)]));
    cube.replace_rooms(&[("channel".into(), Some("c".into())), ("new".into(), None)]);
    assert_eq!(cube.days(91..=100), Some(vec![(97, 1), (98, 3)]));
}

#[test]
fn a_room_of_an_uncounted_type_takes_no_place_unless_it_has_messages() {
    let mut cube = loaded(vec![cell("early", 98, 3)]);
    let (rooms, memory) = (cube.rooms.len(), cube.memory());
    for index in 0..1_000 {
        let room = format!("livechat{index}");
        cube.set_room(&room, Some("l"));
        cube.set_room(&room, None);
        assert_eq!(cube.rooms.find(&room), None);
    }
    assert_eq!((cube.rooms.len(), cube.memory()), (rooms, memory));
    // Those that messages have named, and those that count, are known.
    cube.set_room("early", Some("l"));
    assert_eq!(cube.days(91..=100), Some(vec![]));
    cube.set_room("early", Some("c"));
    assert_eq!(cube.days(91..=100), Some(vec![(98, 3)]));
    cube.set_room("new", Some("c"));
    assert_eq!(cube.rooms.len(), rooms + 1);
}

#[test]
fn a_room_without_a_document_counts_nothing_until_it_has_one() {
    let mut cube = loaded(vec![cell("unknown", 98, 3)]);
    assert_eq!(cube.days(91..=100), Some(vec![]));
    cube.set_room("unknown", Some("c"));
    assert_eq!(cube.days(91..=100), Some(vec![(98, 3)]));
}

#[test]
fn only_loaded_days_are_answered_and_the_future_is_among_them() {
    let cube = loaded(vec![cell("channel", 200, 1)]);
    assert_eq!(cube.days(100..=Day::MAX), Some(vec![(200, 1)]));
    assert_eq!(cube.days(90..=100), None);
    #[expect(clippy::reversed_empty_ranges, reason = "an empty range is what is tried")]
    let none = cube.days(95..=94);
    assert_eq!(none, Some(vec![]));
}

#[test]
fn spans_are_loaded_newest_first_and_answer_by_themselves() {
    let mut cube = Cube::new(&["c"]);
    cube.plan(100, 10, 4);
    let mut spans = Vec::new();
    while let Some((span, days)) = cube.next_to_load(0) {
        cube.begin_load(span);
        spans.push((span, days.first, days.last));
    }
    let days: Vec<_> = spans.iter().map(|(_, first, last)| (*first, *last)).collect();
    assert_eq!(days, [(97, None), (93, Some(96)), (91, Some(92))]);
    cube.install(spans[1].0, T(1), vec![]).unwrap();
    assert!(cube.covers(&(93..=96)) && !cube.covers(&(93..=97)) && !cube.covers(&(92..=93)));
    assert_eq!((cube.loaded_days(100), cube.is_complete()), (4, false));
}

#[test]
fn forgotten_days_are_neither_answered_nor_kept() {
    let mut cube = loaded(vec![cell("channel", 91, 1), cell("channel", 95, 1)]);
    cube.forget_before(93);
    assert_eq!((cube.days(92..=100), cube.days(93..=100)), (None, Some(vec![(95, 1)])));
    assert_eq!(cube.cells(), 1);
}

#[test]
fn a_day_whose_messages_are_gone_leaves_nothing_behind() {
    let mut cube = loaded(vec![cell("channel", 98, 1)]);
    cube.apply(T(6), "channel", 98, -1).unwrap();
    assert_eq!((cube.cells(), cube.days.len()), (0, 0));
    assert_eq!(cube.apply(T(7), "channel", 98, -1), Err(Contradiction::EmptyCell));
}

#[test]
fn an_audit_compares_what_was_counted_with_what_has_happened_since() {
    let mut cube = loaded(vec![cell("channel", 98, 3)]);
    cube.begin_audit(98);
    cube.apply(T(6), "channel", 98, 1).unwrap();
    cube.apply(T(9), "direct", 98, 1).unwrap();
    cube.counted(T(8), vec![("channel".into(), 4)]);
    assert_eq!(cube.conclude_audit(T(7)), None, "the cube may be behind the count");
    assert_eq!(cube.conclude_audit(T(9)), Some(AuditReport { day: 98, wrong: 0, messages: 5 }));

    cube.begin_audit(98);
    cube.counted(T(8), vec![("channel".into(), 7)]);
    assert_eq!(cube.conclude_audit(T(9)).unwrap().wrong, 2);
}
