//! `docs/operations.md` explains every line of level warn or error, and every reason not to start.

use std::{fs, path::Path};

/// Errors that end the start, or that a line of the log ends with. Others are told to clients, or to who uses a command.
const ERRORS: [&str; 6] = [
    "src/commands/serve.rs",
    "src/config.rs",
    "src/mongo/error.rs",
    "src/mongo_url.rs",
    "src/server.rs",
    "src/tally/feed/event.rs",
];

/// Lines without a word of their own: what fills them are errors of the files above.
const FILLED: [&str; 1] = ["{what}: {error}"];

/// Fewer letters than this tell nothing.
const LEAST_LETTERS: usize = 8;

/// What is written somewhere: the text of a line with `…` in each place that varies.
struct Line {
    file: String,
    text: String,
}

#[test]
fn every_warning_and_error_has_an_entry() {
    let guide = section("## What to do when");
    let quotes: Vec<_> = guide.split('`').skip(1).step_by(2).collect();
    let lines = lines();
    assert!(lines.len() > 20, "only {} lines are found in src/", lines.len());

    let is_explained = |line: &Line| quotes.iter().any(|quote| is_telling(quote) && fits(quote, &line.text));
    let missing = lines.iter().filter(|line| is_telling(&line.text) && !is_explained(line));
    let missing: Vec<_> = missing.map(|line| format!("    {}: `{}`", line.file, line.text)).collect();
    assert!(
        missing.is_empty(),
        "docs/operations.md, \"What to do when\", does not explain these. Write an entry with the \
         line (or its beginning) between backticks, and `…` for what varies: what has happened, what becomes of it, and what \
         an administrator does about it.\n{}",
        missing.join("\n")
    );
}

#[test]
fn every_entry_is_about_a_line_that_exists() {
    let guide = section("## What to do when");
    let lines = lines();
    let headings: Vec<_> = guide.lines().filter(|line| line.starts_with("#### ")).collect();
    let quotes: Vec<_> = headings.iter().flat_map(|heading| heading.split('`').skip(1).step_by(2)).collect();
    assert!(quotes.len() > 15, "only {} entries", quotes.len());
    let stale: Vec<_> = quotes.iter().filter(|quote| !lines.iter().any(|line| fits(quote, &line.text))).collect();
    assert!(stale.is_empty(), "no line in src/ is like these headings of docs/operations.md: {stale:#?}");
}

/// A section of the guide.
fn section(heading: &str) -> String {
    let guide = fs::read_to_string(root().join("docs/operations.md")).expect("the guide");
    let (_, rest) = guide.split_once(&format!("\n{heading}\n")).expect("the section");
    rest.split("\n## ").next().expect("a text").to_owned()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Whether the line is one that the quote is about: all that it has between its `…` is in the line, in this order.
fn fits(quote: &str, line: &str) -> bool {
    let mut rest = Some(line);
    for piece in quote.split('…').filter(|piece| !piece.is_empty()) {
        rest = rest.and_then(|rest| rest.split_once(piece)).map(|(_, rest)| rest);
    }
    rest.is_some()
}

/// Whether a text has words that can be looked up.
fn is_telling(text: &str) -> bool {
    text.chars().filter(|character| character.is_alphabetic()).count() >= LEAST_LETTERS
}

/// Every line of level warn or error, and every error of [`ERRORS`].
fn lines() -> Vec<Line> {
    let mut lines = Vec::new();
    let mut directories = vec![root().join("src")];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory).expect("a directory") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                directories.push(path);
                continue;
            }
            let file = path.strip_prefix(root()).expect("in the tree").to_str().expect("UTF-8").to_owned();
            let source = fs::read_to_string(&path).expect("a source");
            let source = source.split("#[cfg(test)]\nmod tests {").next().expect("a text");
            let logged = ["warn!(", "error!("].into_iter().flat_map(|start| literals(source, start));
            let logged = logged.filter(|literal| !FILLED.contains(&literal.as_str()));
            for text in logged.map(|literal| without_fillers(&literal)) {
                assert!(is_telling(&text), "{file}: nobody can look up `{text}`; give the line words of its own");
                lines.push(Line { file: file.clone(), text });
            }
            let errors = ERRORS.contains(&file.as_str()).then(|| literals(source, "#[error("));
            let errors = errors.into_iter().flatten().map(|literal| without_fillers(&literal));
            lines.extend(errors.map(|text| Line { file: file.clone(), text }));
        }
    }
    lines
}

/// A format string with `…` for whatever fills it.
fn without_fillers(literal: &str) -> String {
    let mut pieces = literal.split('{');
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |text, piece| text + "…" + piece.split_once('}').map_or("", |(_, rest)| rest))
}

/// The first string literal behind each `start`, as it is at run time.
fn literals<'a>(source: &'a str, start: &'a str) -> impl Iterator<Item = String> + 'a {
    source.split(start).skip(1).filter(|rest| !rest.starts_with("transparent")).map(|rest| {
        let rest = rest.trim_start().strip_prefix('"').expect("a string literal follows warn!(, error!( or #[error(");
        let mut text = String::new();
        let mut characters = rest.chars().peekable();
        loop {
            match characters.next().expect("the end of a literal") {
                '"' => return text,
                '\\' => match characters.next().expect("an escape") {
                    '\n' => while characters.next_if(|character| character.is_whitespace()).is_some() {},
                    escaped => text.push(escaped),
                },
                character => text.push(character),
            }
        }
    })
}
