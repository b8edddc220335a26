//! Rooms with very many messages on one day, more than a byte or two bytes can count.

use bson::{Document, doc};

use super::{
    CHANNELS, MESSAGE, ORIGIN, Row, TOP_FIVE, differences, in_may, list, listed, may, messages, origins, popular, row,
};
use crate::{
    counting::KINDS,
    support::{Service, Workspace, answers::assert_all_agree, utc},
};

/// What is expected with so many messages in the channel from the 9th to the 13th, a number for each day.
fn rows(counts: [u64; 5]) -> Vec<Row> {
    let channel = |count: u64| match count {
        0 => popular::<&str>(&[]),
        count => popular(&[format!(r#"{{"messages":{count},"t":"c","usernames":[]}}"#)]),
    };
    let origin = |count: u64| match count {
        0 => origins(&[("d", 0), ("p", 0), ("c", 0)]),
        count => origins(&[("c", count), ("d", 0), ("p", 0)]),
    };
    let mut rows = Vec::new();
    for (count, day) in counts.into_iter().zip(9..) {
        let day = format!("{day:02}T00:00");
        rows.push(row(in_may(ORIGIN, &day, &day), origin(count)));
        rows.push(row(in_may(TOP_FIVE, &day, &day), channel(count)));
    }
    let sum: u64 = counts.iter().sum();
    rows.push(row(in_may(ORIGIN, "01T00:00", "30T00:00"), origin(sum)));
    rows.push(row(in_may(TOP_FIVE, "01T00:00", "30T00:00"), channel(sum)));
    // n = 1: two days before.
    let [.., before, day_before, today] = counts.map(|count| count as i64);
    let entry = listed(r#""_id":"channel","t":"c""#, today, before + day_before);
    rows.push(row(in_may(CHANNELS, "13T00:00", "13T00:00"), list(&[entry], 1, "0")));
    rows
}

#[tokio::test(flavor = "multi_thread")]
async fn rooms_with_very_many_messages_on_a_day_are_counted_in_full() {
    let workspace = Workspace::with_admin().await.without_rate_limit().await.with_index().await;
    let counts = [255, 256, 257, 65_535, 300];
    let write = async {
        for (count, day) in counts.into_iter().zip(9..) {
            workspace.insert(MESSAGE, messages("channel", &may(day), count as usize)).await;
        }
    };
    let services = Service::of_every_kind(&workspace, &[], write).await;
    let mut wrong = Vec::new();
    for (kind, service) in KINDS.into_iter().zip(&services) {
        wrong.extend(differences(service, kind, &rows(counts)).await);
    }
    // One more or less moves a count past such a limit.
    let all = workspace.database.collection::<Document>(MESSAGE);
    for day in [10, 11] {
        all.delete_one(doc! { "ts": utc(&may(day)) }).await.expect("a deletion");
    }
    for day in [9, 12] {
        workspace.insert(MESSAGE, messages("channel", &may(day), 1)).await;
    }
    all.delete_many(doc! { "ts": utc(&may(13)) }).await.expect("a deletion");
    workspace.insert(MESSAGE, messages("channel", &may(13), 3)).await;
    for (kind, service) in KINDS.into_iter().zip(&services) {
        if kind != KINDS[0] {
            service.catch_up().await;
        }
        wrong.extend(differences(service, kind, &rows([256, 255, 256, 65_536, 3])).await);
        assert_eq!(service.reloads(), 0, "{kind}");
    }
    for service in services {
        service.stop().await;
    }
    assert_all_agree(wrong);
}
