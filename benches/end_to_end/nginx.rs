//! nginx with the files of deploy/nginx in front of the service, on a port of its own and without TLS.

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
    /// Starts it and waits until it listens.
    pub fn start(service: SocketAddr) -> Result<Self, Failure> {
        let directory = tempfile::tempdir()?;
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
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
        // One process, which leaves no workers behind when it is killed.
        let child = Command::new("nginx")
            .args(["-c", &own("nginx.conf"), "-g", "daemon off; master_process off;"])
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
