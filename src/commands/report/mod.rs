//! `report`: the endpoint's counts on the command line, counted by the same code, read from MongoDB directly.

pub mod breakdown;
mod data;
mod layout;
mod svg;
mod table;

use std::io::{self, IsTerminal};

use bson::{RawDocument, doc};
use chrono::Utc;
use clap::{Args, ValueEnum};

use crate::{
    commands::{
        console, database,
        days::Range,
        failure::Failure,
        progress::Progress,
        report::{
            breakdown::{By, Parts, Report, Room},
            layout::Paper,
        },
    },
    config::Settings,
    mongo::{self, Mongo, MongoError, Operation, Patience, Query},
    tally::counter::Counter,
};

/// What can be chosen about a report.
#[derive(Debug, Args)]
pub struct Options {
    #[command(flatten)]
    range: Range,
    /// How it is written [default: table on a terminal, csv otherwise].
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<Format>,
    /// Part the counts by type of room, or by room.
    #[arg(long, value_enum, value_name = "WHAT")]
    by: Option<Parting>,
    /// With --by room: how many rooms, the busiest first [default: 10].
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..=1000))]
    top: Option<u16>,
    /// List the days without messages as well.
    #[arg(long)]
    fill: bool,
    /// Draw the table with ASCII only.
    #[arg(long)]
    ascii: bool,
}

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Table,
    /// For spreadsheets and scripts.
    Csv,
    /// The body of the endpoint's answer.
    Json,
    /// A bar chart.
    Svg,
}

/// What the counts are parted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Parting {
    /// Channels, private groups, direct messages.
    RoomType,
    /// The rooms with the most messages.
    Room,
}

/// Counts, and writes it to standard output.
///
/// # Errors
/// The command line makes no sense, MongoDB does not give the counts, or they cannot be written.
pub async fn run(options: &Options, settings: &Settings) -> Result<(), Failure> {
    if options.top.is_some() && options.by != Some(Parting::Room) {
        return Err(Failure::Usage("--top goes with --by room: add that, or leave --top out"));
    }
    let format = options.format.unwrap_or(if io::stdout().is_terminal() { Format::Table } else { Format::Csv });
    if options.fill && options.by == Some(Parting::Room) && format != Format::Json {
        return Err(Failure::Usage(
            "--fill lists days, and --by room only does so with --format json: leave one of them out",
        ));
    }
    let by = match options.by {
        None => By::Nothing,
        Some(Parting::RoomType) => By::RoomType(&settings.counting.room_types),
        Some(Parting::Room) => By::Room(options.top.unwrap_or(10).into()),
    };
    let zone = &settings.time_zone;
    let period = options.range.period(zone, Utc::now())?;
    let mongo = database::connect(settings, Patience::OF_LONG_WORK).await?;
    let counted = {
        let counter = Counter::new(mongo.clone(), settings.counting.clone(), zone.clone());
        let (from, to) = zone.span(period.days().first, period.days().last);
        let progress = Progress::new("counting", from, to);
        let reached = |at| progress.reached(at);
        counter.count(period.days(), breakdown::windows(&period), database::deadline(), &reached).await?
    };
    if counted.types.is_empty() {
        database::expect_workspace(&mongo, settings).await?;
    }
    let mut report = Report::new(period, &counted, zone.clone(), by, options.fill);
    if let Parts::Rooms(rooms) = &mut report.parts {
        name(&mut rooms.busiest, &mongo).await?;
    }
    let paper = Paper { is_ascii: options.ascii, columns: console::columns() };
    console::print(&match format {
        Format::Table => table::draw(&report, paper),
        Format::Csv => data::csv(&report)?,
        Format::Json => data::json(&report)?,
        Format::Svg => svg::draw(&report)?,
    })?;
    Ok(())
}

/// Looks the names of rooms up. Direct messages have none, and who writes to whom is nobody's business here.
async fn name(rooms: &mut [Room], mongo: &Mongo) -> Result<(), MongoError> {
    let ids: Vec<_> = rooms.iter().map(|room| room.id.as_str()).collect();
    let pipeline = vec![
        doc! { "$match": { "_id": { "$in": ids }, "t": { "$ne": "d" } } },
        doc! { "$project": { "name": 1, "fname": 1 } },
    ];
    let query = Query { collection: mongo::ROOMS, pipeline, hint: None, operation: Operation::CountedRooms };
    let take = |names: &mut Vec<_>, row: &RawDocument| {
        // What people see is `fname`, where a room has one.
        let name = ["fname", "name"].into_iter().find_map(|key| row.get_str(key).ok().filter(|name| !name.is_empty()));
        if let (Ok(id), Some(name)) = (row.get_str("_id"), name) {
            names.push((id.to_owned(), name.to_owned()));
        }
    };
    for (id, name) in mongo.aggregate(query, database::deadline(), Vec::new(), take).await? {
        if let Some(room) = rooms.iter_mut().find(|room| room.id == id) {
            room.name = Some(name);
        }
    }
    Ok(())
}
