//! A small believable workspace: users, roles, permissions, rooms of every type, the documented messages of May 2023,
//! and a history of some months up to today. The same on every run of a day.

use bson::{DateTime, Document, doc};
use chrono::{DateTime as Instant, Datelike, Days, NaiveDate, TimeDelta, Utc, Weekday};
use mongodb::{Database, IndexModel};

use super::people;
use crate::{
    auth::{
        credentials::Token,
        permission::{BYPASS_RATE_LIMIT, VIEW_ENGAGEMENT_DASHBOARD},
    },
    mongo::{MESSAGES, OAUTH_ACCESS_TOKENS, PERMISSIONS, ROLES, ROOMS, SESSIONS, SETTINGS, USERS},
};

/// `_id` of the user of Rocket.Chat's documentation, an administrator.
pub const DOCUMENTED_USER: &str = "rbAXPnMktTFbNpwtJ";
/// The token of Rocket.Chat's documentation.
pub const DOCUMENTED_TOKEN: &str = "HF0U3GBQHzC0pL_f_XXFHEfgXR8041XGldg2m_z8JQ0";

/// Messages a day that count, in May 2023: those of the documented answer, and 44 in the period before.
const DOCUMENTED_DAYS: [(u32, u32); 20] = [
    (9, 4),
    (10, 4),
    (11, 4),
    (12, 4),
    (13, 4),
    (14, 4),
    (15, 4),
    (16, 4),
    (17, 4),
    (18, 4),
    (19, 4),
    (21, 5),
    (22, 22),
    (23, 129),
    (24, 126),
    (25, 79),
    (26, 114),
    (27, 1),
    (29, 101),
    (30, 183),
];

/// When the workspace was made.
const FOUNDED: Instant<Utc> = Instant::from_timestamp(1_672_560_000, 0).expect("an instant");

/// How many days of history there are, today included.
const HISTORY_DAYS: u64 = 200;

/// A room of the workspace.
struct Room {
    id: &'static str,
    /// `t`.
    kind: &'static str,
    /// What identifies it; rooms of direct messages have no name.
    name: Option<&'static str>,
    /// The name that people gave it, where that is another one.
    friendly_name: Option<&'static str>,
    /// Who is in it, of direct messages.
    usernames: &'static [&'static str],
    /// The room that a discussion belongs to.
    parent: Option<&'static str>,
}

const fn named(id: &'static str, kind: &'static str, name: &'static str, friendly_name: Option<&'static str>) -> Room {
    Room { id, kind, name: Some(name), friendly_name, usernames: &[], parent: None }
}

