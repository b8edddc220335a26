//! A bar for each room, and what the others have.

use plotters::{
    element::Rectangle,
    style::{Color, FontStyle, text_anchor::HPos},
};

use super::{Area, COLOURS, DARK, Drawn, GREY, HEAD, text_style, write};
use crate::commands::{
    console::{counted, grouped, printable},
    report::{breakdown::Rooms, layout::cut},
};

/// The height of a room.
pub const ROOM: i32 = 78;

/// Where the bars of rooms begin and end; the number is behind the bar.
const BARS: (i32, i32) = (640, 1640);

/// Draws them.
pub fn draw(rooms: &Rooms, area: &Area<'_>) -> Drawn {
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
