//! Rooms with a value of every type in every field: such a value is as if it were not there, and never an error.

use bson::{
    Binary, Bson, DateTime, Document, JavaScriptCodeWithScope, Regex, Timestamp, doc, oid::ObjectId,
    spec::BinarySubtype,
};

use super::{
    CHANNELS, MESSAGE, ORIGIN, ROOM, Row, TOP_FIVE,
    by_hand::{World, iso},
    compare, in_may, list, listed, may, messages, origins, popular, row,
};
use crate::{
    hostile_documents::values::db_pointer,
    support::{Workspace, millis, utc},
};

/// A value of every type that BSON has, and some that are close to right ones.
fn values() -> Vec<Bson> {
    let decimal = |text: &str| Bson::Decimal128(text.parse().expect("a decimal"));
    let scope = JavaScriptCodeWithScope { code: "c".to_owned(), scope: doc! { "t": "c" } };
    let mut all = vec![
        1.5.into(),
        f64::NAN.into(),
        f64::INFINITY.into(),
        "".into(),
        "c".into(),
        "C".into(),
        "c ".into(),
        "$name".into(),
        "\u{0}".into(),
        "2023-01-01T00:00:00.000Z".into(),
        doc! {}.into(),
        doc! { "$ne": Bson::Null }.into(),
        doc! { "0": "c", "length": 1 }.into(),
        Bson::Array(vec![]),
        Bson::Array(vec!["c".into()]),
        Bson::Array(vec![utc("2023-01-01T00:00:00Z").into()]),
        Bson::Array(vec![Bson::Array(vec!["c".into()])]),
        Bson::Binary(Binary { subtype: BinarySubtype::Generic, bytes: b"c".into() }),
        Bson::Binary(Binary { subtype: BinarySubtype::Uuid, bytes: vec![9; 16] }),
        Bson::Undefined,
        ObjectId::from_bytes([7; 12]).into(),
        true.into(),
        false.into(),
        utc("2023-01-01T00:00:00Z").into(),
        millis(-1).into(),
        DateTime::MAX.into(),
        millis(i64::MIN + 1).into(),
        Bson::Null,
        Bson::RegularExpression(Regex { pattern: bson::cstr!("c").into(), options: bson::cstr!("i").into() }),
        db_pointer(),
        Bson::JavaScriptCode("c".to_owned()),
        Bson::Symbol("c".to_owned()),
        Bson::JavaScriptCodeWithScope(scope),
        Bson::Int32(1),
        Bson::Timestamp(Timestamp { time: 1_684_584_000, increment: 1 }),
        Bson::Int64(1_684_584_000_000),
        decimal("2"),
        decimal("-Infinity"),
        Bson::MinKey,
        Bson::MaxKey,
    ];
    // Texts among values of every type.
    let mut mixed = vec![Bson::from("b")];
    mixed.extend(all.clone());
    mixed.push("a".into());
    all.push(Bson::Array(mixed));
    all
}

