//! Instants as texts, as JavaScript's `toISOString()` writes them (contract section 6). Pure.

use std::ops::Range;

use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};

/// Reads a string that is what JavaScript's `toISOString()` gives for some instant of the years 0000 to 9999.
pub fn parse_iso_string(text: &str) -> Option<DateTime<Utc>> {
    let shape = b"dddd-dd-ddTdd:dd:dd.dddZ";
    let fits = |(byte, shape): (u8, &u8)| if *shape == b'd' { byte.is_ascii_digit() } else { byte == *shape };
    if text.len() != shape.len() || !text.bytes().zip(shape).all(fits) {
        return None;
    }
    let number = |place: Range<usize>| text.get(place)?.parse::<u32>().ok();
    let date = NaiveDate::from_ymd_opt(number(0..4)?.try_into().ok()?, number(5..7)?, number(8..10)?)?;
    let time = date.and_hms_milli_opt(number(11..13)?, number(14..16)?, number(17..19)?, number(20..23)?)?;
    Some(time.and_utc())
}

/// What JavaScript's `toISOString()` gives: UTC with milliseconds; years outside 0000 to 9999 with a sign and six
/// digits.
pub fn iso_string(instant: DateTime<Utc>) -> String {
    written(instant.year().into(), instant)
}

/// The same of milliseconds since 1970; none beyond the dates that JavaScript has.
pub fn iso_string_of_millis(millis: i64) -> Option<String> {
    /// Milliseconds of 400 years, after which the calendar repeats itself.
    const CYCLE: i64 = 146_097 * 86_400_000;
    if !(-8_640_000_000_000_000..=8_640_000_000_000_000).contains(&millis) {
        return None;
    }
    let instant = DateTime::from_timestamp_millis(millis.rem_euclid(CYCLE))?;
    Some(written(i64::from(instant.year()) + 400 * millis.div_euclid(CYCLE), instant))
}

// An answer has one of these for each day, and `format!` takes four times as long.
fn written(year: i64, instant: DateTime<Utc>) -> String {
    let mut text = String::with_capacity("+YYYYYY-MM-DDTHH:MM:SS.mmmZ".len());
    match year {
        0..=9999 => {}
        ..0 => text.push('-'),
        _ => text.push('+'),
    }
    let all_places = [100_000, 10_000, 1000, 100, 10, 1];
    let year_places = if (0..=9999).contains(&year) { 4 } else { 6 };
    for (number, places, after) in [
        (year.unsigned_abs(), year_places, '-'),
        (instant.month().into(), 2, '-'),
        (instant.day().into(), 2, 'T'),
        (instant.hour().into(), 2, ':'),
        (instant.minute().into(), 2, ':'),
        (instant.second().into(), 2, '.'),
        (instant.timestamp_subsec_millis().into(), 3, 'Z'),
    ] {
        text.extend(all_places.iter().skip(6 - places).map(|place| char::from(digit(number, *place))));
        text.push(after);
    }
    text
}

/// The digit of a number that stands for so many (1, 10, 100, …), in ASCII.
pub(super) fn digit(number: u64, place: u64) -> u8 {
    b'0' + (number / place % 10) as u8
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_what_javascript_would_write_is_a_date() {
        for text in [
            "2023-05-20T00:00:00.000Z",
            "0000-01-01T00:00:00.000Z",
            "9999-12-31T23:59:59.999Z",
            "2024-02-29T12:30:00.001Z",
        ] {
            assert_eq!(parse_iso_string(text).map(iso_string).as_deref(), Some(text));
        }
        for text in [
            "",
            "2023-05-20",
            "2023-05-20T00:00:00Z",
            "2023-05-20T00:00:00.000z",
            "2023-05-20t00:00:00.000Z",
            "2023-05-20 00:00:00.000Z",
            "2023-05-20T00:00:00.000+00:00",
            "2023-02-29T00:00:00.000Z",
            "2023-13-01T00:00:00.000Z",
            "2023-05-00T00:00:00.000Z",
            "2023-05-20T24:00:00.000Z",
            "2023-05-20T23:60:00.000Z",
            "2016-12-31T23:59:60.000Z",
            "+002023-05-20T00:00:00.000Z",
            "-000001-01-01T00:00:00.000Z",
            " 2023-05-20T00:00:00.000Z",
            "2023-05-20T00:00:00.000Z\n",
            "２023-05-20T00:00:00.00Z",
        ] {
            assert_eq!(parse_iso_string(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn every_instant_is_written_as_chrono_writes_it(
            millis in prop_oneof![-8_000_000_000_000_000_i64..8_000_000_000_000_000, -90_000_000_000_000_i64..260_000_000_000_000]
        ) {
            let instant = DateTime::from_timestamp_millis(millis).expect("an instant");
            let rest = instant.format("-%m-%dT%H:%M:%S%.3fZ");
            let expected = match instant.year() {
                year @ 0..=9999 => format!("{year:04}{rest}"),
                year => format!("{year:+07}{rest}"),
            };
            prop_assert_eq!(iso_string(instant), expected);
        }
    }

    #[test]
    fn years_beyond_four_digits_are_written_as_javascript_does() {
        let instant =
            |year| NaiveDate::from_ymd_opt(year, 1, 1).and_then(|day| day.and_hms_opt(0, 0, 0)).map(|at| at.and_utc());
        assert_eq!(instant(10_000).map(iso_string).as_deref(), Some("+010000-01-01T00:00:00.000Z"));
        assert_eq!(instant(-1).map(iso_string).as_deref(), Some("-000001-01-01T00:00:00.000Z"));
        assert_eq!(instant(5).map(iso_string).as_deref(), Some("0005-01-01T00:00:00.000Z"));
    }

    #[test]
    fn milliseconds_are_written_over_the_whole_calendar_of_javascript() {
        for (millis, expected) in [
            (8_640_000_000_000_000, Some("+275760-09-13T00:00:00.000Z")),
            (-8_640_000_000_000_000, Some("-271821-04-20T00:00:00.000Z")),
            (8_640_000_000_000_001, None),
            (i64::MIN, None),
            (i64::MAX, None),
            (0, Some("1970-01-01T00:00:00.000Z")),
            (-1, Some("1969-12-31T23:59:59.999Z")),
        ] {
            assert_eq!(iso_string_of_millis(millis).as_deref(), expected, "{millis}");
        }
        for millis in (-60_000_000_000_000_i64..60_000_000_000_000).step_by(777_777_777_777) {
            let instant = DateTime::from_timestamp_millis(millis).map(iso_string);
            assert_eq!(iso_string_of_millis(millis), instant);
        }
    }
}
