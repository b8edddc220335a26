//! How the tally stands, and the messages of today and yesterday: those of the endpoint, or none.

use std::time::{Duration, Instant};

use bson::{Document, doc};
use chrono::{DateTime, Days, Utc};
use chrono_tz::Tz;
use tokio::time::sleep;

use super::scrape::Scrape;
use crate::support::{PATH, Service, Workspace, millis, signal, start_mongod};

/// How long something that must come about may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Scrapes until it is as wanted.
async fn until(service: &Service, what: &str, is_so: impl Fn(&Scrape) -> bool) -> Scrape {
    let began = Instant::now();
    loop {
        let scrape = Scrape::of(service).await;
        if is_so(&scrape) {
            return scrape;
        }
        assert!(began.elapsed() < PATIENCE, "{what}:\n{}", scrape.text);
        sleep(Duration::from_millis(20)).await;
    }
}

fn state(scrape: &Scrape) -> &'static str {
    assert_eq!(scrape.sum("tally_state"), 1.0, "one state at a time");
    let is = |state: &&&str| scrape.value(&format!("tally_state{{state=\"{state}\"}}")) == 1.0;
    ["live", "loading", "pipeline", "off"].iter().find(is).copied().expect("a state")
}

fn messages(scrape: &Scrape, day: &str, room_type: &str) -> Option<f64> {
    scrape.find(&format!("messages{{day=\"{day}\",room_type=\"{room_type}\"}}"))
}

