//! The workspace's settings decide, and changes of them are followed.

use std::time::Duration;

use bson::{Bson, bson};
use tokio::time::sleep;

use super::{AUDITOR, CALLS, Remaining, SWITCH, Setting, TIME, remaining, set, standing, workspace};
use crate::support::{
    Process, Service, Stopwatch,
    answers::{PERIOD, asking, assert_all_agree, body_of, difference},
};

/// What an administrator is promised: a changed setting applies within so long.
const FOLLOWED: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread")]
async fn settings_apply_from_the_first_request_and_invalid_values_have_the_default() {
    let rows: Vec<(&str, Vec<Setting>, Remaining)> = vec![
        ("no settings", vec![], Some((10, 9))),
        ("3 calls", vec![(CALLS, bson!(3))], Some((3, 2))),
        ("1 call", vec![(CALLS, bson!(1))], Some((1, 0))),
        ("3.9 calls", vec![(CALLS, bson!(3.9))], Some((3, 2))),
        ("a text for the calls", vec![(CALLS, bson!("3"))], Some((10, 9))),
        ("negative calls", vec![(CALLS, bson!(-3))], Some((10, 9))),
        ("no number of calls", vec![(CALLS, bson!(f64::NAN))], Some((10, 9))),
        ("null calls", vec![(CALLS, Bson::Null)], Some((10, 9))),
        ("no calls", vec![(CALLS, bson!(0))], None),
        ("no time", vec![(TIME, bson!(0.0))], None),
        ("a text for the time", vec![(TIME, bson!("0"))], Some((10, 9))),
        ("off", vec![(SWITCH, bson!(false))], None),
        ("off with calls", vec![(SWITCH, bson!(false)), (CALLS, bson!(3))], None),
        ("a text for off", vec![(SWITCH, bson!("false"))], Some((10, 9))),
        ("0 for off", vec![(SWITCH, bson!(0))], Some((10, 9))),
    ];
    let mut differences = Vec::new();
    for (row, values, expected) in rows {
        let workspace = workspace(&values).await;
        let service = Service::on(&workspace).await;
        let answer = service.get(&asking(PERIOD), &AUDITOR).await;
        differences.extend((remaining(&answer) != expected).then(|| format!("{row}: {answer:?}")));
        differences.extend(difference(row, &answer, 200, body_of(200)));
        service.stop().await;
    }
    assert_all_agree(differences);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_setting_is_followed_within_10_seconds_without_a_restart() {
    let workspace = workspace(&[(TIME, bson!(600_000))]).await;
    let service = Service::on(&workspace).await;
    let first = service.get(&asking(PERIOD), &AUDITOR).await;
    assert_eq!(remaining(&first), Some((10, 9)));

    for (values, limit) in [
        (&[(CALLS, bson!(1000))], Some(1000)),
        (&[(CALLS, bson!(0))], None),
        (&[(CALLS, bson!("many"))], Some(10)),
        (&[(SWITCH, bson!(false))], None),
    ] {
        set(&workspace, values).await;
        let changed = Stopwatch::start();
        loop {
            let answer = service.get(&asking(PERIOD), &AUDITOR).await;
            if standing(&answer).map(|[limit, ..]| limit) == limit {
                break;
            }
            assert!(changed.elapsed() < FOLLOWED, "{values:?}: {answer:?}");
            sleep(Duration::from_millis(100)).await;
        }
    }
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_settings_are_told_once_for_each_change() {
    let all = [
        (SWITCH, bson!(true)),
        (TIME, bson!(60_000)),
        ("API_Enable_CORS", bson!(false)),
        ("API_CORS_Origin", bson!("*")),
    ];
    let workspace = workspace(&all).await;
    set(&workspace, &[(CALLS, bson!("ten\nforged line"))]).await;

    let (process, _) = Process::serve(&workspace.url(), &[("RUST_LOG", "info")]);
    let told = |text: &str| process.output().lines().filter(|line| line.contains(text)).count();
    assert_eq!(told(&format!("{CALLS} is ")), 1, "{}", process.output());
    sleep(Duration::from_secs(12)).await;
    assert_eq!(told(&format!("{CALLS} is ")), 1, "not again at each read: {}", process.output());
    set(&workspace, &[(CALLS, bson!(-1))]).await;
    process.wait_for_line(&format!("{CALLS} is -1"));
    set(&workspace, &[(CALLS, bson!(7))]).await;
    process.wait_for_line("now 7 calls in 60000 ms");
    assert_eq!(told(&format!("{CALLS} is ")), 2, "{}", process.output());
}
