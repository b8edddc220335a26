//! Texts of the database in a report: names of rooms that would steer a terminal, a spreadsheet or a browser.

use bson::doc;

use super::run;
use crate::support::{Workspace, utc};

/// Names as somebody might choose them who means no good.
const NAMES: [(&str, &str); 6] = [
    ("channel", "\u{1b}]0;owned\u{7}\u{1b}[2Jx"),
    ("private", "=HYPERLINK(\"http://evil.example\",\"x\")"),
    ("direct", "never shown"),
    ("fourth", "</text><script>alert('x')</script>"),
    ("fifth", "@sum\r\n\"quoted\",\u{202e}gnp.exe\u{9b}31m\u{0}"),
    ("sixth", "Füße 会議室 🚀 and a name that is longer than any column of a table should be"),
];

async fn hostile() -> Workspace {
    let workspace = Workspace::with_admin().await.with_index().await;
    workspace.insert("rocketchat_room", ["fourth", "fifth", "sixth"].map(|id| doc! { "_id": id, "t": "c" })).await;
    for (room, name) in NAMES {
        workspace.update("rocketchat_room", room, doc! { "$set": { "fname": name } }).await;
        let ts = utc("2023-05-25T12:00:00Z");
        workspace.insert("rocketchat_message", [doc! { "rid": room, "ts": ts }]).await;
    }
    // Identities are texts as well.
    workspace.insert("rocketchat_room", [doc! { "_id": "=1+1\u{1b}[31m", "t": "c", "fname": 5 }]).await;
    let message = doc! { "rid": "=1+1\u{1b}[31m", "ts": utc("2023-05-25T12:00:00Z") };
    workspace.insert("rocketchat_message", [message]).await;
    workspace
}

fn report(workspace: &Workspace, arguments: &[&str]) -> String {
    let arguments = [&["report", "--start", "2023-05-20", "--end", "2023-05-30", "--by", "room"], arguments].concat();
    let text = run(&arguments, &[("MONGO_URL", &workspace.url())]).text();
    let steers = |c: &char| (c.is_control() && *c != '\n') || *c == '\u{202e}';
    assert_eq!(text.chars().find(steers), None, "{text:?}");
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_in_a_name_reaches_a_terminal_as_more_than_text() {
    let workspace = hostile().await;
    let table = report(&workspace, &["--format", "table"]);
    assert!(table.contains("\u{fffd}]0;owned\u{fffd}\u{fffd}[2Jx"), "{table}");
    assert!(table.contains("Füße 会議室 🚀 and a name tha...  channels         1"), "{table}");
    assert!(!table.contains("never shown"), "{table}");
    let ascii = report(&workspace, &["--format", "table", "--ascii"]);
    assert!(ascii.is_ascii() && ascii.contains("F\\u{fc}\\u{df}e"), "{ascii}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_spreadsheet_takes_a_name_for_a_formula() {
    let workspace = hostile().await;
    let csv = report(&workspace, &[]);
    assert!(csv.contains("private,\"'=HYPERLINK(\"\"http://evil.example\"\",\"\"x\"\")\",p,1,1\n"), "{csv}");
    assert!(csv.contains("fifth,\"'@sum"), "{csv}");
    assert!(csv.contains("\n'=1+1\u{fffd}[31m,,c,1,1\n"), "{csv}");
    assert_eq!(csv.lines().count(), 8, "{csv}");
}

#[tokio::test(flavor = "multi_thread")]
async fn json_keeps_names_as_they_are_with_escapes() {
    let workspace = hostile().await;
    let json = report(&workspace, &["--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let rooms = json["rooms"].as_array().expect("rooms");
    for (id, name) in NAMES.into_iter().filter(|(id, _)| *id != "direct") {
        assert!(rooms.iter().any(|room| room["_id"] == id && room["name"] == name), "{id}: {json}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_holds_no_markup_from_names() {
    let workspace = hostile().await;
    let svg = report(&workspace, &["--format", "svg"]);
    assert!(svg.contains("&lt;/text&gt;&lt;script&gt;") && !svg.contains("<script"), "{svg}");
}
