//! What the admin's own cards ask: the last 7, 30 or 90 days up to the end of today, and 25, 50 or 100 rooms of a page.

use bson::{Document, doc};
use chrono::{Days, NaiveDate, SecondsFormat, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use serde_json::Value;

use super::{CHANNELS, MESSAGE, ORIGIN, ROOM, ask};
use crate::{
    counting::KINDS,
    random::Random,
    support::{PATH, Service, Workspace, millis},
};

const ROOMS: usize = 60;

/// Messages of the last 200 days and of tomorrow, in rooms that count, others and none.
fn written(random: &mut Random, midnight: i64) -> Vec<Document> {
    let hour = 3_600_000;
    let message = |random: &mut Random, from: i64, to: i64| {
        let at = midnight + from * hour + random.below(((to - from) * hour) as usize) as i64;
        let room = format!("room{}", random.below(ROOMS + 5));
        let mut message = doc! { "rid": room, "ts": millis(at) };
        if random.chance(20) {
            message.insert("t", "uj");
        }
        message
    };
    let mut all: Vec<_> = (0..3_000).map(|_| message(random, -200 * 24, 0)).collect();
    all.extend((0..40).map(|_| message(random, 0, 24)));
    all.extend((0..40).map(|_| message(random, 24, 48)));
    all
}

/// The first instant of a day, in zones whose midnights all exist.
fn midnight(zone: Tz, day: NaiveDate) -> chrono::DateTime<Utc> {
    let midnight = zone.from_local_datetime(&day.and_hms_opt(0, 0, 0).expect("midnight"));
    midnight.earliest().expect("the zone has that midnight").to_utc()
}

fn sum_of(entries: &Value, field: &str) -> u64 {
    entries.as_array().expect("entries").iter().map(|entry| entry[field].as_u64().expect("a number")).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sums_of_the_cards_are_equal() {
    for zone in ["UTC", "Asia/Kolkata", "Europe/Berlin"] {
        let mut random = Random::new(3);
        let tz: Tz = zone.parse().expect("a zone");
        let today = Utc::now().with_timezone(&tz).date_naive();
        let workspace = Workspace::with_admin().await.without_rate_limit().await.with_index().await;
        let rooms =
            (0..ROOMS).map(|index| doc! { "_id": format!("room{index}"), "t": (["c", "p", "d", "l"][index % 4]) });
        workspace.insert(ROOM, rooms).await;
        let documents = written(&mut random, midnight(tz, today).timestamp_millis());
        let write = workspace.insert(MESSAGE, documents);
        // As many days in memory as there are by default.
        let values = [("time_zone", zone), ("tally.history_days", "400")];
        for (kind, service) in KINDS.into_iter().zip(Service::of_every_kind(&workspace, &values, write).await) {
            for k in [7, 30, 90] {
                let row = format!("{zone}, {kind}, {k} days");
                let text = |at: chrono::DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Millis, true);
                let start = text(midnight(tz, today - Days::new(k)));
                let end = text(midnight(tz, today + Days::new(1)) - TimeDelta::milliseconds(1));
                let period = format!("start={start}&end={end}");
                let before = service.answers_from_memory();

                let sent = ask(&service, &format!("{PATH}?{period}")).await.json();
                let origins = ask(&service, &format!("{ORIGIN}?{period}")).await.json();
                let whole = ask(&service, &format!("{CHANNELS}?{period}&offset=0&count=0")).await.json();

                let count = sent["period"]["count"].as_u64().expect("a number");
                assert!(count > 0, "{row}");
                assert_eq!(sum_of(&origins["origins"], "messages"), count, "{row}");
                assert_eq!(sum_of(&whole["channels"], "messages"), count, "{row}");
                let listed = whole["channels"].as_array().expect("channels");
                for limit in [25, 50, 100] {
                    let page = ask(&service, &format!("{CHANNELS}?{period}&offset=0&count={limit}")).await.json();
                    let first = &listed[..listed.len().min(limit)];
                    assert_eq!(page["channels"].as_array().expect("channels"), first, "{row}, {limit}");
                    assert_eq!(page["total"], listed.len(), "{row}, {limit}");
                }
                let expected = if kind == KINDS[0] { 0 } else { 6 };
                assert_eq!(service.answers_from_memory() - before, expected, "{row}");
            }
            service.stop().await;
        }
    }
}

/// What the previous window needs decides: `channels/list` looks further back than `messages/origin`.
#[tokio::test(flavor = "multi_thread")]
async fn days_that_memory_does_not_have_are_counted_by_aggregations() {
    let mut random = Random::new(4);
    let today = Utc::now().date_naive();
    let workspace = Workspace::with_admin().await.without_rate_limit().await;
    let rooms = (0..ROOMS).map(|index| doc! { "_id": format!("room{index}"), "t": "p" });
    workspace.insert(ROOM, rooms).await;
    let documents = written(&mut random, midnight(Tz::UTC, today).timestamp_millis());
    let write = workspace.insert(MESSAGE, documents);
    let values = [("tally.history_days", "50")];
    let services = Service::of_every_kind(&workspace, &values, write).await;
    for (k, origin_is_remembered, list_is_remembered) in [(7, true, true), (30, true, false), (90, false, false)] {
        let period = format!("start={}T00:00:00.000Z&end={today}T23:59:59.999Z", today - Days::new(k));
        for (path, is_remembered) in [(ORIGIN, origin_is_remembered), (CHANNELS, list_is_remembered)] {
            let target = format!("{path}?{period}");
            let expected = ask(&services[0], &target).await;
            assert_eq!(expected.status, 200, "{target}");
            for service in &services[1..] {
                let before = service.answers_from_memory();
                let answer = ask(service, &target).await;
                assert_eq!(answer.body, expected.body, "{target}");
                assert_eq!(service.answers_from_memory() - before, u64::from(is_remembered), "{target}");
            }
        }
    }
    for service in services {
        service.stop().await;
    }
}
