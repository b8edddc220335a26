//! `messages/top-five-popular-channels` (contract section 11).

use bson::{Document, doc};

use super::{MESSAGE, ROOM, Row, TOP_FIVE, compare, in_may, may, messages, popular, row};
use crate::support::Workspace;

async fn write(workspace: &Workspace, all: &[(&str, u32, usize)]) {
    for (room, day, count) in all {
        workspace.insert(MESSAGE, messages(room, &may(*day), *count)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_five_busiest_rooms_are_listed_over_whole_days() {
    let workspace = Workspace::with_admin().await;
    let rooms = ["r1", "r2", "r3", "r4"].map(|id| doc! { "_id": id, "t": "c", "name": id });
    workspace.insert(ROOM, rooms).await;
    let write = write(
        &workspace,
        &[
            ("r1", 11, 3),
            ("r1", 12, 3),
            ("r2", 11, 5),
            ("r3", 12, 7),
            ("r4", 12, 1),
            ("direct", 12, 2),
            ("private", 13, 4),
            ("channel", 11, 2),
            ("livechat", 11, 20),
            ("gone", 11, 20),
        ],
    );
    let room = |messages: u64, id: &str| match id {
        "direct" => format!(r#"{{"messages":{messages},"t":"d","usernames":[]}}"#),
        "private" => format!(r#"{{"messages":{messages},"t":"p","usernames":[]}}"#),
        "channel" => format!(r#"{{"messages":{messages},"t":"c","usernames":[]}}"#),
        name => format!(r#"{{"messages":{messages},"t":"c","name":"{name}","usernames":[]}}"#),
    };
    let period = |start: &str, end: &str, rooms: &[(u64, &str)]| {
        let entries: Vec<_> = rooms.iter().map(|(messages, id)| room(*messages, id)).collect();
        row(in_may(TOP_FIVE, start, end), popular(&entries))
    };
    let rows = [
        period("12T00:00", "12T00:00", &[(7, "r3"), (3, "r1"), (2, "direct"), (1, "r4")]),
        // Seven rooms have messages; of the last two that are equal, the one with the smaller id would come first.
        period("11T00:00", "13T00:00", &[(7, "r3"), (6, "r1"), (5, "r2"), (4, "private"), (2, "channel")]),
        // n = 1, two days.
        period("12T23:00", "13T01:00", &[(7, "r3"), (4, "private"), (3, "r1"), (2, "direct"), (1, "r4")]),
        period("11T23:00", "11T01:00", &[(5, "r2"), (3, "r1"), (2, "channel")]),
        period("14T00:00", "14T00:00", &[]),
        period("13T00:00", "11T00:00", &[]),
        row(in_may(TOP_FIVE, "22T00:00", "11T00:00"), r#"{"channels":[],"success":true}"#),
        Row {
            is_remembered: false,
            ..row(
                format!("{TOP_FIVE}?start=0000-01-01T00:00:00.000Z&end=9999-12-31T23:59:59.999Z"),
                popular(&[(7, "r3"), (6, "r1"), (5, "r2"), (4, "private"), (2, "channel")].map(|(m, id)| room(m, id))),
            )
        },
    ];
    compare(&workspace, &[], write, &rows).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn equal_rooms_come_by_the_bytes_of_their_ids() {
    // U+1F600 comes after U+FF5E by bytes, and before it by the units of UTF-16.
    let rising = ["", "#", "10", "9", "B", "Z", "a", "a\u{0}", "aa", "é", "\u{ff5e}", "\u{1f600}"];
    let workspace = Workspace::with_admin().await;
    let rooms = rising.iter().rev().map(|id| doc! { "_id": *id, "t": "d", "usernames": [format!("of {id}")] });
    workspace.insert(ROOM, rooms).await;
    let write = async {
        // Two days, so that sums are compared and not days.
        for (index, id) in rising.iter().enumerate() {
            let first = index % 3;
            write(&workspace, &[(id, 11, first), (id, 12, 3 - first)]).await;
        }
        write(&workspace, &rising[7..].iter().rev().map(|id| (*id, 20, 1)).collect::<Vec<_>>()).await;
    };
    let entries = |messages: u64, ids: &[&str]| {
        let entry = |id: &&str| {
            let username = serde_json::json!(format!("of {id}"));
            format!(r#"{{"messages":{messages},"t":"d","usernames":[{username}]}}"#)
        };
        popular(&ids.iter().map(entry).collect::<Vec<_>>())
    };
    let rows = [
        row(in_may(TOP_FIVE, "11T00:00", "12T00:00"), entries(3, &rising[..5])),
        row(in_may(TOP_FIVE, "20T00:00", "20T00:00"), entries(1, &rising[7..])),
    ];
    compare(&workspace, &[], write, &rows).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_has_the_name_that_people_see_and_its_members() {
    let table: [(Document, &str); 18] = [
        (
            doc! { "t": "c", "name": "general", "fname": "General Talk" },
            r#""t":"c","name":"General Talk","usernames":[]"#,
        ),
        (doc! { "t": "p", "name": "secret", "fname": "" }, r#""t":"p","name":"secret","usernames":[]"#),
        (doc! { "t": "p", "fname": "Only Fname" }, r#""t":"p","name":"Only Fname","usernames":[]"#),
        (doc! { "t": "c", "name": "only-name" }, r#""t":"c","name":"only-name","usernames":[]"#),
        (doc! { "t": "c", "name": "", "fname": "" }, r#""t":"c","usernames":[]"#),
        (doc! { "t": "c", "name": "", "fname": "F" }, r#""t":"c","name":"F","usernames":[]"#),
        (doc! { "t": "c", "name": "" }, r#""t":"c","usernames":[]"#),
        (doc! { "t": "c" }, r#""t":"c","usernames":[]"#),
        (doc! { "t": "c", "name": "n", "fname": 5 }, r#""t":"c","name":"n","usernames":[]"#),
        (doc! { "t": "c", "name": ["n"], "fname": null }, r#""t":"c","usernames":[]"#),
        (doc! { "t": "c", "name": "n", "fname": " " }, r#""t":"c","name":" ","usernames":[]"#),
        (doc! { "t": "d", "usernames": ["b", "a", "b"] }, r#""t":"d","usernames":["b","a","b"]"#),
        (doc! { "t": "d", "usernames": [] }, r#""t":"d","usernames":[]"#),
        (doc! { "t": "c", "name": "n", "usernames": ["", "a"] }, r#""t":"c","name":"n","usernames":["","a"]"#),
        (doc! { "t": "d", "usernames": [1, "a", null, ["b"], { "c": "c" }] }, r#""t":"d","usernames":["a"]"#),
        (doc! { "t": "d", "usernames": "a" }, r#""t":"d","usernames":[]"#),
        (
            doc! { "t": "c", "fname": "Zoë/日本 <b>😀\u{2028}\u{7f}" },
            "\"t\":\"c\",\"name\":\"Zoë/日本 <b>😀\u{2028}\u{7f}\",\"usernames\":[]",
        ),
        (
            doc! { "t": "d", "usernames": ["\"\\\n\u{8}\u{c}\u{0}\u{1f}"] },
            r#""t":"d","usernames":["\"\\\n\b\f\u0000\u001f"]"#,
        ),
    ];
    let workspace = Workspace::with_admin().await;
    let rooms = table.iter().enumerate().map(|(index, (fields, _))| {
        let mut room = doc! { "_id": format!("room{index}") };
        room.extend(fields.clone());
        room
    });
    workspace.insert(ROOM, rooms).await;
    // Each room has a day of its own.
    let write = async {
        for index in 0..table.len() {
            write(&workspace, &[(&format!("room{index}"), index as u32 + 1, 1)]).await;
        }
    };
    let rows: Vec<_> = table
        .iter()
        .enumerate()
        .map(|(index, (_, entry))| {
            let day = format!("{:02}T00:00", index + 1);
            row(in_may(TOP_FIVE, &day, &day), popular(&[format!(r#"{{"messages":1,{entry}}}"#)]))
        })
        .collect();
    compare(&workspace, &[], write, &rows).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rooms_of_further_types_are_listed_if_they_count() {
    let workspace = Workspace::with_admin().await;
    let write = write(&workspace, &[("livechat", 11, 2), ("direct", 11, 3), ("channel", 11, 1)]);
    let expected =
        r#"{"channels":[{"messages":2,"t":"l","usernames":[]},{"messages":1,"t":"c","usernames":[]}],"success":true}"#;
    let rows = [row(in_may(TOP_FIVE, "11T00:00", "11T00:00"), expected)];
    compare(&workspace, &[("counting.room_types", "c,l")], write, &rows).await;
}
