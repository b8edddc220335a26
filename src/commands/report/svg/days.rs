//! A bar for each day.

use plotters::{
    chart::ChartBuilder,
    element::Rectangle,
    style::{
        Color, FontStyle, WHITE,
        text_anchor::{HPos, Pos, VPos},
    },
};

use super::{Area, COLOURS, DARK, Drawn, GREY, HEAD, LINE, MARGIN, SIZE, axis::DayAxis, text_style, write};
use crate::commands::{
    console::{grouped, printable},
    report::{breakdown::RoomType, daily::Daily, table::type_name},
};

/// A bar for each day, stacked by type of room if there are such.
pub fn draw(daily: &Daily, types: &[RoomType], area: &Area<'_>) -> Drawn {
    let most = daily.days.iter().map(|(_, messages)| *messages).max().unwrap_or_default();
    // Room for the highest bar, and an axis that has numbers when there is nothing.
    let top = (most as f64 * 1.05).max(4.0);
    let chart_area = area.margin(HEAD, MARGIN / 2, MARGIN / 2, MARGIN);
    let x = DayAxis { first: daily.first, last: daily.last };
    let days = x.days();
    let mut chart =
        ChartBuilder::on(&chart_area).x_label_area_size(64).y_label_area_size(130).build_cartesian_2d(x, 0.0..top)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .bold_line_style(LINE.stroke_width(2))
        .light_line_style(WHITE)
        .axis_style(GREY)
        .y_labels(6)
        .x_label_formatter(&|place| x.label(*place))
        .y_label_formatter(&|y| if y.fract() == 0.0 { grouped(*y as u64) } else { String::new() })
        .x_label_style(text_style(24, &GREY, FontStyle::Normal, HPos::Center).pos(Pos::new(HPos::Center, VPos::Top)))
        .y_label_style(text_style(24, &GREY, FontStyle::Normal, HPos::Right))
        .draw()?;
    // Between many bars a gap would be wider than they are.
    let gap = if days > 200 { 0.0 } else { 0.1 };
    for &(day, messages) in &daily.days {
        let left = x.place(day);
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
