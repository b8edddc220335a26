//! The binary in operation: starting, refusing to start, logging, limits, stopping.

use std::time::{Duration, Instant};

use bson::doc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::{
    commands::run,
    support::{
        Connection, PATH, Process, Workspace, keep_secret, launch_mongod, reveals_a_secret, send, signal, start_mongod,
    },
};

const QUERY: &str = "?start=2023-05-20T00:00:00.000Z&end=2023-05-30T00:00:00.000Z";

#[test]
fn bad_settings_are_refused_with_key_value_and_remedy() {
    keep_secret("secretpassword");
    let file = |text: &str| {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), text).expect("a configuration");
        file
    };
    let port = file("[http]\nport = \"many\"\n");
    let unknown = file("[http]\nprot = 3000\n");
    let table = file("http = 3000\n");
    let syntax = file("mongo_url = \"mongodb://rc:secretpassword@db/rocketchat\nport = 1");
    let list = file("[permission]\ndefault_roles = [\"\"]\n");
    let path = |file: &tempfile::NamedTempFile| file.path().to_str().expect("UTF-8").to_owned();
    for (environment, expected) in [
        (("PORT", "70000".to_owned()), vec!["http.port", "PORT", "\"70000\"", "from 0 to 65535"]),
        (("PORT", "-1".to_owned()), vec!["http.port", "PORT", "\"-1\""]),
        (("BIND_IP", "localhost".to_owned()), vec!["http.bind_ip", "BIND_IP", "\"localhost\"", "127.0.0.1"]),
        (("TZ", "Mars/Olympus".to_owned()), vec!["time_zone", "TZ", "\"Mars/Olympus\"", "Europe/Berlin"]),
        (("ROOT_URL", "chat.example.org".to_owned()), vec!["http.root_url", "ROOT_URL", "https://example.org/chat"]),
        (("ROOT_URL", "mongodb://rc:secretpassword@db".to_owned()), vec!["http.root_url", "= \"***\""]),
        (("MONGO_URL", "postgres://db/rocketchat".to_owned()), vec!["mongo_url", "MONGO_URL", "mongodb://"]),
        (
            ("MONGO_URL", "mongodb://rc:secretpassword@db:port/rocketchat".to_owned()),
            vec!["mongo_url", "MONGO_URL", "mongodb://user:password@host"],
        ),
        (("MONGO_URL", "rc:secretpassword@db/rocketchat".to_owned()), vec!["mongo_url", "percent-escapes"]),
        (("MONGO_URL", "mongodb://rc:secretpassword?9@db/rocketchat".to_owned()), vec!["mongo_url", "percent-escapes"]),
        (
            ("MONGO_URL", "\"mongodb://rc:secretpassword@db/rocketchat\"".to_owned()),
            vec!["MONGO_URL: the value is in quotation marks", "--env-file", "leave them out"],
        ),
        (("TZ", "'Europe/Berlin'".to_owned()), vec!["TZ: the value is in quotation marks"]),
        (("PORT", "\"3000\"".to_owned()), vec!["PORT: the value is in quotation marks"]),
        (("CONFIG_FILE", "\"/etc/engagement.toml\"".to_owned()), vec!["CONFIG_FILE: the value is in quotation marks"]),
        (("RUST_LOG", "\"info\"".to_owned()), vec!["RUST_LOG: the value is in quotation marks"]),
        (
            ("MONGO_URL", "mongodb://rc:secretpassword@db/rocketchat?tlsCAFile=/ca.pem&nonsense=1".to_owned()),
            vec!["its option nonsense cannot be used"],
        ),
        (
            ("ENGAGEMENT_HTTP_REQUEST_DEADLINE", "0".to_owned()),
            vec!["http.request_deadline", "seconds", "from 1 to 300"],
        ),
        (("METRICS_PORT", "none".to_owned()), vec!["metrics.port", "\"none\"", "from 0 to 65535", "off"]),
        (("METRICS_PORT", "70000".to_owned()), vec!["metrics.port", "\"70000\""]),
        (("METRICS_BIND_IP", "localhost".to_owned()), vec!["metrics.bind_ip", "METRICS_BIND_IP", "127.0.0.1"]),
        (("ENGAGEMENT_METRICS_PORT", "9459".to_owned()), vec!["ENGAGEMENT_METRICS_PORT", "no setting", "METRICS_PORT"]),
        (("HTTP_FORWARDED_COUNT", "-1".to_owned()), vec!["http.forwarded_count", "\"-1\"", "from 0 to 100"]),
        (
            ("ENGAGEMENT_HTTP_TRUSTED_PROXIES", "10.0.0.0/8,proxy.example".to_owned()),
            vec!["http.trusted_proxies", "\"10.0.0.0/8,proxy.example\"", "192.0.2.7"],
        ),
        (("ENGAGEMENT_HTTP_TRUSTED_PROXIES", "10.0.0.0/33".to_owned()), vec!["http.trusted_proxies", "10.0.0.0/8"]),
        (("ENGAGEMENT_COUNTING_PARALLELISM", "2.5".to_owned()), vec!["counting.parallelism", "from 1 to 64"]),
        (("ENGAGEMENT_COUNTING_READ_PREFERENCE", "fastest".to_owned()), vec!["read_preference", "secondaryPreferred"]),
        (("ENGAGEMENT_COUNTING_ROOM_TYPES", "c,,d".to_owned()), vec!["counting.room_types", "\"c,,d\"", "commas"]),
        (("ENGAGEMENT_PAGE_PATH", "engagement".to_owned()), vec!["page.path", "\"engagement\"", "/engagement"]),
        (("ENGAGEMENT_PAGE_PATH", "/".to_owned()), vec!["page.path", "letters, digits"]),
        (("ENGAGEMENT_PAGE_PATH", "/a?b".to_owned()), vec!["page.path", "\"/a?b\""]),
        (("ENGAGEMENT_PAGE_PATH", "/\u{e4}".to_owned()), vec!["page.path", "letters, digits"]),
        (("ENGAGEMENT_PAGE_PATH", "/api/x".to_owned()), vec!["page.path", "none of /api"]),
        (("ENGAGEMENT_PAGE_PATH", "/healthz".to_owned()), vec!["page.path", "none of", "/healthz"]),
        (("ENGAGEMENT_PAGE_ENABLED", "yes".to_owned()), vec!["page.enabled", "true or false"]),
        (("ENGAGEMENT_PAGE_CALLS_PER_MINUTE", "-1".to_owned()), vec!["page.calls_per_minute", "from 0 to 1000000"]),
        (("ENGAGEMENT_COUNTING_PARALLELISMS", "2".to_owned()), vec!["ENGAGEMENT_COUNTING_PARALLELISMS", "no setting"]),
        (("CONFIG_FILE", "/nowhere/engagement.toml".to_owned()), vec!["/nowhere/engagement.toml", "No such file"]),
        (("CONFIG_FILE", path(&port)), vec!["http.port", "\"many\"", "whole number"]),
        (("CONFIG_FILE", path(&unknown)), vec!["http.prot", "no setting", "http.port"]),
        (("CONFIG_FILE", path(&table)), vec!["http", "no setting"]),
        (("CONFIG_FILE", path(&syntax)), vec!["configuration file"]),
        (("CONFIG_FILE", path(&list)), vec!["permission.default_roles", "commas"]),
    ] {
        let (name, value) = &environment;
        let mut process = Process::start(&["serve"], &[(*name, value.as_str())]);
        let status = process.wait(Duration::from_secs(10));
        let output = process.output();
        assert_eq!(status.code(), Some(1), "{environment:?}: {output}");
        for text in expected {
            assert!(output.contains(text), "{environment:?}: {text:?} is not in {output}");
        }
        assert!(!reveals_a_secret(&output), "{environment:?}: {output}");
    }
}

