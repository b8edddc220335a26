//! `mongodb+srv://`: the service starts while names cannot be resolved, and works when they can.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    time::{Duration, Instant},
};

use tokio::time::sleep;

use crate::support::{
    PATH, PATIENCE, Process, Service, Stopwatch, Workspace,
    name_server::{NameServer, Record, can_be_the_systems, instead_of_the_systems},
    not_tested, send, settings, start_mongod,
};

const QUERY: &str = "?start=2023-05-20T00:00:00.000Z&end=2023-05-30T00:00:00.000Z";

/// Resolvers ask at port 53, and no other.
const NAME_SERVER: (Ipv4Addr, u16) = (Ipv4Addr::new(127, 77, 0, 53), 53);

#[tokio::test(flavor = "multi_thread")]
async fn without_dns_it_starts_and_answers_503_within_the_deadline() {
    // RFC 6761: there is no such name, wherever it is asked for.
    let url = ("mongo_url", "mongodb+srv://nowhere.invalid/rocketchat");
    let service = Service::start(settings(&[url, ("http.request_deadline", "5"), ("tally.mode", "auto")])).await;
    assert_eq!(service.get("/healthz", &[]).await.status, 200);
    let began = Stopwatch::start();
    let answer = service.get(&format!("{PATH}{QUERY}"), &Workspace::admin()).await;
    assert!(began.elapsed() <= Duration::from_secs(5), "answered {} after {:?}", answer.status, began.elapsed());
    assert_eq!((answer.status, answer.body.as_str()), (503, r#"{"success":false,"error":"Service Unavailable"}"#));
    let ready = service.get("/readyz", &[]).await;
    assert_eq!((ready.status, ready.json()["mongodb"].as_str()), (503, Some("MongoDB cannot be reached")));
    assert_eq!(service.get("/healthz", &[]).await.status, 200);
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_works_as_soon_as_the_name_can_be_resolved() {
    if !can_be_the_systems("no name of mongodb+srv is resolved") {
        return;
    }
    let names = match NameServer::start(SocketAddr::from(NAME_SERVER)).await {
        Ok(names) => names,
        Err(error) => {
            return not_tested(&format!("without port 53 ({error}) no name of mongodb+srv is resolved"));
        }
    };
    let directory = tempfile::tempdir().expect("a directory");
    let (hosts, resolv_conf) = (directory.path().join("hosts"), directory.path().join("resolv.conf"));
    fs::write(&hosts, "127.0.0.1 localhost\n").expect("a file");
    names.write_resolv_conf(&resolv_conf);
    let mongod = start_mongod(&[]).await.expect("mongod");
    let workspace = Workspace::at(&mongod.url("rocketchat"), "rocketchat").await;
    workspace.add_admin().await;

    let url = "mongodb+srv://db.example.test/rocketchat?tls=false&replicaSet=rs0";
    let (process, address) = Process::serve_by("unshare", &instead_of_the_systems(&hosts, &resolv_conf), url);
    let headers = Workspace::admin().map(|(name, value)| (name, value.as_bytes()));
    let ask = async || send(address, "GET", &format!("{PATH}{QUERY}"), &headers, b"").await;
    process.wait_for_line("MongoDB's name cannot be resolved yet");
    assert_eq!(ask().await.status, 503);
    assert_eq!(send(address, "GET", "/readyz", &[], b"").await.status, 503);

    let node = "node.db.example.test".to_owned();
    names.set(&node, Some(Record::Address(Ipv4Addr::LOCALHOST)));
    let server = Record::Service { port: mongod.port(), target: node };
    names.set("_mongodb._tcp.db.example.test", Some(server));
    let began = Instant::now();
    while ask().await.status != 200 {
        assert!(began.elapsed() < PATIENCE, "no 200 within a minute:\n{}", process.output());
        sleep(Duration::from_millis(50)).await;
    }
    while send(address, "GET", "/readyz", &[], b"").await.json()["counting"] != "live" {
        assert!(began.elapsed() < PATIENCE, "not live within a minute:\n{}", process.output());
        sleep(Duration::from_millis(50)).await;
    }
}
