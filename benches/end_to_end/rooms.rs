//! What the tally by room costs: a question for sums per room, the memory of a cell, and livechat rooms that nobody asks about.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use bson::{Document, doc};
use rocketchat_engagement::{
    commands::demo::mongod::PrivateMongod,
    tally::{
        cube::{CellCount, Cube},
        time::Timestamp,
    },
};

use crate::{Failure, client::median, process::resident_memory, serve_live, table::Table, workspace::Workload};

/// The last day in memory.
const TODAY: i32 = 20_000;
/// Days in memory, and days that are asked for.
const HISTORY: u32 = 400;
const ASKED: i32 = 91;
/// Livechat rooms of a large workspace.
const LIVECHAT: u32 = 1_000_000;

/// Measures all of it.
pub async fn measure(
    table: &mut Table,
    workload: Workload,
    mongod: &PrivateMongod,
    client: &mongodb::Client,
) -> Result<(), Failure> {
    questions(table);
    livechat(table, workload, mongod, client).await
}

/// Sums per room, where each room has messages every day, and what a cell takes.
fn questions(table: &mut Table) {
    for (rooms, history, goal, key) in
        [(2_000, HISTORY, "<= 100", "rooms_2000_us"), (50_000, ASKED as u32, "<= 5000", "rooms_50000_us")]
    {
        let cube = cube(rooms, history, |_, _| true);
        let times = (0..101).map(|_| {
            let began = Instant::now();
            black_box(cube.rooms(&[TODAY - ASKED + 1..=TODAY]));
            began.elapsed()
        });
        let micros = median(times.collect()).as_secs_f64() * 1e6;
        table.ratio(&format!("sums of {rooms} rooms over {ASKED} days, µs"), key, micros, goal);
        if rooms == 2_000 {
            let bytes = cube.memory() as f64 / cube.cells() as f64;
            table.ratio("bytes per cell, messages every day", "dense_cell_bytes", bytes, "<= 64");
        }
    }
    // The worst there is: no two messages of a room within eight days.
    let sparse = cube(2_000, HISTORY, |room, day| (day + room as i32) % 11 == 0);
    let bytes = sparse.memory() as f64 / sparse.cells() as f64;
    table.ratio("bytes per cell, a message every eleven days", "sparse_cell_bytes", bytes, "<= 64");
}

/// A cube loaded in parts, the newest first, whose cells come in no order, as from MongoDB.
fn cube(rooms: u32, history: u32, has_messages: impl Fn(u32, i32) -> bool) -> Cube {
    let id = |room: u32| -> Box<str> { format!("{room:017}").into() };
    // Another order for each day.
    let shuffled = |day: i32| (0..rooms).map(move |place| (place * 7919 + day as u32 * 31) % rooms);
    let mut cube = Cube::new(&["c", "p", "d"]);
    cube.replace_rooms(
        &(0..rooms).map(|room| (id(room), Some(["c", "p", "d"][room as usize % 3].into()))).collect::<Vec<_>>(),
    );
    cube.plan(TODAY, history, history.div_ceil(25));
    while let Some((span, days)) = cube.next_to_load(0) {
        cube.begin_load(span);
        let days = days.first..=days.last.unwrap_or(TODAY);
        let cells = days.flat_map(|day| {
            let with_messages = shuffled(day).filter(|room| has_messages(*room, day)).collect::<Vec<_>>();
            with_messages.into_iter().map(move |room| CellCount { room: id(room), day, messages: 3 })
        });
        cube.install(span, Timestamp::new(1, 1), cells.collect()).expect("cells that fit together");
    }
    cube
}

/// A workspace with a million livechat rooms against the same without.
async fn livechat(
    table: &mut Table,
    workload: Workload,
    mongod: &PrivateMongod,
    client: &mongodb::Client,
) -> Result<(), Failure> {
    let workload = Workload { messages: workload.messages / 5, ..workload };
    eprintln!("making {} messages twice, and {LIVECHAT} livechat rooms", workload.messages);
    let names = ["without_livechat", "with_livechat"];
    for name in names {
        workload.fill(&client.database(name)).await?;
    }
    let rooms = client.database(names[1]).collection::<Document>("rocketchat_room");
    // Rocket.Chat makes this index.
    rooms.create_index(mongodb::IndexModel::builder().keys(doc! { "t": 1 }).build()).await?;
    for begin in (0..LIVECHAT).step_by(50_000) {
        let some = (begin..(begin + 50_000).min(LIVECHAT)).map(|number| {
            doc! { "_id": format!("conversation{number:07}"), "t": "l", "fname": "A visitor", "open": false, "msgs": 4 }
        });
        rooms.insert_many(some.collect::<Vec<_>>()).await?;
    }
    let mut measured = [(Vec::new(), Vec::new()), (Vec::new(), Vec::new())];
    for _ in 0..3 {
        for ((times, memory), name) in measured.iter_mut().zip(names) {
            let began = Instant::now();
            let (process, _) = serve_live(&mongod.url(name))?;
            times.push(began.elapsed());
            memory.push(Duration::from_micros(resident_memory(process.pid())));
        }
    }
    let [(without, small), (with, large)] =
        measured.map(|(times, memory)| (median(times).as_secs_f64(), median(memory).as_micros() as f64 / 1e6));
    table.ratio("start to live with a million livechat rooms ÷ without", "livechat_start", with / without, "<= 2");
    table.ratio("more memory with a million livechat rooms, MB", "livechat_mb", large - small, "<= 20");
    Ok(())
}
