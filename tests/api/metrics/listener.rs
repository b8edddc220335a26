//! The listener for metrics: what it answers, what it bears, and its port.

use std::{net::TcpListener, time::Duration};

use super::scrape::Scrape;
use crate::support::{Connection, Process, Service, answers, send, settings, signal};

/// Nothing listens there; the metrics need no MongoDB.
const NO_MONGODB: &str = "mongodb://127.0.0.1:1/rocketchat";

/// Far more connections than the listener takes at once.
const CROWD: usize = 100;

#[tokio::test(flavor = "multi_thread")]
async fn it_answers_get_and_head_of_metrics_and_nothing_else() {
    let service = Service::start(settings(&[("mongo_url", NO_MONGODB)])).await;
    let ask = async |method, target| send(service.metrics_address, method, target, &[], b"").await;

    let got = ask("GET", "/metrics").await;
    Scrape::read(&got);
    let head = ask("HEAD", "/metrics").await;
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    assert_eq!(head.header("content-type"), got.header("content-type"));
    assert_eq!(ask("GET", "/metrics?name[]=x").await.status, 200);
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "ODD"] {
        let refused = ask(method, "/metrics").await;
        assert_eq!((refused.status, refused.body.as_str()), (405, answers::METHOD_NOT_ALLOWED), "{method}");
        assert_eq!(refused.header("allow"), Some("GET, HEAD"));
    }
    for target in ["/", "/metrics/", "/Metrics", "/%6detrics", "//metrics", "/healthz", crate::support::PATH] {
        let missing = ask("GET", target).await;
        assert_eq!((missing.status, missing.body.as_str()), (404, answers::NOT_FOUND), "{target}");
    }
    assert_eq!(service.get("/metrics", &[]).await.status, 404, "not on the main listener");
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_silent_clients_block_neither_the_endpoints_nor_scrapes() {
    let values = [("mongo_url", NO_MONGODB), ("http.head_timeout", "1")];
    let service = Service::start(settings(&values)).await;
    let mut silent = Vec::new();
    for _ in 0..CROWD {
        let mut connection = Connection::open(service.metrics_address).await;
        connection.send_bytes(b"GET /metrics HTTP/1.1\r\nHost: loc").await;
        silent.push(connection);
    }

    assert_eq!(service.get("/healthz", &[]).await.status, 200);
    // They are cut off one crowd after the other.
    let scrape = tokio::time::timeout(Duration::from_secs(60), Scrape::of(&service)).await;
    assert_eq!(scrape.expect("a scrape").value("http_requests_total{route=\"healthz\",status=\"200\"}"), 1.0);
    drop(silent);
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_is_for_one_request() {
    let service = Service::start(settings(&[("mongo_url", NO_MONGODB)])).await;
    let mut connection = Connection::open(service.metrics_address).await;
    connection.send("GET", "/metrics", &[], b"").await;
    assert_eq!(connection.receive(false).await.status, 200);
    let closed = tokio::time::timeout(Duration::from_secs(20), connection.is_closed());
    assert_eq!(closed.await, Ok(true));
    service.stop().await;
}

#[test]
fn a_port_that_is_taken_is_told_with_what_to_do() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let environment = [("MONGO_URL", NO_MONGODB), ("PORT", "0"), ("METRICS_PORT", port.as_str())];
    let mut process = Process::start(&["serve"], &environment);
    assert_eq!(process.wait(Duration::from_secs(30)).code(), Some(1), "{}", process.output());
    let told = format!("cannot listen on 127.0.0.1:{port} for metrics: Address already in use");
    for text in [told.as_str(), "metrics.port (METRICS_PORT)", "another port or to off"] {
        assert!(process.output().contains(text), "{text:?} is not in {}", process.output());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_lives_as_long_as_the_service_and_can_be_switched_off() {
    let (mut process, _) = Process::serve(NO_MONGODB, &[]);
    let line = process.wait_for_line("metrics at http://127.0.0.1:");
    let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next()).expect("an address");
    let address = address.parse().expect("an address");
    let scrape = Scrape::read(&send(address, "GET", "/metrics", &[], b"").await);
    assert_eq!(scrape.value(&format!("build_info{{version=\"{}\"}}", env!("CARGO_PKG_VERSION"))), 1.0);
    let resident = scrape.series.iter().find(|each| each.name == "process_resident_memory_bytes").expect("memory");
    assert!(resident.value > 1e6, "{resident:?}");
    signal("TERM", process.pid());
    assert_eq!(process.wait(Duration::from_secs(20)).code(), Some(0), "{}", process.output());
    assert!(tokio::net::TcpStream::connect(address).await.is_err());

    let (process, _) = Process::serve(NO_MONGODB, &[("METRICS_PORT", "off")]);
    process.wait_for_line("no metrics: metrics.port is off");
}
