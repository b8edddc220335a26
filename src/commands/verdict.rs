//! How well something is, and how a line shows it: by a symbol and a colour, or by words where those are not wanted.

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use crate::commands::console::{ascii, printable};

/// How well something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// As it should be.
    Ok,
    /// It works, with limits.
    Limits,
    /// It does not.
    Fails,
}

/// Whether lines are in ASCII only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    is_ascii: bool,
}

impl Look {
    /// In ASCII only, or not.
    pub fn new(is_ascii: bool) -> Self {
        Self { is_ascii }
    }

    /// A line about something.
    pub fn line(self, status: Status, text: &str) -> String {
        let (symbol, word, colour) = match status {
            Status::Ok => ("✔", "ok  ", AnsiColor::Green),
            Status::Limits => ("!", "warn", AnsiColor::Yellow),
            Status::Fails => ("✘", "FAIL", AnsiColor::Red),
        };
        let style = Style::new().fg_color(Some(colour.into()));
        let symbol = if self.is_ascii { word } else { symbol };
        format!("{style}{symbol}{style:#} {}\n", self.text(text))
    }

    /// A line that belongs to the one above.
    pub fn below(self, text: &str) -> String {
        format!("  {} {}\n", if self.is_ascii { "->" } else { "→" }, self.text(text))
    }

    fn text(self, text: &str) -> String {
        match self.is_ascii {
            true => ascii(&printable(text)),
            false => printable(text),
        }
    }
}
