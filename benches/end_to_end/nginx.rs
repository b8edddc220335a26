//! nginx on a port of its own: with the files of deploy/nginx in front of the service, without TLS; and for itself.

use std::{
    fs,
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use tempfile::TempDir;

use crate::Failure;

/// A running nginx. Dropping it ends it.
pub struct Nginx {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    _directory: TempDir,
}

impl Nginx {
    /// Starts it in front of the service and waits until it listens.
    pub fn before(service: SocketAddr) -> Result<Self, Failure> {
        let (directory, address) = place()?;
        let own = |name: &str| directory.path().join(name).display().to_string();
        let listen = format!("listen {address};");
        let main = replaced(
            "nginx.conf",
            &[
                ("user www-data;", ""),
                ("/run/nginx.pid", &own("pid")),
                ("/var/log/nginx/error.log", &own("error.log")),
                ("/var/log/nginx/access.log", &own("access.log")),
                ("listen 80;", "listen 127.0.0.1:1;"),
                ("listen 443 ssl;", &listen),
                ("ssl_certificate /etc/ssl/certs/chat.example.org.pem;", ""),
                ("ssl_certificate_key /etc/ssl/private/chat.example.org.key;", ""),
            ],
        )?;
        // The server that only leads to TLS.
        let (before, after) =
            main.split_once("    server {\n        listen 127.0.0.1:1").ok_or("a server on port 80")?;
        let (_, after) = after.split_once("    server {\n").ok_or("a server with TLS")?;
        fs::create_dir(directory.path().join("conf.d"))?;
        fs::create_dir(directory.path().join("snippets"))?;
        fs::write(own("nginx.conf"), format!("{before}    server {{\n{after}"))?;
        let upstream = replaced("conf.d/rocketchat-engagement.conf", &[("127.0.0.1:3100", &service.to_string())])?;
        fs::write(own("conf.d/rocketchat-engagement.conf"), upstream)?;
        for name in ["rocketchat-engagement", "rocketchat-engagement-proxy", "rocketchat-engagement-page"] {
            let name = format!("snippets/{name}.conf");
            fs::write(own(&name), replaced(&name, &[])?)?;
        }
        Self::run(directory, address)
    }

    /// Starts one that leads nowhere and gives a client as long for a request's head as the service does.
    pub fn alone() -> Result<Self, Failure> {
        let (directory, address) = place()?;
        let own = |name: &str| directory.path().join(name).display().to_string();
        let configuration = format!(
            "pid {}; error_log {};
            events {{ worker_connections 12000; }}
            http {{
                access_log off;
                client_header_timeout 5s;
                server {{ listen {address} backlog=4096; return 404; }}
            }}",
            own("pid"),
            own("error.log"),
        );
        fs::write(own("nginx.conf"), configuration)?;
        Self::run(directory, address)
    }

    fn run(directory: TempDir, address: SocketAddr) -> Result<Self, Failure> {
        // One process, which leaves no workers behind when it is killed.
        let child = Command::new("nginx")
            .arg("-c")
            .arg(directory.path().join("nginx.conf"))
            .args(["-g", "daemon off; master_process off;"])
            .stderr(Stdio::inherit())
            .spawn()
            .map_err(|error| format!("nginx cannot be started: {error}"))?;
        let nginx = Self { child, address, _directory: directory };
        for _ in 0..500 {
            if TcpStream::connect(address).is_ok() {
                return Ok(nginx);
            }
            thread::sleep(Duration::from_millis(10));
        }
        Err("nginx does not listen".into())
    }
}

/// A directory for its files, and an address that is free.
fn place() -> Result<(TempDir, SocketAddr), Failure> {
    Ok((tempfile::tempdir()?, TcpListener::bind("127.0.0.1:0")?.local_addr()?))
}

impl Drop for Nginx {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A file of deploy/nginx with some texts replaced, which must be there.
fn replaced(name: &str, replacements: &[(&str, &str)]) -> Result<String, Failure> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/nginx").join(name);
    let mut text = fs::read_to_string(&path)?;
    for (from, to) in replacements {
        if !text.contains(from) {
            return Err(format!("{from:?} is not in {}", path.display()).into());
        }
        text = text.replace(from, to);
    }
    Ok(text)
}
