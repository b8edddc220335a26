//! A small believable workspace: users, roles, permissions, rooms of every type, the documented messages of May 2023,
//! and a history of thirteen months up to today. The same on every run of a day.
//!
//! The history has something to find: more messages each month, hardly any on weekends, a day with three times as many as
//! usual in the last ten ([`spike_day`]), a channel that went quiet ([`QUIET_CHANNEL`]) and one that is new ([`NEW_CHANNEL`]).

use bson::{DateTime, Document, doc};
use chrono::{DateTime as Instant, Datelike, Days, NaiveDate, TimeDelta, Utc, Weekday};
use mongodb::{Database, IndexModel};

use super::people::{self, chance};
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

/// How many days of history there are, today included: as many as the service keeps in memory.
const HISTORY_DAYS: u64 = 400;

/// The name of the workspace.
pub const SITE_NAME: &str = "Example Ltd";

/// `_id` of the channel in which most messages of the day with the most were sent.
pub const SPIKE_CHANNEL: &str = "oP3rAt1oNsRoom4Xy";
/// `_id` of the channel that has many messages, the last ones 34 days ago.
pub const QUIET_CHANNEL: &str = "aTl4sPr0jEctRm8Qz";
const QUIET_SINCE: u64 = 34;
/// `_id` of the channel that was made 16 days ago.
pub const NEW_CHANNEL: &str = "rEl3aSe50RoomK7Wd";
const NEW_SINCE: u64 = 16;

/// A room of the workspace.
#[derive(Clone, Copy)]
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
    /// Its part of the history's messages, against the other rooms.
    weight: u32,
    /// How many days ago it was made, if not in the beginning.
    made: Option<u64>,
    /// How many days ago its last message was sent.
    last: u64,
}

impl Room {
    /// The same with a part of the history's messages.
    const fn weighing(self, weight: u32) -> Self {
        Self { weight, ..self }
    }

    /// When it was made.
    fn made(&self, today: NaiveDate) -> Instant<Utc> {
        self.made.map_or(FOUNDED, |age| start_of(today - Days::new(age)))
    }

    /// Its part of the messages of a day that long ago. It has better and worse weeks.
    fn weight_on(&self, day: NaiveDate, age: u64) -> u32 {
        if age < self.last || self.made.is_some_and(|made| age > made) {
            return 0;
        }
        let monday = day - Days::new(u64::from(day.weekday().num_days_from_monday()));
        let percent = 70 + chance(self.id, monday, 0) % 61;
        self.weight * u32::try_from(percent).unwrap_or(100)
    }
}

const fn named(id: &'static str, kind: &'static str, name: &'static str, friendly_name: Option<&'static str>) -> Room {
    Room { id, kind, name: Some(name), friendly_name, usernames: &[], parent: None, weight: 0, made: None, last: 0 }
}

const fn between(id: &'static str, usernames: &'static [&'static str]) -> Room {
    Room { kind: "d", name: None, usernames, ..named(id, "d", "", None) }
}

const ROOMS_THERE: [Room; 36] = [
    named("GENERAL", "c", "general", None).weighing(150),
    // It was renamed, and its name has characters that a `name` cannot have.
    named("eXb7mQ2nTzWc4kLpA", "c", "development-berlin", Some("Development (Berlin)")).weighing(170),
    named("hT5vRw9sJdNq3yKmB", "p", "board", None).weighing(25),
    Room {
        parent: Some("hT5vRw9sJdNq3yKmB"),
        ..named(ENCRYPTED, "p", "pEnc7Wx2", Some("Works council: agreement")).weighing(15)
    },
    between(ANNA_AND_BEN, &["anna", "ben"]).weighing(40),
    between("kD8rMultiple3User", &["anna", "ben", "carla"]).weighing(20),
    Room { kind: "l", ..between(LIVECHAT, &[]) },
    Room { kind: "v", ..between(VOIP, &[]) },
    named(SPIKE_CHANNEL, "c", "operations", Some("Operations")).weighing(60),
    Room { last: QUIET_SINCE, ..named(QUIET_CHANNEL, "c", "project-atlas", Some("Project Atlas")).weighing(110) },
    Room { made: Some(NEW_SINCE), ..named(NEW_CHANNEL, "c", "release-5", Some("Release 5.0")).weighing(70) },
    named(SUPPORT, "c", "support", Some("Support")).weighing(130),
    named("sAl3sTeamRoom5Hj7", "c", "sales", Some("Sales")).weighing(80),
    named("mArk3t1ngRoom6Gh2", "c", "marketing", Some("Marketing")).weighing(55),
    named("pR0ductRoomTz8Bn4", "c", "product", Some("Product")).weighing(75),
    named("dEs1gnStudioRm3Vc", "c", "design", Some("Design")).weighing(45),
    named("rAnd0mThingsRm7Fd", "c", "random", None).weighing(60),
    named("nEwsRoom4All9Sx1A", "c", "announcements", Some("Announcements")).weighing(6),
    named("hAmburg0ff1ceRm5E", "c", "office-hamburg", Some("Office Hamburg")).weighing(30),
    named("bErl1n0ff1ceRm6Rt", "c", "office-berlin", Some("Office Berlin")).weighing(25),
    named("lUnchTimeRoom8Yu3", "c", "lunch", None).weighing(22),
    named("bOokClubRoom1Io5P", "c", "book-club", Some("Book club")).weighing(5),
    named("f0otballRoom2Qw4E", "c", "football", Some("Football")).weighing(9),
    named("kN0wledgeRm3Zx6Cv", "c", "questions", Some("Questions and answers")).weighing(35),
    named("sEcur1tyRoom4Bn8M", "p", "security", Some("Security")).weighing(28),
    named("fInanceRoom5Lk2Jh", "p", "finance", Some("Finance")).weighing(26),
    named("pEopleTeamRm6Gf4D", "p", "people-team", Some("People team")).weighing(24),
    named("lEadershipRm7Sa1P", "p", "leadership", Some("Leadership")).weighing(20),
    named("aPprent1cesRm8Oi3", "p", "apprentices", Some("Apprentices")).weighing(12),
    between("CarlaDavidDirect1", &["carla", "david"]).weighing(22),
    between("ElifFaridDirect22", &["elif", "farid"]).weighing(14),
    between("GretaHugoDirect33", &["greta", "hugo"]).weighing(18),
    between("InesJonasDirect44", &["ines", "jonas"]).weighing(11),
    between("KiraLeonDirect555", &["kira", "leon"]).weighing(8),
    between("AnnaMonaDirect666", &["anna", "mona"]).weighing(16),
    between("BenNilsOlgaDirect", &["ben", "nils", "olga"]).weighing(10),
];
const SUPPORT: &str = "sUpp0rtDeskRm2Lk9";
const ANNA_AND_BEN: &str = "AnnaUser111111111BenUser2222222222";
const ENCRYPTED: &str = "pEncryptedRoom77x";
const LIVECHAT: &str = "oLiveChat9vWx2Qz1";
const VOIP: &str = "vVoipCall5nMb8Yt4";
const DELETED: &str = "roomThatIsGone999";

/// The rooms of the documented messages, the busiest first.
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
                doc! { "_id": "Site_Name", "value": SITE_NAME },
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
        let made = DateTime::from_chrono(room.made(now.date_naive()));
        let mut document = doc! { "_id": room.id, "t": room.kind, "ts": made, "_updatedAt": now };
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
        writer.write_usual_day(day, age, now);
        if day == spike_day(today) {
            writer.write_spike(day, now);
        }
    }
    writer.messages
}

