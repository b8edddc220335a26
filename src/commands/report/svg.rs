//! The report as a bar chart for a slide. Pure: texts are left to whoever shows the picture, so no fonts are read.

use std::{error::Error, io, ops::Range};

use chrono::{Datelike, Days, NaiveDate, Weekday};
use plotters::{
    chart::ChartBuilder,
    coord::{
        Shift,
        ranged1d::{DefaultFormatting, KeyPointHint, Ranged},
    },
    drawing::{DrawingArea, IntoDrawingArea},
    element::{Rectangle, Text},
    prelude::SVGBackend,
    style::{
        Color, FontDesc, FontFamily, FontStyle, RGBColor, TextStyle, WHITE,
        text_anchor::{HPos, Pos, VPos},
    },
};

use super::{
    breakdown::{Parts, Report, RoomType, Rooms},
    layout::cut,
    table::type_name,
};
use crate::commands::console::{counted, grouped, printable, signed};

/// Pixels, in the proportions of a slide. More rooms than fit make it higher.
const SIZE: (u32, u32) = (1920, 1080);

/// The margin around everything, the height of what is above the chart, and that of a room.
const MARGIN: i32 = 60;
const HEAD: i32 = 190;
const ROOM: i32 = 78;

/// Where the bars of rooms begin and end; the number is behind the bar.
const BARS: (i32, i32) = (640, 1640);

const FONT: &str = "Helvetica, Arial, sans-serif";
const DARK: RGBColor = RGBColor(38, 50, 56);
const GREY: RGBColor = RGBColor(96, 110, 118);
const LINE: RGBColor = RGBColor(222, 226, 229);

