//! What is found about clocks and time zones, which a test cannot change on its machine.

use chrono::{TimeDelta, Utc};

use super::findings;
use crate::{commands::verdict::Status, time_zone::TimeZone};

#[test]
fn clocks_may_be_a_little_apart() {
    for (milliseconds, status, text) in [
        (0, Status::Ok, "0.0 s apart"),
        (-5_000, Status::Ok, "5.0 s apart"),
        (5_001, Status::Limits, "5.0 s behind MongoDB's"),
        (-3_600_000, Status::Limits, "3600.0 s ahead of MongoDB's"),
    ] {
        let finding = findings::clock(TimeDelta::milliseconds(milliseconds));
        assert_eq!(finding.status, status, "{finding:?}");
        assert!(finding.message.contains(text), "{finding:?}");
        assert_eq!(finding.data["milliseconds_ahead"], milliseconds);
    }
}

#[test]
fn a_zone_that_nobody_chose_is_compared_with_the_machines() {
    let zone = |name: &str| name.parse::<TimeZone>().expect("a zone");
    for (chosen, machine, status) in [
        ("UTC", Some("Europe/Berlin"), Status::Limits),
        // UTC in winter, but not in summer.
        ("UTC", Some("Europe/London"), Status::Limits),
        ("UTC", Some("Etc/UTC"), Status::Ok),
        ("UTC", None, Status::Ok),
    ] {
        let finding = findings::zone(&zone(chosen), machine.map(zone).as_ref(), Utc::now());
        assert_eq!(finding.status, status, "{finding:?}");
        if let Some(machine) = machine.filter(|_| status == Status::Limits) {
            assert!(finding.remedy.is_some_and(|remedy| remedy.contains(machine) && remedy.contains("set TZ")));
        }
    }
}
