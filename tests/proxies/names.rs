//! The names of a test's servers, which come, go and move: told by a name server of the test's own, and in a file like
//! `/etc/hosts` for programs that only ask the system.

use std::{
    collections::HashMap,
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, Mutex},
};

use tokio::{net::UdpSocket, task::JoinHandle};

use crate::support::not_tested;

/// The service's name, and Rocket.Chat's.
pub const ENGAGEMENT: &str = "engagement";
pub const ROCKETCHAT: &str = "rocketchat";

/// What `$@` is to see in place of the system's own files: `$1` as the hosts, `$2` as the name servers.
const ELSEWHERE: &str = r#"mount --bind "$1" /etc/hosts && mount --bind "$2" /etc/resolv.conf && shift 2 && exec "$@""#;

/// Kept by the name server as well.
type Addresses = Arc<Mutex<HashMap<String, Ipv4Addr>>>;

/// Names with their addresses, until it is dropped.
pub struct Names {
    /// Where the name server listens.
    pub server: SocketAddr,
    addresses: Addresses,
    hosts: PathBuf,
    running: JoinHandle<()>,
}

impl Names {
    /// Starts the name server at an address, without a name. The files are in the directory.
    pub async fn start(at: SocketAddr, directory: &Path) -> Self {
        let socket = UdpSocket::bind(at).await.expect("an address for the name server");
        let addresses = Addresses::default();
        let known = Arc::clone(&addresses);
        let running = tokio::spawn(async move {
            let mut query = [0; 512];
            while let Ok((length, from)) = socket.recv_from(&mut query).await {
                if let Some(answer) = answer(&query[..length], &known) {
                    drop(socket.send_to(&answer, from).await);
                }
            }
        });
        let names = Self { server: at, addresses, hosts: directory.join("hosts"), running };
        names.write_hosts();
        // Nothing listens there at port 53: for the system what is not among the hosts is not known.
        fs::write(directory.join("resolv.conf"), format!("nameserver {}\n", at.ip())).expect("a file");
        names
    }

    /// Gives a name an address, or takes it away.
    pub fn set(&self, name: &str, address: Option<SocketAddr>) {
        {
            let mut addresses = self.addresses.lock().expect("a lock");
            match address {
                Some(SocketAddr::V4(address)) => drop(addresses.insert(name.to_owned(), *address.ip())),
                _ => drop(addresses.remove(name)),
            }
        }
        self.write_hosts();
    }

    /// In place: the file may be mounted.
    fn write_hosts(&self) {
        let addresses = self.addresses.lock().expect("a lock");
        let lines = addresses.iter().map(|(name, address)| format!("{address} {name}\n"));
        fs::write(&self.hosts, format!("127.0.0.1 localhost\n{}", lines.collect::<String>())).expect("a file");
    }

    /// The program and its arguments by which another program is run that knows these names and no other.
    pub fn instead_of_the_systems(&self, program: &Path, arguments: &[String]) -> (PathBuf, Vec<String>) {
        let text = |path: &Path| path.to_str().expect("UTF-8").to_owned();
        let mut line = ["--map-root-user", "--mount", "sh", "-c", ELSEWHERE, "sh"].map(str::to_owned).to_vec();
        line.extend([text(&self.hosts), text(&self.hosts.with_file_name("resolv.conf")), text(program)]);
        line.extend_from_slice(arguments);
        ("unshare".into(), line)
    }

    /// Whether [`Self::instead_of_the_systems`] is possible here. If not, that is said loudly; under `CI=true` it is a failure.
    pub fn can_be_the_systems() -> bool {
        let tried = Command::new("unshare").args(["--map-root-user", "--mount", "true"]).output();
        let is_possible = tried.is_ok_and(|output| output.status.success());
        if !is_possible {
            not_tested(
                "without user namespaces (unshare --map-root-user --mount) Caddy and Traefik are not tried with names",
            );
        }
        is_possible
    }
}

impl Drop for Names {
    fn drop(&mut self) {
        self.running.abort();
    }
}

/// Answers a query as Docker's name server does: with an address, with nothing but the knowledge that there is such a name, or that
/// there is none (RFC 1035, section 4.1).
fn answer(query: &[u8], addresses: &Addresses) -> Option<Vec<u8>> {
    const A: [u8; 4] = [0, 1, 0, 1];
    /// How long the answer may be kept: 600 s.
    const TTL: [u8; 4] = [0, 0, 2, 88];
    let (header, rest) = query.split_at_checked(12)?;
    let mut labels = Vec::new();
    let mut at = 0;
    while let Some(length @ 1..) = rest.get(at).map(|length| usize::from(*length)) {
        labels.push(String::from_utf8_lossy(rest.get(at + 1..=at + length)?).to_lowercase());
        at += 1 + length;
    }
    let question = rest.get(..at + 5)?;
    let address = addresses.lock().expect("a lock").get(&labels.join(".")).copied();
    let found = address.filter(|_| question.ends_with(&A));
    let flags = if address.is_some() { [0x85, 0x80] } else { [0x85, 0x83] };
    let mut answer = [&header[..2], &flags, &[0, 1, 0, u8::from(found.is_some()), 0, 0, 0, 0], question].concat();
    if let Some(address) = found {
        // The name is that of the question.
        answer.extend([&[0xc0, 12], &A[..], &TTL, &[0, 4], &address.octets()].concat());
    }
    Some(answer)
}
