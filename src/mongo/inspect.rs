//! Looking at a MongoDB from outside: what it is, what it lets us do. For `check`; requests never come here.

use std::{sync::Arc, time::Duration};

use bson::{DateTime, Document, RawDocument, Timestamp, doc};
use chrono::{TimeDelta, Utc};

use super::{Asked, Deadline, Mongo, MongoError, Operation, Query, StreamStart, one};

/// What a server says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerInfo {
    /// Its version, like `6.0.5`.
    pub version: String,
    /// The first number of the version.
    pub major: i32,
    /// What it is part of.
    pub topology: Topology,
    /// By how much its clock is ahead of ours.
    pub clock_ahead: TimeDelta,
}

/// What a server is part of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Topology {
    /// It is alone.
    Standalone,
    /// A replica set.
    ReplicaSet {
        /// Its name.
        name: String,
        /// The addresses of its members.
        members: Vec<String>,
        /// The address of its primary, if there is one now.
        primary: Option<String>,
    },
    /// A sharded cluster.
    Sharded,
}

/// How far back what is tried lies, in seconds, where MongoDB does not tell how far back it can be read.
const HISTORY_TRIED: u32 = 10;

/// For how many seconds MongoDB keeps what documents were like before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HistoryKept {
    /// As it says.
    Seconds(u64),
    /// As far as was tried.
    AtLeast(u64),
    /// As was found by trying.
    LessThan(u64),
}

/// Who MongoDB takes us for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The name, and the database that it is kept in.
    pub user: String,
    /// See [`Self::user`].
    pub database: String,
    /// The roles with the databases that they are kept in.
    pub roles: Vec<(String, String)>,
    /// Whether it may change messages.
    pub can_write: bool,
}

impl Mongo {
    /// Asks a server what it is, the primary if there is one.
    ///
    /// # Errors
    /// There is none, or not in time, or it does not know our account.
    pub async fn server(&self, deadline: Deadline) -> Result<ServerInfo, MongoError> {
        let build = self.command(doc! { "buildInfo": 1 }, deadline).await?;
        let asked = Utc::now();
        let hello = self.command(doc! { "hello": 1 }, deadline).await?;
        // What its clock showed half way between question and answer.
        let between = asked + (Utc::now() - asked) / 2;
        let clock = hello.get_datetime("localTime").copied().unwrap_or(DateTime::from_chrono(between));
        let text = |key: &str| hello.get_str(key).ok().map(str::to_owned);
        let members = hello.get_array("hosts").into_iter().flatten().filter_map(|host| host.as_str());
        let topology = match text("setName") {
            Some(name) => {
                Topology::ReplicaSet { name, members: members.map(str::to_owned).collect(), primary: text("primary") }
            }
            None if text("msg").as_deref() == Some("isdbgrid") => Topology::Sharded,
            None => Topology::Standalone,
        };
        let version = build.get_str("version").unwrap_or_default().to_owned();
        let major = version.split('.').next().and_then(|major| major.parse().ok()).unwrap_or_default();
        Ok(ServerInfo { version, major, topology, clock_ahead: clock.to_chrono() - between })
    }

    /// Asks who we are; nobody if MongoDB knows no accounts, or does not mind that we have none.
    ///
    /// # Errors
    /// The server is away, or does not say.
    pub async fn account(&self, deadline: Deadline) -> Result<Option<Account>, MongoError> {
        let status = self.command(doc! { "connectionStatus": 1, "showPrivileges": true }, deadline).await?;
        let Ok(info) = status.get_document("authInfo") else { return Ok(None) };
        let documents = |key: &str| info.get_array(key).into_iter().flatten().filter_map(|item| item.as_document());
        let text = |document: &Document, key: &str| document.get_str(key).unwrap_or_default().to_owned();
        let Some(user) = documents("authenticatedUsers").next() else { return Ok(None) };
        let is_about_messages = |privilege: &&Document| {
            privilege.get_document("resource").is_ok_and(|resource| {
                let covers = |key: &str, name: &str| resource.get_str(key).is_ok_and(|of| of.is_empty() || of == name);
                resource.get_bool("anyResource").unwrap_or(false)
                    || covers("db", self.client.database_name()) && covers("collection", super::MESSAGES)
            })
        };
        let writes = |action: &bson::Bson| {
            action.as_str().is_some_and(|action| ["insert", "update", "remove", "anyAction"].contains(&action))
        };
        let can_write = documents("authenticatedUserPrivileges")
            .filter(is_about_messages)
            .any(|privilege| privilege.get_array("actions").is_ok_and(|actions| actions.iter().any(writes)));
        Ok(Some(Account {
            user: text(user, "user"),
            database: text(user, "db"),
            roles: documents("authenticatedUserRoles").map(|role| (text(role, "role"), text(role, "db"))).collect(),
            can_write,
        }))
    }

