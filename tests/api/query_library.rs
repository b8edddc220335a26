//! The query string against what it is modelled on: JavaScript's own form of a date, and the `qs` library itself.
//!
//! Both run in this process on the parser alone. The library comes from npm into `target/`; it needs Node.

use std::{
    io::Write,
    path::Path,
    process::{Command, Output, Stdio},
};

use chrono::{DateTime, Datelike, SecondsFormat, Utc};
use proptest::{prelude::*, sample::select};
use rocketchat_engagement::{dashboard::period::Period, query_string::QueryString, time_zone::TimeZone};

use crate::support::{node_is_missing, node_modules};

/// The version that the service is held against: the last before 6.12, from where on the library writes `%5B` and `%5D`
/// as brackets before anything else, even in a key that cannot be decoded, which the contract has stay as it is.
const QS: &str = "6.11.2";

/// The names that the service looks at.
const NAMES: [&str; 3] = ["start", "end", "access_token"];

const QUERIES: usize = 20_000;

/// Pieces that mean something to the library, to a date, or to nobody.
const PIECES: [&str; 56] = [
    "start",
    "start",
    "start",
    "end",
    "end",
    "end",
    "access_token",
    "[",
    "]",
    "[]",
    "[start]",
    "[end]",
    "[0]",
    "[x]",
    "=",
    "=",
    "=",
    "=",
    "&",
    "&",
    "&",
    "&",
    "&&",
    "%",
    "%5B",
    "%5D",
    "%5b",
    "%5d",
    "%5B%5D",
    "%3D",
    "%26",
    "%73tart",
    "e%6Ed",
    "%FF",
    "%C3%A9",
    "%C3",
    "%zz",
    "%2",
    "%00",
    "%25",
    "+",
    ".",
    ";",
    ",",
    "?",
    "#",
    "0",
    "21",
    "a",
    "",
    "toString",
    "__proto__",
    "hasOwnProperty",
    "constructor",
    "prototype",
    "2023-05-20T00:00:00.000Z",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_query_string_of_any_characters_crashes_the_parser(query in any::<String>()) {
        let _ = Period::from_query(&QueryString::parse(&query), &TimeZone::UTC);
    }

    #[test]
    fn no_query_string_of_telling_pieces_crashes_it(pieces in prop::collection::vec(select(&PIECES[..]), 0..24)) {
        let _ = Period::from_query(&QueryString::parse(&pieces.concat()), &TimeZone::UTC);
    }

    #[test]
    fn a_date_is_accepted_exactly_if_it_equals_its_own_javascript_form(start in dates(), end in dates()) {
        let query = format!("start={start}&end={end}").replace('+', "%2B");
        let accepted = Period::from_query(&QueryString::parse(&query), &TimeZone::UTC);

        let (start, end) = (javascript_form(&start) == Some(start), javascript_form(&end) == Some(end));
        let refused_for = |name: &str| {
            let text = format!("Match error: Failed Match.Where validation in field {name}");
            accepted.as_ref().err().map(ToString::to_string) == Some(text)
        };
        prop_assert_eq!(refused_for("start"), !start, "start of {}: {:?}", query, accepted);
        prop_assert_eq!(refused_for("end"), start && !end, "end of {}: {:?}", query, accepted);
    }
}

/// Dates, and texts that are nearly dates.
fn dates() -> impl Strategy<Value = String> {
    let numbers = (0..10_001_u16, 0..14_u8, 0..33_u8, 0..25_u8, 0..61_u8, 0..61_u8, 0..1_000_u16);
    let plain = numbers.prop_map(|(year, month, day, hour, minute, second, milli)| {
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z")
    });
    let spoilt =
        (plain.clone(), any::<prop::sample::Index>(), select(&["", " ", "0", "+", "-", "Z", "T", "é", "٣"][..]));
    let spoilt = spoilt.prop_map(|(date, place, piece)| {
        let place = place.index(date.len());
        format!("{}{piece}{}", &date[..place], &date[place + 1..])
    });
    prop_oneof![4 => plain, 1 => spoilt, 1 => "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,14}(Z|[+]00:00)?"]
}

/// What `new Date(text).toISOString()` gives, of the years that have four digits; `None` where that is no date.
fn javascript_form(text: &str) -> Option<String> {
    // JavaScript knows no leap seconds.
    let date = DateTime::parse_from_rfc3339(text).ok().filter(|_| !text.contains(":60"))?.with_timezone(&Utc);
    (0..=9999).contains(&date.year()).then(|| date.to_rfc3339_opts(SecondsFormat::Millis, true))
}

/// What became of the parameters that the service looks at, in their order; `None` is a value that is no string.
type Parameters = Vec<(String, Option<String>)>;

fn parse(query: &str) -> Parameters {
    let query = QueryString::parse(query);
    let parameters = query.parameters().filter(|(name, _)| NAMES.contains(name));
    parameters.map(|(name, value)| (name.to_owned(), value.text().map(str::to_owned))).collect()
}

/// Where the place of `access_token` among the others is nobody's business.
fn comparable(mut parameters: Parameters) -> Parameters {
    parameters.sort_by_key(|parameter| parameter.0 == "access_token");
    parameters
}

#[test]
fn the_query_string_is_read_as_the_qs_library_reads_it() {
    if node_is_missing() {
        return;
    }
    let queries: Vec<_> = queries().take(QUERIES).collect();

    let expected = parse_in_node(&node_modules(&format!("qs@{QS}")), &queries);

    let pairs = queries.iter().zip(expected).map(|(query, expected)| (query, comparable(expected)));
    let mut differences: Vec<_> = pairs.filter(|(query, expected)| comparable(parse(query)) != *expected).collect();
    differences.sort_by_key(|(query, _)| query.len());
    let shown = differences.iter().take(30);
    let shown: Vec<_> =
        shown.map(|(query, expected)| format!("{query}\n  qs  {expected:?}\n  we  {:?}", parse(query))).collect();
    assert!(differences.is_empty(), "{} of {QUERIES} differ, the shortest:\n{}", differences.len(), shown.join("\n"));
}

/// Endless random query strings, the same in every run, short ones more often.
fn queries() -> impl Iterator<Item = String> {
    let mut state = 0_u64;
    let mut random = move |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).expect("31 bits") % below
    };
    std::iter::repeat_with(move || {
        let longest = 4 + random(14);
        let length = 1 + random(longest);
        (0..length).map(|_| PIECES[random(PIECES.len())]).collect()
    })
}

fn parse_in_node(modules: &Path, queries: &[String]) -> Vec<Parameters> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/node/parse_queries.cjs");
    let mut command = Command::new("node");
    command.arg(script).arg(modules).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut node = command.spawn().expect("node runs");
    let input = serde_json::to_vec(queries).expect("JSON");
    node.stdin.take().expect("a pipe").write_all(&input).expect("node reads");
    let output = finished(node.wait_with_output().expect("node ends"));
    serde_json::from_slice(&output.stdout).expect("an answer for each query")
}

fn finished(output: Output) -> Output {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}
