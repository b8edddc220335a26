//! `verify --url`: a running service, or what takes itself for one.

use std::{sync::Arc, time::Duration};

use bson::doc;
use chrono::Utc;
use rocketchat_engagement::commands::demo::workspace::{DOCUMENTED_TOKEN, DOCUMENTED_USER};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpListener,
    task::JoinHandle,
    time::timeout,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring::default_provider,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    },
};

use super::{Ran, run, verify::verify};
use crate::{
    documented_example::ANSWER,
    support::{Authority, PATH, Service, Workspace, keep_secret, settings},
};

const ORIGIN: &str = "/api/v1/engagement-dashboard/messages/origin";
const TOP_FIVE: &str = "/api/v1/engagement-dashboard/messages/top-five-popular-channels";
const CHANNELS: &str = "/api/v1/engagement-dashboard/channels/list";

const WHO: [(&str, &str); 2] = [("ENGAGEMENT_USER_ID", DOCUMENTED_USER), ("ENGAGEMENT_AUTH_TOKEN", DOCUMENTED_TOKEN)];

/// What it says about a service at an address.
async fn against(workspace: &Workspace, url: String, arguments: &[&str], environment: &[(&str, &str)]) -> Ran {
    keep_secret(DOCUMENTED_TOKEN);
    tokio::task::block_in_place(|| verify(workspace, &[&["--url", &url], arguments].concat(), environment))
}

