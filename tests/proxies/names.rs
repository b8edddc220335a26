//! The names of a test's servers, which come, go and move: told by a name server of the test's own, and in a file like
//! `/etc/hosts` for programs that only ask the system.

use std::{
    collections::HashMap,
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Mutex,
};

use crate::support::name_server::{self, NameServer, Record};

/// The service's name, and Rocket.Chat's.
pub const ENGAGEMENT: &str = "engagement";
pub const ROCKETCHAT: &str = "rocketchat";

/// Names with their addresses, until it is dropped.
pub struct Names {
    /// Where the name server listens.
    pub server: SocketAddr,
    name_server: NameServer,
    addresses: Mutex<HashMap<String, Ipv4Addr>>,
    hosts: PathBuf,
}

impl Names {
    /// Starts the name server at an address, without a name. The files are in the directory.
    pub async fn start(at: SocketAddr, directory: &Path) -> Self {
        let name_server = NameServer::start(at).await.expect("an address for the name server");
        let names = Self { server: at, name_server, addresses: Mutex::default(), hosts: directory.join("hosts") };
        names.write_hosts();
        // Nothing listens there at port 53: for the system what is not among the hosts is not known.
        names.name_server.write_resolv_conf(&names.resolv_conf());
        names
    }

    fn resolv_conf(&self) -> PathBuf {
        self.hosts.with_file_name("resolv.conf")
    }

    /// Gives a name an address, or takes it away.
    pub fn set(&self, name: &str, address: Option<SocketAddr>) {
        let address = address.and_then(|address| match address {
            SocketAddr::V4(address) => Some(*address.ip()),
            SocketAddr::V6(_) => None,
        });
        self.name_server.set(name, address.map(Record::Address));
        {
            let mut addresses = self.addresses.lock().expect("a lock");
            match address {
                Some(address) => drop(addresses.insert(name.to_owned(), address)),
                None => drop(addresses.remove(name)),
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
        let mut line = name_server::instead_of_the_systems(&self.hosts, &self.resolv_conf());
        line.push(program.to_str().expect("UTF-8").to_owned());
        line.extend_from_slice(arguments);
        ("unshare".into(), line)
    }

    /// Whether [`Self::instead_of_the_systems`] is possible here.
    pub fn can_be_the_systems() -> bool {
        name_server::can_be_the_systems("Caddy and Traefik are not tried with names")
    }
}