/// What the endpoint says of a local day and the one before.
async fn by_endpoint(service: &Service, midnight: DateTime<Tz>) -> [f64; 2] {
    let instant = midnight.with_timezone(&Utc).format("%Y-%m-%dT%H:%M:%S.000Z");
    let answer = service.get(&format!("{PATH}?start={instant}&end={instant}"), &Workspace::admin()).await.json();
    let count = answer["period"]["count"].as_u64().expect("a count");
    let before = count as i64 - answer["period"]["variation"].as_i64().expect("a variation");
    [count as f64, before as f64]
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_of_today_and_yesterday_are_those_of_the_endpoint_in_its_time_zone() {
    // Between these there are always two different dates.
    for zone in ["Pacific/Kiritimati", "Pacific/Pago_Pago"] {
        let tz: Tz = zone.parse().expect("a zone");
        let today = || Utc::now().with_timezone(&tz).date_naive();
        loop {
            let date = today();
            let midnight = date.and_hms_opt(0, 0, 0).and_then(|local| local.and_local_timezone(tz).single());
            let midnight = midnight.expect("a midnight");
            let workspace = Workspace::with_admin().await.without_rate_limit().await;
            let message = |hours: i64, room: &str, more: Document| {
                let mut message = doc! { "rid": room, "ts": millis(midnight.timestamp_millis() + hours * 3_600_000) };
                message.extend(more);
                message
            };
            let url = workspace.url();
            let values = [("mongo_url", url.as_str()), ("time_zone", zone), ("counting.room_types", "p,c,d,c")];
            let service = Service::start_live(&values).await;
            let none = || doc! {};
            let of_today =
                [message(0, "channel", none()), message(23, "channel", none()), message(1, "direct", none())];
            workspace.insert("rocketchat_message", of_today).await;
            let of_yesterday = [message(-1, "channel", none()), message(-24, "private", none())];
            workspace.insert("rocketchat_message", of_yesterday).await;
            let elsewhere = [message(24, "channel", none()), message(-25, "channel", none())];
            workspace.insert("rocketchat_message", elsewhere).await;
            let uncounted = [
                message(2, "channel", doc! { "t": "uj" }),
                message(2, "channel", doc! { "_hidden": true }),
                message(2, "livechat", none()),
                message(2, "nowhere", none()),
            ];
            workspace.insert("rocketchat_message", uncounted).await;
            service.catch_up().await;

            let scrape = Scrape::of(&service).await;
            let expected = by_endpoint(&service, midnight).await;
            service.stop().await;
            if today() != date {
                continue;
            }
            let of = |day| ["c", "p", "d"].map(|kind| messages(&scrape, day, kind).expect("a count"));
            assert_eq!(of("today"), [2.0, 0.0, 1.0], "{zone}");
            assert_eq!(of("yesterday"), [1.0, 1.0, 0.0], "{zone}");
            assert_eq!([of("today").iter().sum::<f64>(), of("yesterday").iter().sum()], expected, "{zone}");
            assert_eq!(scrape.series.iter().filter(|each| each.name.ends_with("_messages")).count(), 6);
            break;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_memory_is_told() {
    let workspace = Workspace::with_admin().await;
    let at = |days: u64, room: &str| {
        let at = Utc::now() - Days::new(days);
        doc! { "rid": room, "ts": millis(at.timestamp_millis()) }
    };
    workspace.insert("rocketchat_message", [at(3, "channel"), at(3, "channel"), at(3, "voip"), at(5, "direct")]).await;
    let url = workspace.url();
    let values = [("mongo_url", url.as_str()), ("tally.history_days", "30")];

    let service = Service::start_live(&values).await;
    let scrape = Scrape::of(&service).await;
    assert_eq!(state(&scrape), "live");
    assert_eq!((scrape.value("tally_loaded_dates"), scrape.value("tally_history_dates")), (30.0, 30.0));
    assert_eq!(scrape.value("tally_cells"), 3.0, "whatever the type of the room");
    assert!(scrape.value("tally_staleness_seconds") < 2.0);
    assert_eq!(scrape.value("tally_pending_events"), 0.0);
    assert_eq!(messages(&scrape, "today", "c"), Some(0.0));
    service.stop().await;

    let service = Service::on(&workspace).await;
    let scrape = Scrape::of(&service).await;
    assert_eq!(state(&scrape), "off");
    assert_eq!((scrape.value("tally_history_dates"), scrape.find("tally_staleness_seconds")), (0.0, None));
    assert_eq!(messages(&scrape, "today", "c"), None);
    service.stop().await;

    let yesterday_is_not_kept = [("mongo_url", url.as_str()), ("tally.history_days", "1")];
    let service = Service::start_live(&yesterday_is_not_kept).await;
    let scrape = Scrape::of(&service).await;
    assert_eq!((messages(&scrape, "today", "c"), messages(&scrape, "yesterday", "c")), (Some(0.0), None));
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_memory_cannot_vouch_for_is_not_told() {
    let mongod = start_mongod(&[]).await.expect("mongod");
    Workspace::at(&mongod.url("rocketchat"), "rocketchat").await.add_admin().await;
    let url = mongod.url("rocketchat");
    let service = Service::start_live(&[("mongo_url", url.as_str()), ("tally.max_staleness_ms", "2000")]).await;
    assert_eq!(messages(&Scrape::of(&service).await, "today", "c"), Some(0.0));

    signal("STOP", mongod.pid());
    let scrape = until(&service, "not stale", |scrape| state(scrape) != "live").await;
    assert_eq!(state(&scrape), "pipeline");
    assert!(scrape.value("tally_staleness_seconds") > 2.0);
    assert_eq!((messages(&scrape, "today", "c"), messages(&scrape, "yesterday", "c")), (None, None));

    signal("CONT", mongod.pid());
    let scrape = until(&service, "not live", |scrape| state(scrape) == "live").await;
    assert_eq!(messages(&scrape, "today", "c"), Some(0.0));
    assert_eq!(scrape.sum("tally_reloads_total"), 0.0);
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_that_break_and_reloads_are_counted_by_reason() {
    let mongod = start_mongod(&[]).await.expect("mongod");
    Workspace::at(&mongod.url("rocketchat"), "rocketchat").await.add_admin().await;
    let url = mongod.url("rocketchat");
    let service = Service::start_live(&[("mongo_url", url.as_str())]).await;
    assert_eq!(Scrape::of(&service).await.sum("tally_stream_restarts_total"), 0.0);
    let admin = mongod.client().await.expect("a client").database("admin");
    let fail = async |collection: &str, code: i32| {
        let namespace = format!("rocketchat.{collection}");
        let data = doc! { "failCommands": ["getMore"], "errorCode": code, "errorLabels": [], "namespace": namespace };
        let fail = doc! { "configureFailPoint": "failCommand", "mode": { "times": 1 }, "data": data };
        admin.run_command(fail).await.expect("a fail point");
    };

    // UnknownError: the stream is opened again where it was.
    fail("rocketchat_room", 8).await;
    let restarts = "tally_stream_restarts_total{stream=\"rooms\",reason=\"refused\"}";
    let scrape = until(&service, "no restart", |scrape| scrape.value(restarts) == 1.0).await;
    assert_eq!(scrape.sum("tally_reloads_total"), 0.0);
    until(&service, "not live", |scrape| state(scrape) == "live").await;

    // ChangeStreamHistoryLost: everything is loaded again.
    fail("rocketchat_message", 286).await;
    let restarts = "tally_stream_restarts_total{stream=\"messages\",reason=\"history_lost\"}";
    until(&service, "no restart", |scrape| scrape.value(restarts) == 1.0).await;
    let scrape = until(&service, "not live", |scrape| state(scrape) == "live").await;
    assert_eq!(scrape.value("tally_reloads_total{reason=\"stream_lost\"}"), 1.0);
    assert_eq!((scrape.sum("tally_reloads_total"), scrape.sum("tally_stream_restarts_total")), (1.0, 2.0));
    assert_eq!(service.reloads(), 1);
    service.stop().await;
}
