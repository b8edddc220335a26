//! `verify`: counting by hand against the pipeline and Rocket.Chat's own counters.

use bson::{Bson, Document, doc};

use super::{Ran, pasted, run};
use crate::support::{GuardedMongod, Workspace, keep_secret, reveals_a_secret, utc};

const MAY: [&str; 5] = ["verify", "--start", "2023-05-20", "--end", "2023-05-30"];

pub fn verify(workspace: &Workspace, arguments: &[&str], environment: &[(&str, &str)]) -> Ran {
    let url = workspace.url();
    let ran = run(&[&MAY[..], arguments].concat(), &[&[("MONGO_URL", url.as_str())], environment].concat());
    assert!(!reveals_a_secret(&ran.output) && !reveals_a_secret(&ran.errors), "{ran:?}");
    ran
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nothing_differs_it_says_so() {
    let workspace = Workspace::demonstration().await;
    let text = verify(&workspace, &[], &[]).text();
    assert_eq!(
        text,
        "2023-05-20 to 2023-05-30 (UTC): 11 days, 760 messages counted by hand\n✔ pipeline: no difference\n"
    );
    let ascii = verify(&workspace, &["--ascii"], &[]).text();
    assert!(ascii.is_ascii() && ascii.ends_with("\nok   pipeline: no difference\n"), "{ascii}");
    for zone in ["Asia/Kolkata", "America/St_Johns", "Pacific/Apia"] {
        let text = run(&["verify", "--last", "12m", "--timezone", zone], &[("MONGO_URL", &workspace.url())]).text();
        assert!(text.contains(&format!("({zone}): ")) && text.ends_with("✔ pipeline: no difference\n"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_of_every_kind_are_counted_by_hand_as_by_the_pipeline() {
    let workspace = Workspace::with_admin().await.with_index().await;
    let ts = utc("2023-05-25T12:00:00Z");
    let odd = [
        Bson::Null,
        Bson::Undefined,
        Bson::from("e2e"),
        Bson::from("uj"),
        Bson::from(""),
        Bson::Boolean(true),
        Bson::Boolean(false),
        Bson::from(5),
        bson::bson!([]),
        bson::bson!([null]),
        bson::bson!(["e2e"]),
        bson::bson!([true]),
        bson::bson!({ "t": "e2e" }),
        Bson::DateTime(ts),
        Bson::Symbol("e2e".to_owned()),
        Bson::Symbol("channel".to_owned()),
    ];
    let mut messages = vec![doc! { "rid": "channel", "ts": ts }];
    for value in odd {
        for field in ["rid", "ts", "t", "_hidden"] {
            let mut message = doc! { "rid": "channel", "ts": ts };
            message.insert(field, value.clone());
            messages.push(message);
        }
        workspace.insert("rocketchat_room", [doc! { "t": value }]).await;
    }
    for room in ["private", "direct", "livechat", "voip", "gone"] {
        messages.push(doc! { "rid": room, "ts": ts });
    }
    // The first and the last moment of the range, and those just outside.
    for at in
        ["2023-05-19T23:59:59.999Z", "2023-05-20T00:00:00.000Z", "2023-05-30T23:59:59.999Z", "2023-05-31T00:00:00.000Z"]
    {
        messages.push(doc! { "rid": "channel", "ts": utc(at) });
    }
    workspace.insert("rocketchat_message", messages).await;
    let text = verify(&workspace, &[], &[]).text();
    // Plain; in a private group and a direct message; at both ends; `ts` a date in one of the odd ones; `t` null
    // and `e2e`; `_hidden` anything that is not true.
    assert!(text.contains(": 11 days, 23 messages counted by hand\n"), "{text}");
    assert!(text.ends_with("✔ pipeline: no difference\n"), "{text}");

    let messages = workspace.database.collection::<Document>("rocketchat_message");
    messages.drop_index("ts_1").await.expect("no index");
    let ran = verify(&workspace, &[], &[]);
    assert_eq!((ran.code, ran.output), (Some(0), text), "the same without the index: {}", ran.errors);
    assert!(ran.errors.contains("has no index on ts") && ran.errors.contains("check' says"), "{}", ran.errors);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_difference_is_told_with_its_day() {
    let workspace = Workspace::with_admin().await.with_index().await;
    let message = |room: &str, at: &str| doc! { "rid": room, "ts": utc(at) };
    let messages =
        [("channel", "2023-05-21T12:00:00Z"), ("private", "2023-05-21T13:00:00Z"), ("private", "2023-05-22T13:00:00Z")];
    workspace.insert("rocketchat_message", messages.map(|(room, at)| message(room, at))).await;
    // Rooms that are answered differently to different questions: two documents have one and the same _id.
    let rooms = workspace.database.collection::<Document>("rocketchat_room");
    rooms.drop().await.expect("no rooms");
    workspace.insert("rooms", [doc! { "_id": "channel", "t": "c" }, doc! { "_id": "private", "t": "p" }]).await;
    workspace.insert("more_rooms", [doc! { "_id": "private", "t": "l" }]).await;
    let view = doc! { "create": "rocketchat_room", "viewOn": "rooms", "pipeline": [{ "$unionWith": "more_rooms" }] };
    workspace.database.run_command(view).await.expect("a view");

    let ran = verify(&workspace, &[], &[]);
    let expected = "2023-05-20 to 2023-05-30 (UTC): 11 days, 1 message counted by hand
✘ pipeline: 2 days with a difference
  Day                  By hand         There    Difference
  2023-05-21 Sun             1             2            +1
  2023-05-22 Mon             0             1            +1
✘ pipeline: 1 room with a difference
  Room                 By hand         There    Difference
  private                    0             2            +2
✘ pipeline: 1 room type with a difference
  Type                 By hand         There    Difference
  p                          0             2            +2
✘ pipeline: 2 busiest rooms with a difference
  Place                By hand         There    Difference
  1                          1             2            +1
  2                          0             1            +1
";
    assert_eq!((ran.code, ran.output.as_str(), ran.errors.as_str()), (Some(1), expected, ""));
}

/// A counter of Rocket.Chat's, as it has been seen.
fn counter(date: i32, room: &str, messages: i32) -> Document {
    doc! { "type": "messages", "date": date, "room": { "_id": room }, "messages": messages }
}

#[tokio::test(flavor = "multi_thread")]
async fn counters_of_rocket_chat_are_compared_day_by_day() {
    let workspace = Workspace::with_admin().await.with_index().await;
    for (day, messages) in [("2023-05-20", 3), ("2023-05-25", 5), ("2023-05-30", 2)] {
        let message = doc! { "rid": "channel", "ts": utc(&format!("{day}T12:00:00Z")) };
        workspace.insert("rocketchat_message", std::iter::repeat_n(message, messages)).await;
    }
    let counters = "rocketchat_analytics";
    workspace.insert(counters, [counter(20_230_520, "channel", 3), counter(20_230_525, "channel", 5)]).await;
    workspace.insert(counters, [counter(20_230_530, "channel", 2)]).await;
    // Of other days, other things, and rooms whose messages do not count.
    let mut livechat = counter(20_230_525, "gone as well", 100);
    livechat.get_document_mut("room").expect("a room").insert("t", "l");
    let users = doc! { "type": "users", "date": 20_230_525, "users": 7 };
    let others =
        [counter(20_230_519, "channel", 9), counter(20_230_531, "channel", 9), counter(20_230_525, "livechat", 100)];
    workspace.insert(counters, others.into_iter().chain([livechat, users])).await;
    let text = verify(&workspace, &["--against-rocketchat"], &[]).text();
    assert!(text.ends_with("✔ pipeline: no difference\n✔ Rocket.Chat's counters: no difference\n"), "{text}");

    // An edit that was counted again, a room that is gone, and numbers of other types.
    let mut edited = counter(20_230_525, "private", 0);
    edited.insert("messages", Bson::Double(2.0));
    let mut gone = counter(0, "gone", 4);
    gone.insert("date", Bson::Int64(20_230_528));
    workspace.insert(counters, [edited, gone]).await;
    // What cannot be read.
    let odd = |key: &str, value: Bson| {
        let mut counter = counter(20_230_525, "channel", 1000);
        counter.insert(key, value);
        counter
    };
    let texts = [
        ("date", Bson::from("20230525")),
        ("date", utc("2023-05-25T00:00:00Z").into()),
        ("messages", Bson::from("many")),
    ];
    workspace.insert(counters, texts.map(|(key, value)| odd(key, value))).await;
    workspace.insert(counters, [odd("messages", Bson::from(-1)), odd("room", Bson::from("channel"))]).await;
    let ran = verify(&workspace, &["--against-rocketchat", "--ascii"], &[]);
    let expected = "2023-05-20 to 2023-05-30 (UTC): 11 days, 10 messages counted by hand
ok   pipeline: no difference
FAIL Rocket.Chat's counters: 2 days with a difference
  Day                  By hand         There    Difference
  2023-05-25 Thu             5             7            +2
  2023-05-28 Sun             0             4            +4
  -> 4 messages of the counters were in rooms that are gone, where nothing can be counted by hand
  -> 5 documents of rocketchat_analytics left out: not of the shape that is known
";
    assert_eq!((ran.code, ran.output.as_str(), ran.errors.as_str()), (Some(1), expected, ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_there_are_no_counters_that_is_said_and_no_difference_claimed() {
    let workspace = Workspace::demonstration().await;
    let refused = |text: &str| {
        let ran = verify(&workspace, &["--against-rocketchat"], &[]);
        assert_eq!((ran.code, ran.output.as_str(), ran.errors.lines().count()), (Some(2), "", 1), "{ran:?}");
        assert!(
            ran.errors.contains("rocketchat_analytics holds no counters of messages ") && ran.errors.contains(text),
            "{ran:?}"
        );
    };
    refused("at all");
    workspace.insert("rocketchat_analytics", [doc! { "type": "users", "date": 20_230_525, "users": 7 }]).await;
    refused("at all");
    workspace.insert("rocketchat_analytics", [counter(20_230_601, "GENERAL", 3)]).await;
    refused("on these days, though it has some of others");
    workspace.insert("rocketchat_analytics", [counter(20_230_530, "GENERAL", 3)]).await;
    let ran = verify(&workspace, &["--against-rocketchat"], &[]);
    assert!(
        ran.code == Some(1) && ran.output.contains("✘ Rocket.Chat's counters: 9 days with a difference"),
        "{ran:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn where_counters_may_not_be_read_the_grant_is_told() {
    let guarded = GuardedMongod::start().await;
    keep_secret("engagementpassword");
    let role = |collection: &str| {
        doc! { "resource": { "db": "rocketchat", "collection": collection }, "actions": ["find"] }
    };
    let no_roles: [&str; 0] = [];
    let privileges = vec![role("rocketchat_room"), role("rocketchat_message")];
    guarded
        .run("rocketchat", doc! { "createRole": "engagement", "privileges": privileges, "roles": no_roles.to_vec() })
        .await;
    let user = doc! { "createUser": "engagement", "pwd": "engagementpassword", "roles": ["engagement"] };
    guarded.run("rocketchat", user).await;
    let url = guarded.url("engagement:engagementpassword@", "rocketchat", "rocketchat");
    let workspace = Workspace::at(&url, "rocketchat").await;
    assert_eq!(verify(&workspace, &[], &[]).code, Some(0), "finding two collections is enough");

    let ran = verify(&workspace, &["--against-rocketchat"], &[]);
    assert_eq!((ran.code, ran.errors.lines().count()), (Some(2), 1), "{ran:?}");
    assert!(ran.errors.contains("reads rocketchat_analytics, which the account may not"), "{ran:?}");
    let (_, grant) = ran.errors.trim().split_once("as an administrator: ").expect("a grant");
    let (database, command) = pasted(grant);
    guarded.run(&database, command).await;
    assert_eq!(verify(&workspace, &["--against-rocketchat"], &[]).code, Some(0));
}
