//! The layout against a plain map of cells.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

fn room(number: usize) -> RoomId {
    RoomId::at(number).expect("a number")
}

/// What is held, room by room and day by day.
fn held(cells: &Cells) -> BTreeMap<(usize, Day), u32> {
    let of_days =
        (-40..=40).flat_map(|day| cells.of_day(day).map(move |(room, messages)| ((room.index(), day), messages)));
    let of_days: BTreeMap<_, _> = of_days.collect();
    let of_rooms = (0..ROOMS).flat_map(|number| {
        cells.of_room(room(number)).map(move |(day, messages)| ((number, day), messages)).collect::<Vec<_>>()
    });
    assert_eq!(of_days, of_rooms.collect());
    of_days
}

const ROOMS: usize = 5;

#[derive(Debug, Clone)]
enum Step {
    Change(usize, Day, i64),
    ForgetBefore(Day),
    Arrange(Day),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => (0..ROOMS, -30..30, -3i64..6).prop_map(|(room, day, by)| Step::Change(room, day, by)),
        1 => (-35..35).prop_map(Step::ForgetBefore),
        1 => (-35..35).prop_map(Step::Arrange),
    ]
}

proptest! {
    #[test]
    fn cells_are_what_a_plain_map_would_hold(
        steps in prop::collection::vec(step(), 0..200),
        windows in [(-35..35, -3..40), (-35..35, -3..40)],
    ) {
        let (mut cells, mut plain) = (Cells::default(), BTreeMap::<(usize, Day), u32>::new());
        for step in steps {
            match step {
                Step::Change(number, day, by) => {
                    let before = plain.get(&(number, day)).copied().unwrap_or_default();
                    let effect = cells.change(room(number), day, by);
                    let Ok(after) = u32::try_from(i64::from(before) + by) else {
                        prop_assert_eq!(effect, Err(Contradiction::EmptyCell));
                        continue;
                    };
                    plain.insert((number, day), after);
                    plain.retain(|_, messages| *messages > 0);
                    let expected = match (before, after) {
                        (0, 1..) => Effect::Filled,
                        (1.., 0) => Effect::Emptied,
                        _ => Effect::Kept,
                    };
                    prop_assert_eq!(effect, Ok(expected));
                }
                Step::ForgetBefore(first) => {
                    cells.forget_before(first);
                    plain.retain(|(_, day), _| *day >= first);
                }
                Step::Arrange(first) => cells.arrange(first..=first + 20),
            }
            prop_assert!(cells.blocks.values().all(|block| !block.rooms.is_empty()));
        }
        prop_assert_eq!(held(&cells), plain.clone());
        let windows = windows.map(|(first, days)| first..=first + days);
        let sums = cells.sums(&windows, ROOMS);
        for (window, sums) in windows.iter().zip(&sums) {
            for (number, sum) in sums.iter().enumerate() {
                let of_room = plain.iter().filter(|((room, day), _)| *room == number && window.contains(day));
                let expected: u64 = of_room.map(|(_, messages)| u64::from(*messages)).sum();
                prop_assert_eq!(*sum, expected);
            }
            let mut last_days = vec![None; ROOMS];
            cells.last_days(window, &mut last_days);
            for (number, last_day) in last_days.into_iter().enumerate() {
                let of_room = plain.keys().filter(|(room, day)| *room == number && window.contains(day));
                prop_assert_eq!(last_day, of_room.map(|(_, day)| *day).max());
            }
        }
    }
}
