//! Writes the shipped files where a proxy finds them, with the addresses, ports and paths of a test. Each function gives the
//! arguments that the program takes.

use std::{fs, net::SocketAddr, path::Path, process::Command};

use crate::files::{guide, mounted_in_compose, replaced, shipped, shown};

/// Where the shipped files expect the service and Rocket.Chat.
const SERVICE: &str = "127.0.0.1:3100";
const ROCKET_CHAT: &str = "127.0.0.1:3000";

/// What is written into the files in place of what stands there.
pub struct Replacements {
    pub http: SocketAddr,
    pub https: SocketAddr,
    /// Addresses or names, with ports.
    pub service: String,
    pub rocket_chat: String,
    pub name_server: SocketAddr,
    pub root: &'static str,
    /// The file that has both the certificate and its key.
    pub certificate: String,
}

/// A file below a directory.
fn path(directory: &Path, file: &str) -> String {
    directory.join(file).to_str().expect("UTF-8").to_owned()
}

/// Writes a file below a directory. Its path.
fn write(directory: &Path, file: &str, text: &str) -> String {
    let path = path(directory, file);
    fs::create_dir_all(Path::new(&path).parent().expect("a directory")).expect("a directory");
    fs::write(&path, text).expect("a file");
    path
}

/// A file with the path of `ROOT_URL` before those of the dashboard and of the page, by the command that the guide gives.
fn below(text: &str, root: &str) -> String {
    if root.is_empty() {
        return text.to_owned();
    }
    let file = tempfile::NamedTempFile::new().expect("a file");
    fs::write(file.path(), text).expect("a file");
    let path = file.path().to_str().expect("UTF-8").to_owned();
    let command = replaced(&shown("\n### Below a path\n", "sh"), &[("/chat", root.to_owned()), ("FILE", path)]);
    let done = Command::new("sh").args(["-c", &command]).status().expect("sh runs");
    let changed = fs::read_to_string(file.path()).expect("a file");
    let in_front = |path: &str| changed.contains(&format!("{root}{path}"));
    assert!(done.success() && in_front("/api/v1/") && in_front("/engagement"), "{command}\n{changed}");
    changed
}

/// Writes nginx's files into a directory, with this main file. The arguments that it takes.
fn write_nginx_files(main: &str, directory: &Path, replacements: &Replacements) -> Vec<String> {
    let Replacements { service, rocket_chat, root, .. } = replacements;
    let addresses = [(SERVICE, service.clone()), (ROCKET_CHAT, rocket_chat.clone())];
    let upstream = replaced(&shipped("nginx/conf.d/rocketchat-engagement.conf"), &addresses);
    let locations = below(&shipped("nginx/snippets/rocketchat-engagement.conf"), root);
    write(directory, "conf.d/rocketchat-engagement.conf", &upstream);
    write(directory, "snippets/rocketchat-engagement.conf", &locations);
    for what in ["proxy", "page"] {
        let name = format!("snippets/rocketchat-engagement-{what}.conf");
        write(directory, &name, &shipped(&format!("nginx/{name}")));
    }
    let main = write(directory, "nginx.conf", main);
    // One process, which ends when it is killed and leaves no workers behind.
    ["-c", &main, "-g", "daemon off; master_process off;"].map(str::to_owned).into()
}

/// Sets nginx up with all files of deploy/nginx.
pub fn nginx(directory: &Path, replacements: &Replacements) -> Vec<String> {
    let Replacements { http, https, rocket_chat, certificate, .. } = replacements;
    let main = replaced(
        &shipped("nginx/nginx.conf"),
        &[
            // Only root may say so, and the tests may be anybody's.
            ("user www-data;", String::new()),
            ("/run/nginx.pid", path(directory, "pid")),
            ("error_log /var/log/nginx/error.log", "error_log stderr".to_owned()),
            ("/var/log/nginx/access.log", path(directory, "access.log")),
            ("listen 80;", format!("listen {}:8081;", http.ip())),
            ("listen 443 ssl;", format!("listen {https} ssl; listen {http};")),
            ("/etc/ssl/certs/chat.example.org.pem", certificate.clone()),
            ("/etc/ssl/private/chat.example.org.key", certificate.clone()),
            (ROCKET_CHAT, rocket_chat.clone()),
        ],
    );
    write_nginx_files(&main, directory, replacements)
}

/// Sets nginx up with what a host may have had before, and the two files for such a host.
pub fn nginx_as_it_was(directory: &Path, replacements: &Replacements) -> Vec<String> {
    let main = replaced(
        AS_IT_WAS,
        &[
            ("PID", path(directory, "pid")),
            ("ACCESS_LOG", path(directory, "access.log")),
            ("LISTEN", replacements.http.to_string()),
            ("ROCKET_CHAT", replacements.rocket_chat.clone()),
        ],
    );
    write_nginx_files(&main, directory, replacements)
}