/// Whether a document may have such an id.
fn can_be_an_id(value: &Bson) -> bool {
    !matches!(value, Bson::Array(_) | Bson::RegularExpression(_) | Bson::Undefined)
        && value.as_document().is_none_or(|document| !document.contains_key("$ne"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_of_any_type_in_any_field_is_as_if_it_were_not_there() {
    let right = doc! {
        "t": "p", "name": "name", "fname": "fname", "ts": utc("2023-01-01T00:00:00Z"),
        "_updatedAt": utc("2023-01-02T00:00:00Z"), "usernames": ["b", "a"],
    };
    let mut rooms = Vec::new();
    for field in ["t", "name", "fname", "ts", "_updatedAt", "usernames"] {
        for value in values() {
            // Among right fields, and alone.
            let mut among = doc! { "_id": format!("room{:03}", rooms.len()) };
            among.extend(right.clone());
            among.insert(field, value.clone());
            rooms.push(among);
            let mut alone = doc! { "_id": format!("room{:03}", rooms.len()), "t": "d" };
            alone.insert(field, value);
            rooms.push(alone);
        }
    }
    // Five at a time have a day with one message each, and all of them share another day.
    let own = |index: usize| utc("2020-01-01T12:00:00Z").timestamp_millis() + (index / 5) as i64 * 86_400_000;
    let shared = utc("2019-06-01T12:00:00Z").timestamp_millis();
    let ids = rooms.iter().map(|room| room.get_str("_id").expect("a text").to_owned());
    let written: Vec<_> = ids.enumerate().flat_map(|(index, id)| [(id.clone(), own(index)), (id, shared)]).collect();
    let world = World::new(chrono_tz::Tz::UTC, rooms.clone(), written.clone());

    let workspace = Workspace::with_admin().await.without_rate_limit().await;
    let write = async {
        workspace.insert(ROOM, rooms.clone()).await;
        workspace.insert(MESSAGE, written.iter().map(|(id, at)| doc! { "rid": id, "ts": millis(*at) })).await;
    };
    let period = |at: i64| {
        let at = iso(millis(at));
        format!("start={at}&end={at}")
    };
    let mut rows = vec![
        row(format!("{ORIGIN}?{}", period(shared)), world.origin(millis(shared), millis(shared))),
        row(format!("{CHANNELS}?{}&count=0", period(shared)), world.channels(millis(shared), millis(shared), 0, None)),
    ];
    rows.extend((0..rooms.len()).step_by(5).map(|index| {
        let at = own(index);
        row(format!("{TOP_FIVE}?{}", period(at)), world.top_five(millis(at), millis(at)))
    }));
    compare(&workspace, &[], write, &rows).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rooms_whose_id_is_no_text_do_not_count() {
    let ids: Vec<_> = values().into_iter().filter(|value| value.as_str().is_none()).collect();
    let workspace = Workspace::with_admin().await;
    let write = async {
        for id in ids.iter().filter(|id| can_be_an_id(id)) {
            workspace.insert(ROOM, [doc! { "_id": id, "t": "c", "name": "odd" }]).await;
        }
        workspace.insert(MESSAGE, ids.iter().map(|id| doc! { "rid": id, "ts": utc(&may(20)) })).await;
        workspace.insert(MESSAGE, messages("channel", &may(20), 2)).await;
    };
    let rows = [
        row(in_may(ORIGIN, "20T00:00", "20T00:00"), origins(&[("c", 2), ("d", 0), ("p", 0)])),
        row(in_may(TOP_FIVE, "20T00:00", "20T00:00"), popular(&[r#"{"messages":2,"t":"c","usernames":[]}"#])),
        row(in_may(CHANNELS, "20T00:00", "20T00:00"), list(&[listed(r#""_id":"channel","t":"c""#, 2, 0)], 1, "0")),
    ];
    compare(&workspace, &[], write, &rows).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_without_a_date_disturb_nothing() {
    let workspace = Workspace::with_admin().await;
    let odd = values().into_iter().filter(|value| match value {
        Bson::DateTime(at) => [i64::MAX, i64::MIN + 1].contains(&at.timestamp_millis()),
        _ => true,
    });
    let write = async {
        workspace.insert(MESSAGE, odd.map(|ts| doc! { "rid": "direct", "ts": ts })).await;
        workspace.insert(MESSAGE, [doc! { "rid": "direct" }, doc! { "rid": "direct", "ts": DateTime::MIN }]).await;
        workspace.insert(MESSAGE, messages("channel", &may(20), 2)).await;
    };
    let rows = [
        ("start=2023-05-20T00:00:00.000Z&end=2023-05-20T00:00:00.000Z", true),
        ("start=0000-01-01T00:00:00.000Z&end=9999-12-31T23:59:59.999Z", false),
    ]
    .into_iter()
    .flat_map(|(period, is_remembered)| {
        [
            (ORIGIN, origins(&[("c", 2), ("d", 0), ("p", 0)])),
            (TOP_FIVE, popular(&[r#"{"messages":2,"t":"c","usernames":[]}"#])),
            (CHANNELS, list(&[listed(r#""_id":"channel","t":"c""#, 2, 0)], 1, "0")),
        ]
        .map(|(path, body)| Row { is_remembered, ..row(format!("{path}?{period}"), body) })
    })
    .collect::<Vec<_>>();
    compare(&workspace, &[], write, &rows).await;
}

/// What JavaScript's `toISOString()` makes of an instant, if it has such a date.
#[tokio::test(flavor = "multi_thread")]
async fn dates_of_rooms_are_written_as_javascript_writes_them() {
    let table: [(i64, Option<&str>); 15] = [
        (0, Some("1970-01-01T00:00:00.000Z")),
        (-1, Some("1969-12-31T23:59:59.999Z")),
        (1_684_584_000_120, Some("2023-05-20T12:00:00.120Z")),
        (253_402_300_799_999, Some("9999-12-31T23:59:59.999Z")),
        (253_402_300_800_000, Some("+010000-01-01T00:00:00.000Z")),
        (-62_167_219_200_000, Some("0000-01-01T00:00:00.000Z")),
        (-62_167_219_200_001, Some("-000001-12-31T23:59:59.999Z")),
        (6_249_223_180_800_000, Some("+200000-01-01T00:00:00.000Z")),
        (-6_373_557_619_200_000, Some("-200000-01-01T00:00:00.000Z")),
        (8_640_000_000_000_001, None),
        (-8_640_000_000_000_001, None),
        (i64::MAX, None),
        (i64::MIN + 1, None),
        (i64::MAX - 1, None),
        (1 << 60, None),
    ];
    dates_are_written(&table).await;
}

/// Holds `ts` and `_updatedAt` of rooms against how they should be written, if they should.
async fn dates_are_written(table: &[(i64, Option<&str>)]) {
    let workspace = Workspace::with_admin().await;
    let id = |index: usize| format!("room{index:02}");
    let write = async {
        for (index, (at, _)) in table.iter().enumerate() {
            let room: Document = doc! { "_id": id(index), "t": "c", "ts": millis(*at), "_updatedAt": millis(*at) };
            workspace.insert(ROOM, [room]).await;
            workspace.insert(MESSAGE, messages(&id(index), &may(20), 1)).await;
        }
    };
    let entries: Vec<_> = table
        .iter()
        .enumerate()
        .map(|(index, (_, text))| {
            let id = id(index);
            let room = match text {
                Some(text) => format!(r#""_id":"{id}","ts":"{text}","t":"c","_updatedAt":"{text}""#),
                None => format!(r#""_id":"{id}","t":"c""#),
            };
            listed(&room, 1, 0)
        })
        .collect();
    let rows = [row(in_may(CHANNELS, "20T00:00", "20T00:00"), list(&entries, entries.len(), "0"))];
    compare(&workspace, &[], write, &rows).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_and_the_last_instant_that_javascript_has_are_dates() {
    let table = [
        (8_640_000_000_000_000, Some("+275760-09-13T00:00:00.000Z")),
        (-8_640_000_000_000_000, Some("-271821-04-20T00:00:00.000Z")),
    ];
    dates_are_written(&table).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_least_date_that_bson_has_is_none_and_no_error() {
    dates_are_written(&[(i64::MIN, None)]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_with_the_least_date_that_bson_has_may_be_among_the_busiest() {
    let workspace = Workspace::with_admin().await;
    let write = async {
        let dates = doc! { "_id": "room", "t": "c", "name": "name", "ts": DateTime::MIN, "_updatedAt": DateTime::MIN };
        workspace.insert(ROOM, [dates]).await;
        workspace.insert(MESSAGE, messages("room", &may(20), 1)).await;
    };
    let body = popular(&[r#"{"messages":1,"t":"c","name":"name","usernames":[]}"#]);
    compare(&workspace, &[], write, &[row(in_may(TOP_FIVE, "20T00:00", "20T00:00"), body)]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn long_names_ids_and_lists_of_members_are_told_as_they_are() {
    let (id, name) = ("i".repeat(10_000), "ñ".repeat(100_000));
    let usernames: Vec<_> = (0..20_000).map(|index| format!("user{index}")).collect();
    let workspace = Workspace::with_admin().await;
    let write = async {
        let room = doc! { "_id": &id, "t": "p", "name": &name, "usernames": usernames.clone() };
        workspace.insert(ROOM, [room]).await;
        workspace.insert(MESSAGE, messages(&id, &may(20), 1)).await;
    };
    let usernames = serde_json::json!(usernames);
    let rows = [
        row(
            in_may(TOP_FIVE, "20T00:00", "20T00:00"),
            popular(&[format!(r#"{{"messages":1,"t":"p","name":"{name}","usernames":{usernames}}}"#)]),
        ),
        row(
            in_may(CHANNELS, "20T00:00", "20T00:00"),
            list(&[listed(&format!(r#""_id":"{id}","name":"{name}","t":"p","usernames":{usernames}"#), 1, 0)], 1, "0"),
        ),
    ];
    compare(&workspace, &[], write, &rows).await;
}