/// Told apart with any colour vision, and in print: Okabe and Ito's palette.
const COLOURS: [RGBColor; 6] = [
    RGBColor(0, 114, 178),
    RGBColor(230, 159, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
    RGBColor(213, 94, 0),
];

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Drawn = Result<(), Box<dyn Error + Send + Sync>>;

/// Draws it.
///
/// # Errors
/// None that can happen: it is drawn to memory.
pub fn draw(report: &Report) -> io::Result<String> {
    let rows = match &report.parts {
        Parts::Rooms(rooms) => rooms.busiest.len() + 1,
        Parts::None | Parts::RoomTypes(_) => 0,
    };
    let height = i32::try_from(rows).unwrap_or(i32::MAX).saturating_mul(ROOM).saturating_add(HEAD + MARGIN);
    let mut svg = String::new();
    {
        let size = (SIZE.0, SIZE.1.max(height.unsigned_abs()));
        let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        let drawn = head(report, &area).and_then(|()| match &report.parts {
            Parts::None => by_day(report, &[], &area),
            Parts::RoomTypes(types) => by_day(report, types, &area),
            Parts::Rooms(rooms) => by_room(rooms, &area),
        });
        drawn.and_then(|()| Ok(area.present()?)).map_err(|error| io::Error::other(error.to_string()))?;
    }
    Ok(svg)
}

/// Text of a size that is anchored like this.
fn text_style(size: i32, colour: &'static RGBColor, style: FontStyle, anchor: HPos) -> TextStyle<'static> {
    let font = FontDesc::new(FontFamily::Name(FONT), f64::from(size) * 1.24, style);
    TextStyle::from(font).color(colour).pos(Pos::new(anchor, VPos::Center))
}

fn write(area: &Area<'_>, text: impl Into<String>, at: (i32, i32), style: TextStyle<'static>) -> Drawn {
    Ok(area.draw(&Text::new(text.into(), at, style))?)
}

/// What it is about and what it comes to.
fn head(report: &Report, area: &Area<'_>) -> Drawn {
    area.fill(&WHITE)?;
    let (first, last, zone) = (report.first(), report.period.current.last, &report.zone);
    let total = report.summary.period;
    let title = text_style(52, &DARK, FontStyle::Bold, HPos::Left);
    write(area, format!("{} messages sent", grouped(total.count)), (MARGIN, 72), title)?;
    let compared = signed(total.variation);
    let subtitle = format!("{first} to {last} ({zone}), {compared} against the period before");
    write(area, subtitle, (MARGIN, 128), text_style(28, &GREY, FontStyle::Normal, HPos::Left))
}

/// A bar for each day, stacked by type of room if there are such.
fn by_day(report: &Report, types: &[RoomType], area: &Area<'_>) -> Drawn {
    let (first, last) = (report.first(), report.period.current.last);
    let days = (last - first).num_days() + 1;
    let most = report.days.iter().map(|(_, messages)| *messages).max().unwrap_or_default();
    // Room for the highest bar, and an axis that has numbers when there is nothing.
    let top = (most as f64 * 1.05).max(4.0);
    let chart_area = area.margin(HEAD, MARGIN / 2, MARGIN / 2, MARGIN);
    let x = DayAxis { first, last };
    let mut chart =
        ChartBuilder::on(&chart_area).x_label_area_size(64).y_label_area_size(130).build_cartesian_2d(x, 0.0..top)?;
    let date = |x: &f64| date_label(first + Days::new(x.max(0.0) as u64), days);
    chart
        .configure_mesh()
        .disable_x_mesh()
        .bold_line_style(LINE.stroke_width(2))
        .light_line_style(WHITE)
        .axis_style(GREY)
        .y_labels(6)
        .x_label_formatter(&date)
        .y_label_formatter(&|y| if y.fract() == 0.0 { grouped(*y as u64) } else { String::new() })
        .x_label_style(text_style(24, &GREY, FontStyle::Normal, HPos::Center).pos(Pos::new(HPos::Center, VPos::Top)))
        .y_label_style(text_style(24, &GREY, FontStyle::Normal, HPos::Right))
        .draw()?;
    // Between many bars a gap would be wider than they are.
    let gap = if days > 200 { 0.0 } else { 0.1 };
    for &(day, messages) in &report.days {
        let left = (day - first).num_days() as f64;
        let parts: Vec<_> = match types {
            [] => vec![messages],
            types => types.iter().map(|of_type| of_type.days.get(&day).copied().unwrap_or_default()).collect(),
        };
        let mut bottom = 0.0;
        for (part, colour) in parts.into_iter().zip(COLOURS.iter().cycle()).filter(|(part, _)| *part > 0) {
            let corners = [(left + gap, bottom), (left + 1.0 - gap, bottom + part as f64)];
            chart.draw_series([Rectangle::new(corners, colour.filled())])?;
            bottom += part as f64;
        }
    }
    let mut right = SIZE.0.cast_signed() - MARGIN;
    for (of_type, colour) in types.iter().zip(COLOURS.iter().cycle()).collect::<Vec<_>>().into_iter().rev() {
        let text = format!("{} {}", printable(&type_name(&of_type.kind)), grouped(of_type.messages.count));
        // The width of a text is known only to whoever shows it: about half its height for each character.
        let left = right - 15 * i32::try_from(text.chars().count()).unwrap_or_default();
        write(area, text, (left, 72), text_style(28, &DARK, FontStyle::Normal, HPos::Left))?;
        area.draw(&Rectangle::new([(left - 36, 60), (left - 12, 84)], colour.filled()))?;
        right = left - 72;
    }
    Ok(())
}

/// The axis of the days: each is as wide as the number one.
struct DayAxis {
    first: NaiveDate,
    last: NaiveDate,
}

impl Ranged for DayAxis {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, day: &f64, (from, to): (i32, i32)) -> i32 {
        from + (f64::from(to - from) * day / self.range().end).round() as i32
    }

    /// The middle of each day that is written at the axis.
    fn key_points<Hint: KeyPointHint>(&self, _: Hint) -> Vec<f64> {
        labelled(self.first, self.last).map(|day| (day - self.first).num_days() as f64 + 0.5).collect()
    }

    fn range(&self) -> Range<f64> {
        0.0..((self.last - self.first).num_days() + 1) as f64
    }
}

/// The days that are written at the axis: each, Mondays, first of months, of quarters or of years.
fn labelled(first: NaiveDate, last: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    let days = (last - first).num_days() + 1;
    let years = i64::from(last.year() - first.year()) / 20 + 1;
    let is_labelled = move |day: &NaiveDate| match days {
        ..=14 => true,
        15..=100 => day.weekday() == Weekday::Mon,
        101..=500 => day.day() == 1,
        501..=1500 => day.day() == 1 && day.month0().is_multiple_of(3),
        _ => day.ordinal() == 1 && i64::from(day.year()) % years == 0,
    };
    first.iter_days().take_while(move |day| *day <= last).filter(is_labelled)
}

fn date_label(day: NaiveDate, days: i64) -> String {
    let format = match days {
        ..=100 => "%-d %b",
        101..=1500 => "%b %Y",
        _ => "%Y",
    };
    day.format(format).to_string()
}

/// A bar for each room, and what the others have.
fn by_room(rooms: &Rooms, area: &Area<'_>) -> Drawn {
    let most = rooms.busiest.first().map_or(1, |room| room.messages.count.max(1));
    let mut tops = (HEAD..).step_by(ROOM.unsigned_abs() as usize);
    let name_style = |colour| text_style(28, colour, FontStyle::Normal, HPos::Right);
    let count_style = |colour| text_style(28, colour, FontStyle::Normal, HPos::Left);
    for (room, top) in rooms.busiest.iter().zip(&mut tops) {
        let middle = top + ROOM / 2;
        let name = cut(&printable(room.name.as_ref().unwrap_or(&room.id)), 34);
        write(area, name, (BARS.0 - 24, middle), name_style(&DARK))?;
        let share = room.messages.count as f64 / most as f64;
        let end = BARS.0 + (f64::from(BARS.1 - BARS.0) * share).round() as i32;
        area.draw(&Rectangle::new([(BARS.0, top + 12), (end, top + ROOM - 12)], COLOURS[0].filled()))?;
        write(area, grouped(room.messages.count), (end + 16, middle), count_style(&DARK))?;
    }
    if let Some(top) = tops.next().filter(|_| rooms.others > 0) {
        let middle = top + ROOM / 2;
        write(area, counted(rooms.others, "other room"), (BARS.0 - 24, middle), name_style(&GREY))?;
        write(area, grouped(rooms.messages_of_others.count), (BARS.0, middle), count_style(&GREY))?;
    }
    Ok(())
}
