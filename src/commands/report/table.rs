//! The report as a table for people: aligned, with a small bar per row. Pure.

use chrono::NaiveDate;

use super::{
    breakdown::{Parts, Report, RoomType, Rooms},
    daily::Daily,
    layout::{Align, Paper, Row, cut},
};
use crate::commands::console::{ascii, counted, grouped, printable, signed};

/// The most columns of a room's name.
const NAME: usize = 32;

/// Draws it.
pub fn draw(report: &Report, paper: Paper) -> String {
    let Report { daily, summary, .. } = report;
    let text = paper.prose(&format!("{}\n\n", daily.title()))
        + &match &report.parts {
            Parts::None => by_day(daily, paper),
            Parts::RoomTypes(types) => by_type(report, types, paper),
            Parts::Rooms(rooms) => by_room(report, rooms, paper),
        };
    let line = |what: &str, count: u64, than: &str, other: u64, variation: i64| {
        format!("{what}: {} ({than}: {}, variation {})\n", grouped(count), grouped(other), signed(variation))
    };
    let (total, yesterday) = (summary.period, summary.yesterday);
    let before = total.count.saturating_add_signed(-total.variation);
    let last_day = yesterday.count.saturating_add_signed(yesterday.variation);
    let mut below = "\n".to_owned();
    below += &line("Total", total.count, "the period before", before, total.variation);
    if report.has_yesterday() {
        below += &line(&daily.last.to_string(), last_day, "the day before", yesterday.count, yesterday.variation);
    }
    if let Some(day) = report.left_out {
        let most = counted(report.period.most_days as u64, "day");
        let things = daily.of.things;
        below += &format!("{day} has {things}, too, but is left out as in the endpoint's answer: {most} at the most\n");
    }
    text + &paper.prose(&below)
}

/// A row for each day.
pub fn by_day(daily: &Daily, paper: Paper) -> String {
    let mut rows = vec![Row { cells: ["Day", daily.of.column].map(str::to_owned).to_vec(), bar: None }];
    rows.extend(
        daily.days.iter().map(|(day, number)| Row { cells: vec![name(*day), grouped(*number)], bar: Some(*number) }),
    );
    paper.table(&rows, &[Align::Left, Align::Right], without_weekday)
}

fn by_type(report: &Report, types: &[RoomType], paper: Paper) -> String {
    let mut header = vec!["Day".to_owned()];
    header.extend(types.iter().map(|kind| text(&type_name(&kind.kind), paper)));
    header.push("Messages".to_owned());
    let mut aligns = vec![Align::Left];
    aligns.extend(types.iter().map(|_| Align::Right).chain([Align::Right]));
    let mut rows = vec![Row { cells: header, bar: None }];
    for &(day, messages) in &report.daily.days {
        let mut cells = vec![name(day)];
        cells.extend(types.iter().map(|kind| grouped(kind.days.get(&day).copied().unwrap_or_default())));
        cells.push(grouped(messages));
        rows.push(Row { cells, bar: Some(messages) });
    }
    if !types.is_empty() {
        let mut total = vec!["Total".to_owned()];
        total.extend(types.iter().map(|kind| grouped(kind.messages.count)));
        total.push(grouped(report.summary.period.count));
        rows.push(Row { cells: total, bar: None });
        let mut variation = vec!["Variation".to_owned()];
        variation.extend(types.iter().map(|kind| signed(kind.messages.variation)));
        variation.push(signed(report.summary.period.variation));
        rows.push(Row { cells: variation, bar: None });
    }
    paper.table(&rows, &aligns, without_weekday)
}

/// What the row of a day is called.
pub fn name(day: NaiveDate) -> String {
    day.format("%Y-%m-%d %a").to_string()
}

/// The same where there is no room for that.
pub fn without_weekday(day: &str, most: usize) -> String {
    match day.len() > most {
        true => day.split(' ').next().unwrap_or_default().to_owned(),
        false => day.to_owned(),
    }
}

fn by_room(report: &Report, rooms: &Rooms, paper: Paper) -> String {
    let header = ["Room", "Type", "Messages", "Variation"].map(str::to_owned).to_vec();
    let mut rows_drawn = vec![Row { cells: header, bar: None }];
    for room in &rooms.busiest {
        let name = room.name.as_ref().unwrap_or(&room.id);
        let (count, variation) = (grouped(room.messages.count), signed(room.messages.variation));
        let (name, kind) = (cut(&text(name, paper), NAME), text(&type_name(&room.kind), paper));
        rows_drawn.push(Row { cells: vec![name, kind, count, variation], bar: Some(room.messages.count) });
    }
    if rooms.others > 0 || rooms.messages_of_others.variation != 0 {
        let name = counted(rooms.others, "other room");
        let (count, variation) = (grouped(rooms.messages_of_others.count), signed(rooms.messages_of_others.variation));
        rows_drawn.push(Row { cells: vec![name, String::new(), count, variation], bar: None });
    }
    let period = report.summary.period;
    let total = vec!["Total".to_owned(), String::new(), grouped(period.count), signed(period.variation)];
    rows_drawn.push(Row { cells: total, bar: None });
    paper.table(&rows_drawn, &[Align::Left, Align::Left, Align::Right, Align::Right], cut)
}

/// What a type of room is called.
pub fn type_name(kind: &str) -> String {
    let name = match kind {
        "c" => "channels",
        "p" => "private",
        "d" => "direct",
        "l" => "livechat",
        "v" => "voip",
        other => other,
    };
    name.to_owned()
}

fn text(text: &str, paper: Paper) -> String {
    let text = printable(text);
    if paper.is_ascii { ascii(&text) } else { text }
}
