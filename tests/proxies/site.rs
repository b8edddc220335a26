//! One site: a proxy with its shipped file, behind it a stand-in for Rocket.Chat and, when started, the service.
//!
//! A site has loopback addresses of its own, so everything has the ports of the shipped files (but the proxies', which only
//! root may listen on), and nothing can come between the choice of a port and its use.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::atomic::{AtomicU8, Ordering},
    time::Duration,
};

use tempfile::TempDir;
use tokio::net::TcpStream;

use crate::{
    files::program,
    guarded::{Guarded, until},
    set_up::{self, Replacements},
    stand_in::{StandIn, method_of},
    support::{Authority, PATH, Response, Service, Workspace, send, send_from, settings},
};

/// The program in front.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// With the whole configuration of deploy/nginx.
    Nginx,
    /// With the server that Rocket.Chat's documentation shows, to which the two files for a host that has nginx are added.
    NginxAsItWas,
    Caddy,
    /// With the file in deploy/, and the static configuration that the guide shows.
    Traefik,
}

impl Kind {
    /// All whose programs are there.
    pub fn all() -> Vec<Self> {
        Self::installed([Self::Nginx, Self::NginxAsItWas, Self::Caddy, Self::Traefik])
    }

    /// Those of which everything is shipped or shown, their limits as well.
    pub fn whole() -> Vec<Self> {
        Self::installed([Self::Nginx, Self::Caddy, Self::Traefik])
    }

    fn installed(kinds: impl IntoIterator<Item = Self>) -> Vec<Self> {
        kinds.into_iter().filter(|kind| program(kind.program()).is_some()).collect()
    }

    /// The program's name.
    pub fn program(self) -> &'static str {
        match self {
            Self::Nginx | Self::NginxAsItWas => "nginx",
            Self::Caddy => "caddy",
            Self::Traefik => "traefik",
        }
    }

    /// Whether it writes targets in its own way: what need not be encoded in a path is decoded, `.` and `..` are followed, and
    /// a `;` in a query is encoded. The others send on what came.
    pub fn rewrites_targets(self) -> bool {
        self == Self::Traefik
    }

    /// What arrives of a target.
    pub fn arriving(self, target: &str) -> String {
        match self.rewrites_targets() {
            true => target.replace("%61", "a").replace(';', "%3B"),
            false => target.to_owned(),
        }
    }
}

/// A running site.
pub struct Site {
    pub kind: Kind,
    /// Where the proxy listens, without and with TLS. [`Kind::NginxAsItWas`] has no TLS.
    pub http: SocketAddr,
    pub https: SocketAddr,
    /// The path of `ROOT_URL`.
    pub root: &'static str,
    /// Where the proxy expects the service.
    pub service: SocketAddr,
    proxy: Guarded,
    authority: Authority,
    _stand_in: StandIn,
    _directory: TempDir,
}

impl Site {
    /// Starts everything but the service, with Rocket.Chat at the top.
    pub async fn start(kind: Kind) -> Self {
        Self::start_below(kind, "").await
    }

    /// Starts everything but the service, with Rocket.Chat below a path.
    pub async fn start_below(kind: Kind, root: &'static str) -> Self {
        let at = |port| SocketAddr::new(own_address().into(), port);
        let (http, service, rocket_chat) = (at(8080), at(3100), at(3000));
        let https = SocketAddr::new(http.ip(), 8443);
        let stand_in = StandIn::start(rocket_chat).await;
        let directory = tempfile::Builder::new().prefix("engagement-proxy-").tempdir().expect("a directory");
        let authority = Authority::new("authority of the test");
        let certificate = authority.issue("proxy.pem", "chat.example.org", Duration::from_secs(86_400));
        let replacements = Replacements { http, https, service, rocket_chat, root, certificate };
        let set_up = match kind {
            Kind::Nginx => set_up::nginx,
            Kind::NginxAsItWas => set_up::nginx_as_it_was,
            Kind::Caddy => set_up::caddy,
            Kind::Traefik => set_up::traefik,
        };
        let arguments = set_up(directory.path(), &replacements);
        let home = directory.path().to_str().expect("UTF-8");
        let environment = [("XDG_DATA_HOME", home), ("XDG_CONFIG_HOME", home)];
        let program = program(kind.program()).expect("an installed program");
        let proxy = Guarded::start(directory.path(), "log", &program, &arguments, &environment);
        until("the proxy", Duration::from_secs(20), async || {
            // Traefik goes on without a file that it does not understand.
            let is_content = proxy.is_running() && !proxy.output().contains(" ERR ");
            assert!(is_content, "{kind:?} is stopped by:\n{}", proxy.output());
            TcpStream::connect(http).await.ok()?;
            // Traefik listens before it knows where to send anything.
            method_of(&send(http, "GET", "/", &[], b"").await).map(drop)
        })
        .await;
        Self { kind, http, https, root, service, proxy, authority, _stand_in: stand_in, _directory: directory }
    }

    /// Starts the service where the proxy expects it, on a database, with further settings.
    pub async fn start_service(&self, mongo_url: &str) -> Service {
        let (address, port) = (self.service.ip().to_string(), self.service.port().to_string());
        let root_url = format!("https://chat.example.org{}", self.root);
        let values = [("mongo_url", mongo_url), ("http.bind_ip", &address), ("http.port", &port)];
        let values = [&values[..], &[("http.root_url", &root_url), ("http.forwarded_count", "1")]].concat();
        Service::start(settings(&values)).await
    }

    /// Starts everything, on a workspace.
    pub async fn on(kind: Kind, workspace: &Workspace) -> (Self, Service) {
        let site = Self::start(kind).await;
        let service = site.start_service(&workspace.url()).await;
        (site, service)
    }

    /// The endpoint, with a query string.
    pub fn asking(&self, query: &str) -> String {
        format!("{}{PATH}?{query}", self.root)
    }

    /// Sends a request by way of the proxy.
    pub async fn request(&self, method: &str, target: &str, headers: &[(&str, &str)]) -> Response {
        send(self.http, method, target, &bytes(headers), b"").await
    }

    /// Sends a GET request by way of the proxy.
    pub async fn get(&self, target: &str, headers: &[(&str, &str)]) -> Response {
        self.request("GET", target, headers).await
    }

    /// Sends a GET request by way of the proxy from an address of the loopback network.
    pub async fn get_from(&self, client: [u8; 4], target: &str, headers: &[(&str, &str)]) -> Response {
        send_from(IpAddr::from(client), self.http, "GET", target, &bytes(headers)).await
    }

    /// What the proxy has complained of.
    pub fn log(&self) -> String {
        self.proxy.output()
    }

    /// Whom a client that speaks TLS is told to trust.
    pub fn authority(&self) -> String {
        self.authority.ca()
    }
}

/// A loopback address that nothing else in this process uses, nor in another, most probably.
fn own_address() -> Ipv4Addr {
    static NUMBER: AtomicU8 = AtomicU8::new(1);
    let [.., high, low] = std::process::id().to_be_bytes();
    Ipv4Addr::new(127, high | 128, low, NUMBER.fetch_add(1, Ordering::Relaxed))
}

fn bytes<'a>(headers: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a [u8])> {
    headers.iter().map(|(name, value)| (*name, value.as_bytes())).collect()
}
