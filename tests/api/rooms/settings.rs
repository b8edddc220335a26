//! The settings `API_Default_Count`, `API_Upper_Count_Limit` and `API_Allow_Infinite_Count` decide about `count`
//! (contract sections 5 and 12).

use std::time::Duration;

use bson::{Bson, Document, bson, doc};
use tokio::time::sleep;

use super::{CHANNELS, MESSAGE, ROOM, ask, messages};
use crate::support::{
    Response, Service, Stopwatch, Workspace,
    answers::{PERIOD, assert_all_agree},
};

const DEFAULT: &str = "API_Default_Count";
const UPPER: &str = "API_Upper_Count_Limit";
const INFINITE: &str = "API_Allow_Infinite_Count";

/// What a setting is set to.
type Setting = (&'static str, Bson);

/// More than any limit of the tables but the highest.
const ROOMS: usize = 130;

/// A changed setting applies within so long.
const FOLLOWED: Duration = Duration::from_secs(10);

/// A workspace with that many rooms to list.
async fn workspace() -> Workspace {
    let workspace = Workspace::with_admin().await.without_rate_limit().await;
    let id = |index: usize| format!("room{index}");
    workspace.insert(ROOM, (0..ROOMS).map(|index| doc! { "_id": id(index), "t": "p" })).await;
    let all = (0..ROOMS).flat_map(|index| messages(&id(index), "2023-05-20T12:00:00.000Z", 1));
    workspace.insert(MESSAGE, all).await;
    workspace
}

/// Leaves of the three settings what is given, and the others absent.
async fn set(workspace: &Workspace, values: &[Setting]) {
    let settings = workspace.database.collection::<Document>("rocketchat_settings");
    settings.delete_many(doc! { "_id": { "$in": [DEFAULT, UPPER, INFINITE] } }).await.expect("a deletion");
    workspace
        .insert("rocketchat_settings", values.iter().map(|(id, value)| doc! { "_id": *id, "value": value.clone() }))
        .await;
}

async fn with_count(service: &Service, query: &str) -> Response {
    ask(service, &format!("{CHANNELS}?{PERIOD}{query}")).await
}

/// A complaint if an answer does not list so many of all rooms.
fn other_than(row: &str, answer: &Response, expected: usize) -> Option<String> {
    let body = answer.json();
    let listed = body["channels"].as_array().map(Vec::len);
    let is_right = answer.status == 200
        && listed == Some(expected)
        && body["count"] == expected
        && body["total"] == ROOMS
        && body["offset"] == 0;
    let told = (answer.status, listed, &body["count"], &body["total"], &body["error"]);
    (!is_right).then(|| format!("{row}: {expected} expected, answered {told:?}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_combination_decides_as_the_contract_says() {
    let workspace = workspace().await;
    let mut wrong = Vec::new();
    for default in [None, Some(0), Some(7), Some(120)] {
        for upper in [None, Some(0), Some(5), Some(1000)] {
            for infinite in [None, Some(false)] {
                let values = [
                    default.map(|value| (DEFAULT, bson!(value))),
                    upper.map(|value| (UPPER, bson!(value))),
                    infinite.map(|value| (INFINITE, bson!(value))),
                ];
                let values: Vec<_> = values.into_iter().flatten().collect();
                set(&workspace, &values).await;
                let service = Service::on(&workspace).await;
                let (default, upper) = (default.unwrap_or(50), upper.unwrap_or(100));
                for (query, count) in [
                    ("", Some(default)),
                    ("&count=0", Some(0)),
                    ("&count=3", Some(3)),
                    ("&count=6", Some(6)),
                    ("&count=110", Some(110)),
                    ("&count=none", None),
                ] {
                    let limit = match count.map(|count| count.min(upper)) {
                        None => i64::MAX,
                        Some(0) if infinite == Some(false) && default > 0 => default,
                        Some(0) => i64::MAX,
                        Some(count) => count,
                    };
                    let expected = usize::try_from(limit).expect("a count").min(ROOMS);
                    let row = format!("{values:?}: {query}");
                    wrong.extend(other_than(&row, &with_count(&service, query).await, expected));
                }
                service.stop().await;
            }
        }
    }
    assert_all_agree(wrong);
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_values_are_the_default() {
    // What is listed without a count, with count=0, and with count=110.
    let rows: Vec<(&str, Vec<Setting>, [usize; 3])> = vec![
        ("no settings", vec![], [50, ROOMS, 100]),
        ("fractions are cut off", vec![(DEFAULT, bson!(3.9)), (UPPER, bson!(20.5))], [3, ROOMS, 20]),
        ("int64", vec![(DEFAULT, Bson::Int64(3)), (UPPER, Bson::Int64(20))], [3, ROOMS, 20]),
        ("less than one is 0", vec![(DEFAULT, bson!(0.9))], [ROOMS, ROOMS, 100]),
        ("minus zero", vec![(DEFAULT, bson!(-0.0))], [ROOMS, ROOMS, 100]),
        ("huge", vec![(DEFAULT, bson!(1e300)), (UPPER, bson!(1e300))], [ROOMS, ROOMS, 110]),
        ("texts", vec![(DEFAULT, bson!("3")), (UPPER, bson!("20"))], [50, ROOMS, 100]),
        ("negative", vec![(DEFAULT, bson!(-1)), (UPPER, bson!(-1))], [50, ROOMS, 100]),
        ("negative fractions", vec![(DEFAULT, bson!(-0.5)), (UPPER, bson!(-0.5))], [50, ROOMS, 100]),
        ("no numbers", vec![(DEFAULT, bson!(f64::NAN)), (UPPER, bson!(f64::NAN))], [50, ROOMS, 100]),
        ("infinite", vec![(DEFAULT, bson!(f64::INFINITY)), (UPPER, bson!(f64::INFINITY))], [50, ROOMS, 100]),
        ("null", vec![(DEFAULT, Bson::Null), (UPPER, Bson::Null), (INFINITE, Bson::Null)], [50, ROOMS, 100]),
        ("booleans", vec![(DEFAULT, bson!(true)), (UPPER, bson!(false))], [50, ROOMS, 100]),
        ("arrays", vec![(DEFAULT, bson!([3])), (UPPER, bson!([20])), (INFINITE, bson!([false]))], [50, ROOMS, 100]),
        ("objects", vec![(DEFAULT, bson!({ "a": 3 })), (UPPER, bson!({})), (INFINITE, bson!({}))], [50, ROOMS, 100]),
        ("a text for false", vec![(INFINITE, bson!("false"))], [50, ROOMS, 100]),
        ("0 for false", vec![(INFINITE, bson!(0))], [50, ROOMS, 100]),
        ("false", vec![(INFINITE, bson!(false))], [50, 50, 100]),
        ("an odd default with false", vec![(INFINITE, bson!(false)), (DEFAULT, bson!("3"))], [50, 50, 100]),
    ];
    let workspace = workspace().await;
    let mut wrong = Vec::new();
    for (row, values, expected) in rows {
        set(&workspace, &values).await;
        let service = Service::on(&workspace).await;
        for (query, expected) in ["", "&count=0", "&count=110"].into_iter().zip(expected) {
            wrong.extend(other_than(&format!("{row}: {query}"), &with_count(&service, query).await, expected));
        }
        service.stop().await;
    }
    assert_all_agree(wrong);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_setting_is_followed_within_10_seconds_without_a_restart() {
    let workspace = workspace().await;
    let service = Service::on(&workspace).await;
    assert_all_agree(other_than("at first", &with_count(&service, "").await, 50));

    for (values, query, expected) in [
        (&[(DEFAULT, bson!(7))], "", 7),
        (&[(UPPER, bson!(9))], "&count=80", 9),
        (&[(INFINITE, bson!(false))], "&count=0", 50),
        (&[(DEFAULT, bson!("many"))], "&count=0", ROOMS),
    ] {
        set(&workspace, values).await;
        let changed = Stopwatch::start();
        while let Some(wrong) = other_than(query, &with_count(&service, query).await, expected) {
            assert!(changed.elapsed() < FOLLOWED, "{values:?}: {wrong}");
            sleep(Duration::from_millis(100)).await;
        }
    }
    service.stop().await;
}