/// What a host may have had before: Debian's main file in short, and the server in the way of Rocket.Chat's documentation.
const AS_IT_WAS: &str = r#"
pid PID;
error_log stderr;
events { worker_connections 768; }
http {
    access_log ACCESS_LOG;
    include conf.d/*.conf;
    upstream backend {
        server ROCKET_CHAT;
    }
    server {
        listen LISTEN;
        server_name chat.example.org;
        client_max_body_size 200M;
        location / {
            proxy_pass http://backend;
            proxy_http_version 1.1;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection "upgrade";
            proxy_set_header Host $http_host;
            proxy_set_header X-Real-IP $remote_addr;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto https;
            proxy_set_header X-Nginx-Proxy true;
            proxy_redirect off;
        }
        include snippets/rocketchat-engagement.conf;
    }
}
"#;

/// Sets nginx up as in Compose, with the files that it has there. The service and Rocket.Chat are names.
pub fn nginx_in_compose(directory: &Path, replacements: &Replacements) -> Vec<String> {
    let Replacements { http, service, rocket_chat, name_server, root, .. } = replacements;
    let main = replaced(
        &shipped("compose/nginx.conf"),
        &[
            ("/run/nginx.pid", path(directory, "pid")),
            ("/dev/stdout", path(directory, "access.log")),
            ("error_log /dev/stderr", "error_log stderr".to_owned()),
            ("resolver 127.0.0.11 ", format!("resolver {name_server} ")),
            ("listen 80;", format!("listen {http};")),
            ("engagement:3000", service.clone()),
            ("rocketchat:3000", rocket_chat.clone()),
        ],
    );
    for (name, place) in mounted_in_compose() {
        let text = shipped(&name);
        let is_list = name.ends_with("snippets/rocketchat-engagement.conf");
        write(directory, &place, &if is_list { below(&text, root) } else { text });
    }
    let main = write(directory, "nginx.conf", &main);
    ["-c", &main, "-g", "daemon off; master_process off;"].map(str::to_owned).into()
}

/// Sets Caddy up.
pub fn caddy(directory: &Path, replacements: &Replacements) -> Vec<String> {
    let Replacements { http, https, service, rocket_chat, root, certificate, .. } = replacements;
    let text = replaced(
        &shipped("Caddyfile"),
        &[
            ("\tservers {", "\tadmin off\n\tauto_https disable_redirects\n\tservers {".to_owned()),
            // The site is served with and without TLS.
            ("\nchat.example.org {", "\n(site) {".to_owned()),
            (SERVICE, service.clone()),
            (ROCKET_CHAT, rocket_chat.clone()),
        ],
    );
    let text = below(&text, root);
    let bind = format!("bind {}\n import site", http.ip());
    let without_tls = format!("http://:{} {{\n {bind}\n}}", http.port());
    let with_tls =
        format!("https://chat.example.org:{} {{\n tls {certificate} {certificate}\n {bind}\n}}", https.port());
    let file = write(directory, "Caddyfile", &format!("{text}{without_tls}\n{with_tls}\n"));
    ["run", "--adapter", "caddyfile", "--config", &file].map(str::to_owned).into()
}

/// Sets HAProxy up.
pub fn haproxy(directory: &Path, replacements: &Replacements) -> Vec<String> {
    let Replacements { http, https, service, rocket_chat, root, certificate, name_server } = replacements;
    let text = replaced(
        &shipped("haproxy/haproxy.cfg"),
        &[
            // Only root may say so, and the tests may be anybody's.
            ("    user haproxy\n    group haproxy\n", String::new()),
            ("maxconn 20000", "maxconn 400".to_owned()),
            // Something that passes over what it does not understand.
            ("log /dev/log ", format!("log {name_server} ")),
            ("bind :80", format!("bind {}:8081", http.ip())),
            // The site is served with and without TLS.
            (
                "bind :443 ssl crt /etc/haproxy/chat.example.org.pem",
                format!("bind {https} ssl crt {certificate}\n    bind {http}"),
            ),
            (SERVICE, service.clone()),
            (ROCKET_CHAT, rocket_chat.clone()),
        ],
    );
    let text = below(&text, root);
    let is_address = service.parse::<SocketAddr>().is_ok();
    let text = if is_address { text } else { with_names(&text, *name_server) };
    ["-db", "-f", &write(directory, "haproxy.cfg", &text)].map(str::to_owned).into()
}

/// HAProxy's file with what the guide adds where the service and Rocket.Chat are names.
fn with_names(text: &str, name_server: SocketAddr) -> String {
    let guide = guide();
    let (_, haproxy) = guide.split_once("### HAProxy").expect("HAProxy in the guide");
    let (before, shown) = haproxy.split_once("```haproxy\n").expect("lines for names");
    let (lines, _) = shown.split_once("```").expect("their end");
    let lines = replaced(lines, &[("127.0.0.11:53", name_server.to_string())]);
    let line = before.split('`').find(|quote| quote.starts_with("default-server ")).expect("a line for `defaults`");
    replaced(text, &[("defaults\n", format!("{lines}\ndefaults\n    {line}\n"))])
}

/// Sets Apache up with the modules that the file asks for, and what Debian has in its main file.
pub fn apache(directory: &Path, replacements: &Replacements) -> Vec<String> {
    let Replacements { http, https, service, rocket_chat, root, certificate, .. } = replacements;
    let shipped = shipped("apache/rocketchat.conf");
    let (_, modules) = shipped.split_once("a2enmod ").expect("the modules");
    let modules = modules.lines().next().into_iter().flat_map(str::split_whitespace);
    let modules = ["mpm_event", "authz_core", "alias"].into_iter().chain(modules);
    let loaded = modules.map(|name| format!("LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n"));
    let site = replaced(
        &shipped,
        &[
            ("<VirtualHost *:80>", format!("<VirtualHost {}:8081>", http.ip())),
            ("<VirtualHost *:443>", format!("<VirtualHost {https}>")),
            ("/etc/ssl/certs/chat.example.org.pem", certificate.clone()),
            ("/etc/ssl/private/chat.example.org.key", certificate.clone()),
            (SERVICE, service.clone()),
            (ROCKET_CHAT, rocket_chat.clone()),
        ],
    );
    let site = below(&site, root);
    // The site is served with and without TLS.
    let (_, secure) = site.split_once(&format!("<VirtualHost {https}>")).expect("the second site");
    let without_tls =
        format!("<VirtualHost {http}>{}", replaced(secure, &[("SSLEngine on", "SSLEngine off".to_owned())]));
    let main = format!(
        "ServerRoot {directory}\nDefaultRuntimeDir {directory}\nPidFile {directory}/pid\nErrorLog /dev/stderr\n\
         Define APACHE_LOG_DIR {directory}\nServerName localhost\nUser www-data\nGroup www-data\n\
         Listen {http}\nListen {https}\nListen {}:8081\n{}{site}{without_tls}",
        http.ip(),
        loaded.collect::<String>(),
        directory = directory.display(),
    );
    ["-X", "-f", &write(directory, "apache2.conf", &main)].map(str::to_owned).into()
}

/// Sets Traefik up.
pub fn traefik(directory: &Path, replacements: &Replacements) -> Vec<String> {
    traefik_with("traefik.yml", directory, replacements)
}

/// Sets Traefik up with the file for versions before 3.7.
pub fn traefik_3_4(directory: &Path, replacements: &Replacements) -> Vec<String> {
    traefik_with("traefik-3.0.yml", directory, replacements)
}

/// Sets Traefik up with a shipped file, and the static configuration that the guide shows. To see that its limit for slow clients
/// is what cuts them off, a shorter one is written into it.
fn traefik_with(file: &str, directory: &Path, replacements: &Replacements) -> Vec<String> {
    let dynamic = shipped(file);
    let Replacements { http, https, service, rocket_chat, root, certificate, .. } = replacements;
    let shown = shown("### Traefik", "yaml");
    // The site is served with and without TLS.
    let (_, secure) = shown.split_once("  websecure:\n").expect("the last entry point");
    let without_tls = replaced(secure, &[("address: :443", format!("address: {http}"))]);
    let shown = replaced(
        &format!("{shown}  without-tls:\n{without_tls}"),
        &[
            ("/etc/traefik/dynamic", path(directory, "dynamic")),
            ("address: :80", format!("address: {}:8081", http.ip())),
            ("address: :443", format!("address: {https}")),
            ("readTimeout: 60s", "readTimeout: 5s".to_owned()),
        ],
    );
    let file = write(directory, "traefik.yml", &format!("{shown}log:\n  noColor: true\n"));

    let text = replaced(
        &dynamic,
        &[
            (SERVICE, service.clone()),
            (ROCKET_CHAT, rocket_chat.clone()),
            (
                "Host(`chat.example.org`)",
                format!("(Host(`chat.example.org`) || Host(`localhost`) || Host(`{}`))", http.ip()),
            ),
        ],
    );
    let text = below(&text, root);
    write(directory, "dynamic/rocketchat.yml", &text);
    let routers = text.split_once("  services:").expect("services behind the routers").0;
    let without_tls = replaced(
        routers,
        &[
            ("    rocketchat:", "    rocketchat-without-tls:".to_owned()),
            ("    engagement:", "    engagement-without-tls:".to_owned()),
            ("    engagement-page:", "    engagement-page-without-tls:".to_owned()),
            ("[websecure]", "[without-tls]".to_owned()),
            ("      tls: {}\n", String::new()),
        ],
    );
    let certificate = format!("tls:\n  certificates:\n    - certFile: {certificate}\n      keyFile: {certificate}\n");
    write(directory, "dynamic/test.yml", &format!("{without_tls}{certificate}"));
    vec![format!("--configFile={file}")]
}
