//! A name server of a test's own, and programs that ask it, or files of the test's, instead of what the system has.

use std::{
    collections::HashMap,
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    process::Command,
    sync::{Arc, Mutex},
};

use tokio::{net::UdpSocket, task::JoinHandle};

use super::not_tested;

/// What `$@` is to see in place of the system's own files: `$1` as the hosts, `$2` as the name servers.
const ELSEWHERE: &str = r#"mount --bind "$1" /etc/hosts && mount --bind "$2" /etc/resolv.conf && shift 2 && exec "$@""#;

/// What is known of a name.
#[derive(Debug, Clone)]
pub enum Record {
    Address(Ipv4Addr),
    /// A service's only server.
    Service {
        port: u16,
        target: String,
    },
}

/// Kept by the task that answers as well.
type Records = Arc<Mutex<HashMap<String, Record>>>;

/// Answers as Docker's name server does, until it is dropped.
pub struct NameServer {
    /// Where it listens.
    pub address: SocketAddr,
    records: Records,
    running: JoinHandle<()>,
}

impl NameServer {
    /// Starts it, without a name.
    ///
    /// # Errors
    /// The address cannot be had: ports below 1024 mostly are root's.
    pub async fn start(at: SocketAddr) -> std::io::Result<Self> {
        let socket = UdpSocket::bind(at).await?;
        let records = Records::default();
        let known = Arc::clone(&records);
        let running = tokio::spawn(async move {
            let mut query = [0; 512];
            while let Ok((length, from)) = socket.recv_from(&mut query).await {
                if let Some(answer) = answer(&query[..length], &known) {
                    drop(socket.send_to(&answer, from).await);
                }
            }
        });
        Ok(Self { address: at, records, running })
    }

    /// Lets a name be known, or no more.
    pub fn set(&self, name: &str, record: Option<Record>) {
        let mut records = self.records.lock().expect("a lock");
        match record {
            Some(record) => drop(records.insert(name.to_owned(), record)),
            None => drop(records.remove(name)),
        }
    }

    /// Writes a file like `/etc/resolv.conf` that names this server alone.
    pub fn write_resolv_conf(&self, file: &Path) {
        fs::write(file, format!("nameserver {}\n", self.address.ip())).expect("a file");
    }
}

impl Drop for NameServer {
    fn drop(&mut self) {
        self.running.abort();
    }
}

/// The arguments of `unshare` before a program with its arguments, so that it sees these files in place of `/etc/hosts` and
/// `/etc/resolv.conf`.
pub fn instead_of_the_systems(hosts: &Path, resolv_conf: &Path) -> Vec<String> {
    let text = |path: &Path| path.to_str().expect("UTF-8").to_owned();
    let mut line = ["--map-root-user", "--mount", "sh", "-c", ELSEWHERE, "sh"].map(str::to_owned).to_vec();
    line.extend([text(hosts), text(resolv_conf)]);
    line
}

/// Whether [`instead_of_the_systems`] is possible here. If not, it is said loudly what is not tried; under `CI=true` it is a failure.
pub fn can_be_the_systems(not_tried: &str) -> bool {
    let tried = Command::new("unshare").args(["--map-root-user", "--mount", "true"]).output();
    let is_possible = tried.is_ok_and(|output| output.status.success());
    if !is_possible {
        not_tested(&format!("without user namespaces (unshare --map-root-user --mount) {not_tried}"));
    }
    is_possible
}

/// Answers a query with what is asked for, with nothing but the knowledge that there is such a name, or that there is none
/// (RFC 1035, section 4.1, and RFC 2782).
fn answer(query: &[u8], records: &Records) -> Option<Vec<u8>> {
    const A: [u8; 4] = [0, 1, 0, 1];
    const SRV: [u8; 4] = [0, 33, 0, 1];
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
    let record = records.lock().expect("a lock").get(&labels.join(".")).cloned();
    let found = match &record {
        Some(Record::Address(address)) if question.ends_with(&A) => Some((A, address.octets().to_vec())),
        Some(Record::Service { port, target }) if question.ends_with(&SRV) => {
            // Priority and weight are 0.
            let mut data = [&[0; 4], &port.to_be_bytes()[..]].concat();
            for label in target.split('.') {
                data.push(u8::try_from(label.len()).ok()?);
                data.extend(label.as_bytes());
            }
            data.push(0);
            Some((SRV, data))
        }
        _ => None,
    };
    let flags = if record.is_some() { [0x85, 0x80] } else { [0x85, 0x83] };
    let mut answer = [&header[..2], &flags, &[0, 1, 0, u8::from(found.is_some()), 0, 0, 0, 0], question].concat();
    if let Some((kind, data)) = found {
        // The name is that of the question.
        let length = u16::try_from(data.len()).ok()?.to_be_bytes();
        answer.extend([&[0xc0, 12], &kind[..], &TTL, &length, &data].concat());
    }
    Some(answer)
}
