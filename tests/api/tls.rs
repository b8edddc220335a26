//! TLS to MongoDB: what lets the service in, and what it says where it does not get in.

use std::{
    process::Command,
    time::{Duration, Instant, SystemTime},
};

use bson::doc;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    time::sleep,
};

use crate::commands::run;
use crate::support::{
    Authority, PATH, Process, Service, TlsMongod, Workspace, keep_secret, not_tested, reveals_a_secret, send,
    start_mongod, utc,
};

const QUERY: &str = "?start=2023-05-20T00:00:00.000Z&end=2023-05-20T00:00:00.000Z";

/// An account whose password must not be told.
const ACCOUNT: &str = "rc:tlssecretpassword@";

/// What a connection ends with whose other side closed it while something was still on the way.
const RESET: &str = "Connection reset by peer";

/// The service becomes live with these options, and answers right.
async fn assert_live(mongod: &TlsMongod, options: &str) {
    let service = Service::start_live(&[("mongo_url", &mongod.url(options))]).await;
    let answer = service.get(&format!("{PATH}{QUERY}"), &Workspace::admin()).await;
    assert_eq!((answer.status, &answer.json()["period"]["count"]), (200, &3.into()), "{options}");
    service.until_ready().await;
    service.stop().await;
}

/// The service starts with these options, is not ready, and its log says why, and no secret.
async fn assert_shut_out(mongod: &TlsMongod, options: &str, reasons: &[&str]) {
    assert_shut_out_of(&mongod.url(options), options, reasons).await;
}

async fn assert_shut_out_of(url: &str, options: &str, reasons: &[&str]) {
    keep_secret("tlssecretpassword");
    let url = url.replace("mongodb://", &format!("mongodb://{ACCOUNT}"));
    let (process, address) = Process::serve(&url, &[("RUST_LOG", "debug")]);
    let mut lines = std::iter::repeat_with(|| process.wait_for_line("MongoDB cannot be reached")).take(20);
    let says_why = lines.any(|line| reasons.iter().any(|reason| line.contains(reason)));
    assert!(says_why, "{options}: none of {reasons:?} in {}", process.output());
    let ready = send(address, "GET", "/readyz", &[], b"").await;
    assert_eq!((ready.status, &ready.json()["mongodb"]), (503, &"MongoDB cannot be reached".into()), "{options}");
    assert_eq!(send(address, "GET", "/healthz", &[], b"").await.status, 200);
    assert!(!reveals_a_secret(&process.output()), "{options}: {}", process.output());
}

/// What refuses every client as Atlas does those whose address is not in the access list: by the alert 80, `internal_error`. Its URL.
async fn start_refusing() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("an address");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            // The whole of what the client begins with, so that closing is no reset.
            let mut hello = [0; 16_384];
            let _length = stream.read(&mut hello).await;
            let _sent = stream.write_all(&[21, 3, 3, 0, 2, 2, 80]).await;
        }
    });
    format!("mongodb://{address}/rocketchat?tls=true")
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_in_the_access_list_of_atlas_is_told_so() {
    let url = start_refusing().await;
    assert_shut_out_of(&url, "alert 80", &["received fatal alert: InternalError"]).await;

    let ran = run(&["check"], &[("MONGO_URL", &url)]);

    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.errors.contains("add this machine's public address to the IP access list"), "{ran:?}");
    let guide = include_str!("../../docs/operations.md");
    assert!(guide.contains("| `received fatal alert: InternalError` |"), "the guide explains it");
}

