//! A private mongod: a one-node replica set on a free loopback port, with its data in a temporary directory. For the
//! demonstration and the tests.
//!
//! It never outlives this process: a small shell watches a pipe that only this process holds open, and when the pipe
//! closes, even by SIGKILL, it ends the server and removes the directory.

use std::{
    ffi::{OsStr, OsString},
    fs, io,
    net::{Ipv4Addr, TcpListener},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use bson::doc;
use mongodb::{Client, options::ClientOptions};
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

/// `replSetInitiate` on data from before: AlreadyInitialized.
const ALREADY_INITIALIZED: i32 = 23;

/// How long a server may take to become primary.
const START_TIME: Duration = Duration::from_secs(60);

/// `$1` is the directory, the rest the server's command line.
const WATCH: &str = r#"
directory=$1; shift
"$@" >"$directory/log" 2>"$directory/stderr" &
server=$!
echo "$server"
exec >&-
cat >/dev/null
kill -9 "$server"
wait "$server"
rm -rf "$directory"
"#;

/// Why a private mongod could not be started.
#[derive(Debug, thiserror::Error)]
pub enum MongodError {
    /// No process could be started or no directory made.
    #[error("cannot start mongod: {0}")]
    Io(#[from] io::Error),
    /// It ended by itself, or never became primary.
    #[error("{program} does not start: {reason}")]
    Start {
        /// What was started.
        program: String,
        /// Its last words.
        reason: String,
    },
    /// It answers with an error.
    #[error("mongod: {0}")]
    Driver(#[from] mongodb::error::Error),
}

/// How a private mongod is started.
#[derive(Debug, Clone, Copy)]
pub struct Launch<'a> {
    /// The program.
    pub program: &'a OsStr,
    /// The port on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// A directory with data from before, which is kept; otherwise a new one is made and removed in the end.
    pub data: Option<&'a Path>,
    /// Further arguments.
    pub arguments: &'a [&'a str],
}

/// A running private mongod. Dropping it ends it and removes its files.
#[derive(Debug)]
pub struct PrivateMongod {
    watcher: Child,
    pid: u32,
    port: u16,
    program: OsString,
    directory: TempDir,
}

impl PrivateMongod {
    /// Starts a server and waits until it is primary.
    ///
    /// # Errors
    /// It cannot be started, or ends by itself.
    pub async fn start(launch: Launch<'_>) -> Result<Self, MongodError> {
        let server = Self::spawn(launch)?;
        server.initiate().await?;
        Ok(server)
    }

    fn spawn(launch: Launch<'_>) -> Result<Self, MongodError> {
        let directory = tempfile::Builder::new().prefix("rocketchat-engagement-").tempdir()?;
        let port = match launch.port {
            0 => TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port(),
            chosen => chosen,
        };
        let data = launch.data.map_or_else(|| directory.path().join("data"), Path::to_owned);
        fs::create_dir_all(&data)?;
        let mut watcher = Command::new("/bin/sh")
            .args(["-c", WATCH, "sh"])
            .arg(directory.path())
            .arg(launch.program)
            .args(server_arguments(port))
            .arg("--dbpath")
            .arg(data)
            .args(launch.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // A process group of its own: Ctrl-C is for us alone, and we end the server in order.
            .process_group(0)
            .spawn()?;
        let mut pid = String::new();
        if let Some(mut output) = watcher.stdout.take() {
            io::Read::read_to_string(&mut output, &mut pid)?;
        }
        let pid = pid.trim().parse().map_err(io::Error::other)?;
        Ok(Self { watcher, pid, port, program: launch.program.to_owned(), directory })
    }

    /// The process id of the server.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// The server's port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The directory of its data.
    pub fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    /// The connection string for a database.
    pub fn url(&self, database: &str) -> String {
        format!("mongodb://127.0.0.1:{}/{database}?replicaSet=rs0", self.port)
    }

    /// A client of its own for this server, past the replica set's discovery.
    ///
    /// # Errors
    /// The driver cannot be set up.
    pub async fn client(&self) -> Result<Client, mongodb::error::Error> {
        let mut options =
            ClientOptions::parse(format!("mongodb://127.0.0.1:{}/?directConnection=true", self.port)).await?;
        options.server_selection_timeout = Some(Duration::from_secs(1));
        Client::with_options(options)
    }

    /// Makes the server a replica set of one and waits until it is primary.
    async fn initiate(&self) -> Result<(), MongodError> {
        let admin = self.client().await?.database("admin");
        let members = [doc! { "_id": 0, "host": format!("127.0.0.1:{}", self.port) }];
        let initiate = doc! { "replSetInitiate": { "_id": "rs0", "members": members.to_vec() } };
        let began = Instant::now();
        let mut is_initiated = false;
        loop {
            let failure = match is_initiated {
                false => match admin.run_command(initiate.clone()).await {
                    Err(error) if code(&error) != Some(ALREADY_INITIALIZED) => Some(error),
                    _ => {
                        is_initiated = true;
                        continue;
                    }
                },
                true => match admin.run_command(doc! { "hello": 1 }).await {
                    Ok(hello) if hello.get_bool("isWritablePrimary").unwrap_or(false) => return Ok(()),
                    other => other.err(),
                },
            };
            if !self.is_running() || began.elapsed() > START_TIME {
                let program = self.program.to_string_lossy().into_owned();
                let words = self.last_words().or(failure.map(|error| error.kind.to_string()));
                return Err(MongodError::Start {
                    program,
                    reason: words.unwrap_or_else(|| "it gives no reason".to_owned()),
                });
            }
            sleep(Duration::from_millis(20)).await;
        }
    }

    fn is_running(&self) -> bool {
        // A process that ended and is not yet waited for is a zombie, state Z, behind the name in parentheses.
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid));
        stat.is_ok_and(|stat| stat.rsplit_once(") ").is_some_and(|(_, state)| !state.starts_with('Z')))
    }

    /// What the server said last.
    fn last_words(&self) -> Option<String> {
        let texts =
            ["stderr", "log"].map(|file| fs::read_to_string(self.directory.path().join(file)).unwrap_or_default());
        texts.iter().find_map(|text| text.lines().rev().find(|line| !line.trim().is_empty()).map(str::to_owned))
    }
}

impl Drop for PrivateMongod {
    fn drop(&mut self) {
        drop(self.watcher.stdin.take());
        // It ends on its own; nothing can be done here if it does not.
        drop(self.watcher.wait());
    }
}

/// The code of a server's reply.
fn code(error: &mongodb::error::Error) -> Option<i32> {
    match error.kind.as_ref() {
        mongodb::error::ErrorKind::Command(reply) => Some(reply.code),
        _ => None,
    }
}

/// Small and quiet.
fn server_arguments(port: u16) -> Vec<String> {
    let settings = [
        "--bind_ip=127.0.0.1",
        "--replSet=rs0",
        "--nounixsocket",
        "--wiredTigerCacheSizeGB=0.5",
        "--oplogSize=64",
        "--setParameter=diagnosticDataCollectionEnabled=false",
    ];
    let mut arguments: Vec<_> = settings.map(str::to_owned).into();
    arguments.push(format!("--port={port}"));
    arguments
}
