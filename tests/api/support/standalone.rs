//! A mongod that is alone, as none of Rocket.Chat's is.

use std::{
    net::TcpListener,
    process::{Child, Command, Stdio},
};

use super::{mongod_program, signal};

/// A mongod that is no member of a replica set.
pub struct Standalone {
    child: Child,
    pub url: String,
    port: String,
    _data: tempfile::TempDir,
}

impl Standalone {
    /// Starts one.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// Its address.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Starts one with further arguments, which may make it wait to be taken into a replica set.
    pub fn start_with(arguments: &[&str]) -> Self {
        let data = tempfile::tempdir().expect("a directory");
        let free = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr());
        let port = free.expect("a free port").port().to_string();
        // Should the tests be killed, it does not outlive them for long.
        let child = Command::new("timeout")
            .args(["--signal=KILL", "240"])
            .arg(mongod_program())
            .args(["--bind_ip=127.0.0.1", "--nounixsocket", "--port", &port, "--dbpath"])
            .arg(data.path())
            .args(arguments)
            .stdout(Stdio::null())
            .spawn()
            .expect("mongod starts");
        Self { child, url: format!("mongodb://127.0.0.1:{port}/rocketchat"), port, _data: data }
    }
}

impl Drop for Standalone {
    fn drop(&mut self) {
        signal("TERM", self.child.id());
        drop(self.child.wait());
    }
}
