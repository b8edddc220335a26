//! The table of channels and the panels, with more rooms than a page has.

use bson::doc;
use serde_json::json;

use crate::{browser, known::Known, site::Site, support::Workspace};

const MORE: u64 = 30;

#[tokio::test(flavor = "multi_thread")]
async fn the_table_sorts_and_filters_and_its_rows_and_days_open_by_keyboard() {
    if browser::is_missing() {
        return;
    }
    let known = Known::write().await;
    // Not in what is counted: only as many rows. No message in the week, so that nothing else changes.
    let mut rooms = Vec::new();
    let mut messages = Vec::new();
    for number in 0..MORE {
        let id = format!("more{number}");
        messages.push(doc! { "rid": &id, "ts": known.at(8 + number % 7), "u": { "_id": "u0" } });
        rooms.push(doc! { "_id": id, "t": "c", "name": format!("Room {}", number * 7 % MORE) });
    }
    known.workspace.insert("rocketchat_room", rooms).await;
    known.workspace.insert("rocketchat_message", messages).await;
    let mut given = known.of_a_week();
    // With the row of direct messages.
    given["rows"] = json!(given["rooms"].as_array().map_or(0, Vec::len) as u64 + 1 + MORE);
    given["known"] = given["rooms"].take();
    for ago in 8..=14 {
        let more = (0..MORE).filter(|number| 8 + number % 7 == ago).count() as u64;
        let before = &mut given["days"][14 - ago as usize][5];
        *before = json!(before.as_u64().unwrap_or_default() + more);
    }
    let site = Site::on(&known.workspace, &known.zone).await;
    browser::run("table", &site.given(&Workspace::admin(), given)).await;
    site.service.stop().await;
}
