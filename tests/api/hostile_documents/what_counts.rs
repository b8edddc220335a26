//! Messages and rooms (contract section 7), for each way of counting; one of them sees every kind of change.

use std::collections::BTreeMap;

use bson::{
    Binary, Bson, DateTime, Document, RawDocumentBuf, Timestamp, bson, doc, oid::ObjectId, spec::BinarySubtype,
};
use futures::TryStreamExt;
use serde_json::{Value, json};

use super::{
    DEADLINE, assert_fair, rule, seeds,
    values::{DAY, odd, one_of, perhaps, put},
};
use crate::{
    counting::KINDS,
    random::Random,
    support::{PATH, Service, Workspace, millis, utc},
};

const ROUNDS: u64 = 6;
const MESSAGES: usize = 300;
const CHANGES: usize = 300;
/// Over which right messages are spread.
const DAYS: usize = 60;

/// Messages of 1990, which only make a workspace so large that each day is counted by itself.
const BALLAST: usize = 51_000;

const MESSAGE: &str = "rocketchat_message";
const ROOM: &str = "rocketchat_room";

/// Periods that are asked about: memory knows the first three.
const PERIODS: [(&str, &str); 5] = [
    ("2023-01-01T00:00:00.000Z", "2023-03-15T00:00:00.000Z"),
    ("2023-01-15T00:00:00.000Z", "2023-02-10T00:00:00.000Z"),
    // Over 400 days, which are searched.
    ("2022-06-01T00:00:00.000Z", "2024-06-30T00:00:00.000Z"),
    ("1970-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"),
    ("0000-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"),
];
const IN_MEMORY: u64 = 3;

/// Rooms of every type and of none; their names tell which.
fn rooms(random: &mut Random) -> Vec<Document> {
    let right = ["c", "c", "p", "d", "c", "p", "d", "c", "l", "v"];
    let mut rooms = Vec::new();
    for (index, kind) in right.into_iter().enumerate() {
        let mut room = doc! { "_id": format!("room{index}") };
        put(&mut room, "t", perhaps(random, if index < 4 { 0 } else { 30 }, kind));
        rooms.push(room);
    }
    // No room of Rocket.Chat has such an id.
    for id in odd_rooms() {
        rooms.push(doc! { "_id": id, "t": "c" });
    }
    rooms
}

fn odd_rooms() -> Vec<Bson> {
    vec![
        bson!(7),
        bson!({ "_id": "room0" }),
        Bson::Null,
        Bson::Symbol("symbol".to_owned()),
        Bson::Boolean(true),
        Bson::MinKey,
    ]
}

/// A message whose day, if nothing is wrong, its field `home` tells.
fn message(random: &mut Random, index: usize) -> Document {
    let mut message = doc! { "_id": id(random, index), "msg": "text" };
    fill(random, &mut message, index);
    message
}

fn fill(random: &mut Random, message: &mut Document, index: usize) {
    let at = home(index);
    message.insert("home", millis(at));
    for field in ["ts", "rid", "t", "_hidden"] {
        put(message, field, value(random, field, at));
    }
}

/// The beginning of a message's day.
fn home(index: usize) -> i64 {
    utc("2023-01-01T00:00:00.000Z").timestamp_millis() + (index % DAYS) as i64 * DAY
}

/// What may stand in a field of a message.
fn value(random: &mut Random, field: &str, day: i64) -> Option<Bson> {
    match field {
        "ts" => {
            let within = random.between(0, DAY as u64 - 1) as i64;
            let at = day + one_of(random, &[0, DAY - 1, within]);
            perhaps(random, 12, millis(at))
        }
        "rid" if random.chance(5) => Some(one_of(random, &odd_rooms())),
        "rid" => {
            // The last is of no room.
            let room = format!("room{}", random.weighted(&[20, 20, 20, 20, 4, 4, 4, 4, 3, 3, 3]));
            perhaps(random, 10, room)
        }
        "t" => match random.below(12) {
            0..6 => None,
            6 => Some(Bson::Null),
            7 => Some("e2e".into()),
            8 => Some((one_of(random, &["rm", "uj", "", "E2E"])).into()),
            _ => perhaps(random, 100, "e2e"),
        },
        _ => match random.below(10) {
            0..5 => None,
            5 => Some(false.into()),
            6 | 7 => Some(true.into()),
            _ => perhaps(random, 100, true),
        },
    }
}