/// The day of the last ten with three times the messages of a usual one: a Wednesday that is over.
pub fn spike_day(today: NaiveDate) -> NaiveDate {
    let days = (2..9).map(|age| today - Days::new(age));
    days.into_iter().find(|day| day.weekday() == Weekday::Wed).unwrap_or(today)
}

/// The first instant of a day in UTC, the zone of the demonstration.
fn start_of(day: NaiveDate) -> Instant<Utc> {
    day.and_time(chrono::NaiveTime::MIN).and_utc()
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

    /// A documented day with `count` messages that count and a few that do not.
    fn write_day(&mut self, day: NaiveDate, count: u32, now: Instant<Utc>) {
        for _ in 0..count {
            // The first rooms are the busiest.
            let room = COUNTING_ROOMS[(self.below(6) * self.below(6) / 5).min(5) as usize];
            self.write_counting(day, room, now);
        }
        self.write_others(day, now);
    }

    /// A day of the history, `age` days ago, with messages that count and a few that do not, none later than `now`.
    fn write_usual_day(&mut self, day: NaiveDate, age: u64, now: Instant<Utc>) {
        // More each month, most on Tuesdays.
        let usual = 160 - u32::try_from(age * 110 / HISTORY_DAYS).unwrap_or_default();
        let count = match day.weekday() {
            Weekday::Sat | Weekday::Sun => self.below(12),
            weekday => {
                let percent = [108, 116, 102, 98, 76, 0, 0][weekday.num_days_from_monday() as usize];
                usual * percent / 100 + self.below(usual / 5)
            }
        };
        let weights = ROOMS_THERE.map(|room| room.weight_on(day, age));
        for _ in 0..count {
            let mut place = self.below(weights.iter().sum());
            let drawn = ROOMS_THERE.iter().zip(weights).find(|(_, weight)| match place.checked_sub(*weight) {
                Some(rest) => {
                    place = rest;
                    false
                }
                None => true,
            });
            if let Some((room, _)) = drawn {
                self.write_counting(day, room.id, now);
            }
        }
        self.write_others(day, now);
    }

    /// What makes a usual day one with three times the messages: almost all in one channel.
    fn write_spike(&mut self, day: NaiveDate, now: Instant<Utc>) {
        for number in 0..330 {
            let room = if number % 11 == 0 { SUPPORT } else { SPIKE_CHANNEL };
            self.write_counting(day, room, now);
        }
    }

    /// A message that counts.
    fn write_counting(&mut self, day: NaiveDate, room: &str, now: Instant<Utc>) {
        let mut message = self.message(day, room);
        if room == ENCRYPTED {
            message.extend(doc! { "t": "e2e", "msg": "U2FsdGVkX1+not-for-our-eyes" });
        } else if self.below(8) == 0 {
            message.insert("tmid", format!("thread{day}"));
        }
        self.add(message, now);
    }

    /// Messages of a day that do not count.
    fn write_others(&mut self, day: NaiveDate, now: Instant<Utc>) {
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
        let at = DateTime::from_chrono(start_of(day) + time);
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
