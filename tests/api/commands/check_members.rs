//! `check` on a replica set whose member has a name that leads elsewhere, as after `rs.initiate()` in a container.

use std::{
    fs,
    net::{Ipv4Addr, TcpListener},
    process::{Child, Command, Stdio},
    time::Duration,
};

use bson::{Document, doc};
use chrono::Utc;
use mongodb::{Client, Database};
use rocketchat_engagement::commands::demo::workspace;
use serde_json::Value;
use tokio::time::{sleep, timeout};

use super::run;
use crate::support::{PATIENT, mongod_program, name_server::can_be_the_systems, signal};

/// Where the MongoDB is, and nothing else.
const THERE: Ipv4Addr = Ipv4Addr::new(127, 77, 0, 1);

/// For this MongoDB alone `localhost` and `another-name` are its own address, as in a container.
const IN_A_CONTAINER: &str = r#"mount --bind "$1" /etc/hosts && shift && exec "$@""#;

/// A replica set of one that calls its member by a name of its own.
struct Contained {
    child: Child,
    port: u16,
    _data: tempfile::TempDir,
}

impl Contained {
    /// Starts it; none if this machine has no namespaces for it.
    async fn start(host: &str) -> Option<Self> {
        let unshare = ["--map-root-user", "--mount"];
        if !can_be_the_systems("no MongoDB has names of its own") {
            return None;
        }
        let data = tempfile::tempdir().expect("a directory");
        let hosts = data.path().join("hosts");
        fs::write(&hosts, format!("{THERE} localhost\n{THERE} another-name\n")).expect("a file");
        let free = TcpListener::bind((THERE, 0)).and_then(|free| free.local_addr());
        let port = free.expect("a free port").port();
        // Should the tests be killed, it does not outlive them for long.
        let child = Command::new("timeout")
            .args(["--signal=KILL", "120", "unshare"])
            .args(unshare)
            .args(["sh", "-c", IN_A_CONTAINER, "sh"])
            .arg(&hosts)
            .arg(mongod_program())
            .args([
                "--replSet=rs0",
                "--nounixsocket",
                "--bind_ip",
                &THERE.to_string(),
                "--port",
                &port.to_string(),
                "--dbpath",
            ])
            .arg(data.path())
            .stdout(Stdio::null())
            .spawn()
            .expect("mongod starts");
        let contained = Self { child, port, _data: data };
        let members = [doc! { "_id": 0, "host": format!("{host}:{port}") }];
        let initiate = doc! { "replSetInitiate": { "_id": "rs0", "members": members.to_vec() } };
        contained.admin("").await.run_command(initiate).await.expect("a replica set");
        contained.until_primary().await;
        Some(contained)
    }

    /// Its connection string, with further options.
    fn url(&self, options: &str) -> String {
        let patient = if options.contains("serverSelectionTimeoutMS") { "" } else { PATIENT };
        format!("mongodb://{THERE}:{}/rocketchat?{patient}{options}", self.port)
    }

    /// Its administration, past the names.
    async fn admin(&self, options: &str) -> Database {
        let url = self.url(&format!("&directConnection=true{options}"));
        Client::with_uri_str(url).await.expect("a client").database("admin")
    }

    async fn until_primary(&self) {
        let admin = self.admin("").await;
        let primary = async {
            let is_primary = |hello: Document| hello.get_bool("isWritablePrimary").unwrap_or(false);
            while !admin.run_command(doc! { "hello": 1 }).await.is_ok_and(is_primary) {
                sleep(Duration::from_millis(50)).await;
            }
        };
        timeout(Duration::from_secs(60), primary).await.expect("a primary");
    }
}

impl Drop for Contained {
    fn drop(&mut self) {
        signal("TERM", self.child.id());
        drop(self.child.wait());
    }
}

/// The exit code of `check`, and its finding about the server.
fn check(url: &str) -> (Option<i32>, Value) {
    let ran = run(&["check", "--json"], &[("MONGO_URL", url), ("TZ", "UTC")]);
    let outcome: Value = serde_json::from_str(&ran.output).unwrap_or_else(|error| panic!("{error}: {ran:?}"));
    let findings = outcome["findings"].as_array().expect("findings");
    let server = findings.iter().find(|finding| finding["id"] == "server");
    (ran.code, server.expect("a finding about the server").clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_that_is_found_by_no_such_name_is_told_with_what_mends_it() {
    for (host, from_here) in
        [("localhost", "which from here is this machine"), ("another-name", "which cannot be reached from here")]
    {
        let Some(mongodb) = Contained::start(host).await else { return };
        let direct = Client::with_uri_str(mongodb.url("&directConnection=true")).await.expect("a client");
        workspace::fill(&direct.database("rocketchat"), Utc::now()).await.expect("the demonstration's workspace");

        // Without a server for 3 s it is given up.
        let (code, server) = check(&mongodb.url("replicaSet=rs0&serverSelectionTimeoutMS=3000"));
        let remedy = server["remedy"].as_str().expect("a remedy");
        assert_eq!(code, Some(2), "{server}");
        let port = mongodb.port;
        let told = format!("the replica set calls its member {host}:{port}, {from_here}: ");
        assert!(remedy.starts_with(&told) && remedy.contains("directConnection=true"), "{remedy}");
        let renaming = format!("cfg = rs.conf(); cfg.members[0].host = \"{THERE}:{port}\"; rs.reconfig(cfg)");
        assert!(remedy.contains(&renaming), "{remedy}");

        // Both do.
        let (code, server) = check(&mongodb.url("&replicaSet=rs0&directConnection=true"));
        assert_eq!(code, Some(0), "{host}: {server}");
        let admin = mongodb.admin("").await;
        let reply = admin.run_command(doc! { "replSetGetConfig": 1 }).await.expect("a configuration");
        let mut configuration = reply.get_document("config").expect("a configuration").clone();
        let version = configuration.get_i32("version").expect("a version");
        configuration.insert("version", version + 1);
        configuration.insert("members", vec![doc! { "_id": 0, "host": format!("{THERE}:{port}") }]);
        admin.run_command(doc! { "replSetReconfig": configuration }).await.expect("another configuration");
        mongodb.until_primary().await;
        assert_eq!(check(&mongodb.url("&replicaSet=rs0")).0, Some(0), "{host}");
    }
}