    /// Whether a collection may be read, by trying.
    ///
    /// # Errors
    /// It may not, or the server is away.
    pub async fn may_read(&self, collection: &'static str, deadline: Deadline) -> Result<(), MongoError> {
        let query = Query { collection, pipeline: one(), hint: None, operation: Operation::Inspect };
        self.aggregate(query, deadline, (), |(), _| ()).await
    }

    /// Whether a collection has the index with these keys, by telling MongoDB to use it: to list the indexes would need
    /// another right.
    ///
    /// # Errors
    /// The server is away, or does not let us read.
    pub async fn has_index(
        &self,
        collection: &'static str,
        keys: Document,
        deadline: Deadline,
    ) -> Result<bool, MongoError> {
        let query = Query { collection, pipeline: one(), hint: Some(keys), operation: Operation::Inspect };
        match self.aggregate(query, deadline, (), |(), _: &RawDocument| ()).await {
            Ok(()) => Ok(true),
            Err(MongoError::NoSuchIndex) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Whether a collection can be followed, by opening a change stream.
    ///
    /// # Errors
    /// It cannot, and why.
    pub async fn may_follow(self: &Arc<Self>, collection: &'static str, time: Duration) -> Result<(), MongoError> {
        let mongo = Arc::clone(self);
        let follow = self.runtime().spawn(async move {
            let point = mongo.majority_point().await?;
            let mut watch = mongo.watch(collection, Vec::new(), StreamStart::At(point.time)).await?;
            watch.next().await.map(drop)
        });
        match tokio::time::timeout(time, follow).await {
            Ok(followed) => followed.unwrap_or_else(|panic| Err(MongoError::Panicked(panic.to_string()))),
            Err(_) => Err(MongoError::TooSlow),
        }
    }

    /// For how long MongoDB keeps what documents were like before.
    ///
    /// # Errors
    /// The server is away, or does not say, in either way.
    pub async fn history_kept(self: &Arc<Self>, time: Duration) -> Result<HistoryKept, MongoError> {
        const PARAMETER: &str = "minSnapshotHistoryWindowInSeconds";
        let parameter = self.run(Operation::Inspect, Deadline::after(time), async move |asked: Asked, _: Duration| {
            let admin = asked.database.client().database("admin");
            admin.run_command(doc! { "getParameter": 1, PARAMETER: 1 }).selection_criteria(asked.selection).await
        });
        // Mostly the account may not ask for it.
        let seconds = parameter.await.ok().and_then(|reply| {
            let value = reply.get(PARAMETER)?;
            value.as_i32().map(f64::from).or(value.as_i64().map(|of| of as f64)).or(value.as_f64())
        });
        if let Some(seconds) = seconds {
            return Ok(HistoryKept::Seconds(seconds as u64));
        }
        let mongo = Arc::clone(self);
        let tried = self.runtime().spawn(async move {
            let newest = mongo.majority_point().await?.time;
            let at = Timestamp { time: newest.time.saturating_sub(HISTORY_TRIED), increment: 1 };
            let mut snapshot = mongo.snapshot(Operation::Inspect, at, time).await?;
            snapshot.aggregate(super::MESSAGES, one(), None, (), |(), _| ()).await
        });
        match tokio::time::timeout(time, tried).await {
            Ok(Ok(Ok(()))) => Ok(HistoryKept::AtLeast(HISTORY_TRIED.into())),
            // A collection that is younger has no such snapshot either, by another code.
            Ok(Ok(Err(MongoError::HistoryLost(text)))) if text.contains("SnapshotTooOld") => {
                Ok(HistoryKept::LessThan(HISTORY_TRIED.into()))
            }
            Ok(Ok(Err(error))) => Err(error),
            Ok(Err(panic)) => Err(MongoError::Panicked(panic.to_string())),
            Err(_) => Err(MongoError::TooSlow),
        }
    }

    async fn command(&self, command: Document, deadline: Deadline) -> Result<Document, MongoError> {
        self.run(Operation::Inspect, deadline, async move |Asked { database, selection }, _: Duration| {
            database.run_command(command).selection_criteria(selection).await
        })
        .await
    }
}
