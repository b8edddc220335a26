//! One site: a proxy with its shipped file, behind it a stand-in for Rocket.Chat and, when started, the service.
//!
//! A site has a loopback address of its own, so everything has the ports of the shipped files (but the proxies', which only
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
    names::{ENGAGEMENT, Names, ROCKETCHAT},
    set_up::{self, Replacements},
    stand_in::{StandIn, method_of},
    support::{Authority, PATH, Response, Service, Workspace, send, send_from, settings},
};

/// The ports of the shipped files.
const SERVICE_PORT: u16 = 3100;
const ROCKET_CHAT_PORT: u16 = 3000;

/// Longer than it takes until a service that hangs is taken for one that cannot answer.
const HEALTH_CHECKED: Duration = Duration::from_secs(45);

/// Who answers the endpoint.
#[derive(Debug, Clone, Copy)]
pub enum Answering {
    Service,
    RocketChat,
}

/// The program in front.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// With the whole configuration of deploy/nginx.
    Nginx,
    /// With the server that Rocket.Chat's documentation shows, to which the two files for a host that has nginx are added.
    NginxAsItWas,
    /// As in Compose, where the service and Rocket.Chat are names.
    NginxInCompose,
    Caddy,
    /// With the file in deploy/, and the static configuration that the guide shows.
    Traefik,
    /// With the file for versions before 3.7, and the same static configuration.
    Traefik34,
    Haproxy,
    Apache,
}

impl Kind {
    /// All whose programs are there.
    pub fn all() -> Vec<Self> {
        let nginx = [Self::Nginx, Self::NginxAsItWas, Self::NginxInCompose];
        Self::installed(nginx.into_iter().chain([
            Self::Caddy,
            Self::Traefik,
            Self::Traefik34,
            Self::Haproxy,
            Self::Apache,
        ]))
    }

    /// Those of which everything is shipped or shown, their limits as well.
    pub fn whole() -> Vec<Self> {
        let others = [Self::Caddy, Self::Traefik, Self::Traefik34, Self::Haproxy, Self::Apache];
        Self::installed([Self::Nginx].into_iter().chain(others))
    }

    /// Those of which it is shown what they do where the service and Rocket.Chat are names.
    pub fn with_names() -> Vec<Self> {
        let mut kinds = vec![Self::NginxInCompose, Self::Haproxy];
        if Names::can_be_the_systems() {
            kinds.extend([Self::Caddy, Self::Traefik]);
        }
        Self::installed(kinds)
    }

    fn installed(kinds: impl IntoIterator<Item = Self>) -> Vec<Self> {
        kinds.into_iter().filter(|kind| program(kind.program()).is_some()).collect()
    }

    /// The program's name.
    pub fn program(self) -> &'static str {
        match self {
            Self::Nginx | Self::NginxAsItWas | Self::NginxInCompose => "nginx",
            Self::Caddy => "caddy",
            Self::Traefik => "traefik",
            Self::Traefik34 => "traefik-3.4",
            Self::Haproxy => "haproxy",
            Self::Apache => "apache2",
        }
    }

    /// Whether it writes targets in its own way: what need not be encoded in a path is decoded, `.` and `..` are followed, and
    /// a `;` in a query is encoded. The others send on what came.
    pub fn rewrites_targets(self) -> bool {
        [Self::Traefik, Self::Traefik34].contains(&self)
    }

    /// Whether it takes other spellings of the endpoint's path for the same, and sends on the path in its own.
    pub fn rewrites_the_endpoint(self) -> bool {
        self.rewrites_targets() || self == Self::Apache
    }

    /// Whether it asks for the service's health now and then, so that it falls back, and back again, some seconds late. The others
    /// find out for each request.
    pub fn asks_for_health(self) -> bool {
        [Self::Traefik34, Self::Apache].contains(&self)
    }

    /// Whether it sends many requests over one connection. To names that are looked up when asked, nginx does not.
    pub fn keeps_connections(self) -> bool {
        self != Self::NginxInCompose
    }

    /// Whether it is told which name server to ask; the others ask the system.
    fn has_a_name_server(self) -> bool {
        [Self::NginxInCompose, Self::Haproxy].contains(&self)
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
    /// The names of the service and of Rocket.Chat.
    pub names: Names,
    proxy: Guarded,
    authority: Authority,
    stand_in: StandIn,
    _directory: TempDir,
}

impl Site {
    /// Starts everything but the service, with Rocket.Chat at the top.
    pub async fn start(kind: Kind) -> Self {
        Self::start_below(kind, "").await
    }

    /// Starts everything but the service, with Rocket.Chat below a path.
    pub async fn start_below(kind: Kind, root: &'static str) -> Self {
        match kind {
            Kind::NginxInCompose => Self::start_with(kind, root, true, &[ENGAGEMENT, ROCKETCHAT]).await,
            _ => Self::start_with(kind, root, false, &[]).await,
        }
    }

    /// Starts everything but the service. The proxy knows the service and Rocket.Chat by names, and that of the service has no
    /// address.
    pub async fn start_without_the_services_name(kind: Kind) -> Self {
        Self::start_with(kind, "", true, &[ROCKETCHAT]).await
    }