async fn add_workspace(mongod: &TlsMongod) {
    let workspace = Workspace::at(&mongod.url(&mongod.options), "rocketchat").await;
    workspace.add_admin().await;
    let message = doc! { "rid": "channel", "ts": utc("2023-05-20T12:00:00.000Z") };
    workspace.insert("rocketchat_message", std::iter::repeat_n(message, 3)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_right_authority_it_is_live_and_with_no_other() {
    let mongod = TlsMongod::start("127.0.0.1", false).await;
    add_workspace(&mongod).await;
    assert_live(&mongod, &mongod.options).await;
    assert_live(&mongod, "tls=true&tlsInsecure=true").await;
    assert_live(&mongod, "tls=true&tlsAllowInvalidCertificates=true").await;

    let stranger = Authority::new("another authority");
    let untrusted = ["invalid peer certificate: UnknownIssuer"];
    assert_shut_out(&mongod, &format!("tls=true&tlsCAFile={}", stranger.ca()), &untrusted).await;
    // By default those count that browsers know.
    assert_shut_out(&mongod, "tls=true", &untrusted).await;
    assert_shut_out(&mongod, "tls=false", &["I/O error: unexpected end of file", RESET]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mongodb_without_tls_is_not_talked_to_if_tls_is_wanted() {
    let mongod = start_mongod(&[]).await.expect("mongod");
    let url = mongod.url("rocketchat") + "&serverSelectionTimeoutMS=600&tls=true";
    assert_shut_out_of(&url, "tls=true", &["tls handshake eof", RESET]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_for_another_name_is_refused() {
    let mongod = TlsMongod::start("db.example.org", false).await;
    assert_shut_out(&mongod, &mongod.options, &["invalid peer certificate: certificate not valid for name"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_certificate_is_refused() {
    let mongod = TlsMongod::start("127.0.0.1", false).await;
    let admin = mongod.client().await.database("admin");
    // MongoDB takes no certificate that has expired already: one that will very soon, and, on a busy machine, a bit later.
    let mut valid = Duration::from_secs(2);
    let expires = loop {
        let expires = SystemTime::now() + valid + Duration::from_secs(1);
        mongod.authority.issue("server.pem", "127.0.0.1", valid);
        match admin.run_command(doc! { "rotateCertificates": 1 }).await {
            Ok(_) => break expires,
            Err(error) => assert!(valid < Duration::from_secs(60), "{error}"),
        }
        valid *= 2;
    };
    while let Ok(left) = expires.duration_since(SystemTime::now()) {
        sleep(left).await;
    }
    assert_shut_out(&mongod, &mongod.options, &["invalid peer certificate: certificate expired"]).await;
}

/// Runs commands in the directory of an authority. False if there is no OpenSSL.
fn run_openssl(authority: &Authority, commands: &str) -> bool {
    if Command::new("openssl").arg("version").output().is_err() {
        not_tested("certificates as OpenSSL makes them, for there is no openssl");
        return false;
    }
    let directory = authority.file("");
    let output = Command::new("sh").args(["-euc", commands]).current_dir(directory).output().expect("sh runs");
    assert!(output.status.success(), "{commands}: {}", String::from_utf8_lossy(&output.stderr));
    true
}

/// Makes a certificate with its key in `server.pem`, alone in `server.crt`.
const OF_ITS_OWN: &str = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 \
    -addext subjectAltName=IP:127.0.0.1 -keyout server.key -out server.crt; cat server.key server.crt >server.pem";
const OF_VERSION_1: &str = "openssl req -newkey rsa:2048 -nodes -subj /CN=127.0.0.1 -keyout server.key -out server.csr
    openssl x509 -req -in server.csr -signkey server.key -days 2 -out server.crt; cat server.key server.crt >server.pem";

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_certificates_as_openssl_makes_them_is_told() {
    for (commands, more, reasons) in [
        (OF_ITS_OWN, "", ["CaUsedAsEndEntity", "made again with CA:FALSE"]),
        (OF_VERSION_1, "", ["UnsupportedCertVersion", "made again with a subjectAltName"]),
        (
            OF_VERSION_1,
            "&tlsAllowInvalidCertificates=true",
            ["UnsupportedCertVersion", "made again with a subjectAltName"],
        ),
    ] {
        let authority = Authority::new("unused");
        if !run_openssl(&authority, commands) {
            return;
        }
        if commands == OF_VERSION_1 && !is_of_version_1(&authority) {
            not_tested("certificates of X.509 version 1, for this OpenSSL makes none by itself");
            continue;
        }
        let [certificate, ca] = ["server.pem", "server.crt"].map(|file| authority.file(file));
        let mongod = TlsMongod::start_with(authority, &certificate, &ca, None).await;
        let options = format!("{}{more}", mongod.options);
        for reason in reasons {
            assert_shut_out(&mongod, &options, &[reason]).await;
        }
        let mut check = Process::start(&["check"], &[("MONGO_URL", &mongod.url(&options))]);
        assert_eq!(check.wait(Duration::from_secs(20)).code(), Some(2));
        assert!(check.output().contains("→ docs/operations.md, \"A certificate of your own\""), "{}", check.output());
    }
}

fn is_of_version_1(authority: &Authority) -> bool {
    let command = ["x509", "-noout", "-text", "-in", &authority.file("server.crt")];
    let output = Command::new("openssl").args(command).output().expect("openssl runs");
    String::from_utf8_lossy(&output.stdout).contains("Version: 1 ")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_certificates_of_the_guide_let_it_in() {
    let guide = std::fs::read_to_string("docs/operations.md").expect("the guide");
    let (_, section) = guide.split_once("### A certificate of your own").expect("the section");
    let section = section.split("\n### ").next().expect("a text");
    let blocks: Vec<_> = section.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let files = ["mongodb.crt", "mongodb-ca.pem"];
    assert_eq!(blocks.len(), files.len(), "{section}");
    for (commands, ca) in blocks.into_iter().zip(files) {
        let authority = Authority::new("unused");
        if !run_openssl(&authority, commands) {
            return;
        }
        let [certificate, ca] = ["mongodb.pem", ca].map(|file| authority.file(file));
        let mongod = TlsMongod::start_with(authority, &certificate, &ca, None).await;
        add_workspace(&mongod).await;
        assert_live(&mongod, &mongod.options).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mongodb_that_wants_certificates_is_shown_one() {
    let mongod = TlsMongod::start("127.0.0.1", true).await;
    add_workspace(&mongod).await;
    assert_live(&mongod, &mongod.options).await;

    let without = format!("tls=true&tlsCAFile={}", mongod.authority.ca());
    // MongoDB closes the connection without a word; its own log says why.
    let closed = ["peer closed connection without sending TLS close_notify", RESET];
    assert_shut_out(&mongod, &without, &closed).await;
    let stranger = Authority::new("another authority");
    let unknown = stranger.issue("client.pem", "client", Duration::from_secs(60));
    assert_shut_out(&mongod, &format!("{without}&tlsCertificateKeyFile={unknown}"), &closed).await;
}

#[test]
fn every_command_refuses_an_unusable_file_at_the_start_and_names_it() {
    keep_secret("tlssecretpassword");
    let authority = Authority::new("authority of the test");
    let certificate = authority.issue("client.pem", "client", Duration::from_secs(60));
    let (ca, empty) = (authority.ca(), authority.file("empty.pem"));
    let encrypted = authority.file("encrypted.pem");
    std::fs::write(&empty, "").expect("a file");
    let text =
        std::fs::read_to_string(&certificate).expect("a file").replace("BEGIN PRIVATE", "BEGIN ENCRYPTED PRIVATE");
    std::fs::write(&encrypted, text).expect("a file");
    for (options, expected) in [
        ("tlsCAFile=/nowhere/ca.pem".to_owned(), "tlsCAFile=/nowhere/ca.pem: No such file".to_owned()),
        (format!("tlsCAFile={empty}"), format!("tlsCAFile={empty}: holds no CERTIFICATE")),
        (
            "tlsCertificateKeyFile=/nowhere/me.pem".to_owned(),
            "tlsCertificateKeyFile=/nowhere/me.pem: No such file".to_owned(),
        ),
        (format!("tlsCertificateKeyFile={ca}"), format!("tlsCertificateKeyFile={ca}: holds no PRIVATE KEY")),
        (format!("tlsCertificateKeyFile={encrypted}"), "must have no password".to_owned()),
    ] {
        let url = format!("mongodb://{ACCOUNT}127.0.0.1:1/rocketchat?tls=true&{options}");
        for (command, code) in [("serve", 1), ("check", 2), ("report", 1), ("verify", 2)] {
            let began = Instant::now();
            let mut process = Process::start(&[command], &[("MONGO_URL", &url), ("PORT", "0")]);
            let ended = process.wait(Duration::from_secs(10)).code();
            assert_eq!(ended, Some(code), "{command} {options}: {:?}", began.elapsed());
            let output = process.output();
            let lines: Vec<_> = output.lines().collect();
            assert!(
                matches!(lines[..], [line] if line.contains("mongo_url (MONGO_URL): ") && line.contains(&expected)),
                "{command} {options}: {output}"
            );
            assert!(!reveals_a_secret(&output), "{output}");
        }
    }
}
