//! A workspace as large as the benchmark wants it, with documents of a real workspace's size.

use base64::{Engine, engine::general_purpose::STANDARD};
use bson::{Bson, DateTime, Document, doc};
use chrono::{Days, NaiveDate, NaiveTime, Utc};
use mongodb::{Database, IndexModel};
use sha2::{Digest, Sha256};

/// Who asks: `_id`, token, and further headers.
#[derive(Clone, Copy)]
pub struct Who(&'static str, &'static str, &'static str);

/// A user with the permission.
pub const PERMITTED: Who = Who("permitted", "token-of-the-permitted", "");
/// The same in a browser, which takes compressed bodies.
pub const BROWSER: Who = Who("permitted", "token-of-the-permitted", "Accept-Encoding: gzip\r\n");
/// A user without, for whom the same is looked up.
pub const REFUSED: Who = Who("refused", "token-of-the-refused", "");
/// A user with the permission whose calls are counted for the rate limit.
pub const LIMITED: Who = Who("limited", "token-of-the-limited", "");

impl Who {
    /// Their credentials.
    pub fn headers(self) -> String {
        format!("X-User-Id: {}\r\nX-Auth-Token: {}\r\n{}", self.0, self.1, self.2)
    }

    /// The hash of their token.
    pub fn hashed(self) -> String {
        STANDARD.encode(Sha256::digest(self.1))
    }

    fn document(self, role: &str) -> Document {
        let tokens = vec![doc! {
            "hashedToken": self.hashed(), "type": "personalAccessToken", "name": "bench",
        }];
        doc! { "_id": self.0, "active": true, "roles": ["user", role], "services": { "resume": { "loginTokens": tokens } } }
    }
}

/// How much there is to count.
#[derive(Clone, Copy)]
pub struct Workload {
    /// Messages in all, some of which do not count.
    pub messages: u32,
    /// Rooms in all.
    pub rooms: u32,
    /// The days up to today over which the messages are spread.
    pub days: u32,
}

impl Workload {
    /// Writes the workspace.
    pub async fn fill(&self, database: &Database) -> Result<(), mongodb::error::Error> {
        let insert =
            async |name: &str, documents: Vec<Document>| database.collection(name).insert_many(documents).await;
        insert("users", vec![PERMITTED.document("admin"), REFUSED.document("moderator"), LIMITED.document("analyst")])
            .await?;
        insert("rocketchat_roles", ["user", "admin", "moderator", "analyst"].map(|id| doc! { "_id": id }).into())
            .await?;
        insert(
            "rocketchat_permissions",
            vec![doc! { "_id": "view-engagement-dashboard", "roles": ["admin", "analyst"] }],
        )
        .await?;
        // One room in twenty is a livechat, whose messages do not count.
        let kind = |room: u32| if room.is_multiple_of(20) { "l" } else { ["c", "p", "d"][(room % 3) as usize] };
        insert("rocketchat_room", (0..self.rooms).map(|room| room_document(room, kind(room))).collect()).await?;
        let begin = midnight(self.first_day()).timestamp_millis();
        // The last day has as many messages as the others, whatever the time of day is now.
        let step = i64::from(self.days) * 86_400_000 / i64::from(self.messages);
        let messages = database.collection::<Document>("rocketchat_message");
        for keys in [doc! { "ts": 1 }, doc! { "rid": 1, "ts": 1 }] {
            messages.create_index(IndexModel::builder().keys(keys).build()).await?;
        }
        let mut random = 1u64;
        let mut batch = Vec::new();
        for number in 0..self.messages {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            batch.push(message(number, DateTime::from_millis(begin + i64::from(number) * step), random, self.rooms));
            if batch.len() == 20_000 || number + 1 == self.messages {
                messages.insert_many(std::mem::take(&mut batch)).await?;
            }
        }
        Ok(())
    }

    /// The 90 days up to today; with the window before them they touch every message.
    pub fn target(&self) -> String {
        let (start, end) = (today() - Days::new(89), today());
        let path = rocketchat_engagement::http::dashboard::messages_sent::PATH;
        format!("{path}?start={start}T00:00:00.000Z&end={end}T00:00:00.000Z")
    }

    /// An instant of the last day.
    pub fn last_moment(&self) -> DateTime {
        midnight(today())
    }

    /// What an administrator would type into a shell to count the same messages, with or without the conditions.
    pub fn by_day(&self, is_filtered: bool) -> Vec<Document> {
        let day = doc! { "$dateTrunc": { "date": "$ts", "unit": "day" } };
        vec![doc! { "$match": self.range(is_filtered) }, doc! { "$group": { "_id": day, "n": { "$sum": 1 } } }]
    }

    /// What fills the tally, in one aggregation.
    pub fn by_room_and_day(&self) -> Vec<Document> {
        let day = doc! { "$dateTrunc": { "date": "$ts", "unit": "day" } };
        let key = doc! { "rid": "$rid", "day": day };
        vec![doc! { "$match": self.range(true) }, doc! { "$group": { "_id": key, "n": { "$sum": 1 } } }]
    }

    fn range(&self, is_filtered: bool) -> Document {
        let range = doc! { "$gte": midnight(self.first_day()), "$lt": midnight(today() + Days::new(1)) };
        match is_filtered {
            false => doc! { "ts": range },
            true => doc! { "ts": range, "t": { "$in": [Bson::Null, Bson::from("e2e")] }, "_hidden": { "$ne": true } },
        }
    }

    fn first_day(&self) -> NaiveDate {
        today() - Days::new(u64::from(self.days) - 1)
    }
}

fn today() -> NaiveDate {
    Utc::now().date_naive()
}

fn midnight(day: NaiveDate) -> DateTime {
    DateTime::from_chrono(day.and_time(NaiveTime::MIN).and_utc())
}

/// `_id` of a room: 17 letters and digits without an order, as real ones.
pub fn room_id(room: u32) -> String {
    let random = STANDARD.encode(Sha256::digest(room.to_be_bytes()));
    random.chars().filter(char::is_ascii_alphanumeric).take(17).collect()
}

/// A room with a name, if it is none for direct messages.
fn room_document(room: u32, kind: &str) -> Document {
    let mut document = doc! { "_id": room_id(room), "t": kind };
    if kind != "d" {
        document.extend(doc! { "name": format!("team-number-{room}"), "fname": format!("Team number {room}") });
    }
    document
}

/// A message of about half a kilobyte. Some rooms are much busier than others.
fn message(number: u32, at: DateTime, random: u64, rooms: u32) -> Document {
    let share = ((random >> 40) as f64 / f64::from(1u32 << 24)).powi(2);
    let room = ((share * f64::from(rooms)) as u32).min(rooms - 1);
    let text = "Could somebody have a look at the merge request before lunch? The build is green again.";
    let mut message = doc! {
        "_id": format!("message{number:010}"),
        "rid": room_id(room),
        "msg": text,
        "ts": at,
        "u": { "_id": "AnnaUser111111111", "username": "anna", "name": "Anna Schmidt" },
        "_updatedAt": at,
        "urls": [],
        "mentions": [],
        "channels": [],
        "md": [{ "type": "PARAGRAPH", "value": [{ "type": "PLAIN_TEXT", "value": text }] }],
    };
    match random % 100 {
        0..5 => drop(message.insert("t", ["uj", "ul", "rm", "au", "e2e"][(random % 5) as usize])),
        5..8 => drop(message.insert("_hidden", true)),
        _ => {}
    }
    message
}
