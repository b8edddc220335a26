//! Two members of a replica set, of which only the first can be primary.

use std::time::{Duration, Instant};

use bson::{Document, doc};
use mongodb::{Client, Database, options::ClientOptions};
use rocketchat_engagement::commands::demo::mongod::PrivateMongod;
use tokio::time::sleep;

use super::{PATIENCE, Standalone, Workspace, start_mongod};

/// The name of the workspace's database.
const DATABASE: &str = "rocketchat";

/// A primary and a secondary that votes: without the secondary, no majority holds what is written.
pub struct Pair {
    pub primary: PrivateMongod,
    pub secondary: Standalone,
}

impl Pair {
    /// Starts both and waits until the second follows the first.
    pub async fn start() -> Self {
        let primary = start_mongod(&[]).await.expect("mongod");
        let secondary = Standalone::start_with(&["--replSet=rs0", "--setParameter=enableTestCommands=1"]);
        let pair = Self { primary, secondary };
        let admin = pair.primary.client().await.expect("a client").database("admin");
        let held = admin.run_command(doc! { "replSetGetConfig": 1 }).await.expect("a configuration");
        let mut config = held.get_document("config").expect("a configuration").clone();
        config.insert("version", config.get_i32("version").expect("a version") + 1);
        let second = doc! { "_id": 1, "host": pair.secondary.address(), "priority": 0, "tags": { "use": "analytics" } };
        config.get_array_mut("members").expect("members").push(second.into());
        let settings = config.get_document_mut("settings").expect("settings");
        settings.extend(doc! { "electionTimeoutMillis": 2000, "heartbeatIntervalMillis": 500 });
        admin.run_command(doc! { "replSetReconfig": config }).await.expect("a second member");
        let began = Instant::now();
        while !pair.has_followed().await {
            assert!(began.elapsed() < PATIENCE, "the second member does not follow");
            sleep(Duration::from_millis(50)).await;
        }
        pair
    }

    async fn has_followed(&self) -> bool {
        let note =
            doc! { "appendOplogNote": 1, "data": { "note": "all" }, "writeConcern": { "w": 2, "wtimeout": 1000 } };
        let admin = self.primary.client().await.expect("a client").database("admin");
        let is_secondary = self.on_secondary(doc! { "hello": 1 }).await.get_bool("secondary").unwrap_or(false);
        is_secondary && admin.run_command(note).await.is_ok_and(|reply| !reply.contains_key("writeConcernError"))
    }

    /// The database on the secondary alone.
    pub async fn secondary_database(&self) -> Database {
        let url = format!("mongodb://{}/?directConnection=true", self.secondary.address());
        let options = ClientOptions::parse(url).await.expect("a connection string");
        Client::with_options(options).expect("a client").database(DATABASE)
    }

    async fn on_secondary(&self, command: Document) -> Document {
        let client = self.secondary_database().await.client().clone();
        client.database("admin").run_command(command).await.unwrap_or_default()
    }

    /// Lets the secondary copy what the primary writes, or not.
    pub async fn replicate(&self, is_on: bool) {
        let mode = if is_on { "off" } else { "alwaysOn" };
        let reply = self.on_secondary(doc! { "configureFailPoint": "stopReplProducer", "mode": mode }).await;
        assert!(reply.get_f64("ok").is_ok_and(|ok| ok == 1.0), "{reply}");
    }

    /// Takes the secondary's vote: the primary is a majority by itself, however far the other lags behind.
    pub async fn outvote(&self) {
        let admin = self.primary.client().await.expect("a client").database("admin");
        let held = admin.run_command(doc! { "replSetGetConfig": 1 }).await.expect("a configuration");
        let mut config = held.get_document("config").expect("a configuration").clone();
        config.insert("version", config.get_i32("version").expect("a version") + 1);
        let second = config.get_array_mut("members").expect("members")[1].as_document_mut().expect("a member");
        second.insert("votes", 0);
        admin.run_command(doc! { "replSetReconfig": config }).await.expect("a member without a vote");
    }

    /// The connection string, with further options.
    pub fn url(&self, options: &str) -> String {
        let (first, second) = (self.primary.port(), self.secondary.address());
        format!("mongodb://127.0.0.1:{first},{second}/{DATABASE}?replicaSet=rs0{options}")
    }

    /// The workspace. Writes are acknowledged by the primary alone.
    pub async fn workspace(&self) -> Workspace {
        Workspace::at(&self.url("&w=1"), DATABASE).await
    }
}
