//! A small believable workspace: users, roles, permissions, rooms of every type, the documented messages of May 2023,
//! and a history of thirteen months up to today. The same on every run of a day.
//!
//! The history has something to find: more messages each month, hardly any on weekends, a day with three times as many as
//! usual in the last ten ([`spike_day`]), a channel that went quiet ([`QUIET_CHANNEL`]) and one that is new ([`NEW_CHANNEL`]).

mod messages;
mod rooms;

pub use messages::spike_day;
pub use rooms::{NEW_CHANNEL, QUIET_CHANNEL, SPIKE_CHANNEL};

use bson::{DateTime, Document, doc};
use chrono::{DateTime as Instant, TimeDelta, Utc};
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

/// The name of the workspace.
pub const SITE_NAME: &str = "Example Ltd";

/// Writes the workspace into an empty database, as of `now`.
///
/// # Errors
/// The driver's.
pub async fn fill(database: &Database, now: Instant<Utc>) -> Result<(), mongodb::error::Error> {
    let messages = messages::messages(now);
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
        (ROOMS, rooms::rooms(now)),
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

fn users(now: Instant<Utc>) -> Vec<Document> {
    let when = DateTime::from_chrono(now - TimeDelta::days(3));
    let user = |id: &str, name: &str, role: &str, token: Document| {
        doc! {
            "_id": id,
            "username": name,
            "type": "user",
            "active": true,
            "roles": ["user", role],
            "createdAt": DateTime::from_chrono(rooms::FOUNDED),
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