    /// Starts everything but the service. The proxy is told names or addresses, and these names have addresses.
    async fn start_with(kind: Kind, root: &'static str, by_name: bool, named: &[&str]) -> Self {
        let address = own_address();
        let at = |port| SocketAddr::new(address.into(), port);
        let (http, service, rocket_chat) = (at(8080), at(SERVICE_PORT), at(ROCKET_CHAT_PORT));
        let https = SocketAddr::new(http.ip(), 8443);
        let stand_in = StandIn::start(rocket_chat).await;
        let directory = tempfile::Builder::new().prefix("engagement-proxy-").tempdir().expect("a directory");
        let authority = Authority::new("authority of the test");
        let certificate = authority.issue("proxy.pem", "chat.example.org", Duration::from_secs(86_400));
        let names = Names::start(at(5353), directory.path()).await;
        for (name, address) in [(ENGAGEMENT, service), (ROCKETCHAT, rocket_chat)] {
            names.set(name, named.contains(&name).then_some(address));
        }
        let told = |name: &str, address: SocketAddr| match by_name {
            true => format!("{name}:{}", address.port()),
            false => address.to_string(),
        };
        let replacements = Replacements {
            http,
            https,
            service: told(ENGAGEMENT, service),
            rocket_chat: told(ROCKETCHAT, rocket_chat),
            name_server: names.server,
            root,
            certificate,
        };
        let set_up = match kind {
            Kind::Nginx => set_up::nginx,
            Kind::NginxAsItWas => set_up::nginx_as_it_was,
            Kind::NginxInCompose => set_up::nginx_in_compose,
            Kind::Caddy => set_up::caddy,
            Kind::Traefik => set_up::traefik,
            Kind::Traefik34 => set_up::traefik_3_4,
            Kind::Haproxy => set_up::haproxy,
            Kind::Apache => set_up::apache,
        };
        let arguments = set_up(directory.path(), &replacements);
        let home = directory.path().to_str().expect("UTF-8");
        // Both are written in Go, which is to read /etc/hosts by itself.
        let environment = [("XDG_DATA_HOME", home), ("XDG_CONFIG_HOME", home), ("GODEBUG", "netdns=go")];
        let program = program(kind.program()).expect("an installed program");
        let (program, arguments) = match by_name && !kind.has_a_name_server() {
            true => names.instead_of_the_systems(&program, &arguments),
            false => (program, arguments),
        };
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
        Self { kind, http, https, root, service, names, proxy, authority, stand_in, _directory: directory }
    }

    /// Starts the service where the proxy expects it, on a database, with further settings.
    pub async fn start_service(&self, mongo_url: &str) -> Service {
        let (address, port) = (self.service.ip().to_string(), self.service.port().to_string());
        let root_url = format!("https://chat.example.org{}", self.root);
        let values = [("mongo_url", mongo_url), ("http.bind_ip", &address), ("http.port", &port)];
        let values = [&values[..], &[("http.root_url", &root_url), ("http.forwarded_count", "1")]].concat();
        Service::start(settings(&values)).await
    }

    /// From now on the service, when started, and Rocket.Chat have another address, like containers that were made anew.
    pub async fn move_everything(&mut self) {
        self.service.set_ip(own_address().into());
        let rocket_chat = SocketAddr::new(self.service.ip(), ROCKET_CHAT_PORT);
        self.stand_in = StandIn::start(rocket_chat).await;
        self.names.set(ENGAGEMENT, Some(self.service));
        self.names.set(ROCKETCHAT, Some(rocket_chat));
    }

    /// Starts everything, on a workspace.
    pub async fn on(kind: Kind, workspace: &Workspace) -> (Self, Service) {
        let site = Self::start(kind).await;
        let service = site.start_service(&workspace.url()).await;
        site.noticed(Answering::Service).await;
        (site, service)
    }

    /// Waits until the proxy has noticed who answers the endpoint, where it may do so late.
    pub async fn noticed(&self, answering: Answering) {
        if self.kind.asks_for_health() {
            until("its change of mind", HEALTH_CHECKED, async || {
                // Is neither counted by the rate limit nor in need of MongoDB.
                let answer = self.request("OPTIONS", &self.asking(""), &[]).await;
                let is_as_expected = match answering {
                    Answering::RocketChat => method_of(&answer).is_some(),
                    Answering::Service => method_of(&answer).is_none() && answer.status < 500,
                };
                is_as_expected.then_some(())
            })
            .await;
        }
    }

    /// The endpoint, with a query string.
    pub fn asking(&self, query: &str) -> String {
        self.target(PATH, query)
    }

    /// A path of the dashboard, with a query string.
    pub fn target(&self, path: &str, query: &str) -> String {
        format!("{}{path}?{query}", self.root)
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
///
/// # Panics
/// All of this process are used up. Whoever had the first ones may still be there.
fn own_address() -> Ipv4Addr {
    static NUMBER: AtomicU8 = AtomicU8::new(1);
    let [.., high, low] = std::process::id().to_be_bytes();
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    assert_ne!(number, 0, "no address is left");
    Ipv4Addr::new(127, high | 128, low, number)
}

fn bytes<'a>(headers: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a [u8])> {
    headers.iter().map(|(name, value)| (*name, value.as_bytes())).collect()
}
