//! Three mongods on loopback ports, made for being hurt: killed and restarted on the same data, frozen, deposed, given fail
//! points, and made to forget their oplog.

use std::{
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    time::Duration,
};

use bson::{Bson, Document, Timestamp, doc};
use mongodb::{Client, Collection, Database, options::ClientOptions};
use tempfile::TempDir;

use crate::guarded::{Guarded, mongod_program, until};

/// The database of the workspace.
pub const DATABASE: &str = "rocketchat";

/// Within what time the set must have recovered from anything that the test does to it.
const RECOVERY: Duration = Duration::from_secs(90);

/// MongoDB keeps at least ten pieces of an oplog and drops one at a time, so this is rolled over by some 10 MB.
const OPLOG_MEGABYTES: u32 = 8;

/// A member of the set, running or not.
struct Member {
    port: u16,
    server: Option<Guarded>,
    /// A client that speaks to this member alone.
    direct: Client,
    is_frozen: bool,
}

/// The set. Dropping it ends all members and removes their files.
pub struct ReplicaSet {
    members: Vec<Member>,
    program: PathBuf,
    /// The test's own client, as Rocket.Chat's would be.
    pub client: Client,
    /// Removed last.
    directory: TempDir,
}

impl ReplicaSet {
    /// Starts three members and waits until one is primary and the others follow it.
    pub async fn start() -> Self {
        let directory = tempfile::Builder::new().prefix("engagement-chaos-").tempdir().expect("a directory");
        let program = mongod_program().expect("a mongod");
        let mut members = Vec::new();
        for port in free_ports() {
            members.push(Member { port, server: None, direct: direct(port).await, is_frozen: false });
        }
        let hosts: Vec<_> = members.iter().map(|member| format!("127.0.0.1:{}", member.port)).collect();
        let mut options = ClientOptions::parse(format!("mongodb://{}/?replicaSet=rs0&w=majority", hosts.join(",")))
            .await
            .expect("a connection string");
        options.heartbeat_freq = Some(Duration::from_secs(1));
        options.connect_timeout = Some(Duration::from_secs(2));
        options.app_name = Some("chaos".to_owned());
        let client = Client::with_options(options).expect("a client");
        let mut set = Self { members, program, client, directory };
        for member in 0..3 {
            set.restart(member);
        }
        let config: Vec<_> =
            hosts.iter().enumerate().map(|(id, host)| doc! { "_id": id as i32, "host": host }).collect();
        // Elections in a fraction of the usual time.
        let settings = doc! { "electionTimeoutMillis": 2000, "heartbeatIntervalMillis": 500 };
        let initiate = doc! { "replSetInitiate": { "_id": "rs0", "members": config, "settings": settings } };
        until("replSetInitiate", RECOVERY, async || set.command(0, initiate.clone()).await).await;
        set.healthy().await;
        set
    }

    /// The connection string for the service.
    pub fn url(&self) -> String {
        let hosts: Vec<_> = self.members.iter().map(|member| format!("127.0.0.1:{}", member.port)).collect();
        format!("mongodb://{}/{DATABASE}?replicaSet=rs0", hosts.join(","))
    }

    /// The workspace.
    pub fn database(&self) -> Database {
        self.client.database(DATABASE)
    }

    /// A collection of the workspace.
    pub fn collection(&self, name: &str) -> Collection<Document> {
        self.database().collection(name)
    }

    /// Kills a member with SIGKILL.
    pub fn kill(&mut self, member: usize) {
        self.members[member].server.take().expect("it runs").kill();
    }

    /// Starts a member, on its data if it has run before.
    pub fn restart(&mut self, member: usize) {
        let member = &mut self.members[member];
        let directory = self.directory.path();
        let data = directory.join(format!("data{}", member.port));
        std::fs::create_dir_all(&data).expect("a directory");
        let arguments = arguments(member.port, &data);
        let log = format!("log{}", member.port);
        member.server = Some(Guarded::start(directory, &log, &self.program, &arguments, &[]));
    }

    /// Freezes a member, or lets it go on.
    pub fn freeze(&mut self, member: usize, is_frozen: bool) {
        let member = &mut self.members[member];
        member.server.as_ref().expect("it runs").signal(if is_frozen { "STOP" } else { "CONT" });
        member.is_frozen = is_frozen;
    }

