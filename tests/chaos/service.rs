//! The service under test: the binary as it is shipped, asked over HTTP, frozen now and then.

use std::{net::SocketAddr, path::Path, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use bson::{Document, doc};
use mongodb::{Collection, Database};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::{
    client::{Response, send},
    guarded::{Guarded, until},
};

const PATH: &str = "/api/v1/engagement-dashboard/messages/messages-sent";
/// Somebody with a token.
#[derive(Debug, Clone, Copy)]
pub struct Viewer {
    id: &'static str,
    token: &'static str,
}

/// Who asks all the time.
pub const REGULAR: Viewer = Viewer { id: "chaos", token: "a-token-of-the-chaos-test" };

/// Whose token is revoked now and then.
pub const GUEST: Viewer = Viewer { id: "guest", token: "another-token-of-the-chaos-test" };

/// What `/readyz` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Readiness {
    /// `live`, `loading` or `pipeline`.
    pub counting: String,
    pub mongodb: String,
    pub loaded_days: u64,
}

/// The running binary. Dropping it ends it.
pub struct Service {
    process: Guarded,
    pub address: SocketAddr,
    _directory: TempDir,
}

impl Service {
    /// Starts it and waits until it listens.
    pub async fn start(mongo_url: &str, time_zone: &str, environment: &[(String, String)]) -> Self {
        let directory = tempfile::Builder::new().prefix("engagement-chaos-").tempdir().expect("a directory");
        let mut all = vec![("MONGO_URL", mongo_url), ("PORT", "0"), ("METRICS_PORT", "0"), ("TZ", time_zone)];
        all.extend(environment.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let program = Path::new(env!("CARGO_BIN_EXE_rocketchat-engagement"));
        let process = Guarded::start(directory.path(), "log", program, &["serve".to_owned()], &all);
        let listens = async || {
            let output = process.output();
            let address = output.split("serving http://").nth(1)?.split('/').next()?.parse().ok();
            assert!(process.is_running(), "the service ended:\n{output}");
            address
        };
        let address = until("the service", Duration::from_secs(20), listens).await;
        Self { process, address, _directory: directory }
    }

    /// Freezes it, or lets it go on.
    pub fn freeze(&self, is_frozen: bool) {
        self.process.signal(if is_frozen { "STOP" } else { "CONT" });
    }

    /// Its resident memory in kB.
    pub fn memory(&self) -> u64 {
        self.process.memory()
    }

    /// What it logged last.
    pub fn last_words(&self, lines: usize) -> String {
        self.process.last_words(lines)
    }

    /// Waits until it counts from memory again. Says how long that took.
    pub async fn live(&self, most: Duration) -> Duration {
        let began = tokio::time::Instant::now();
        let live = async || (readiness(self.address).await.counting == "live").then_some(());
        until("the service to be live", most, live).await;
        began.elapsed()
    }
}

/// Asks how it is.
pub async fn readiness(address: SocketAddr) -> Readiness {
    let answer = send(address, "GET", "/readyz", &[], b"").await.json();
    let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
    let loaded_days = answer["loaded_days"].as_u64().unwrap_or(0);
    Readiness { counting: text("counting"), mongodb: text("mongodb"), loaded_days }
}

/// Asks the endpoint.
pub async fn ask(address: SocketAddr, viewer: Viewer, query: &str) -> Response {
    let Viewer { id, token } = viewer;
    let credentials = [("X-User-Id", id.as_bytes()), ("X-Auth-Token", token.as_bytes())];
    send(address, "GET", &format!("{PATH}?{query}"), &credentials, b"").await
}

/// Two who may ask, as often as they like.
pub async fn write_viewers(database: &Database) {
    let insert = async |collection: &str, document: Document| {
        database.collection(collection).insert_one(document).await.expect("an insert");
    };
    for viewer in [REGULAR, GUEST] {
        insert("users", doc! { "_id": viewer.id, "active": true, "roles": ["admin"], "services": tokens(viewer) })
            .await;
    }
    insert("rocketchat_roles", doc! { "_id": "admin" }).await;
    insert("rocketchat_permissions", doc! { "_id": "view-engagement-dashboard", "roles": ["admin"] }).await;
    insert("rocketchat_settings", doc! { "_id": "API_Enable_Rate_Limiter", "value": false }).await;
}

fn tokens(viewer: Viewer) -> Document {
    let hashed = STANDARD.encode(Sha256::digest(viewer.token));
    doc! { "resume": { "loginTokens": [{ "type": "personalAccessToken", "name": "chaos", "hashedToken": hashed }] } }
}

/// Revokes somebody's token, or gives it back. Returns when `users` has it.
pub async fn allow(users: &Collection<Document>, viewer: Viewer, is_allowed: bool) -> mongodb::error::Result<()> {
    let services = if is_allowed {
        tokens(viewer)
    } else {
        doc! { "resume": { "loginTokens": [] } }
    };
    users.update_one(doc! { "_id": viewer.id }, doc! { "$set": { "services": services } }).await.map(drop)
}