const fn between(id: &'static str, usernames: &'static [&'static str]) -> Room {
    Room { id, kind: "d", name: None, friendly_name: None, usernames, parent: None }
}

const ROOMS_THERE: [Room; 8] = [
    named("GENERAL", "c", "general", None),
    // It was renamed, and its name has characters that a `name` cannot have.
    named("eXb7mQ2nTzWc4kLpA", "c", "development-berlin", Some("Development (Berlin)")),
    named("hT5vRw9sJdNq3yKmB", "p", "board", None),
    Room { parent: Some("hT5vRw9sJdNq3yKmB"), ..named(ENCRYPTED, "p", "pEnc7Wx2", Some("Works council: agreement")) },
    between(ANNA_AND_BEN, &["anna", "ben"]),
    between("kD8rMultiple3User", &["anna", "ben", "carla"]),
    Room { kind: "l", ..between(LIVECHAT, &[]) },
    Room { kind: "v", ..between(VOIP, &[]) },
];
const ANNA_AND_BEN: &str = "AnnaUser111111111BenUser2222222222";
const ENCRYPTED: &str = "pEncryptedRoom77x";
const LIVECHAT: &str = "oLiveChat9vWx2Qz1";
const VOIP: &str = "vVoipCall5nMb8Yt4";
const DELETED: &str = "roomThatIsGone999";

/// Rooms whose messages count, the busiest first.
const COUNTING_ROOMS: [&str; 6] =
    ["GENERAL", "eXb7mQ2nTzWc4kLpA", "hT5vRw9sJdNq3yKmB", ENCRYPTED, ANNA_AND_BEN, "kD8rMultiple3User"];

const SENTENCES: [&str; 6] = [
    "Good morning!",
    "The build is green again.",
    "Could somebody look at my merge request?",
    "Lunch at half past twelve?",
    "Thank you, that was it.",
    "I will be in the other room.",
];

/// Writes the workspace into an empty database, as of `now`.
///
/// # Errors
/// The driver's.
pub async fn fill(database: &Database, now: Instant<Utc>) -> Result<(), mongodb::error::Error> {
    let messages = messages(now);
    for (collection, documents) in [
        (USERS, [users(now), people::users(now)].concat()),
        (SESSIONS, people::sessions(DOCUMENTED_USER, now)),
        (
            ROLES,
            ["admin", "user", "guest", "bot", "app", "moderator", "owner"]
                .map(|id| doc! { "_id": id, "name": id })
                .into(),
        ),
        (
            PERMISSIONS,
            vec![
                doc! { "_id": VIEW_ENGAGEMENT_DASHBOARD, "roles": ["admin"] },
                doc! { "_id": BYPASS_RATE_LIMIT, "roles": ["admin", "bot", "app"] },
            ],
        ),
        (
            SETTINGS,
            vec![
                doc! { "_id": "Accounts_LoginExpiration", "value": 90 },
                doc! { "_id": "API_Enable_Rate_Limiter", "value": true },
                doc! { "_id": "API_Enable_Rate_Limiter_Limit_Calls_Default", "value": 10 },
                doc! { "_id": "API_Enable_Rate_Limiter_Limit_Time_Default", "value": 60_000 },
                doc! { "_id": "API_Enable_CORS", "value": false },
                doc! { "_id": "API_CORS_Origin", "value": "*" },
                doc! { "_id": "API_Default_Count", "value": 50 },
                doc! { "_id": "API_Upper_Count_Limit", "value": 100 },
                doc! { "_id": "API_Allow_Infinite_Count", "value": true },
            ],
        ),
        (
            OAUTH_ACCESS_TOKENS,
            vec![doc! {
                "accessToken": "demo-oauth-access-token",
                "userId": DOCUMENTED_USER,
                "expires": DateTime::from_chrono(now + TimeDelta::days(1)),
            }],
        ),
        (ROOMS, rooms(now)),
    ] {
        database.collection(collection).insert_many(documents).await?;
    }
    let collection = database.collection::<Document>(MESSAGES);
    for keys in [doc! { "ts": 1 }, doc! { "rid": 1, "ts": 1 }] {
        collection.create_index(IndexModel::builder().keys(keys).build()).await?;
    }
    let sessions = database.collection::<Document>(SESSIONS);
    for keys in [doc! { "type": 1, "year": 1, "month": 1, "day": 1 }, doc! { "loginAt": -1 }] {
        sessions.create_index(IndexModel::builder().keys(keys).build()).await?;
    }
    for batch in messages.chunks(10_000) {
        collection.insert_many(batch).await?;
    }
    Ok(())
}

fn rooms(now: Instant<Utc>) -> Vec<Document> {
    let room = |room: &Room| {
        let mut document =
            doc! { "_id": room.id, "t": room.kind, "ts": DateTime::from_chrono(FOUNDED), "_updatedAt": now };
        if let Some(name) = room.name {
            document.extend(doc! { "name": name, "fname": room.friendly_name.unwrap_or(name) });
        }
        if !room.usernames.is_empty() {
            document.extend(doc! { "usernames": room.usernames.to_vec(), "usersCount": room.usernames.len() as i32 });
        }
        document.extend(room.parent.map(|parent| ("prid".to_owned(), parent.into())));
        document
    };
    ROOMS_THERE.iter().map(room).collect()
}

fn users(now: Instant<Utc>) -> Vec<Document> {
    let when = DateTime::from_chrono(now - TimeDelta::days(3));
    let user = |id: &str, name: &str, role: &str, token: Document| {
        doc! {
            "_id": id,
            "username": name,
            "type": "user",
            "active": true,
            "roles": ["user", role],
            "createdAt": DateTime::from_chrono(FOUNDED),
            "services": { "resume": { "loginTokens": [token] } },
        }
    };
    let login = |token: &str| doc! { "when": when, "hashedToken": Token::from(token).hashed().expose() };
    let mut personal = login(DOCUMENTED_TOKEN);
    personal.remove("when");
    personal.extend(
        doc! { "type": "personalAccessToken", "createdAt": when, "lastTokenPart": "8JQ0", "name": "documentation" },
    );
    vec![
        user(DOCUMENTED_USER, "admin", "admin", personal),
        user("AnnaUser111111111", "anna", "moderator", login("demo-token-of-anna")),
        user("BenUser2222222222", "ben", "guest", login("demo-token-of-ben")),
    ]
}

fn messages(now: Instant<Utc>) -> Vec<Document> {
    let mut writer = Writer { messages: Vec::new(), random: 2023 };
    for (day, count) in DOCUMENTED_DAYS {
        if let Some(day) = NaiveDate::from_ymd_opt(2023, 5, day) {
            writer.write_day(day, count, Instant::<Utc>::MAX_UTC);
        }
    }
    let today = now.date_naive();
    for age in (0..HISTORY_DAYS).rev() {
        let day = today - Days::new(age);
        let is_weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
        let count = if is_weekend { writer.below(12) } else { 90 + writer.below(120) };
        writer.write_day(day, count, now);
    }
    writer.messages
}

struct Writer {
    messages: Vec<Document>,
    random: u64,
}

impl Writer {
    /// A number below `bound`, from Knuth's linear congruential generator: it need only look like life.
    fn below(&mut self, bound: u32) -> u32 {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let high = self.random >> 33;
        u32::try_from(high % u64::from(bound)).unwrap_or_default()
    }

    /// A day with `count` messages that count and a few that do not, none later than `now`.
    fn write_day(&mut self, day: NaiveDate, count: u32, now: Instant<Utc>) {
        for _ in 0..count {
            // The first rooms are the busiest.
            let room = COUNTING_ROOMS[(self.below(6) * self.below(6) / 5).min(5) as usize];
            let mut message = self.message(day, room);
            if room == ENCRYPTED {
                message.extend(doc! { "t": "e2e", "msg": "U2FsdGVkX1+not-for-our-eyes" });
            } else if self.below(8) == 0 {
                message.insert("tmid", format!("thread{day}"));
            }
            self.add(message, now);
        }
        for kind in ["uj", "ul", "rm", "room_changed_topic"] {
            let message = self.message(day, "GENERAL");
            self.add_with(message, doc! { "t": kind }, now);
        }
        let original = self.message(day, "GENERAL");
        self.add_with(original, doc! { "_hidden": true, "parent": "an edited message" }, now);
        for room in [LIVECHAT, VOIP, DELETED] {
            let message = self.message(day, room);
            self.add(message, now);
        }
    }

    fn message(&mut self, day: NaiveDate, room: &str) -> Document {
        // Office hours, and a little after.
        let time = TimeDelta::milliseconds(i64::from(7 * 3_600_000 + self.below(14 * 3_600_000)));
        let at = DateTime::from_chrono(day.and_time(chrono::NaiveTime::MIN).and_utc() + time);
        let (user, name) = [("AnnaUser111111111", "anna"), ("BenUser2222222222", "ben")][self.below(2) as usize];
        doc! {
            "_id": format!("demo{:013}", self.messages.len()),
            "rid": room,
            "msg": SENTENCES[self.below(6) as usize],
            "ts": at,
            "u": { "_id": user, "username": name },
            "_updatedAt": at,
        }
    }

    fn add_with(&mut self, mut message: Document, fields: Document, now: Instant<Utc>) {
        message.extend(fields);
        self.add(message, now);
    }

    fn add(&mut self, message: Document, now: Instant<Utc>) {
        if message.get_datetime("ts").is_ok_and(|at| at.to_chrono() <= now) {
            self.messages.push(message);
        }
    }
}