    /// Runs an admin command on one member. None if it fails.
    async fn command(&self, member: usize, command: Document) -> Option<Document> {
        let member = &self.members[member];
        if member.server.is_none() || member.is_frozen {
            return None;
        }
        member.direct.database("admin").run_command(command).await.ok()
    }

    /// Waits for a member, not this one, that is primary.
    pub async fn primary_but(&self, other: Option<usize>) -> usize {
        let find = async || {
            for member in (0..3).filter(|member| Some(*member) != other) {
                let hello = self.command(member, doc! { "hello": 1 }).await;
                if hello.is_some_and(|hello| hello.get_bool("isWritablePrimary").unwrap_or(false)) {
                    return Some(member);
                }
            }
            None
        };
        until("a primary", RECOVERY, find).await
    }

    /// Waits until all members run, one leads, the others follow, and all know the newest write as majority-committed.
    pub async fn healthy(&self) {
        for member in &self.members {
            assert!(member.server.as_ref().is_some_and(Guarded::is_running) && !member.is_frozen, "all were healed");
        }
        let mark = async || {
            let primary = self.primary_but(None).await;
            let everywhere = doc! { "w": 3, "wtimeout": 5000 };
            let note = doc! { "appendOplogNote": 1, "data": { "chaos": "all is well" }, "writeConcern": everywhere };
            let reply = self.command(primary, note).await.filter(|reply| !reply.contains_key("writeConcernError"))?;
            Some((primary, reply.get_timestamp("operationTime").ok()?))
        };
        let (primary, mark) = until("a write on all members", RECOVERY, mark).await;
        let known = async || {
            for member in 0..3 {
                let hello = self.command(member, doc! { "hello": 1 }).await?;
                let role = if member == primary { "isWritablePrimary" } else { "secondary" };
                let majority = hello.get_document("lastWrite").and_then(|last| last.get_document("majorityOpTime"));
                let majority = majority.and_then(|time| time.get_timestamp("ts")).ok()?;
                if !hello.get_bool(role).unwrap_or(false) || majority < mark {
                    return None;
                }
            }
            Some(())
        };
        until("members that agree", RECOVERY, known).await;
    }

    /// Asks the primary to step down.
    pub async fn step_down(&self) -> usize {
        let primary = self.primary_but(None).await;
        drop(
            self.command(primary, doc! { "replSetStepDown": 5, "secondaryCatchUpPeriodSecs": 2, "force": true }).await,
        );
        primary
    }

    /// Lets the secondaries copy nothing more, and stand for no election. Returns a write that no majority holds.
    pub async fn stall(&self) -> Timestamp {
        let stalled = async || {
            let primary = self.primary_but(None).await;
            for member in (0..3).filter(|member| *member != primary) {
                self.command(member, doc! { "replSetFreeze": 600 }).await?;
                self.replicate(member, false).await?;
            }
            let majority = doc! { "w": "majority", "wtimeout": 500 };
            let note = doc! { "appendOplogNote": 1, "data": { "chaos": "alone" }, "writeConcern": majority };
            let reply = self.command(primary, note).await.filter(|reply| reply.contains_key("writeConcernError"))?;
            reply.get_timestamp("operationTime").ok()
        };
        until("a majority that stands still", RECOVERY, stalled).await
    }

    /// Ends that, but for the elections, and waits until all members hold everything. Until now no majority held this write.
    pub async fn go_on(&self, unheld: Timestamp) {
        let primary = self.primary_but(None).await;
        let hello = self.command(primary, doc! { "hello": 1 }).await.expect("the primary answers");
        let majority = hello.get_document("lastWrite").and_then(|last| last.get_document("majorityOpTime"));
        let majority = majority.and_then(|time| time.get_timestamp("ts")).expect("a majority point");
        assert!(majority < unheld, "the majority went on to {majority}, beyond {unheld}");
        for member in 0..3 {
            until("copying again", RECOVERY, async || self.replicate(member, true).await).await;
        }
        self.healthy().await;
    }

    async fn replicate(&self, member: usize, is_on: bool) -> Option<Document> {
        let mode = if is_on { "off" } else { "alwaysOn" };
        self.command(member, doc! { "configureFailPoint": "stopReplProducer", "mode": mode }).await
    }

