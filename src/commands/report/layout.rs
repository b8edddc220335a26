//! Rows under each other, in as many columns as a terminal has. Pure.
//!
//! The bars get what is left of the lines. Where nothing is left, they are left out, then names and headers are cut;
//! numbers never are.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The columns of a bar at its longest, and the fewest that still say something.
const BAR: usize = 24;
const LEAST_BAR: usize = 6;

/// The fewest columns of what a row is about (a date has as many), and of a header.
const LEAST_NAME: usize = 10;
const LEAST_HEADER: usize = 4;

/// The columns between two cells.
const GAP: usize = 2;

/// What it is drawn on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paper {
    /// With ASCII only, or with blocks for the bars.
    pub is_ascii: bool,
    /// The columns of the terminal; none where it is none.
    pub columns: Option<usize>,
}

/// A row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// What it is about, and what there is to say.
    pub cells: Vec<String>,
    /// The number that its bar shows, if it has one.
    pub bar: Option<u64>,
}

/// A column's alignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    Left,
    Right,
}

impl Paper {
    /// Draws rows, the first of which has the headers. What a row is about is cut by `shorten`, if it must be.
    pub fn table(self, rows: &[Row], aligns: &[Align], shorten: fn(&str, usize) -> String) -> String {
        let widest = |column: usize, rows: &[Row]| {
            rows.iter().filter_map(|row| row.cells.get(column)).map(|cell| cell.width()).max().unwrap_or_default()
        };
        let mut widths: Vec<_> = (0..aligns.len()).map(|column| widest(column, rows)).collect();
        let columns = self.columns.unwrap_or(usize::MAX);
        let taken = widths.iter().sum::<usize>() + GAP * aligns.len().saturating_sub(1);
        let for_bars = columns.saturating_sub(taken + GAP).min(BAR);
        let longest = Some(for_bars).filter(|columns| *columns >= LEAST_BAR);
        let mut excess = taken.saturating_sub(columns);
        for (column, width) in widths.iter_mut().enumerate() {
            let least = match column {
                0 => LEAST_NAME,
                _ => widest(column, rows.get(1..).unwrap_or_default()).max(LEAST_HEADER),
            };
            let less = width.saturating_sub(least).min(excess);
            (*width, excess) = (*width - less, excess - less);
        }
        let most = rows.iter().filter_map(|row| row.bar).max().unwrap_or_default();
        let mut text = String::new();
        for row in rows {
            let mut line = String::new();
            for (column, ((cell, &width), align)) in row.cells.iter().zip(&widths).zip(aligns).enumerate() {
                let cell = match column {
                    0 => shorten(cell, width),
                    _ => beginning(cell, width),
                };
                let padding = " ".repeat(width.saturating_sub(cell.width()));
                let (before, after) = if *align == Align::Left { ("", &*padding) } else { (&*padding, "") };
                line += &format!("{before}{cell}{after}{:GAP$}", "");
            }
            if let (Some(count), Some(longest)) = (row.bar, longest) {
                line += &self.bar(count, most, longest as u64);
            }
            text += line.trim_end();
            text.push('\n');
        }
        text
    }

    /// Sentences, with the lines broken between words.
    pub fn prose(self, text: &str) -> String {
        let columns = self.columns.unwrap_or(usize::MAX);
        let mut prose = String::new();
        for line in text.lines() {
            let mut at = 0;
            for word in line.split(' ') {
                if at > 0 {
                    let fits = at + 1 + word.width() <= columns;
                    prose.push(if fits { ' ' } else { '\n' });
                    at = if fits { at + 1 } else { 0 };
                }
                prose += word;
                at += word.width();
            }
            prose.push('\n');
        }
        prose
    }

    fn bar(self, count: u64, most: u64, longest: u64) -> String {
        /// From nothing to seven eighths of a column.
        const PARTS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
        let of = |columns: u64| u128::from(count) * u128::from(columns) / u128::from(most.max(1));
        let whole = |columns: u128, character: &str| character.repeat(usize::try_from(columns).unwrap_or_default());
        // Whatever is there is seen.
        let least = u128::from(count > 0);
        if self.is_ascii {
            return whole(of(longest).max(least), "#");
        }
        let eighths = of(8 * longest).max(least);
        whole(eighths / 8, "█") + PARTS[usize::try_from(eighths % 8).unwrap_or_default()]
    }
}

/// The beginning of a text that is wider than `most` columns, and dots.
pub fn cut(text: &str, most: usize) -> String {
    match text.width() <= most {
        true => text.to_owned(),
        false => beginning(text, most.saturating_sub(3)) + "...",
    }
}

/// As much of a text as fits.
fn beginning(text: &str, most: usize) -> String {
    let mut columns = 0;
    let fits = |character: &char| {
        columns += character.width().unwrap_or_default();
        columns <= most
    };
    text.chars().take_while(fits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALIGNS: [Align; 3] = [Align::Left, Align::Right, Align::Right];

    fn rows() -> Vec<Row> {
        let row = |cells: [&str; 3], bar| Row { cells: cells.map(str::to_owned).to_vec(), bar };
        vec![
            row(["Room", "Messages", "Variation"], None),
            row(["会議室 and a long name", "1,234,567", "-5"], Some(1_234_567)),
            row(["short", "1", "+1"], Some(1)),
            row(["Total", "1,234,568", "-4"], None),
        ]
    }

    fn table(columns: Option<usize>, is_ascii: bool) -> String {
        Paper { is_ascii, columns }.table(&rows(), &ALIGNS, cut)
    }

    #[test]
    fn no_line_is_wider_than_the_terminal_as_long_as_the_numbers_fit() {
        for is_ascii in [false, true] {
            for columns in 27..100 {
                let table = table(Some(columns), is_ascii);
                assert!(table.lines().all(|line| line.width() <= columns), "{columns}: {table}");
                assert!(["1,234,567", "1,234,568", "-5", "+1"].iter().all(|number| table.contains(number)), "{table}");
                assert_eq!(table.contains(['█', '#']), columns >= 44 + GAP + LEAST_BAR, "{columns}: {table}");
            }
        }
        assert_eq!(table(Some(70), false), table(None, false), "44 columns, a gap, and the longest bar");
        assert_eq!(table(None, true).lines().map(UnicodeWidthStr::width).max(), Some(70));
    }

    #[test]
    fn names_are_cut_before_headers_are() {
        let expected = "Room           Messages  Variation
会議室 an...  1,234,567         -5
short                 1         +1
Total         1,234,568         -4
";
        assert_eq!(table(Some(34), false), expected);
        let expected = "Room         Messages  Vari
会議室 ...  1,234,567    -5
short               1    +1
Total       1,234,568    -4
";
        assert_eq!(table(Some(27), false), expected);
    }

    #[test]
    fn sentences_are_broken_between_words() {
        let text = "Total: 760 (the period before: 44)\n\nnext\n";
        assert_eq!(Paper { is_ascii: true, columns: None }.prose(text), text);
        let narrow = Paper { is_ascii: true, columns: Some(12) }.prose(text);
        assert_eq!(narrow, "Total: 760\n(the period\nbefore: 44)\n\nnext\n");
    }
}
