//! A workspace as large as the benchmark wants it, with documents of a real workspace's size.

use base64::{Engine, engine::general_purpose::STANDARD};
use bson::{DateTime, Document, doc};
use chrono::{NaiveDate, Utc};
use mongodb::{Database, IndexModel};
use sha2::{Digest, Sha256};

/// The user who asks.
pub const USER: &str = "bench";
/// Their token.
pub const TOKEN: &str = "bench-secret-token";

/// How much there is to count.
pub struct Workload {
    /// Messages in all, some of which do not count.
    pub messages: u32,
    /// Rooms in all.
    pub rooms: u32,
    /// The days up to yesterday over which the messages are spread.
    pub days: u32,
}

impl Workload {
    /// Writes the workspace and returns its last day.
    pub async fn fill(&self, database: &Database) -> Result<NaiveDate, mongodb::error::Error> {
        let hashed = STANDARD.encode(Sha256::digest(TOKEN));
        let tokens = [doc! { "hashedToken": hashed, "type": "personalAccessToken", "name": "bench" }];
        let user = doc! {
            "_id": USER, "active": true, "roles": ["admin"], "services": { "resume": { "loginTokens": tokens.to_vec() } },
        };
        let insert =
            async |name: &str, documents: Vec<Document>| database.collection(name).insert_many(documents).await;
        insert("users", vec![user]).await?;
        insert("rocketchat_roles", vec![doc! { "_id": "admin" }]).await?;
        insert("rocketchat_permissions", vec![doc! { "_id": "view-engagement-dashboard", "roles": ["admin"] }]).await?;
        // One room in twenty is a livechat, whose messages do not count.
        let kind = |room: u32| if room.is_multiple_of(20) { "l" } else { ["c", "p", "d"][(room % 3) as usize] };
        insert("rocketchat_room", (0..self.rooms).map(|room| doc! { "_id": room_id(room), "t": kind(room) }).collect())
            .await?;
        let end = Utc::now().date_naive() - chrono::Days::new(1);
        let begin = (end - chrono::Days::new(u64::from(self.days) - 1)).and_time(chrono::NaiveTime::MIN).and_utc();
        let step = i64::from(self.days) * 86_400_000 / i64::from(self.messages);
        let messages = database.collection::<Document>("rocketchat_message");
        let mut random = 1u64;
        let mut batch = Vec::new();
        for number in 0..self.messages {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let at = DateTime::from_millis(begin.timestamp_millis() + i64::from(number) * step);
            batch.push(message(number, at, random, self.rooms));
            if batch.len() == 20_000 || number + 1 == self.messages {
                messages.insert_many(std::mem::take(&mut batch)).await?;
            }
        }
        for keys in [doc! { "ts": 1 }, doc! { "rid": 1, "ts": 1 }] {
            messages.create_index(IndexModel::builder().keys(keys).build()).await?;
        }
        Ok(end)
    }
}

fn room_id(room: u32) -> String {
    format!("room{room:013}")
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
