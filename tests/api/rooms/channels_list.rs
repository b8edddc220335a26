//! `channels/list` (contract section 12): windows, what is told about a room, order, and the frame of a page.

use bson::{Document, doc};

use super::{CHANNELS, MESSAGE, ROOM, Row, compare, in_may, list, listed, may, messages, row};
use crate::support::{Workspace, utc};

#[tokio::test(flavor = "multi_thread")]
async fn the_example_of_the_contract_comes_back_byte_for_byte() {
    let workspace = Workspace::with_admin().await;
    let rooms = [
        // Fields in another order than in the answer.
        doc! { "usernames": ["b", "a"], "_updatedAt": utc("2023-05-02T00:00:00Z"), "t": "d", "ts": utc("2023-01-02T00:00:00Z"), "_id": "r2", "msgs": 5 },
        doc! { "_id": "r3", "t": "p", "fname": "Fn", "ts": utc("2023-01-03T00:00:00Z") },
    ];
    workspace.insert(ROOM, rooms).await;
    let write = async {
        workspace.insert(MESSAGE, messages("r2", &may(20), 9)).await;
        workspace.insert(MESSAGE, messages("r3", &may(18), 4)).await;
    };
    let body = concat!(
        r#"{"channels":[{"room":{"_id":"r2","ts":"2023-01-02T00:00:00.000Z","t":"d","_updatedAt":"2023-05-02T00:00:00.000Z","usernames":["b","a"]},"#,
        r#""messages":9,"lastWeekMessages":0,"diffFromLastWeek":9},"#,
        r#"{"room":{"_id":"r3","name":"Fn","ts":"2023-01-03T00:00:00.000Z","t":"p"},"messages":0,"lastWeekMessages":4,"diffFromLastWeek":-4}],"#,
        r#""total":2,"offset":0,"count":2,"success":true}"#,
    );
    compare(&workspace, &[], write, &[row(in_may(CHANNELS, "20T00:00", "20T00:00"), body)]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_previous_window_has_a_day_more_than_n_and_neither_window_is_cut() {
    let workspace = Workspace::with_admin().await;
    let write = async {
        for (day, count) in [(6, 100), (7, 50), (8, 9), (9, 8), (10, 7), (11, 6), (12, 5), (13, 4)] {
            workspace.insert(MESSAGE, messages("channel", &may(day), count)).await;
        }
    };
    let period = |start: &str, end: &str, sums: Option<(i64, i64)>| {
        let entries: Vec<_> =
            sums.iter().map(|(now, before)| listed(r#""_id":"channel","t":"c""#, *now, *before)).collect();
        row(in_may(CHANNELS, start, end), list(&entries, entries.len(), "0"))
    };
    let rows = [
        // n = 3: the days 7 to 10.
        period("11T00:00", "13T00:00", Some((15, 74))),
        // n = 2, although there are three days: the days 8 to 10.
        period("11T23:00", "13T01:00", Some((15, 24))),
        // n = 1, although there are two days: the days 10 and 11.
        period("12T23:00", "13T01:00", Some((9, 13))),
        period("10T00:00", "10T00:00", Some((7, 17))),
        period("14T00:00", "14T00:00", Some((0, 9))),
        period("15T23:59", "15T00:00", Some((0, 4))),
        period("16T00:00", "16T00:00", None),
        // n = 5: the days 7 to 12.
        period("13T00:00", "17T00:00", Some((4, 85))),
        // n = 1 on one day, the end before the start.
        period("12T12:00", "12T00:00", Some((5, 13))),
        // n = 1, the end on the day before the start: the days 10 and 11.
        period("12T12:00", "11T13:00", Some((0, 13))),
        // n = 0: the days from one before the start to that of the end, which is one or none.
        period("14T00:00", "13T00:00", Some((0, 4))),
        period("13T00:00", "11T13:00", None),
        period("14T12:00", "12T13:00", None),
        // n = -1, -2 and -10.
        period("14T00:00", "12T00:00", None),
        period("15T00:00", "12T00:00", None),
        period("23T00:00", "12T00:00", None),
        Row {
            is_remembered: false,
            ..row(
                format!("{CHANNELS}?start=0000-01-01T00:00:00.000Z&end=9999-12-31T23:59:59.999Z"),
                list(&[listed(r#""_id":"channel","t":"c""#, 189, 0)], 1, "0"),
            )
        },
        Row {
            is_remembered: false,
            ..row(
                format!("{CHANNELS}?start=9999-12-31T23:59:59.999Z&end=9999-12-31T23:59:59.999Z"),
                r#"{"channels":[],"total":0,"offset":0,"count":0,"success":true}"#,
            )
        },
        Row {
            is_remembered: false,
            ..row(
                format!("{CHANNELS}?start=9999-12-31T23:59:59.999Z&end=0000-01-01T00:00:00.000Z"),
                r#"{"channels":[],"total":0,"offset":0,"count":0,"success":true}"#,
            )
        },
        // All that there is lies in the previous window, half of which is before the year 0.
        Row {
            is_remembered: false,
            ..row(
                format!("{CHANNELS}?start=4000-01-01T00:00:00.000Z&end=9999-12-31T23:59:59.999Z"),
                list(&[listed(r#""_id":"channel","t":"c""#, 0, 189)], 1, "0"),
            )
        },
    ];
    compare(&workspace, &[], write, &rows).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_is_told_with_what_it_has_and_no_more() {
    let date = utc("2023-01-03T01:02:03.004Z");
    let table: [(Document, &str); 16] = [
        (doc! { "t": "c" }, r#""t":"c""#),
        (doc! { "t": "c", "name": "general", "fname": "General Talk" }, r#""name":"general","t":"c""#),
        (doc! { "t": "c", "fname": "General Talk" }, r#""name":"General Talk","t":"c""#),
        (doc! { "t": "c", "name": "", "fname": "General Talk" }, r#""name":"General Talk","t":"c""#),
        (doc! { "t": "c", "name": 5, "fname": "F" }, r#""name":"F","t":"c""#),
        (doc! { "t": "c", "name": "n", "fname": "" }, r#""name":"n","t":"c""#),
        (doc! { "t": "c", "name": "", "fname": "" }, r#""t":"c""#),
        (doc! { "t": "c", "name": null, "fname": ["F"] }, r#""t":"c""#),
        (doc! { "t": "p", "ts": date }, r#""ts":"2023-01-03T01:02:03.004Z","t":"p""#),
        (doc! { "t": "p", "_updatedAt": date }, r#""t":"p","_updatedAt":"2023-01-03T01:02:03.004Z""#),
        (doc! { "t": "p", "ts": "2023-01-03T01:02:03.004Z", "_updatedAt": 5 }, r#""t":"p""#),
        (doc! { "t": "d", "usernames": ["b", "a"] }, r#""t":"d","usernames":["b","a"]"#),
        (doc! { "t": "d", "usernames": [] }, r#""t":"d","usernames":[]"#),
        (doc! { "t": "d", "usernames": [1, null, "a", ["b"]] }, r#""t":"d","usernames":["a"]"#),
        (doc! { "t": "d", "usernames": "a" }, r#""t":"d""#),
        (
            doc! { "usernames": ["é"], "_updatedAt": date, "t": "c", "ts": date, "fname": "F", "name": "Zoë \"/\"", "u": { "_id": "x" }, "topic": "secret" },
            r#""name":"Zoë \"/\"","ts":"2023-01-03T01:02:03.004Z","t":"c","_updatedAt":"2023-01-03T01:02:03.004Z","usernames":["é"]"#,
        ),
    ];
    let workspace = Workspace::with_admin().await;
    let id = |index: usize| format!("room{index:02}");
    let rooms = table.iter().enumerate().map(|(index, (fields, _))| {
        let mut room = doc! { "_id": id(index) };
        room.extend(fields.clone());
        room
    });
    workspace.insert(ROOM, rooms).await;
    let write = async {
        for index in 0..table.len() {
            workspace.insert(MESSAGE, messages(&id(index), &may(20), 1)).await;
        }
    };
    let entries: Vec<_> = table
        .iter()
        .enumerate()
        .map(|(index, (_, room))| listed(&format!(r#""_id":"{}",{room}"#, id(index)), 1, 0))
        .collect();
    let rows = [row(in_may(CHANNELS, "20T00:00", "20T00:00"), list(&entries, entries.len(), "0"))];
    compare(&workspace, &[], write, &rows).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rooms_come_by_their_messages_and_equal_ones_by_the_bytes_of_their_ids_in_pages() {
    let equal = ["", "10", "9", "B", "a", "é", "\u{ff5e}", "\u{1f600}"];
    let workspace = Workspace::with_admin().await;
    workspace.insert(ROOM, equal.iter().rev().map(|id| doc! { "_id": *id, "t": "p" })).await;
    let write = async {
        for (index, id) in equal.iter().enumerate() {
            // What was before does not matter to the order.
            workspace.insert(MESSAGE, messages(id, &may(19), index)).await;
            workspace.insert(MESSAGE, messages(id, &may(20), 2)).await;
        }
        workspace.insert(MESSAGE, messages("channel", &may(20), 3)).await;
        workspace.insert(MESSAGE, messages("direct", &may(19), 30)).await;
        workspace.insert(MESSAGE, messages("private", &may(19), 40)).await;
        workspace.insert(MESSAGE, messages("livechat", &may(20), 9)).await;
        workspace.insert(MESSAGE, messages("gone", &may(20), 9)).await;
    };
    let mut entries = vec![listed(r#""_id":"channel","t":"c""#, 3, 0)];
    entries.extend(
        equal.iter().enumerate().map(|(index, id)| listed(&format!(r#""_id":"{id}","t":"p""#), 2, index as i64)),
    );
    entries.push(listed(r#""_id":"direct","t":"d""#, 0, 30));
    entries.push(listed(r#""_id":"private","t":"p""#, 0, 40));
    let total = entries.len();
    let page = |query: &str, from: usize, to: usize, offset: &str| {
        let target = format!("{}{query}", in_may(CHANNELS, "20T00:00", "20T00:00"));
        row(target, list(&entries[from.min(total)..to.min(total)], total, offset))
    };
    let rows = [
        page("", 0, total, "0"),
        page("&offset=0&count=4", 0, 4, "0"),
        page("&offset=4&count=4", 4, 8, "4"),
        page("&offset=8&count=4", 8, 11, "8"),
        page("&offset=10&count=1", 10, 11, "10"),
        page("&offset=11&count=1", 11, 11, "11"),
        page("&offset=12", 12, 12, "12"),
        page("&offset=3", 3, total, "3"),
        page("&offset=&count=2", 0, 2, "0"),
        page("&offset&count", 0, total, "0"),
        page("&offset=abc&count=2", 0, 2, "null"),
        page("&offset=2&count=abc", 2, total, "2"),
        page("&offset=99999999999999999999&count=0", total, total, "9007199254740991"),
        page("&offset=9007199254740991&count=99999999999999999999", total, total, "9007199254740991"),
        page("&offset=9&count=9007199254740991", 9, 11, "9"),
    ];
    compare(&workspace, &[], write, &rows).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rooms_of_further_types_are_listed_if_they_count() {
    let workspace = Workspace::with_admin().await;
    let write = async {
        for (room, count) in [("livechat", 2), ("direct", 3), ("channel", 1)] {
            workspace.insert(MESSAGE, messages(room, &may(20), count)).await;
        }
    };
    let entries = [listed(r#""_id":"livechat","t":"l""#, 2, 0), listed(r#""_id":"channel","t":"c""#, 1, 0)];
    let rows = [row(in_may(CHANNELS, "20T00:00", "20T00:00"), list(&entries, 2, "0"))];
    compare(&workspace, &[("counting.room_types", "c,l")], write, &rows).await;
}
