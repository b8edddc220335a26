//! When memory answers, and when it does not.

use super::*;

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
