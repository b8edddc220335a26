//! Writing for people and pipes: texts of the database made harmless, and a reader who has gone away.

use std::{
    fmt::Write as _,
    io::{self, Write as _},
};

/// Writes to standard output. A reader who has closed the pipe has read enough, which is no error.
///
/// # Errors
/// It cannot be written, for example because a disk is full.
pub fn print(text: &str) -> io::Result<()> {
    // Leaves colours out where nobody sees them, or wants them (`NO_COLOR`).
    let mut output = anstream::stdout().lock();
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

/// Writes a complaint to standard error: one line, whatever it quotes. Where nobody reads that, the exit code must do.
pub fn complain(text: &str) {
    let line = text.lines().map(str::trim).collect::<Vec<_>>().join(" ");
    drop(writeln!(io::stderr(), "rocketchat-engagement: {}", printable(&line)));
}

/// The columns of the terminal that standard output is; none if it is no terminal, or one that does not say.
pub fn columns() -> Option<usize> {
    ::console::Term::stdout().size_checked().map(|(_, columns)| columns.into())
}

/// Whether a character could steer a terminal, or show a text as other than it is.
fn is_hostile(character: char) -> bool {
    character.is_control()
        || matches!(character,
            // Soft hyphen, zero widths, marks and overrides of direction, separators of lines, invisible operators,
            // annotations, tags.
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// A text of the database for a terminal, a table or a picture: what could do harm there is replaced.
pub fn printable(text: &str) -> String {
    text.chars().map(|character| if is_hostile(character) { '\u{fffd}' } else { character }).collect()
}

/// JSON in which every such character is escaped, and which so means the same.
pub fn printable_json(json: &str) -> String {
    let mut printable = String::with_capacity(json.len());
    for character in json.chars() {
        match is_hostile(character) {
            true => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    // Writing to a string cannot fail.
                    _ = write!(printable, "\\u{unit:04x}");
                }
            }
            false => printable.push(character),
        }
    }
    printable
}

/// A text with everything that is not ASCII written as an escape.
pub fn ascii(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut ascii, character| {
        match character.is_ascii() {
            true => ascii.push(character),
            false => ascii.extend(character.escape_default()),
        }
        ascii
    })
}

/// A number with its thousands set apart: `1,234,567`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A number of things: `1 room`, `1,234 rooms`.
pub fn counted(number: u64, thing: &str) -> String {
    format!("{} {thing}{}", grouped(number), if number == 1 { "" } else { "s" })
}

/// A difference with its sign: `+1,234`, `-5`, `0`.
pub fn signed(difference: i64) -> String {
    let sign = match difference.signum() {
        0 => "",
        1 => "+",
        _ => "-",
    };
    format!("{sign}{}", grouped(difference.unsigned_abs()))
}

#[cfg(test)]
mod tests {
    use super::{ascii, grouped, printable, printable_json, signed};

    const HOSTILE: &str = "a\u{1b}[2J\u{9b}31m\r\nb\u{202e}c\u{e0041}é";

    #[test]
    fn nothing_that_steers_a_terminal_is_left() {
        assert_eq!(printable(HOSTILE), "a\u{fffd}[2J\u{fffd}31m\u{fffd}\u{fffd}b\u{fffd}c\u{fffd}é");
        assert_eq!(ascii(&printable("é\u{7}")), "\\u{e9}\\u{fffd}");
    }

    #[test]
    fn json_means_the_same_without_them() {
        let json = serde_json::to_string(HOSTILE).expect("JSON");
        let harmless = printable_json(&json);
        assert_eq!(printable(&harmless), harmless);
        assert_eq!(serde_json::from_str::<String>(&harmless).expect("JSON"), HOSTILE);
    }

    #[test]
    fn thousands_are_set_apart() {
        for (number, expected) in [(0, "0"), (999, "+999"), (-1000, "-1,000"), (1_234_567, "+1,234,567")] {
            assert_eq!(signed(number), expected);
        }
        assert_eq!(grouped(u64::MAX), "18,446,744,073,709,551,615");
    }
}
