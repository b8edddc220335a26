//! `messages/origin` (contract section 10).

use bson::doc;

use super::{MESSAGE, ORIGIN, ROOM, Row, compare, in_may, may, messages, origins, row};
use crate::support::{Workspace, millis, utc};

#[tokio::test(flavor = "multi_thread")]
async fn messages_are_counted_by_type_of_room_over_whole_days_without_a_cut() {
    let workspace = Workspace::with_admin().await;
    let write = async {
        for (room, day, count) in [
            ("channel", 11, 5),
            ("channel", 12, 4),
            ("channel", 13, 3),
            ("direct", 12, 4),
            ("private", 13, 3),
            ("private", 15, 1),
            ("livechat", 12, 9),
            ("voip", 12, 9),
            ("gone", 12, 9),
        ] {
            workspace.insert(MESSAGE, messages(room, &may(day), count)).await;
        }
        let system = doc! { "rid": "direct", "ts": utc(&may(12)), "t": "uj" };
        let hidden = doc! { "rid": "private", "ts": utc(&may(12)), "_hidden": true };
        workspace.insert(MESSAGE, [system, hidden]).await;
    };
    let period = |start: &str, end: &str, entries: &[(&str, u64)]| row(in_may(ORIGIN, start, end), origins(entries));
    let none = [("d", 0), ("p", 0), ("c", 0)];
    let rows = [
        period("11T00:00", "13T00:00", &[("c", 12), ("d", 4), ("p", 3)]),
        // Equal ones: d, p, c.
        period("12T00:00", "12T00:00", &[("d", 4), ("c", 4), ("p", 0)]),
        period("13T00:00", "13T00:00", &[("p", 3), ("c", 3), ("d", 0)]),
        period("15T00:00", "15T00:00", &[("p", 1), ("d", 0), ("c", 0)]),
        period("10T00:00", "10T00:00", &none),
        // n = 1, two days, of which none is cut off.
        period("12T23:00", "13T01:00", &[("c", 7), ("d", 4), ("p", 3)]),
        // n = 2, three days.
        period("11T23:59", "13T00:00", &[("c", 12), ("d", 4), ("p", 3)]),
        // The end before the start on the same day: that day.
        period("12T23:00", "12T01:00", &[("d", 4), ("c", 4), ("p", 0)]),
        // n = 1, 0, -1 and -10.
        period("12T12:00", "11T13:00", &none),
        period("13T12:00", "12T12:00", &none),
        period("14T12:00", "12T12:00", &none),
        period("22T12:00", "11T12:00", &none),
        Row {
            is_remembered: false,
            ..row(
                format!("{ORIGIN}?start=0000-01-01T00:00:00.000Z&end=9999-12-31T23:59:59.999Z"),
                origins(&[("c", 12), ("d", 4), ("p", 4)]),
            )
        },
        Row {
            is_remembered: false,
            ..row(
                format!("{ORIGIN}?start=9999-12-31T23:59:59.999Z&end=0000-01-01T00:00:00.000Z"),
                r#"{"origins":[{"messages":0,"t":"d"},{"messages":0,"t":"p"},{"messages":0,"t":"c"}],"success":true}"#,
            )
        },
    ];
    compare(&workspace, &[], write, &rows).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_goes_from_its_first_to_its_last_millisecond_in_the_servers_time_zone() {
    for (zone, first, last) in [
        ("Asia/Kolkata", "2023-05-19T18:30:00.000Z", "2023-05-20T18:29:59.999Z"),
        ("America/Sao_Paulo", "2018-11-04T03:00:00.000Z", "2018-11-05T01:59:59.999Z"),
        ("Australia/Lord_Howe", "2023-04-01T13:00:00.000Z", "2023-04-02T13:29:59.999Z"),
    ] {
        let workspace = Workspace::with_admin().await;
        let beyond = |text: &str, more: i64| millis(utc(text).timestamp_millis() + more);
        let at = [
            (beyond(first, -1), "channel"),
            (utc(first), "direct"),
            (utc(last), "private"),
            (beyond(last, 1), "channel"),
        ];
        let write = workspace.insert(MESSAGE, at.map(|(ts, room)| doc! { "rid": room, "ts": ts }));
        let body = origins(&[("d", 1), ("p", 1), ("c", 0)]);
        let rows = [(first, last), (first, first), (last, last), (last, first)]
            .map(|(start, end)| row(format!("{ORIGIN}?start={start}&end={end}"), body.clone()));
        compare(&workspace, &[("time_zone", zone)], write, &rows).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn further_types_that_count_come_last_of_equal_ones_and_d_p_and_c_are_always_there() {
    let workspace = Workspace::with_admin().await;
    workspace.insert(ROOM, [doc! { "_id": "board", "t": "b" }]).await;
    let write = async {
        for room in ["voip", "livechat", "board", "channel", "direct"] {
            workspace.insert(MESSAGE, messages(room, &may(11), 2)).await;
        }
        workspace.insert(MESSAGE, messages("voip", &may(12), 1)).await;
    };
    let rows = [
        row(
            in_may(ORIGIN, "11T00:00", "11T00:00"),
            origins(&[("c", 2), ("b", 2), ("l", 2), ("v", 2), ("d", 0), ("p", 0)]),
        ),
        row(
            in_may(ORIGIN, "11T00:00", "12T00:00"),
            origins(&[("v", 3), ("c", 2), ("b", 2), ("l", 2), ("d", 0), ("p", 0)]),
        ),
        row(
            in_may(ORIGIN, "13T00:00", "13T00:00"),
            origins(&[("d", 0), ("p", 0), ("c", 0), ("b", 0), ("l", 0), ("v", 0)]),
        ),
    ];
    // Direct rooms are no counted type here.
    compare(&workspace, &[("counting.room_types", "v,l,c,b")], write, &rows).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn types_of_messages_that_count_can_be_configured() {
    let workspace = Workspace::with_admin().await;
    let of = |room: &str, kind: &str| doc! { "rid": room, "ts": utc(&may(12)), "t": kind };
    let write = async {
        workspace.insert(MESSAGE, messages("channel", &may(12), 1)).await;
        workspace.insert(MESSAGE, [of("direct", "uj"), of("direct", "rm"), of("private", "e2e")]).await;
    };
    let rows = [
        row(in_may(ORIGIN, "12T00:00", "12T00:00"), origins(&[("d", 2), ("c", 1), ("p", 0)])),
        row(
            in_may(super::TOP_FIVE, "12T00:00", "12T00:00"),
            r#"{"channels":[{"messages":2,"t":"d","usernames":[]},{"messages":1,"t":"c","usernames":[]}],"success":true}"#,
        ),
    ];
    compare(&workspace, &[("counting.message_types", "uj,rm")], write, &rows).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_of_any_year_are_found_in_their_year() {
    let workspace = Workspace::with_admin().await;
    let years = ["0000", "0999", "1969", "1970", "1999", "2000", "2038", "2106", "2999", "9999"];
    let write = workspace.insert(
        MESSAGE,
        years.map(|year| doc! { "rid": "private", "ts": utc(&format!("{year}-12-31T23:59:59.999Z")) }),
    );
    let rows: Vec<_> = years
        .iter()
        .flat_map(|year| {
            let day = |day: &str| format!("start={year}-12-{day}T00:00:00.000Z&end={year}-12-{day}T00:00:00.000Z");
            let row = |day_of: &str, body: String| Row {
                is_remembered: false,
                ..row(format!("{ORIGIN}?{}", day(day_of)), body)
            };
            [row("31", origins(&[("p", 1), ("d", 0), ("c", 0)])), row("30", origins(&[("d", 0), ("p", 0), ("c", 0)]))]
        })
        .collect();
    compare(&workspace, &[], write, &rows).await;
}