fn assert_fails(ran: &Ran, text: &str) {
    assert_eq!((ran.code, ran.output.as_str(), ran.errors.lines().count()), (Some(2), "", 1), "{ran:?}");
    assert!(ran.errors.contains(text), "{text:?} is not in {ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_counts_right_is_told_to() {
    let workspace = Workspace::demonstration().await;
    let (url, zone) = (workspace.url(), "America/Sao_Paulo");
    let root = "http://localhost/chat";
    let values = [("mongo_url", url.as_str()), ("time_zone", zone), ("http.root_url", root)];
    for service in [Service::start(settings(&values)).await, Service::start_live(&values).await] {
        let address = format!("http://{}/chat", service.address);
        let ran = against(&workspace, format!("{address}/"), &["--timezone", zone], &WHO).await;
        let expected = format!("✔ pipeline: no difference\n✔ {address}: no difference\n");
        assert!(ran.code == Some(0) && ran.output.ends_with(&expected), "{ran:?}");

        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), format!("{DOCUMENTED_TOKEN}\n")).expect("a token");
        let file = file.path().to_str().expect("UTF-8");
        let arguments = ["--timezone", zone, "--user-id", DOCUMENTED_USER, "--token-file", file];
        assert_eq!(against(&workspace, address.clone(), &arguments, &[]).await.code, Some(0));

        assert_fails(&against(&workspace, address.clone(), &[], &WHO).await, "its time zone is not UTC");
        let wrong = [("ENGAGEMENT_USER_ID", DOCUMENTED_USER), ("ENGAGEMENT_AUTH_TOKEN", "wrong-secret-token")];
        keep_secret("wrong-secret-token");
        let ran = against(&workspace, address.clone(), &["--timezone", zone], &wrong).await;
        assert_fails(&ran, "does not know this user id with this token (401)");
        let anna = [("ENGAGEMENT_USER_ID", "AnnaUser111111111"), ("ENGAGEMENT_AUTH_TOKEN", "demo-token-of-anna")];
        let ran = against(&workspace, address.clone(), &["--timezone", zone], &anna).await;
        assert_fails(&ran, "lacks the permission view-engagement-dashboard (403)");
        let ran = against(&workspace, format!("http://{}", service.address), &[], &WHO).await;
        assert_fails(&ran, "is the path of --url right? (404)");
        let ran = against(&workspace, format!("https://{}/chat", service.address), &[], &WHO).await;
        assert_fails(&ran, "does not speak TLS there; should --url begin with http://");
        service.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn variables_that_say_who_asks_are_harmless_where_nobody_is_asked() {
    let workspace = Workspace::demonstration().await;
    assert_eq!(tokio::task::block_in_place(|| verify(&workspace, &[], &WHO)).code, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_that_are_written_meanwhile_are_no_difference() {
    let workspace = Workspace::demonstration().await;
    let service = Service::on_live(&workspace).await;
    let messages = workspace.database.collection("rocketchat_message");
    let writer = tokio::spawn(async move {
        for number in 0.. {
            let now = bson::DateTime::from_chrono(Utc::now());
            messages
                .insert_one(doc! { "_id": format!("new{number}"), "rid": "GENERAL", "ts": now })
                .await
                .expect("an insert");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
    let url = format!("http://{}", service.address);
    let arguments = ["verify", "--last", "2d", "--url", &url];
    let mongo_url = workspace.url();
    let environment = [&WHO[..], &[("MONGO_URL", mongo_url.as_str())]].concat();
    let ran = tokio::task::block_in_place(|| run(&arguments, &environment));
    writer.abort();
    assert_eq!(ran.code, Some(0), "{ran:?}");
    service.stop().await;
}

/// Somebody who gives one answer to everybody, at an address; and what was asked.
async fn impostor(answer: String) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let asked = tokio::spawn(async move {
        let mut asked = Vec::new();
        // Until nobody asks any more.
        while let Ok(Ok((stream, _))) = timeout(Duration::from_secs(20), listener.accept()).await {
            asked.push(reply(stream, &answer).await);
        }
        asked
    });
    (address, asked)
}

/// Reads a request and answers it.
async fn reply(mut stream: impl AsyncRead + AsyncWrite + Unpin, answer: &str) -> String {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        assert_ne!(stream.read_buf(&mut request).await.expect("a request"), 0, "the whole request");
    }
    // Only the messages per day are asked for in all cases.
    let is_for_days = request.starts_with(format!("GET {PATH}?").as_bytes());
    let nothing = answer_of("404 Not Found", "{}");
    let answer = if is_for_days { answer } else { &nothing };
    stream.write_all(answer.as_bytes()).await.expect("answered");
    stream.shutdown().await.expect("ended");
    String::from_utf8_lossy(&request).into_owned()
}

fn answer_of(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_counts_wrong_is_found_out() {
    let workspace = Workspace::demonstration().await;
    let wrong = ANSWER.replace("\"messages\":183", "\"messages\":190").replace(
        "{\"day\":\"2023-05-21T00:00:00.000Z\",\"messages\":5}",
        "{\"day\":\"2023-05-20T00:00:00.000Z\",\"messages\":5}",
    );
    let (address, asked) = impostor(answer_of("200 OK", &wrong)).await;
    let ran = against(&workspace, address.clone(), &[], &WHO).await;
    let expected = format!(
        "✘ {address}: 3 days with a difference
  Day                  By hand         There    Difference
  2023-05-20 Sat             0             5            +5
  2023-05-21 Sun             5             0            -5
  2023-05-30 Tue           183           190            +7
  → not there (404), so not compared: {ORIGIN}, {TOP_FIVE}, {CHANNELS}
"
    );
    assert!(ran.code == Some(1) && ran.output.ends_with(&expected), "{ran:?}");
    asked.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_answer_of_the_endpoint_is_said_to_be_none() {
    let workspace = Workspace::demonstration().await;
    for (answer, text) in [
        (answer_of("200 OK", "<html>"), "no answer of the endpoint's"),
        (answer_of("200 OK", "{\"days\":[{\"day\":\"\\u001b[2J\",\"messages\":1}]}"), "its time zone is not UTC"),
        (answer_of("503 Service Unavailable", "{}"), "cannot count now (503)"),
        (answer_of("429 Too Many Requests", "{}"), "too many requests (429)"),
        (answer_of("429 Too Many Requests\r\nRetry-After: 7", "{}"), "(429); try again in 7 s"),
        (answer_of("500 Oops", "{\"error\":\"out of coffee\"}"), "answers 500; its log may say why: out of coffee"),
        (answer_of("400 Bad", &format!("{{\"error\":\"not you, {DOCUMENTED_TOKEN}\"}}")), "answers 400: not you, ***"),
        ("SSH-2.0-OpenSSH_9.9\r\n\r\n".to_owned(), "does not speak HTTP there"),
        (String::new(), "closed the connection without an answer"),
        ("nonsense\r\n\r\n".to_owned(), PATH),
    ] {
        let (address, asked) = impostor(answer).await;
        assert_fails(&against(&workspace, address, &[], &WHO).await, text);
        asked.abort();
    }
    // Nobody is there.
    let nobody = against(&workspace, "http://127.0.0.1:1".to_owned(), &[], &WHO).await;
    assert_fails(&nobody, "nothing listens there (Connection refused (os error 111)); does it run");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_goes_nowhere_else() {
    let workspace = Workspace::demonstration().await;
    let (elsewhere, asked_there) = impostor(answer_of("200 OK", ANSWER)).await;
    let redirect =
        format!("HTTP/1.1 302 Found\r\nLocation: {elsewhere}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    let (address, asked_here) = impostor(redirect).await;
    assert_fails(&against(&workspace, address, &[], &WHO).await, "is elsewhere");
    let here = asked_here.await.expect("requests");
    assert_eq!(here.len(), 1);
    assert!(
        here[0].contains(DOCUMENTED_TOKEN) && here[0].starts_with(&format!("GET {PATH}?start=2023-05-20T06")),
        "{here:?}"
    );
    assert_eq!(asked_there.await.expect("requests"), Vec::<String>::new());
}

/// What lets somebody pass for 127.0.0.1 with those who trust an authority.
fn acceptor(authority: &Authority) -> TlsAcceptor {
    let file = authority.issue("server.pem", "127.0.0.1", Duration::from_secs(86_400));
    let certificates = CertificateDer::pem_file_iter(&file).expect("a file").map(|one| one.expect("a certificate"));
    let key = PrivateKeyDer::from_pem_file(&file).expect("a key");
    let config = ServerConfig::builder_with_provider(default_provider().into());
    let config = config.with_safe_default_protocol_versions().expect("protocols").with_no_client_auth();
    Arc::new(config.with_single_cert(certificates.collect(), key).expect("a certificate with its key")).into()
}

#[tokio::test(flavor = "multi_thread")]
async fn by_https_whoever_the_machine_trusts_is_asked_and_nobody_else() {
    let workspace = Workspace::demonstration().await;
    let (authority, stranger) = (Authority::new("the test's"), Authority::new("another"));
    let acceptor = acceptor(&authority);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("https://{}", listener.local_addr().expect("an address"));
    let served = tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            if let Ok(stream) = acceptor.accept(stream).await {
                reply(stream, &answer_of("200 OK", ANSWER)).await;
            }
        }
    });
    let (ca, other) = (authority.ca(), stranger.ca());
    let trusting = |file| [&WHO[..], &[("SSL_CERT_FILE", file)]].concat();
    let ran = against(&workspace, address.clone(), &[], &trusting(&ca)).await;
    assert!(ran.code == Some(0) && ran.output.contains(&format!("✔ {address}: no difference")), "{ran:?}");
    let untrusted = against(&workspace, address.clone(), &[], &trusting(&other)).await;
    assert_fails(&untrusted, "does not trust whoever issued its certificate: name a file");
    let named = address.replace("127.0.0.1", "localhost");
    assert_fails(&against(&workspace, named, &[], &trusting(&ca)).await, "for another name than that of --url");
    let plain = against(&workspace, address.replace("https:", "http:"), &[], &WHO).await;
    assert_fails(&plain, "https");
    served.abort();
}

#[test]
fn what_is_missing_to_ask_a_service_is_named() {
    keep_secret("secret\u{7}token");
    for (arguments, environment, text) in [
        (vec!["--url", "http://127.0.0.1:1"], vec![], "--user-id"),
        (vec!["--url", "http://127.0.0.1:1"], vec![WHO[0]], "ENGAGEMENT_AUTH_TOKEN or --token-file"),
        (vec!["--url", "http://127.0.0.1:1"], vec![WHO[1]], "--user-id"),
        (vec!["--url", "http://127.0.0.1:1", "--token-file", "/nowhere"], vec![WHO[0]], "/nowhere: No such file"),
        (
            vec!["--url", "http://127.0.0.1:1"],
            vec![WHO[0], ("ENGAGEMENT_AUTH_TOKEN", "secret\u{7}token")],
            "characters",
        ),
        (vec!["--url", "127.0.0.1:3000"], WHO.to_vec(), "https://chat.example.org"),
        (vec!["--url", "ftp://127.0.0.1"], WHO.to_vec(), "https://chat.example.org"),
        (vec!["--url", "http://user:password@127.0.0.1"], WHO.to_vec(), "without user, password"),
        (vec!["--token-file", "/nowhere"], vec![], "goes with --url"),
        (vec!["--user-id", "someone"], vec![WHO[1]], "--user-id goes with --url"),
        (
            vec!["--url", "https://127.0.0.1:1"],
            [&WHO[..], &[("SSL_CERT_FILE", "/nowhere.pem")]].concat(),
            "SSL_CERT_FILE=/nowhere.pem: No such file",
        ),
        (
            vec!["--url", "https://127.0.0.1:1"],
            [&WHO[..], &[("SSL_CERT_FILE", "/dev/null")]].concat(),
            "SSL_CERT_FILE=/dev/null: holds no certificate",
        ),
    ] {
        let ran = run(&[&["verify"], &arguments[..]].concat(), &environment);
        assert_fails(&ran, text);
        assert!(!ran.errors.contains(DOCUMENTED_TOKEN) && !ran.errors.contains("secret\u{7}"), "{ran:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_knows_other_rooms_is_found_out() {
    let workspace = Workspace::demonstration().await;
    // The same messages of each day, but not in the same rooms: those of another database, with a type changed.
    let other = Workspace::demonstration().await;
    let service = Service::on(&other).await;
    other.update("rocketchat_room", "hT5vRw9sJdNq3yKmB", doc! { "$set": { "t": "c" } }).await;
    let messages = other.database.collection::<bson::Document>("rocketchat_message");
    let moved = doc! { "$set": { "rid": "GENERAL" } };
    let of_may = doc! { "rid": "eXb7mQ2nTzWc4kLpA", "ts": { "$lt": bson::DateTime::from_millis(1_685_000_000_000) } };
    let moved = messages.update_many(of_may, moved).await.expect("an update").modified_count;
    assert!(moved > 0);
    let ran = against(&workspace, format!("http://{}", service.address), &[], &WHO).await;
    assert_eq!(ran.code, Some(1), "{ran:?}");
    for text in [
        "✔ pipeline: no difference\n",
        ": 2 rooms with a difference\n",
        "  GENERAL ",
        "  eXb7mQ2nTzWc4kLpA ",
        ": 2 room types with a difference\n",
        " busiest rooms with a difference\n",
    ] {
        assert!(ran.output.contains(text), "{text:?} is not in {}", ran.output);
    }
    assert!(!ran.output.contains("day with a") && !ran.output.contains("days with a"), "{}", ran.output);
    service.stop().await;
}
