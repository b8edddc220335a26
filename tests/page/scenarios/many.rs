//! A workspace of 5,000 rooms, some of whose names are long or read from right to left.

use bson::doc;
use serde_json::json;

use crate::{browser, known::Known, site::Site, support::Workspace};

const MORE: u64 = 5_000;

/// The name of a room.
fn name(number: u64) -> String {
    match number % 50 {
        7 => format!("donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen-und-zubehör-{number}"),
        13 => format!("قسم-المبيعات-والتسويق-والعلاقات-العامة-وخدمة-العملاء-{number}"),
        19 => format!("פרויקט החדש של צוות הפיתוח והתפעול של החברה {number}"),
        23 => format!("{} {number}", "a name of many words".repeat(8)),
        29 => format!("全社員連絡用チャンネル（総務部および人事部合同）{number}"),
        _ => format!("room-{number}"),
    }
}

/// How many messages it has in the week and in the one before.
fn sent(number: u64) -> (u64, u64) {
    (number * 7 % 5, number * 3 % 4)
}

#[tokio::test(flavor = "multi_thread")]
async fn five_thousand_rooms_are_shown_found_and_add_up() {
    if browser::is_missing() {
        return;
    }
    let known = Known::write().await;
    let (mut rooms, mut messages) = (Vec::new(), Vec::new());
    let mut given = known.of_a_week();
    let (mut total, mut before, mut private, mut shown) = (0, 0, 0, 0);
    for number in 0..MORE {
        let (id, kind) = (format!("many{number}"), if number % 4 == 0 { "p" } else { "c" });
        let (now, then) = sent(number);
        for (count, ago) in [(now, 1 + number % 7), (then, 8 + number % 7)] {
            let message = doc! { "rid": &id, "ts": known.at(ago), "u": { "_id": "u0" } };
            messages.extend(vec![message; usize::try_from(count).expect("few")]);
        }
        total += now;
        before += then;
        if now + then > 0 {
            shown += 1;
            private += u64::from(kind == "p");
        }
        rooms.push(doc! { "_id": id, "t": kind, "name": name(number) });
    }
    known.workspace.insert("rocketchat_room", rooms).await;
    known.workspace.insert("rocketchat_message", messages).await;
    let of = |given: &serde_json::Value, key: &str| given[key].as_u64().expect("a number");
    let known_rooms = given["rooms"].as_array().map_or(0, Vec::len) as u64;
    given["total"] = json!(of(&given, "total") + total);
    given["before"] = json!(of(&given, "before") + before);
    // With the row of direct messages, and the one private room that there is anyway.
    given["rows"] = json!(known_rooms + 1 + shown);
    given["privateRows"] = json!(private + 1);
    given["lastName"] = json!(name(MORE - 1));
    let live = [("time_zone", known.zone.as_str()), ("tally.mode", "auto"), ("tally.history_days", "10000")];
    let site = Site::below("", &known.workspace, &live).await;
    site.service.until_counting("live").await;
    browser::run("many", &site.given(&Workspace::admin(), given)).await;
    site.service.stop().await;
}
