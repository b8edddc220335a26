//! `report`: the endpoint's counts, in every format.

use bson::doc;
use chrono::Utc;
use rocketchat_engagement::commands::demo::workspace::{DOCUMENTED_TOKEN, DOCUMENTED_USER};
use serde_json::Value;

use super::{run, run_on_a_terminal};
use crate::{
    documented_example::ANSWER,
    support::{PATH, Service, Workspace, keep_secret, settings, start_mongod, utc},
};

const MAY: [&str; 5] = ["report", "--start", "2023-05-20", "--end", "2023-05-30"];

/// A report about the workspace's documented days.
fn may(workspace: &Workspace, arguments: &[&str]) -> String {
    run(&[&MAY[..], arguments].concat(), &[("MONGO_URL", &workspace.url())]).text()
}

#[tokio::test(flavor = "multi_thread")]
async fn json_is_the_endpoints_answer_byte_for_byte() {
    keep_secret(DOCUMENTED_TOKEN);
    let workspace = Workspace::demonstration().await;
    assert_eq!(may(&workspace, &["--format", "json"]), format!("{ANSWER}\n"));

    let url = workspace.url();
    for zone in ["UTC", "Asia/Kolkata", "America/St_Johns"] {
        let service = Service::start(settings(&[("mongo_url", url.as_str()), ("time_zone", zone)])).await;
        for (start, end) in [
            ("2023-05-20T00:00:00.000Z", "2023-05-30T00:00:00.000Z"),
            ("2023-05-21T17:30:00.000Z", "2023-05-29T03:00:00.000Z"),
            ("2023-05-30T23:59:59.999Z", "2023-05-30T23:59:59.999Z"),
            ("1970-01-01T00:00:00.000Z", "9999-12-31T00:00:00.000Z"),
        ] {
            let headers = [("x-auth-token", DOCUMENTED_TOKEN), ("x-user-id", DOCUMENTED_USER)];
            let answer = service.get(&format!("{PATH}?start={start}&end={end}"), &headers).await;
            let arguments =
                ["report", "--start", start, "--end", end, "--timezone", zone, "--format", "json", "--mongo-url", &url];
            assert_eq!(run(&arguments, &[]).text(), format!("{}\n", answer.body), "{start} {end} {zone}");
        }
        service.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_gets_a_table_and_a_pipe_gets_csv() {
    let workspace = Workspace::demonstration().await;
    let csv = "day,messages\n2023-05-21,5\n2023-05-22,22\n2023-05-23,129\n2023-05-24,126\n2023-05-25,79\n\
               2023-05-26,114\n2023-05-27,1\n2023-05-29,101\n2023-05-30,183\n";
    assert_eq!(may(&workspace, &[]), csv);
    let filled =
        csv.replace("2023-05-21", "2023-05-20,0\n2023-05-21").replace("2023-05-29", "2023-05-28,0\n2023-05-29");
    assert_eq!(may(&workspace, &["--fill"]), filled);

    let table = "Messages sent, 2023-05-20 to 2023-05-30 (UTC)

Day             Messages
2023-05-21 Sun         5  ▋
2023-05-22 Mon        22  ██▉
2023-05-23 Tue       129  ████████████████▉
2023-05-24 Wed       126  ████████████████▌
2023-05-25 Thu        79  ██████████▎
2023-05-26 Fri       114  ██████████████▉
2023-05-27 Sat         1  ▏
2023-05-29 Mon       101  █████████████▏
2023-05-30 Tue       183  ████████████████████████

Total: 760 (the period before: 44, variation +716)
2023-05-30: 183 (the day before: 101, variation +82)
";
    assert_eq!(may(&workspace, &["--format", "table"]), table);
    // Standard error is this terminal as well: nothing else was written there.
    assert_eq!(run_on_a_terminal(&MAY, &[("MONGO_URL", &workspace.url())]).text(), table);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_days_end_today_in_the_zone_of_the_report() {
    let workspace = Workspace::with_admin().await.with_index().await;
    let now = bson::DateTime::from_millis(Utc::now().timestamp_millis());
    workspace.insert("rocketchat_message", [doc! { "rid": "channel", "ts": now }]).await;
    for zone in ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"] {
        let zone_of_now: chrono_tz::Tz = zone.parse().expect("a zone");
        let environment = [("MONGO_URL", workspace.url()), ("TZ", zone.to_owned())];
        let environment = environment.each_ref().map(|(name, value)| (*name, value.as_str()));
        let csv = run(&["report", "--last", "7d", "--fill"], &environment).text();
        let today = now.to_chrono().with_timezone(&zone_of_now).date_naive();
        let days = (0..7).rev().map(|age| today - chrono::Days::new(age));
        let expected: String = days.map(|day| format!("{day},{}\n", u8::from(day == today))).collect();
        // Midnight may have passed meanwhile.
        if Utc::now().with_timezone(&zone_of_now).date_naive() == today {
            assert_eq!(csv, format!("day,messages\n{expected}"), "{zone}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn types_of_rooms_add_up_to_the_endpoints_counts() {
    let workspace = Workspace::demonstration().await;
    let csv = may(&workspace, &["--by", "room-type", "--fill"]);
    let mut lines = csv.lines();
    assert_eq!(lines.next(), Some("day,c,p,d,messages"));
    let rows: Vec<Vec<u64>> =
        lines.map(|line| line.split(',').skip(1).map(|number| number.parse().expect("a number")).collect()).collect();
    assert_eq!(rows.len(), 11);
    assert!(rows.iter().all(|row| row[0] + row[1] + row[2] == row[3]), "{csv}");
    assert_eq!(rows.iter().map(|row| row[3]).sum::<u64>(), 760);

    let json: Value = serde_json::from_str(&may(&workspace, &["--by", "room-type", "--format", "json"])).expect("JSON");
    let types = json["roomTypes"].as_array().expect("types");
    let sum = |key: &str| types.iter().map(|of_type| of_type[key].as_i64().expect("a number")).sum::<i64>();
    assert_eq!((sum("count"), sum("variation")), (760, 716));
    for (column, of_type) in types.iter().enumerate() {
        assert_eq!(of_type["t"], ["c", "p", "d"][column]);
        let days = of_type["days"].as_array().expect("days");
        let of_days: u64 = days.iter().map(|day| day["messages"].as_u64().expect("a number")).sum();
        assert_eq!(of_days, rows.iter().map(|row| row[column]).sum::<u64>());
    }
    let whole: Value = serde_json::from_str(ANSWER).expect("JSON");
    assert!(whole.as_object().expect("an object").iter().all(|(key, value)| json[key] == *value), "{json}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_busiest_rooms_come_first_with_their_names_and_the_others_are_summed_up() {
    let workspace = Workspace::with_admin().await.with_index().await;
    workspace.update("rocketchat_room", "channel", doc! { "$set": { "name": "general" } }).await;
    workspace
        .update("rocketchat_room", "private", doc! { "$set": { "name": "the-board", "fname": "The Board" } })
        .await;
    workspace.update("rocketchat_room", "direct", doc! { "$set": { "name": "anna and ben" } }).await;
    let message = |room: &str, at: &str| doc! { "rid": room, "ts": utc(at) };
    let messages = |room, at, count| std::iter::repeat_n(message(room, at), count);
    for (room, day, count) in [
        ("channel", "2023-05-20T12:00:00Z", 3),
        ("private", "2023-05-30T23:59:59.999Z", 5),
        ("direct", "2023-05-25T12:00:00Z", 4),
        // In the period before, and in none of both.
        ("direct", "2023-05-10T12:00:00Z", 6),
        ("channel", "2023-05-31T00:00:00Z", 9),
        // What counts in no room.
        ("livechat", "2023-05-25T12:00:00Z", 9),
        ("gone", "2023-05-25T12:00:00Z", 9),
    ] {
        workspace.insert("rocketchat_message", messages(room, day, count)).await;
    }
    let csv = "room_id,name,type,messages,variation\nprivate,The Board,p,5,5\ndirect,,d,4,-2\nchannel,general,c,3,3\n";
    assert_eq!(may(&workspace, &["--by", "room"]), csv);
    let table = "Messages sent, 2023-05-20 to 2023-05-30 (UTC)

Room          Type     Messages  Variation
The Board     private         5         +5  ########################
direct        direct          4         -2  ###################
1 other room                  3         +3
Total                        12         +6

Total: 12 (the period before: 6, variation +6)
2023-05-30: 5 (the day before: 0, variation +5)
";
    assert_eq!(may(&workspace, &["--by", "room", "--top", "2", "--format", "table", "--ascii"]), table);
    let json: Value =
        serde_json::from_str(&may(&workspace, &["--by", "room", "--top", "2", "--format", "json"])).expect("JSON");
    let expected = serde_json::json!([
        { "_id": "private", "name": "The Board", "t": "p", "count": 5, "variation": 5 },
        { "_id": "direct", "name": null, "t": "d", "count": 4, "variation": -2 },
    ]);
    assert_eq!((&json["rooms"], &json["period"]["count"]), (&expected, &Value::from(12)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_chart_has_a_bar_for_each_day_and_type_and_names_what_it_shows() {
    let workspace = Workspace::demonstration().await;
    let bars =
        |svg: &str, colour: &str| svg.lines().filter(|line| line.contains("<rect") && line.contains(colour)).count();
    let svg = may(&workspace, &["--format", "svg"]);
    assert!(svg.starts_with("<svg ") && svg.trim_end().ends_with("</svg>"), "{svg}");
    for text in
        ["760 messages sent", "2023-05-20 to 2023-05-30 (UTC), +716 against the period before", "20 May", "30 May"]
    {
        assert!(svg.contains(text), "{text} is not in {svg}");
    }
    assert_eq!(bars(&svg, "#0072B2"), 9);

    let svg = may(&workspace, &["--format", "svg", "--by", "room-type"]);
    // Each with one for the legend.
    assert_eq!(["#0072B2", "#E69F00", "#009E73"].map(|colour| bars(&svg, colour)), [10, 8, 8], "{svg}");
    assert!(svg.contains("channels 525") && svg.contains("private 169") && svg.contains("direct 66"), "{svg}");

    let svg = may(&workspace, &["--format", "svg", "--by", "room", "--top", "4"]);
    assert_eq!(bars(&svg, "#0072B2"), 4);
    assert!(svg.contains("general") && svg.contains("2 other rooms"), "{svg}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_count_shows_how_far_it_is_on_a_terminal_only() {
    let mongod = start_mongod(&[]).await.expect("mongod");
    let workspace = Workspace::at(&mongod.url("rocketchat"), "rocketchat").await.with_index().await;
    workspace.add_admin().await;
    // The clocks change on the 26th, so this is counted by two aggregations, one after the other.
    let ts = |at: &str| doc! { "rid": "channel", "ts": utc(at) };
    workspace.insert("rocketchat_message", [ts("2023-03-24T12:00:00.000Z"), ts("2023-03-28T12:00:00.000Z")]).await;
    let slow = doc! {
        "configureFailPoint": "failCommand",
        "mode": "alwaysOn",
        "data": { "failCommands": ["aggregate"], "blockConnection": true, "blockTimeMS": 1500 },
    };
    mongod.client().await.expect("a client").database("admin").run_command(slow).await.expect("a fail point");
    let environment = [
        ("MONGO_URL", mongod.url("rocketchat")),
        ("TZ", "Europe/Berlin".to_owned()),
        ("ENGAGEMENT_COUNTING_PARALLELISM", "1".to_owned()),
    ];
    let environment = environment.each_ref().map(|(name, value)| (*name, value.as_str()));
    let arguments = ["report", "--start", "2023-03-22", "--end", "2023-03-29"];

    let csv = run(&arguments, &environment);
    assert_eq!(csv.text(), "day,messages\n2023-03-24,1\n2023-03-28,1\n");
    let seen = run_on_a_terminal(&arguments, &environment).text();
    assert!(seen.contains("counting [") && seen.contains(" %, "), "{seen}");
    let (_, table) = seen.split_once("Messages sent").expect("the table");
    assert!(!table.contains('\u{1b}') && table.contains("2023-03-28 Tue"), "the bar is gone: {seen:?}");
}
