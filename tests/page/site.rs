//! One origin: nginx with the files of deploy/nginx for a host that has Rocket.Chat, which sends the page's paths to the service; a server
//! of its own answers all others as a stand-in for Rocket.Chat.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    sync::atomic::{AtomicU8, Ordering},
    time::Duration,
};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpStream;

use crate::{
    guarded::{Guarded, until},
    support::{Service, Workspace, settings},
};

/// A service behind nginx.
pub struct Site {
    pub service: Service,
    root: &'static str,
    listening: SocketAddr,
    _nginx: Guarded,
    _directory: TempDir,
}

impl Site {
    /// Starts everything at the top of an origin, counting by aggregations.
    pub async fn on(workspace: &Workspace, zone: &str) -> Self {
        Self::below("", workspace, &[("time_zone", zone)]).await
    }

    /// The same below a path, with settings.
    pub async fn below(root: &'static str, workspace: &Workspace, values: &[(&str, &str)]) -> Self {
        let (url, root_url) = (workspace.url(), format!("https://chat.example.org{root}"));
        let mut all = vec![("mongo_url", url.as_str()), ("http.forwarded_count", "1"), ("http.root_url", &root_url)];
        all.extend(values);
        let service = Service::start(settings(&all)).await;
        let listening = own_address();
        let directory = tempfile::Builder::new().prefix("engagement-page-").tempdir().expect("a directory");
        let home = directory.path();
        let text =
            CONFIGURATION.replace("HOME", home.to_str().expect("UTF-8")).replace("LISTENING", &listening.to_string());
        for (name, from, to) in [
            ("conf.d/rocketchat-engagement.conf", "127.0.0.1:3100", service.address.to_string()),
            ("snippets/rocketchat-engagement.conf", " /engagement", format!(" {root}/engagement")),
            ("snippets/rocketchat-engagement-proxy.conf", "", String::new()),
            ("snippets/rocketchat-engagement-page.conf", "", String::new()),
        ] {
            let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/nginx").join(name);
            let text = std::fs::read_to_string(shipped).expect("a shipped file");
            assert!(text.contains(from), "{from:?} is not in {name}");
            let text = if from.is_empty() { text } else { text.replace(from, &to) };
            let file = home.join(name);
            std::fs::create_dir_all(file.parent().expect("a directory")).expect("a directory");
            std::fs::write(file, text).expect("a file");
        }
        let main = home.join("nginx.conf");
        std::fs::write(&main, text).expect("a file");
        let main = main.to_str().expect("UTF-8").to_owned();
        let arguments = ["-c", &main, "-g", "daemon off; master_process off;"].map(str::to_owned);
        let nginx = Guarded::start(home, "log", &nginx_program(), &arguments, &[]);
        until("nginx", Duration::from_secs(20), async || {
            assert!(nginx.is_running(), "nginx is stopped by:\n{}", nginx.output());
            TcpStream::connect(listening).await.ok().map(drop)
        })
        .await;
        Self { service, root, listening, _nginx: nginx, _directory: directory }
    }

    /// What every scenario is given, and what more this one is.
    pub fn given(&self, headers: &[(&str, &str)], more: Value) -> Value {
        let origin = format!("http://{}", self.listening);
        let of = |name| headers.iter().find(|header| header.0 == name).map(|header| header.1);
        let mut given = json!({
            "address": format!("{origin}{}/engagement", self.root),
            "origin": origin,
            "user": of("X-User-Id"),
            "token": of("X-Auth-Token"),
        });
        let (all, more) = (given.as_object_mut().expect("an object"), more.as_object().expect("an object"));
        all.extend(more.clone());
        given
    }
}

fn nginx_program() -> std::path::PathBuf {
    let path = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin:/usr/local/sbin";
    let places = path.split(':').map(|place| Path::new(place).join("nginx"));
    places.into_iter().find(|program| program.exists()).expect("nginx")
}

/// A loopback address of this process's own: nothing comes between the choice of a port and its use.
fn own_address() -> SocketAddr {
    static NUMBER: AtomicU8 = AtomicU8::new(1);
    let [.., high, low] = std::process::id().to_be_bytes();
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    (Ipv4Addr::new(127, high | 128, low, number), 8080).into()
}

const CONFIGURATION: &str = r#"
pid HOME/pid;
error_log stderr;
events { worker_connections 512; }
http {
    access_log off;
    client_body_temp_path HOME/body;
    proxy_temp_path HOME/proxy;
    fastcgi_temp_path HOME/fastcgi;
    uwsgi_temp_path HOME/uwsgi;
    scgi_temp_path HOME/scgi;
    include conf.d/*.conf;
    server {
        listen LISTENING;
        include snippets/rocketchat-engagement.conf;
        location / {
            default_type text/html;
            return 200 "<!doctype html><html><title>Rocket.Chat stand-in</title>";
        }
    }
}
"#;
