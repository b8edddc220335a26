//! Names of rooms and of the workspace that are meant to do something, on the page and in its files.

use bson::doc;
use serde_json::{Value, json};

use crate::{browser, known::Known, site::Site, support::Workspace};

const NAMES: [&str; 9] = [
    "=1+1",
    "<img src=x onerror=window.hacked=1>",
    "\"><script>window.hacked=1</script>",
    "javascript:window.hacked=1",
    "abc\u{202e}gpj.exe",
    "{{page}}${window.hacked=1}",
    "@SUM(A1), \"quoted\"",
    "../../logout?x=1#y",
    "+1\u{0}-",
];

#[tokio::test(flavor = "multi_thread")]
async fn names_are_text_wherever_they_are_shown_and_guarded_where_they_are_saved() {
    if browser::is_missing() {
        return;
    }
    let known = Known::write().await;
    let workspace = "-=<b onclick=window.hacked=1>Acme</b> \"'&amp;\u{202e}";
    known.workspace.update("rocketchat_settings", "Site_Name", doc! { "$set": { "value": workspace } }).await;
    let mut given = known.of_a_week();
    let (mut rooms, mut messages, mut names) = (Vec::new(), Vec::new(), Vec::new());
    for (number, name) in NAMES.into_iter().enumerate() {
        let id = format!("<b>\"{number}");
        let count = number + 1;
        messages.extend(vec![doc! { "rid": &id, "ts": known.at(1), "u": { "_id": "u0" } }; count]);
        rooms.push(doc! { "_id": &id, "t": "c", "name": name });
        names.push(json!([id, name, count]));
        given["total"] = json!(given["total"].as_u64().unwrap_or_default() + count as u64);
    }
    known.workspace.insert("rocketchat_room", rooms).await;
    known.workspace.insert("rocketchat_message", messages).await;
    given["names"] = Value::Array(names);
    given["workspace"] = json!(workspace);
    given["zone"] = json!(known.zone);
    let site = Site::on(&known.workspace, &known.zone).await;
    browser::run("names", &site.given(&Workspace::admin(), given)).await;
    site.service.stop().await;
}