/// An id that no other message has, of any type that can be one. None equals another for MongoDB.
fn id(random: &mut Random, index: usize) -> Bson {
    let number = index as i64;
    match (index, random.below(14)) {
        (0, _) => Bson::Null,
        (1, _) => Bson::MinKey,
        (2, _) => Bson::MaxKey,
        (3, _) => f64::NAN.into(),
        (4, _) => true.into(),
        (5, _) => doc! {}.into(),
        (_, 0) => (number as f64 + 0.5).into(),
        (_, 1) => (number as i32).into(),
        (_, 2) => (number + (1 << 40)).into(),
        (_, 3) => Bson::Decimal128(format!("{number}.25").parse().expect("a decimal")),
        (_, 4) => DateTime::from_millis(i64::MIN + number).into(),
        (_, 5) => Bson::Timestamp(Timestamp { time: index as u32, increment: 0 }),
        (_, 6) => doc! { "a": number, "b": one_of(random, &odd_rooms()) }.into(),
        (_, 7) => doc! { "b": [number, [Bson::Undefined]], "": Bson::MaxKey }.into(),
        (_, 8) => Bson::Binary(Binary { subtype: BinarySubtype::UserDefined(200), bytes: number.to_be_bytes().into() }),
        (_, 9) => Bson::Symbol(format!("symbol{index}")),
        (_, 10) => Bson::JavaScriptCode(index.to_string()),
        (_, 11) => ObjectId::from_bytes(std::array::from_fn(|byte| number.to_be_bytes()[byte % 8])).into(),
        _ => format!("message{index}").into(),
    }
}

/// Changes messages and rooms in every way that MongoDB has.
async fn change(random: &mut Random, workspace: &Workspace, ids: &[Bson]) {
    let messages = workspace.database.collection::<Document>(MESSAGE);
    for _ in 0..CHANGES {
        let index = random.below(ids.len());
        let this = doc! { "_id": { "$eq": &ids[index] } };
        let day = home(index);
        let field = one_of(random, &["ts", "rid", "t", "_hidden"]);
        let update = match random.below(20) {
            0..6 => match value(random, field, day) {
                Some(value) => doc! { "$set": { field: value } },
                None => doc! { "$unset": { field: 1 } },
            },
            8 => doc! { "$unset": { field: 1 } },
            9 => doc! { "$rename": { field: one_of(random, &["other", "ts", "t", "_hidden"]) } },
            // Right again.
            6 | 7 | 10 => doc! { "$set": { "ts": millis(day), "rid": "room0" }, "$unset": { "t": 1, "_hidden": 1 } },
            // An array is changed within; nothing becomes an object.
            11 => doc! { "$set": { format!("{field}.0"): value(random, field, day).unwrap_or(Bson::Null) } },
            12 => doc! { "$push": { field: true } },
            13 => doc! { "$pop": { field: 1 } },
            14 | 15 => {
                let mut replacement = doc! {};
                fill(random, &mut replacement, index);
                messages.replace_one(this, replacement).await.expect("a replacement");
                continue;
            }
            16 => {
                messages.delete_one(this).await.expect("a deletion");
                continue;
            }
            17 => {
                messages.delete_one(this).await.expect("a deletion");
                let mut again = doc! { "_id": &ids[index] };
                fill(random, &mut again, index);
                workspace.insert(MESSAGE, [again]).await;
                continue;
            }
            18 => {
                let computed = doc! { "$set": { field: one_of(random, &["$home", "$_id", "$ts", "$rid", "$msg"]) } };
                messages.update_one(this, vec![computed]).await.expect("an update");
                continue;
            }
            _ => {
                change_room(random, workspace).await;
                continue;
            }
        };
        // Some cannot be done, such as to push to what is no array.
        drop(messages.update_one(this, update).await);
    }
}

