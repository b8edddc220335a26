//! Changes of documents, transactions, and what is read for them.

use super::*;

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
