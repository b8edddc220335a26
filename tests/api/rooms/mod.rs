//! What is answered about rooms: `messages/origin`, `messages/top-five-popular-channels` and `channels/list` (contract
//! sections 10 to 12), byte for byte.

mod by_hand;
mod cards;
mod changes;
mod channels_list;
mod large_counts;
mod look_up;
mod odd_documents;
mod origin;
mod paging;
mod parameters;
mod property;
mod rate_limit;
mod routes;
mod settings;
mod top_five;

use bson::{Document, doc};

use crate::{
    counting::KINDS,
    support::{
        Response, Service, Workspace,
        answers::{assert_all_agree, difference},
        utc,
    },
};

const ORIGIN: &str = "/api/v1/engagement-dashboard/messages/origin";
const TOP_FIVE: &str = "/api/v1/engagement-dashboard/messages/top-five-popular-channels";
const CHANNELS: &str = "/api/v1/engagement-dashboard/channels/list";
const PATHS: [&str; 3] = [ORIGIN, TOP_FIVE, CHANNELS];

const MESSAGE: &str = "rocketchat_message";
const ROOM: &str = "rocketchat_room";

/// A question, and the whole body of its answer.
struct Row {
    target: String,
    body: String,
    /// Whether memory can answer: its days do not reach back to the year 0.
    is_remembered: bool,
}

/// A row about a period of which memory has all days.
fn row(target: impl Into<String>, body: impl Into<String>) -> Row {
    Row { target: target.into(), body: body.into(), is_remembered: true }
}

/// Asks as the admin.
async fn ask(service: &Service, target: &str) -> Response {
    service.get(target, &Workspace::admin()).await
}

/// What a service answers otherwise than a row says.
async fn differences(service: &Service, kind: &str, rows: &[Row]) -> Vec<String> {
    let mut differences = Vec::new();
    for Row { target, body, is_remembered } in rows {
        let row = format!("{kind}: {target}");
        let before = service.answers_from_memory();
        let answer = ask(service, target).await;
        differences.extend(difference(&row, &answer, 200, body));
        let expected = u64::from(kind != KINDS[0]);
        let from_memory = service.answers_from_memory() - before;
        if *is_remembered && from_memory != expected {
            differences.push(format!("{row}\n    answers from memory: {from_memory} and not {expected}"));
        }
    }
    differences
}

/// Holds the answers of every kind of service against the rows.
async fn compare(workspace: &Workspace, values: &[(&str, &str)], write: impl Future<Output = ()>, rows: &[Row]) {
    let mut all = Vec::new();
    for (kind, service) in KINDS.into_iter().zip(Service::of_every_kind(workspace, values, write).await) {
        all.extend(differences(&service, kind, rows).await);
        assert_eq!(service.reloads(), 0, "{kind}");
        service.stop().await;
    }
    assert_all_agree(all);
}

/// Messages that count, if the room does.
fn messages(room: &str, at: &str, count: usize) -> Vec<Document> {
    vec![doc! { "rid": room, "ts": utc(at), "msg": "text" }; count]
}

/// A day of May 2023 at noon.
fn may(day: u32) -> String {
    format!("2023-05-{day:02}T12:00:00.000Z")
}

/// A period in May 2023, from days with times.
fn in_may(path: &str, start: &str, end: &str) -> String {
    format!("{path}?start=2023-05-{start}:00.000Z&end=2023-05-{end}:00.000Z")
}

/// The body of `messages/origin`.
fn origins(entries: &[(&str, u64)]) -> String {
    let entries: Vec<_> =
        entries.iter().map(|(kind, messages)| format!(r#"{{"messages":{messages},"t":"{kind}"}}"#)).collect();
    format!(r#"{{"origins":[{}],"success":true}}"#, entries.join(","))
}

/// The body of `messages/top-five-popular-channels`.
fn popular<T: AsRef<str>>(entries: &[T]) -> String {
    let entries: Vec<_> = entries.iter().map(AsRef::as_ref).collect();
    format!(r#"{{"channels":[{}],"success":true}}"#, entries.join(","))
}

/// The body of `channels/list`.
fn list<T: AsRef<str>>(entries: &[T], total: usize, offset: &str) -> String {
    let count = entries.len();
    let entries: Vec<_> = entries.iter().map(AsRef::as_ref).collect();
    let entries = entries.join(",");
    format!(r#"{{"channels":[{entries}],"total":{total},"offset":{offset},"count":{count},"success":true}}"#)
}

/// An entry of `channels/list`.
fn listed(room: &str, messages: i64, last_week: i64) -> String {
    let difference = messages - last_week;
    format!(
        r#"{{"room":{{{room}}},"messages":{messages},"lastWeekMessages":{last_week},"diffFromLastWeek":{difference}}}"#
    )
}
