//! A MongoDB with access control, and its administrator.

use bson::{Document, doc};
use mongodb::Database;
use rocketchat_engagement::commands::demo::mongod::PrivateMongod;
use tempfile::NamedTempFile;

use super::{PATIENT, Workspace, keep_secret, start_mongod};

/// The administrator as the beginning of a connection string has them.
pub const ROOT: &str = "root:rootpassword@";

/// A MongoDB that asks everybody who they are.
pub struct GuardedMongod {
    pub mongod: PrivateMongod,
    _key: NamedTempFile,
}

impl GuardedMongod {
    /// Starts one and makes the administrator.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// The same with further arguments.
    pub async fn start_with(arguments: &[&str]) -> Self {
        let key = NamedTempFile::new().expect("a file");
        std::fs::write(key.path(), "a2V5IG9mIHRoZSB0ZXN0cw==").expect("a key");
        let key_file = format!("--keyFile={}", key.path().display());
        let mongod = start_mongod(&[&["--auth", &key_file], arguments].concat()).await.expect("mongod");
        keep_secret("rootpassword");
        // The localhost exception: the first user may be made without being one.
        let admin = mongod.client().await.expect("a client").database("admin");
        let root = doc! { "createUser": "root", "pwd": "rootpassword", "roles": ["root"] };
        admin.run_command(root).await.expect("the first user");
        Self { mongod, _key: key }
    }

    /// The connection string of an account that is kept in a database.
    pub fn url(&self, account: &str, database: &str, kept_in: &str) -> String {
        let port = self.mongod.port();
        format!("mongodb://{account}127.0.0.1:{port}/{database}?replicaSet=rs0&authSource={kept_in}&{PATIENT}")
    }

    /// Rocket.Chat's database for the administrator.
    pub async fn workspace(&self, database: &str) -> Workspace {
        Workspace::at(&self.url(ROOT, database, "admin"), database).await
    }

    /// A database for the administrator.
    pub async fn database(&self, name: &str) -> Database {
        self.workspace(name).await.database
    }

    /// Runs the administrator's command on a database.
    pub async fn run(&self, database: &str, command: Document) -> Document {
        self.database(database).await.run_command(command).await.expect("a command")
    }
}
