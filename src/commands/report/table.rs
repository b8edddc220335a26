//! The report as a table for people: aligned, with a small bar per row, in 80 columns. Pure.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::breakdown::{Parts, Report, RoomType, Rooms};
use crate::commands::console::{ascii, counted, grouped, printable, signed};

/// The columns of a bar at its longest.
const BAR: u64 = 24;

/// The most columns of a room's name.
const NAME: usize = 32;

/// How it is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charset {
    /// With blocks for the bars.
    Unicode,
    /// With ASCII only.
    Ascii,
}

/// A column's alignment.
#[derive(Clone, Copy)]
enum Align {
    Left,
    Right,
}

/// Draws it.
pub fn draw(report: &Report, charset: Charset) -> String {
    let Report { zone, summary, .. } = report;
    let (first, last) = (report.first(), report.period.current.last);
    let mut text = format!("Messages sent, {first} to {last} ({zone})\n\n");
    text += &match &report.parts {
        Parts::None => by_day(report, &[], charset),
        Parts::RoomTypes(types) => by_day(report, types, charset),
        Parts::Rooms(rooms) => by_room(report, rooms, charset),
    };
    let line = |what: &str, count: u64, than: &str, other: u64, variation: i64| {
        format!("{what}: {} ({than}: {}, variation {})\n", grouped(count), grouped(other), signed(variation))
    };
    let (total, yesterday) = (summary.period, summary.yesterday);
    let before = total.count.saturating_add_signed(-total.variation);
    let last_day = yesterday.count.saturating_add_signed(yesterday.variation);
    text.push('\n');
    text += &line("Total", total.count, "the period before", before, total.variation);
    if report.has_yesterday() {
        text += &line(&last.to_string(), last_day, "the day before", yesterday.count, yesterday.variation);
    }
    if let Some(day) = report.left_out {
        let most = counted(report.period.most_days as u64, "day");
        text += &format!("{day} has messages, too, but is left out as in the endpoint's answer: {most} at the most\n");
    }
    text
}

fn by_day(report: &Report, types: &[RoomType], charset: Charset) -> String {
    let most = report.days.iter().map(|(_, messages)| *messages).max().unwrap_or_default();
    let mut rows = vec![vec!["Day".to_owned()]];
    let mut aligns = vec![Align::Left];
    if let Some(header) = rows.first_mut() {
        header.extend(types.iter().map(|kind| text(&type_name(&kind.kind), charset)));
        header.extend(["Messages".to_owned(), String::new()]);
    }
    aligns.extend(types.iter().map(|_| Align::Right).chain([Align::Right, Align::Left]));
    for &(day, messages) in &report.days {
        let mut row = vec![day.format("%Y-%m-%d %a").to_string()];
        row.extend(types.iter().map(|kind| grouped(kind.days.get(&day).copied().unwrap_or_default())));
        row.extend([grouped(messages), bar(messages, most, charset)]);
        rows.push(row);
    }
    if !types.is_empty() {
        let mut total = vec!["Total".to_owned()];
        total.extend(types.iter().map(|kind| grouped(kind.messages.count)));
        total.push(grouped(report.summary.period.count));
        rows.push(total);
        let mut variation = vec!["Variation".to_owned()];
        variation.extend(types.iter().map(|kind| signed(kind.messages.variation)));
        variation.push(signed(report.summary.period.variation));
        rows.push(variation);
    }
    aligned(&rows, &aligns)
}

fn by_room(report: &Report, rooms: &Rooms, charset: Charset) -> String {
    let most = rooms.busiest.first().map_or(0, |room| room.messages.count);
    let mut rows = vec![["Room", "Type", "Messages", "Variation", ""].map(str::to_owned).to_vec()];
    for room in &rooms.busiest {
        let name = room.name.as_ref().unwrap_or(&room.id);
        let (count, variation) = (grouped(room.messages.count), signed(room.messages.variation));
        let (name, kind) = (cut(&text(name, charset), NAME), text(&type_name(&room.kind), charset));
        rows.push(vec![name, kind, count, variation, bar(room.messages.count, most, charset)]);
    }
    if rooms.others > 0 || rooms.messages_of_others.variation != 0 {
        let name = counted(rooms.others, "other room");
        let (count, variation) = (grouped(rooms.messages_of_others.count), signed(rooms.messages_of_others.variation));
        rows.push(vec![name, String::new(), count, variation]);
    }
    let period = report.summary.period;
    rows.push(vec!["Total".to_owned(), String::new(), grouped(period.count), signed(period.variation)]);
    aligned(&rows, &[Align::Left, Align::Left, Align::Right, Align::Right, Align::Left])
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

fn text(text: &str, charset: Charset) -> String {
    let text = printable(text);
    match charset {
        Charset::Unicode => text,
        Charset::Ascii => ascii(&text),
    }
}

/// The beginning of a text that is wider than `most` columns.
pub fn cut(text: &str, most: usize) -> String {
    if text.width() <= most {
        return text.to_owned();
    }
    let mut columns = 0;
    let fits = |character: &char| {
        columns += character.width().unwrap_or_default();
        columns <= most - 3
    };
    text.chars().take_while(fits).chain("...".chars()).collect()
}

fn bar(count: u64, most: u64, charset: Charset) -> String {
    /// From nothing to seven eighths of a column.
    const PARTS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let of = |columns: u64| u128::from(count) * u128::from(columns) / u128::from(most.max(1));
    let whole = |columns: u128, character: &str| character.repeat(usize::try_from(columns).unwrap_or_default());
    match charset {
        // Whatever is there is seen.
        Charset::Ascii => whole(of(BAR).max(u128::from(count > 0)), "#"),
        Charset::Unicode => {
            let eighths = of(8 * BAR).max(u128::from(count > 0));
            whole(eighths / 8, "█") + PARTS[usize::try_from(eighths % 8).unwrap_or_default()]
        }
    }
}

/// Rows with their columns under each other, two spaces apart.
fn aligned(rows: &[Vec<String>], aligns: &[Align]) -> String {
    let widths: Vec<_> = (0..aligns.len())
        .map(|column| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max().unwrap_or_default())
        .collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for ((cell, width), align) in row.iter().zip(&widths).zip(aligns) {
            let padding = " ".repeat(width.saturating_sub(cell.width()));
            line += &match align {
                Align::Left => format!("{cell}{padding}  "),
                Align::Right => format!("{padding}{cell}  "),
            };
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}
