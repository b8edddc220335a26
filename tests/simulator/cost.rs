//! What memory and answers cost, on a large workspace: 2,000 rooms with messages on each of 400 days.

use std::time::Instant;

use rocketchat_engagement::tally::cube::CellCount;
use rocketchat_engagement::tally::feed::{Answer, Command, Config, Feed, Input, Output, Point};
use rocketchat_engagement::tally::time::Timestamp;

const ROOMS: usize = 2_000;

/// A feed that has loaded 400 days, 3 messages in each room and day.
fn large() -> Feed {
    let start = Timestamp::new(1_000, 1);
    let mut feed = Feed::new(Config::default(), 20_000);
    let mut outputs = feed.step(0, Input::Tick { today: 20_000 });
    let mut streams = Vec::new();
    while let Some(output) = outputs.pop() {
        let Output::Command(request, command) = output else { continue };
        let room = |room: usize| format!("{room:017}").into();
        outputs.extend(match command {
            Command::ReadPoint => {
                let point = Point { last_write: start, majority: start, term: 1, process: 1 };
                feed.step(0, Input::Point { request, asked: 0, point })
            }
            Command::Watch { .. } => {
                streams.push(request);
                feed.step(0, Input::Opened { request, start, token: None })
            }
            Command::ReadRooms { .. } => {
                let rooms =
                    (0..ROOMS).map(|index| (room(index), Some(["c", "p", "d", "l"][index % 4].into()))).collect();
                feed.step(0, Input::RoomList { request, version: start, rooms })
            }
            Command::Load { first, last, .. } => {
                let days = first..=last.unwrap_or(20_000);
                let cells =
                    days.flat_map(|day| (0..ROOMS).map(move |index| CellCount { room: room(index), day, messages: 3 }));
                feed.step(0, Input::Loaded { request, version: start, cells: cells.collect() })
            }
            Command::ReadImages { .. } | Command::Audit { .. } => Vec::new(),
        });
    }
    for request in streams {
        feed.step(1, Input::Idle { request, token: None, asked: 1, reached: None });
    }
    feed
}

#[test]
fn a_cell_takes_less_than_64_bytes_and_a_window_less_than_10_microseconds() {
    let feed = large();
    let cells = feed.cube().cells();
    assert_eq!(cells, ROOMS * 400);
    let bytes = feed.cube().memory() as f64 / cells as f64;

    let days = 20_000 - 180..=20_000;
    let begun = Instant::now();
    let rounds: u32 = 1_000;
    for now in 0..rounds {
        let Answer::Live(counts) = feed.days(days.clone(), u64::from(now)) else { panic!("not live") };
        assert_eq!((counts.len(), counts[0].1), (181, 4_500));
    }
    let micros = begun.elapsed().as_secs_f64() * 1e6 / f64::from(rounds);
    println!("{bytes:.1} bytes a cell, {micros:.2} µs for 181 days");
    assert!(bytes <= 64.0, "{bytes} bytes a cell");
    // Unoptimised code, on a machine that may be busy, gets more.
    let limit = if cfg!(debug_assertions) { 1_000.0 } else { 10.0 };
    assert!(micros < limit, "{micros} µs for 181 days");
}
