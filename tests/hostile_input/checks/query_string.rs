//! Contract section 6: the query string and the dates in it. Brackets are left to `tests/api/query_library.rs`, which
//! asks the real `qs`; here they must merely do no harm.

use chrono::{DateTime, SecondsFormat, Utc};
use rocketchat_engagement::{
    dashboard::{instant::iso_string, parameters::InvalidParameters, period::Period},
    query_string::QueryString,
    time_zone::TimeZone,
};

const ZONES: [&str; 4] = ["UTC", "America/St_Johns", "Pacific/Apia", "Asia/Kathmandu"];

pub fn check(bytes: &[u8]) {
    // A request target holds no other bytes than text.
    let query = String::from_utf8_lossy(bytes);
    let parsed = QueryString::parse(&query);
    assert!(parsed.parameters().count() <= 1000, "{query:?}");
    let zone: TimeZone = ZONES[bytes.len() % ZONES.len()].parse().expect("a zone");
    let period = Period::from_query(&parsed, &zone);
    if let Ok(period) = &period {
        assert!(period.most_days >= 1 || period.current.first > period.current.last, "{query:?}");
        assert_eq!(period.last_day, period.current.last, "{query:?}");
    }
    if has_no_brackets(&query) {
        for name in ["start", "end", "access_token"] {
            let expected = plainly(&query, name);
            let found = parsed.get(name).map(|value| value.text().map(str::to_owned));
            assert_eq!(found, expected, "{name} of {query:?}");
        }
        assert_eq!(refusal(&period), plain_refusal(&query), "{query:?}");
    }
}

fn has_no_brackets(query: &str) -> bool {
    let query = query.to_lowercase();
    !["[", "]", "%5b", "%5d"].iter().any(|bracket| query.contains(bracket)) && query.split('&').count() <= 1000
}

/// The parts with a name: none, the text of the only one, or several.
fn plainly(query: &str, name: &str) -> Option<Option<String>> {
    let parts = query.split('&').map(|part| part.split_once('=').unwrap_or((part, "")));
    let values: Vec<_> = parts.filter(|part| decoded(part.0) == name).map(|part| decoded(part.1)).collect();
    match values.as_slice() {
        [] => None,
        [only] => Some(Some(only.clone())),
        _ => Some(None),
    }
}

fn decoded(text: &str) -> String {
    let text = text.replace('+', " ");
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let digits = rest.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let digits = digits.filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let Some(byte) = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) else { return text };
        bytes.push(byte);
        rest = &rest[2..];
    }
    String::from_utf8(bytes).unwrap_or(text)
}

/// Which parameter a refusal names, if one does.
fn refusal(period: &Result<Period, InvalidParameters>) -> Option<String> {
    let text = period.as_ref().err()?.to_string();
    text.starts_with("Match error").then_some(text)
}

fn plain_refusal(query: &str) -> Option<String> {
    let mut seen = Vec::new();
    for part in query.split('&') {
        let name = decoded(part.split_once('=').map_or(part, |part| part.0));
        if !["start", "end"].contains(&name.as_str()) || seen.contains(&name) {
            continue;
        }
        let is_date = plainly(query, &name).flatten().is_some_and(|text| is_iso_string(&text));
        if !is_date {
            return Some(format!("Match error: Failed Match.Where validation in field {name}"));
        }
        seen.push(name);
    }
    let missing = ["start", "end"].into_iter().find(|name| !seen.iter().any(|seen| seen == name))?;
    Some(format!("Match error: Missing key '{missing}'"))
}

/// `YYYY-MM-DDTHH:mm:ss.sssZ`, and what `toISOString()` would write.
fn is_iso_string(text: &str) -> bool {
    let shape = "dddd-dd-ddTdd:dd:dd.dddZ";
    let fits = |(byte, shape): (u8, u8)| if shape == b'd' { byte.is_ascii_digit() } else { byte == shape };
    // A leap second, which chrono reads, is none to JavaScript.
    if text.len() != shape.len() || !text.bytes().zip(shape.bytes()).all(fits) || &text[17..19] == "60" {
        return false;
    }
    let Ok(instant) = text.parse::<DateTime<Utc>>() else { return false };
    let again = instant.to_rfc3339_opts(SecondsFormat::Millis, true);
    assert!(again != text || iso_string(instant) == text, "{text}");
    again == text
}
