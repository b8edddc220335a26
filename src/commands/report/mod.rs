//! `report`: the endpoints' numbers on the command line, computed by the same code, read from MongoDB directly.

mod active;
pub mod breakdown;
mod daily;
mod data;
mod hours;
mod layout;
mod messages;
mod people;
mod svg;
mod table;

use std::{
    io::{self, IsTerminal},
    sync::Arc,
};

use chrono::Utc;
use clap::{Args, ValueEnum};

use crate::{
    commands::{
        console, database,
        days::Range,
        failure::Failure,
        report::{breakdown::By, layout::Paper},
    },
    config::Settings,
    dashboard::period::Period,
    mongo::{Mongo, Patience},
};

/// What can be chosen about a report.
#[derive(Debug, Args)]
pub struct Options {
    #[command(flatten)]
    range: Range,
    /// What is counted.
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = What::Messages)]
    what: What,
    /// How it is written [default: table on a terminal, csv otherwise].
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<Format>,
    /// Part the counts of messages by type of room, or by room.
    #[arg(long, value_enum, value_name = "WHAT")]
    by: Option<Parting>,
    /// With --by room: how many rooms, the busiest first [default: 10].
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..=1000))]
    top: Option<u16>,
    /// List the empty days as well.
    #[arg(long)]
    fill: bool,
    /// Draw the table with ASCII only.
    #[arg(long)]
    ascii: bool,
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// Messages by day.
    Messages,
    /// Users by the day on which they were created.
    Users,
    /// Users who were active, by day.
    Active,
    /// People by hour (UTC) and day.
    Hours,
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
    /// A chart.
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

/// What every report needs.
struct Question<'a> {
    settings: &'a Settings,
    mongo: Arc<Mongo>,
    period: Period,
    format: Format,
    paper: Paper,
    /// Whether empty days are listed.
    fill: bool,
}

/// Counts, and writes it to standard output.
///
/// # Errors
/// The command line makes no sense, MongoDB does not give the counts, or they cannot be written.
pub async fn run(options: &Options, settings: &Settings) -> Result<(), Failure> {
    let format = options.format.unwrap_or(if io::stdout().is_terminal() { Format::Table } else { Format::Csv });
    options.go_together(format)?;
    let by = match options.by {
        None => By::Nothing,
        Some(Parting::RoomType) => By::RoomType(&settings.counting.room_types),
        Some(Parting::Room) => By::Room(options.top.unwrap_or(10).into()),
    };
    let period = options.range.period(&settings.time_zone, Utc::now())?;
    let mongo = database::connect(settings, Patience::OF_LONG_WORK).await?;
    let paper = Paper { is_ascii: options.ascii, columns: console::columns() };
    let question = Question { settings, mongo, period, format, paper, fill: options.fill };
    match options.what {
        What::Messages => console::print(&messages::report(&question, by).await?)?,
        What::Users => console::print(&people::new_users(&question).await?)?,
        What::Active => people::active(&question).await?,
        What::Hours => console::print(&people::hours(&question).await?)?,
    }
    Ok(())
}

impl Options {
    /// Whether the flags make sense together.
    fn go_together(&self, format: Format) -> Result<(), Failure> {
        let is_of_messages = self.what == What::Messages;
        let by_room = self.by == Some(Parting::Room);
        let complaint = if !is_of_messages && self.by.is_some() {
            "--by parts messages: leave it out, or count messages (--what messages)"
        } else if !is_of_messages && self.top.is_some() {
            "--top goes with --by room, which parts messages: leave it out, or count messages (--what messages)"
        } else if self.top.is_some() && !by_room {
            "--top goes with --by room: add that, or leave --top out"
        } else if self.fill && by_room && format != Format::Json {
            "--fill lists days, and --by room only does so with --format json: leave one of them out"
        } else if self.fill && self.what == What::Hours {
            "--fill lists days, and --what hours is about hours: leave one of them out"
        } else if self.fill && self.what == What::Active && format == Format::Json {
            "--fill lists days without active users, and --what active does not with --format json: leave --fill out, or \
             choose another format"
        } else {
            return Ok(());
        };
        Err(Failure::Usage(complaint))
    }
}