    /// Lets every member stand for elections again.
    pub async fn let_be_elected(&self) {
        let primary = self.primary_but(None).await;
        for member in (0..3).filter(|member| *member != primary) {
            let thaw = async || self.command(member, doc! { "replSetFreeze": 0 }).await;
            until("members that may be elected", RECOVERY, thaw).await;
        }
    }

    /// Sets `failCommand` on all members, for the service's commands only; None switches it off.
    pub async fn fail_point(&self, fault: Option<(Bson, Document)>) {
        let mut command = doc! { "configureFailPoint": "failCommand", "mode": "off" };
        if let Some((mode, mut data)) = fault {
            data.insert("appName", "rocketchat-engagement");
            command.insert("mode", mode);
            command.insert("data", data);
        }
        for member in 0..3 {
            until("a fail point", RECOVERY, async || self.command(member, command.clone()).await).await;
        }
    }

    /// Writes, at least as much as an oplog holds, until no member's oplog holds anything that was in it before.
    pub async fn roll_over_oplogs(&self) {
        let newest = self.primary_but(None).await;
        let newest = self.oplog_end(newest, -1).await.expect("an oplog");
        let ballast = doc! { "ballast": "x".repeat(1_000_000) };
        let collection = self.collection("chaos_ballast");
        for _ in 0..OPLOG_MEGABYTES {
            drop(collection.insert_one(ballast.clone()).await);
        }
        let step = async || {
            drop(collection.insert_one(ballast.clone()).await);
            for member in 0..3 {
                if self.oplog_end(member, 1).await? <= newest {
                    return None;
                }
            }
            Some(())
        };
        until("oplogs that have rolled over", RECOVERY, step).await;
        collection.drop().await.expect("the ballast goes");
    }

    /// The time of a member's first (1) or last (-1) oplog entry.
    async fn oplog_end(&self, member: usize, order: i32) -> Option<Timestamp> {
        let oplog = self.members[member].direct.database("local").collection::<Document>("oplog.rs");
        oplog.find_one(doc! {}).sort(doc! { "$natural": order }).await.ok()??.get_timestamp("ts").ok()
    }

    /// What a member's log says last.
    pub fn last_words(&self, lines: usize) -> String {
        let words = self.members.iter().map(|member| {
            let log =
                member.server.as_ref().map_or_else(|| "not running".to_owned(), |server| server.last_words(lines));
            format!("mongod on {}:\n{log}", member.port)
        });
        words.collect::<Vec<_>>().join("\n")
    }
}

/// A client for one member, past the set's discovery.
async fn direct(port: u16) -> Client {
    let url = format!("mongodb://127.0.0.1:{port}/?directConnection=true");
    let mut options = ClientOptions::parse(url).await.expect("a connection string");
    options.server_selection_timeout = Some(Duration::from_secs(2));
    options.connect_timeout = Some(Duration::from_secs(2));
    options.heartbeat_freq = Some(Duration::from_millis(500));
    Client::with_options(options).expect("a client")
}

/// Three free ports below those that the kernel gives to outgoing connections: one of those could take the port of a
/// member while it is dead.
fn free_ports() -> [u16; 3] {
    let first = 20_000 + (std::process::id() % 8_000) as u16;
    let is_free = |port: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok();
    let ports: Vec<_> = (first..32_000).filter(is_free).take(3).collect();
    ports.try_into().expect("three free ports")
}

/// Small, quiet, and open to fail points. Documents expire within a second; a checkpoint every two seconds frees the oplog
/// that would be needed after a crash.
fn arguments(port: u16, data: &Path) -> Vec<String> {
    let mut arguments: Vec<_> = [
        "--bind_ip=127.0.0.1",
        "--replSet=rs0",
        "--nounixsocket",
        "--wiredTigerCacheSizeGB=0.25",
        "--oplogMinRetentionHours=0",
        "--syncdelay=2",
        "--setParameter=enableTestCommands=1",
        "--setParameter=ttlMonitorSleepSecs=1",
        "--setParameter=transactionLifetimeLimitSeconds=5",
        "--setParameter=diagnosticDataCollectionEnabled=false",
    ]
    .map(str::to_owned)
    .into();
    arguments.push(format!("--oplogSize={OPLOG_MEGABYTES}"));
    arguments.push(format!("--port={port}"));
    arguments.push(format!("--dbpath={}", data.display()));
    arguments
}