/// As after an upgrade from version 0.1.0, whose unit had no `--config`.
#[test]
fn a_config_file_in_the_environment_that_the_command_line_outdoes_is_told() {
    let [given, other] = [3101, 3102].map(|port| {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), format!("http.port = {port}\n")).expect("a configuration");
        file
    });
    let path = |file: &tempfile::NamedTempFile| file.path().to_str().expect("UTF-8").to_owned();
    let config = |other: &str| run(&["config", "--config", &path(&given)], &[("CONFIG_FILE", other)]);

    let ran = config(&path(&other));
    assert!(ran.output.contains("3101") && !ran.output.contains("3102"), "{}", ran.output);
    assert!(ran.errors.contains(&format!("CONFIG_FILE={} is not read", path(&other))), "{}", ran.errors);

    assert!(!config(&path(&given)).errors.contains("CONFIG_FILE"));
}

#[tokio::test(flavor = "multi_thread")]
async fn variables_that_kubernetes_sets_for_its_services_are_told_and_passed_over() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), "[http]\nport = 0\n[metrics]\nport = 0\n").expect("a configuration");
    let links = [
        ("CONFIG_FILE", file.path().to_str().expect("UTF-8")),
        ("ENGAGEMENT_METRICS_PORT", "tcp://10.0.0.1:9459"),
        ("ENGAGEMENT_METRICS_PORT_9459_TCP", "tcp://10.0.0.1:9459"),
        ("ENGAGEMENT_METRICS_PORT_9459_TCP_ADDR", "10.0.0.1"),
        ("ENGAGEMENT_METRICS_SERVICE_HOST", "10.0.0.1"),
        ("ENGAGEMENT_METRICS_SERVICE_PORT_HTTP", "9459"),
        ("METRICS_PORT", "tcp://10.0.0.2:9459"),
        ("PORT", "tcp://10.0.0.3:3000"),
    ];
    let (process, address) = Process::serve("mongodb://127.0.0.1:1/rocketchat", &links);
    assert_eq!(send(address, "GET", "/healthz", &[], b"").await.status, 200);
    let told = process.wait_for_line("Kubernetes sets them");
    for (name, _) in &links[1..] {
        assert!(told.contains(name), "{name}: {told}");
    }

    // What is no link is a mistake all the same.
    for mistake in [("ENGAGEMENT_METRICS_PORT", "9459"), ("METRICS_PORT", "http://10.0.0.2:9459"), ("PORT", "tcp:3000")]
    {
        let mut process = Process::start(&["serve"], &[&links[..], &[mistake]].concat());
        assert_eq!(process.wait(Duration::from_secs(10)).code(), Some(1), "{mistake:?}: {}", process.output());
        assert!(process.output().contains(mistake.0), "{mistake:?}: {}", process.output());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn options_of_rocketchats_driver_are_told_and_do_no_harm() {
    keep_secret("optionspassword");
    let workspace = Workspace::with_admin().await;
    let url = workspace.url();
    let options =
        "useUnifiedTopology=true&useNewUrlParser=true&family=4&socketTimeoutMS=1000&retryWrites=true&w=majority&";
    let url = format!("{url}{}{options}", if url.contains('?') { "&" } else { "?" });
    let mongo_options = r#"{"tlsAllowInvalidCertificates":true,"auth":{"password":"optionspassword"},"poolSize":5}"#;
    let (process, address) = Process::serve(&url, &[("MONGO_OPTIONS", mongo_options)]);
    let line = process.wait_for_line("do nothing here");
    assert!(line.ends_with(": useUnifiedTopology, useNewUrlParser, family, socketTimeoutMS"), "{line}");
    let line = process.wait_for_line("MONGO_OPTIONS is set, but not read");
    assert!(line.contains("write tlsAllowInvalidCertificates=true into MONGO_URL"), "{line}");
    process.wait_for_line("MongoDB answers");
    assert_eq!(send(address, "GET", "/readyz", &[], b"").await.status, 200);
    assert!(!reveals_a_secret(&process.output()), "{}", process.output());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_in_use_is_refused_and_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let mut process = Process::start(&["serve"], &[("PORT", &port)]);
    assert_eq!(process.wait(Duration::from_secs(10)).code(), Some(1));
    assert!(process.output().contains(&format!("127.0.0.1:{port}")), "{}", process.output());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_mongodb_it_starts_and_says_so() {
    let (process, address) = Process::serve("mongodb://127.0.0.1:1/rocketchat", &[]);
    assert_eq!(send(address, "GET", "/healthz", &[], b"").await.status, 200);
    process.wait_for_line("MongoDB cannot be used yet");
}

#[tokio::test(flavor = "multi_thread")]
async fn that_mongodb_can_be_reached_again_is_told() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port").port();
    // In a replica set that is followed other lines would tell.
    let environment = [("ENGAGEMENT_TALLY_MODE", "pipeline")];
    let (process, _) = Process::serve(&format!("mongodb://127.0.0.1:{port}/rocketchat"), &environment);
    let line = process.wait_for_line("MongoDB cannot be reached: ");
    assert!(line.contains("Connection refused") && !line.contains("labels"), "{line}");
    let _mongod = launch_mongod(port, None, &[]).await.expect("mongod");
    process.wait_for_line("MongoDB can be reached now");
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_cannot_write_errors_into_the_log() {
    let (process, address) = Process::serve(
        "mongodb://127.0.0.1:1/rocketchat",
        &[("RUST_LOG", "warn,rocketchat_engagement=info,access=info")],
    );
    for request in ["no http\r\n\r\n", "GET /?\u{1} HTTP/1.1\r\nHost: a\r\n\r\n"] {
        let mut stranger = tokio::net::TcpStream::connect(address).await.expect("a connection");
        stranger.write_all(request.as_bytes()).await.expect("a request");
        let mut answer = String::new();
        stranger.read_to_string(&mut answer).await.expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    }
    send(address, "GET", "/healthz", &[], b"").await;
    process.wait_for_line("/healthz 200");
    let output = process.output();
    assert!(!output.contains("actix") && !output.contains("parse"), "{output}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_without_users_is_pointed_out_at_the_start() {
    let workspace = Workspace::empty().await;
    let (process, _) = Process::serve(&workspace.url(), &[]);
    process.wait_for_line("has no users, so nobody can log in; is its name right?");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_database_in_the_url_it_is_test_and_the_right_one_is_named() {
    let mongod = start_mongod(&[]).await.expect("mongod");
    let parties = Workspace::at(&mongod.url("parties"), "parties").await;
    parties.add_admin().await;
    parties.insert("rocketchat_message", [doc! { "rid": "channel", "ts": bson::DateTime::now() }]).await;
    let url = mongod.url("");
    let (process, _) = Process::serve(&url, &[]);
    process.wait_for_line("/test, time zone");
    process.wait_for_line("the database test has no users");
    let line = process.wait_for_line("the database test has no messages");
    assert!(line.ends_with("there is a rocketchat_message in: parties"), "{line}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_access_log_tells_who_asked_for_what_and_no_secret() {
    let workspace = Workspace::with_admin().await;
    let (process, address) = Process::serve(&workspace.url(), &[("RUST_LOG", "debug")]);
    keep_secret("query-secret-token");
    let admin: Vec<_> = Workspace::admin().iter().map(|(name, value)| (*name, value.as_bytes())).collect();

    assert_eq!(send(address, "GET", &format!("{PATH}{QUERY}"), &admin, b"").await.status, 200);
    let line = process.wait_for_line("access");
    for text in
        [format!("GET {PATH} 200 "), "ms ".to_owned(), "client=127.0.0.1".to_owned(), "viewer=\"admin\"".to_owned()]
    {
        assert!(line.contains(&text), "{text:?} is not in {line}");
    }
    let target = format!("{PATH}{QUERY}&access_token=query-secret-token");
    assert_eq!(send(address, "GET", &target, &[], b"").await.status, 401);
    let line = process.wait_for_line("access");
    assert!(line.contains(" 401 ") && line.contains("viewer=-"), "{line}");
    let bearer = ("Authorization", b"Bearer query-secret-token".as_slice());
    assert_eq!(send(address, "GET", PATH, &[bearer], b"").await.status, 401);
    assert_eq!(send(address, "POST", "/%0Aforged%20line", &admin, b"body").await.status, 404);
    let line = process.wait_for_line("access");
    let line = if line.contains("404") { line } else { process.wait_for_line("access") };
    assert!(line.contains("POST /%0Aforged%20line 404"), "{line}");
    assert!(!reveals_a_secret(&process.output()), "{}", process.output());
}

#[tokio::test(flavor = "multi_thread")]
async fn being_asked_to_stop_it_finishes_running_requests_and_exits_0() {
    for name in ["TERM", "INT"] {
        // Nothing listens there: the request takes until no server could be selected.
        let (mut process, address) = Process::serve("mongodb://127.0.0.1:1/rocketchat", &[]);
        let mut idle = Connection::open(address).await;
        idle.send("GET", "/healthz", &[], b"").await;
        assert_eq!(idle.receive(false).await.status, 200);
        let mut running = Connection::open(address).await;
        running.send("GET", &format!("{PATH}{QUERY}"), &[("X-User-Id", b"a"), ("X-Auth-Token", b"b")], b"").await;
        // Connections go to the server's threads in turn; once each thread has answered a later one, this one is read.
        for _ in 0..4 * std::thread::available_parallelism().expect("a number").get() {
            assert_eq!(send(address, "GET", "/healthz", &[], b"").await.status, 200);
        }

        let began = Instant::now();
        signal(name, process.pid());

        assert_eq!(running.receive(false).await.status, 503, "{name}: the running request is finished");
        assert_eq!(process.wait(Duration::from_secs(10)).code(), Some(0), "{name}: {}", process.output());
        assert!(began.elapsed() < Duration::from_secs(10), "{name}: {:?}", began.elapsed());
        assert!(idle.is_closed().await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_effective_configuration_is_printed_without_passwords() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_rocketchat-engagement"))
        .args(["config", "--port", "3456"])
        .env_clear()
        .env("MONGO_URL", "mongodb://rc:secretpassword@db/rocketchat?authSource=admin&replicaSet=rs0")
        .env("TZ", ":Europe/Berlin")
        .output()
        .expect("the binary runs");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(output.status.success());
    assert!(text.contains("port = 3456 # the command line"), "{text}");
    let url = "mongo_url = \"mongodb://***@db:27017/rocketchat?authSource=admin&replicaSet=rs0\" # MONGO_URL";
    assert!(text.contains(url), "{text}");
    assert!(text.contains("bind_ip = \"127.0.0.1\" # default"), "{text}");
    assert!(!text.contains("secretpassword"));
}
