//! The report as a chart for a slide. Pure: texts are left to whoever shows the picture, so no fonts are read.

mod axis;
mod days;
mod hours;
mod rooms;

use std::{error::Error, io};

use plotters::{
    coord::Shift,
    drawing::{DrawingArea, IntoDrawingArea},
    element::Text,
    prelude::SVGBackend,
    style::{
        FontDesc, FontFamily, FontStyle, RGBColor, TextStyle, WHITE,
        text_anchor::{HPos, Pos, VPos},
    },
};

use super::{
    active::Active,
    breakdown::{Parts, Report},
    daily::Words,
    hours::{Hours, Noted, TITLE, date, in_words},
};
use crate::commands::console::{counted, grouped, signed};
use rooms::ROOM;

/// Pixels, in the proportions of a slide. More rooms than fit make it higher.
const SIZE: (u32, u32) = (1920, 1080);

/// The margin around everything, and the height of what is above the chart.
const MARGIN: i32 = 60;
const HEAD: i32 = 190;

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
    let total = report.summary.period;
    let compared = format!("{}, {} against the period before", report.daily.range(), signed(total.variation));
    picture(height, &in_all(total.count, report.daily.of), &compared, |area| match &report.parts {
        Parts::None => days::draw(&report.daily, &[], area),
        Parts::RoomTypes(types) => days::draw(&report.daily, types, area),
        Parts::Rooms(rooms) => rooms::draw(rooms, area),
    })
}

/// A number with what it is a number of.
fn in_all(number: u64, of: &Words) -> String {
    format!("{} {}", grouped(number), of.counted)
}

/// A bar for each day, below the number of people of all of them.
///
/// # Errors
/// None that can happen.
pub fn active(active: &Active) -> io::Result<String> {
    let Active { daily, people } = active;
    picture(0, &in_all(*people, daily.of), &daily.range(), |area| days::draw(daily, &[], area))
}

/// A cell for each day and hour.
///
/// # Errors
/// None that can happen.
pub fn hours(hours: &Hours) -> io::Result<String> {
    let (axis, busiest) = (hours::axis(hours), hours.busiest());
    let mut subtitle = hours.days_in_words();
    if let Some(busiest) = busiest {
        subtitle += &format!("; busiest hour: {}", in_words(busiest));
    }
    // The numbers of a date are given back as they are, so they may be none, or a date of another year.
    let is_elsewhere = |noted: &&Noted| date(**noted).is_none_or(|day| !axis.has(day));
    match hours.days.keys().filter(is_elsewhere).count() as u64 {
        0 => {}
        elsewhere => subtitle += &format!("; {} with another date left out", counted(elsewhere, "day")),
    }
    let most = busiest.map_or(0, |(_, _, users)| users);
    picture(0, TITLE, &subtitle, |area| hours::draw(hours, most, area))
}

/// A picture with a title and a line below it; as high as a slide, or as it must be.
fn picture(height: i32, title: &str, subtitle: &str, draw: impl FnOnce(&Area<'_>) -> Drawn) -> io::Result<String> {
    let mut svg = String::new();
    {
        let size = (SIZE.0, SIZE.1.max(height.unsigned_abs()));
        let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        let drawn = head(title, subtitle, &area).and_then(|()| draw(&area));
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
fn head(title: &str, subtitle: &str, area: &Area<'_>) -> Drawn {
    area.fill(&WHITE)?;
    write(area, title, (MARGIN, 72), text_style(52, &DARK, FontStyle::Bold, HPos::Left))?;
    write(area, subtitle, (MARGIN, 128), text_style(28, &GREY, FontStyle::Normal, HPos::Left))
}