async fn change_room(random: &mut Random, workspace: &Workspace) {
    let rooms = workspace.database.collection::<Document>(ROOM);
    let id = format!("room{}", random.weighted(&[0, 0, 1, 1, 3, 3, 3, 3, 2, 2]));
    let this = doc! { "_id": &id };
    let kind = one_of(random, &["c", "c", "p", "d", "l"]);
    match random.below(6) {
        0 => drop(rooms.delete_one(this).await.expect("a deletion")),
        1 => drop(rooms.update_one(this, doc! { "$unset": { "t": 1 } }).await.expect("an update")),
        2 => drop(rooms.replace_one(this, doc! { "t": odd(random, &kind.into()) }).await.expect("a replacement")),
        3 => {
            drop(rooms.update_one(this, doc! { "$set": { "t": odd(random, &kind.into()) } }).await.expect("an update"))
        }
        _ => drop(rooms.update_one(this, doc! { "$set": { "t": kind } }).upsert(true).await.expect("an update")),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_counts_is_counted_by_the_plain_rule() {
    let mut reasons = BTreeMap::new();
    for seed in seeds(ROUNDS) {
        let mut random = Random::new(seed);
        let workspace = workspace(&mut random, seed).await;
        let write = async {
            let messages: Vec<_> = (0..MESSAGES).map(|index| message(&mut random, index)).collect();
            let ids: Vec<_> = messages.iter().map(|message| message["_id"].clone()).collect();
            workspace.insert(MESSAGE, messages).await;
            change(&mut random, &workspace, &ids).await;
        };
        let services = Service::of_every_kind(&workspace, &[DEADLINE], write).await;
        let messages = all(&workspace, MESSAGE, doc! { "ballast": { "$exists": false } }).await;
        let rooms = all(&workspace, ROOM, doc! {}).await;
        for message in &messages {
            *reasons.entry(rule::why_not_counted(message, &rooms)).or_default() += 1;
        }
        for (kind, service) in KINDS.into_iter().zip(services) {
            let mut wrong = differences(&service, &messages, &rooms).await;
            let expected = if kind == KINDS[0] { 0 } else { IN_MEMORY };
            let standing = (service.answers_from_memory(), service.reloads());
            wrong.extend((standing != (expected, 0)).then(|| format!("answers from memory, reloads: {standing:?}")));
            let number = wrong.len();
            wrong.truncate(3);
            assert_eq!(number, 0, "HOSTILE_SEED={seed}, {kind}: {}\nrooms: {rooms:?}", wrong.join("\n"));
            service.stop().await;
        }
        workspace.database.drop().await.expect("a deletion");
    }
    let all = [None, Some("ts"), Some("rid"), Some("type of room"), Some("t"), Some("_hidden")];
    assert_fair(&reasons, all, 4);
    assert_fair(&reasons, [None], 20);
}

/// A workspace with rooms: small or large, with the index on `ts` or without.
async fn workspace(random: &mut Random, seed: u64) -> Workspace {
    let workspace = Workspace::with_admin().await.without_rate_limit().await;
    workspace.insert(ROOM, rooms(random)).await;
    match seed % 6 {
        0 | 3 => return workspace,
        1 => {
            let ballast = doc! { "rid": "room0", "ts": utc("1990-01-01T00:00:00.000Z"), "t": "rm", "ballast": true };
            workspace.insert(MESSAGE, std::iter::repeat_n(ballast, BALLAST)).await;
        }
        _ => {}
    }
    workspace.with_index().await
}

async fn all(workspace: &Workspace, collection: &str, filter: Document) -> Vec<Document> {
    // Raw, since some of these documents look like something else to serde.
    let found = workspace.database.collection::<RawDocumentBuf>(collection).find(filter).await.expect("a query");
    let read = found.map_ok(|raw| Document::try_from(raw).expect("BSON"));
    read.try_collect().await.expect("documents")
}

/// What a service counts otherwise than the rule does.
async fn differences(service: &Service, messages: &[Document], rooms: &[Document]) -> Vec<String> {
    let mut days = BTreeMap::<i64, u64>::new();
    for message in messages.iter().filter(|message| rule::why_not_counted(message, rooms).is_none()) {
        *days.entry(day_of(message, "ts").expect("a date")).or_default() += 1;
    }
    let mut differences = Vec::new();
    for (start, end) in PERIODS {
        let day = |text| utc(text).timestamp_millis().div_euclid(DAY);
        let expected: BTreeMap<_, _> =
            days.range(day(start)..=day(end)).map(|(day, messages)| (label(*day), json!(messages))).collect();
        let response = service.get(&format!("{PATH}?start={start}&end={end}"), &Workspace::admin()).await;
        if response.status != 200 {
            differences.push(format!("{start} to {end}: {response:?}"));
            continue;
        }
        let answer = response.json();
        let listed = answer["days"].as_array().expect("days").iter();
        let counted: BTreeMap<_, _> =
            listed.map(|day| (day["day"].as_str().expect("a text").to_owned(), day["messages"].clone())).collect();
        for day in expected.keys().chain(counted.keys()).filter(|day| counted.get(*day) != expected.get(*day)) {
            let is_concerned = |message: &&Document| {
                [day_of(message, "ts"), day_of(message, "home")].iter().flatten().any(|at| label(*at) == *day)
            };
            let concerned: Vec<_> = messages.iter().filter(is_concerned).collect();
            let (counted, expected) = (counted.get(day), expected.get(day));
            differences.push(format!("{start} to {end}, {day}: {counted:?} and not {expected:?} of {concerned:?}"));
        }
        let sum: u64 = expected.values().filter_map(Value::as_u64).sum();
        if answer["period"]["count"] != json!(sum) {
            differences.push(format!("{start} to {end}: {} and not {sum}", answer["period"]));
        }
    }
    differences
}

/// The days since 1970 of a date.
fn day_of(message: &Document, field: &str) -> Option<i64> {
    message.get_datetime(field).ok().map(|at| at.timestamp_millis().div_euclid(DAY))
}

/// A day as the endpoint writes it, if it does.
fn label(day: i64) -> String {
    day.checked_mul(DAY)
        .and_then(|at| millis(at).try_to_rfc3339_string().ok())
        .unwrap_or_default()
        .replace("00Z", "00.000Z")
}
