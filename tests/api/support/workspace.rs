//! A Rocket.Chat workspace for one test: a database of its own with what the test writes into it.

use std::sync::atomic::{AtomicU32, Ordering};

use base64::{Engine, engine::general_purpose::STANDARD};
use bson::{Document, doc};
use mongodb::{Database, IndexModel, options::ClientOptions};
use rocketchat_engagement::commands::demo;
use sha2::{Digest, Sha256};

use super::{keep_secret, shared_mongod};

/// Options of a connection string: to the driver, a machine that stands still for some seconds is no outage.
pub const PATIENT: &str = "connectTimeoutMS=60000&serverSelectionTimeoutMS=60000";

/// An instant from what a person writes.
pub fn utc(text: &str) -> bson::DateTime {
    bson::DateTime::parse_rfc3339_str(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// An instant in milliseconds since 1970.
pub fn millis(milliseconds: i64) -> bson::DateTime {
    bson::DateTime::from_millis(milliseconds)
}

/// A database with a name of its own. Nothing is in it but what the test writes.
pub struct Workspace {
    pub database: Database,
    url: String,
}

impl Workspace {
    /// An empty workspace on the shared MongoDB.
    pub async fn empty() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("workspace{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        Self::at(&format!("{}&{PATIENT}", shared_mongod().url(&name)), &name).await
    }

    /// A database at another MongoDB.
    pub async fn at(url: &str, name: &str) -> Self {
        let options = ClientOptions::parse(url).await.expect("a connection string");
        let client = mongodb::Client::with_options(options).expect("a client");
        Self { database: client.database(name), url: url.to_owned() }
    }

    /// The workspace of the demonstration.
    pub async fn demonstration() -> Self {
        let workspace = Self::empty().await;
        demo::workspace::fill(&workspace.database, chrono::Utc::now()).await.expect("the demonstration's workspace");
        workspace
    }

    /// The headers of its administrator.
    pub fn admin_of_the_demonstration() -> [(&'static str, &'static str); 2] {
        keep_secret(demo::workspace::DOCUMENTED_TOKEN);
        [("X-User-Id", demo::workspace::DOCUMENTED_USER), ("X-Auth-Token", demo::workspace::DOCUMENTED_TOKEN)]
    }

    /// A workspace in which `admin`, with the token `admin-secret-token`, may ask, and rooms of every type are.
    pub async fn with_admin() -> Self {
        let workspace = Self::empty().await;
        workspace.add_admin().await;
        workspace
    }

    /// Adds what [`Self::with_admin`] has.
    pub async fn add_admin(&self) {
        self.insert("rocketchat_roles", ["admin", "user", "guest"].map(|role| doc! { "_id": role })).await;
        self.insert("rocketchat_permissions", [doc! { "_id": "view-engagement-dashboard", "roles": ["admin"] }]).await;
        self.insert("users", [user("admin", &["user", "admin"], "admin-secret-token")]).await;
        let rooms = [("channel", "c"), ("private", "p"), ("direct", "d"), ("livechat", "l"), ("voip", "v")];
        self.insert("rocketchat_room", rooms.map(|(id, kind)| doc! { "_id": id, "t": kind })).await;
    }

    /// Adds an auditor, who may ask as well, but has no right to bypass the rate limit.
    pub async fn add_auditor(&self) {
        self.insert("rocketchat_roles", [doc! { "_id": "auditor" }]).await;
        let roles = doc! { "$set": { "roles": ["admin", "auditor"] } };
        self.update("rocketchat_permissions", "view-engagement-dashboard", roles).await;
        self.insert("users", [user("auditor", &["auditor"], "the-token-of-an-auditor")]).await;
    }

    /// The headers of that auditor.
    pub const AUDITOR: [(&str, &str); 2] = [("X-User-Id", "auditor"), ("X-Auth-Token", "the-token-of-an-auditor")];

    /// The headers of that admin.
    pub fn admin() -> [(&'static str, &'static str); 2] {
        [("X-User-Id", "admin"), ("X-Auth-Token", "admin-secret-token")]
    }

    /// The connection string.
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// Makes the index on `ts` that Rocket.Chat makes.
    pub async fn with_index(self) -> Self {
        let index = IndexModel::builder().keys(doc! { "ts": 1 }).build();
        let messages = self.database.collection::<Document>("rocketchat_message");
        messages.create_index(index).await.expect("an index");
        self
    }

    /// Inserts documents into a collection.
    pub async fn insert(&self, collection: &str, documents: impl IntoIterator<Item = Document>) {
        let documents: Vec<_> = documents.into_iter().collect();
        if !documents.is_empty() {
            self.database.collection(collection).insert_many(documents).await.expect("inserts");
        }
    }

    /// Applies an update to one document.
    pub async fn update(&self, collection: &str, id: &str, update: Document) {
        let collection = self.database.collection::<Document>(collection);
        let result = collection.update_one(doc! { "_id": id }, update).await.expect("an update");
        assert_eq!(result.matched_count, 1, "{id} is there");
    }

    /// Deletes one document.
    pub async fn delete(&self, collection: &str, id: &str) {
        let collection = self.database.collection::<Document>(collection);
        let result = collection.delete_one(doc! { "_id": id }).await.expect("a deletion");
        assert_eq!(result.deleted_count, 1, "{id} is there");
    }
}

/// A user with a personal access token, as Rocket.Chat stores it.
pub fn user(id: &str, roles: &[&str], token: &str) -> Document {
    let tokens = [doc! { "hashedToken": hashed(token), "type": "personalAccessToken", "name": "test" }];
    doc! { "_id": id, "active": true, "roles": roles.to_vec(), "services": { "resume": { "loginTokens": tokens.to_vec() } } }
}

/// A token as Rocket.Chat stores it: base64 of SHA-256. Neither may be written to the log.
pub fn hashed(token: &str) -> String {
    let hashed = STANDARD.encode(Sha256::digest(token));
    keep_secret(token);
    keep_secret(&hashed);
    hashed
}
