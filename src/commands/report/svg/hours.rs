//! A cell for each day and hour (UTC), the darker the more people were there.

use std::ops::Range;

use plotters::{
    chart::ChartBuilder,
    coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged},
    element::Rectangle,
    style::{
        Color, FontStyle, RGBColor,
        text_anchor::{HPos, Pos, VPos},
    },
};

use super::{Area, COLOURS, DARK, Drawn, GREY, HEAD, MARGIN, SIZE, axis::DayAxis, text_style, write};
use crate::commands::report::hours::{Hours, date, people};

/// The cells of the legend, with their sides.
const LEGEND: i32 = 9;
const SIDE: i32 = 28;

/// The days of the axis: those of the period, and those beside it that a server in another zone has noted.
pub fn axis(hours: &Hours) -> DayAxis {
    let range = hours.range;
    let (before, after) = (range.first.pred_opt(), range.last.succ_opt());
    let has = |day: &chrono::NaiveDate| hours.days.keys().any(|noted| date(*noted) == Some(*day));
    DayAxis { first: before.filter(has).unwrap_or(range.first), last: after.filter(has).unwrap_or(range.last) }
}

/// Draws them.
pub fn draw(hours: &Hours, most: u64, area: &Area<'_>) -> Drawn {
    let x = axis(hours);
    let chart_area = area.margin(HEAD, MARGIN / 2, MARGIN / 2, MARGIN);
    let mut chart =
        ChartBuilder::on(&chart_area).x_label_area_size(64).y_label_area_size(130).build_cartesian_2d(x, HourAxis)?;
    chart
        .configure_mesh()
        .disable_mesh()
        .axis_style(GREY)
        .x_label_formatter(&|place| x.label(*place))
        .y_label_formatter(&|hour| format!("{:02}:00", hour.floor()))
        .x_label_style(text_style(24, &GREY, FontStyle::Normal, HPos::Center).pos(Pos::new(HPos::Center, VPos::Top)))
        .y_label_style(text_style(24, &GREY, FontStyle::Normal, HPos::Right))
        .draw()?;
    // Between many days a gap would be wider than they are.
    let gap = if x.days() > 200 { 0.0 } else { 0.03 };
    for (noted, of_day) in &hours.days {
        let Some(day) = date(*noted).filter(|day| x.has(*day)) else { continue };
        let left = x.place(day);
        for (hour, users) in (0..24).map(f64::from).zip(of_day).filter(|(_, users)| **users > 0) {
            let corners = [(left + gap, hour + gap), (left + 1.0 - gap, hour + 1.0 - gap)];
            chart.draw_series([Rectangle::new(corners, shade(*users, most).filled())])?;
        }
    }
    if most > 0 { legend(most, area) } else { Ok(()) }
}

/// From few to many people.
fn legend(most: u64, area: &Area<'_>) -> Drawn {
    let text = people(most);
    // The width of a text is known only to whoever shows it: about half its height for each character.
    let right = SIZE.0.cast_signed() - MARGIN - 15 * i32::try_from(text.chars().count()).unwrap_or_default();
    write(area, text, (right, 72), text_style(28, &DARK, FontStyle::Normal, HPos::Left))?;
    let left = right - 12 - LEGEND * SIDE;
    for cell in 0..LEGEND {
        let share = f64::from(cell + 1) / f64::from(LEGEND);
        let corners = [(left + cell * SIDE, 72 - SIDE / 2), (left + (cell + 1) * SIDE, 72 + SIDE / 2)];
        area.draw(&Rectangle::new(corners, mixed(share).filled()))?;
    }
    write(area, "1", (left - 12, 72), text_style(28, &DARK, FontStyle::Normal, HPos::Right))
}

fn shade(users: u64, most: u64) -> RGBColor {
    mixed(users as f64 / most.max(1) as f64)
}

/// From nearly white to the colour of bars.
fn mixed(share: f64) -> RGBColor {
    let share = 0.12 + 0.88 * share;
    let of = |full: u8| (255.0 - (255.0 - f64::from(full)) * share).round() as u8;
    let RGBColor(red, green, blue) = COLOURS[0];
    RGBColor(of(red), of(green), of(blue))
}

/// The hours of a day, from top to bottom.
struct HourAxis;

impl Ranged for HourAxis {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, hour: &f64, (from, to): (i32, i32)) -> i32 {
        // Pixels are given from the bottom.
        to + (f64::from(from - to) * hour / 24.0).round() as i32
    }

    /// The middle of every third hour.
    fn key_points<Hint: KeyPointHint>(&self, _: Hint) -> Vec<f64> {
        (0..24).step_by(3).map(|hour| f64::from(hour) + 0.5).collect()
    }

    fn range(&self) -> Range<f64> {
        0.0..24.0
    }
}
