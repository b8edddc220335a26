//! How long a client's connection is waited for, and how many there may be.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use crate::support::{Connection, Process, Response, Service, Workspace, send, settings, signal};

/// The service without a database, and with little patience.
fn serve() -> (Process, std::net::SocketAddr) {
    Process::serve("mongodb://127.0.0.1:1/rocketchat", &[("ENGAGEMENT_HTTP_HEAD_TIMEOUT", "1")])
}

const WHOLE: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
const PART: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: loc";

/// Expects 408 and the end, before an idle connection would be closed.
async fn assert_cut_off(row: &str, connection: &mut Connection) {
    let began = Instant::now();
    let answer = connection.receive(false).await;
    assert_eq!((answer.status, answer.body.as_str()), (408, ""), "{row}: {answer:?}");
    assert!(connection.is_closed().await, "{row}");
    assert!(began.elapsed() < Duration::from_secs(10), "{row}: {:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_whose_head_does_not_come_in_time_is_cut_off() {
    let (_process, address) = serve();
    let mut silent = Connection::open(address).await;
    let mut first = Connection::open(address).await;
    first.send_bytes(PART).await;
    let mut second = Connection::open(address).await;
    second.send_bytes(WHOLE).await;
    assert_eq!(second.receive(false).await.status, 200);
    second.send_bytes(PART).await;
    let mut behind = Connection::open(address).await;
    behind.send_bytes(&[WHOLE, PART].concat()).await;
    assert_eq!(behind.receive(false).await.status, 200);
    let mut empty_lines = Connection::open(address).await;
    empty_lines.send_bytes(b"\r\n\r\n\r\n").await;

    assert_cut_off("a client that says nothing", &mut silent).await;
    assert_cut_off("the first request of a connection", &mut first).await;
    assert_cut_off("a later request", &mut second).await;
    assert_cut_off("a request that began in the bytes of another", &mut behind).await;
    assert_cut_off("empty lines", &mut empty_lines).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_byte_now_and_then_gives_no_more_time() {
    let (_process, address) = serve();
    let mut slow = Connection::open(address).await;
    let began = Instant::now();
    let dribble = async {
        for byte in PART.iter().cycle() {
            slow.send_bytes(std::slice::from_ref(byte)).await;
            if tokio::time::timeout(Duration::from_millis(50), slow.closes()).await.is_ok() {
                return;
            }
        }
    };

    tokio::time::timeout(Duration::from_secs(10), dribble).await.expect("an end");

    assert!(began.elapsed() >= Duration::from_secs(1), "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_head_that_is_in_time_is_answered() {
    let (_process, address) = Process::serve("mongodb://127.0.0.1:1/rocketchat", &[]);
    let mut slow = Connection::open(address).await;
    for _ in 0..2 {
        for byte in WHOLE {
            slow.send_bytes(std::slice::from_ref(byte)).await;
            tokio::task::yield_now().await;
        }
        assert_eq!(slow.receive(false).await.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_request_with_a_body_the_connection_is_closed_without_another_word() {
    let (_process, address) = serve();
    for (row, head, body, status) in [
        ("a GET", "GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n", "{}", 200),
        ("a HEAD", "HEAD /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n", "{}", 200),
        ("a POST", "POST /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n", "{}", 405),
        ("another path", "GET /x HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n", "{}", 404),
        (
            "chunks",
            "GET /healthz HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
            "2\r\n{}\r\n0\r\n\r\n",
            200,
        ),
        ("lines", "GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\n", "a\r\nb\r\n", 200),
        (
            "a head",
            "GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 43\r\n\r\n",
            std::str::from_utf8(WHOLE).expect("text"),
            200,
        ),
        ("a part", "GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n", "{", 200),
    ] {
        let mut together = Connection::open(address).await;
        together.send_bytes(&[head.as_bytes(), body.as_bytes()].concat()).await;
        let mut apart = Connection::open(address).await;
        apart.send_bytes(head.as_bytes()).await;
        apart.send_bytes(body.as_bytes()).await;
        let mut later = Connection::open(address).await;
        later.send_bytes(WHOLE).await;
        assert_eq!(later.receive(false).await.status, 200, "{row}");
        later.send_bytes(&[head.as_bytes(), body.as_bytes()].concat()).await;
        for connection in [&mut together, &mut apart, &mut later] {
            let began = Instant::now();
            let answer = connection.receive(row == "a HEAD").await;
            assert_eq!((answer.status, answer.header("connection")), (status, Some("close")), "{row}: {answer:?}");
            assert!(connection.is_closed().await, "{row}");
            assert!(began.elapsed() < Duration::from_secs(10), "{row}: {:?}", began.elapsed());
        }
    }
}

/// actix writes an answer by what the head that it has read last asks for.
#[tokio::test(flavor = "multi_thread")]
async fn requests_that_come_at_once_are_answered_as_those_that_come_one_by_one() {
    let workspace = Workspace::demonstration().await;
    let service = Service::start(settings(&[("mongo_url", &workspace.url())])).await;
    let ask = |method: &str, path: &str, version: &str, more: &str| {
        let period = "start=2023-05-20T00:00:00.000Z&end=2023-05-30T00:00:00.000Z";
        let credentials = Workspace::admin_of_the_demonstration().map(|(name, value)| format!("{name}: {value}\r\n"));
        let path = format!("/api/v1/engagement-dashboard/messages/{path}?{period}");
        format!("{method} {path} HTTP/{version}\r\nHost: a\r\n{}{more}\r\n", credentials.concat())
    };
    let sent = ask("GET", "messages-sent", "1.1", "");
    let origin = ask("GET", "origin", "1.1", "");
    let requests = [
        sent.clone(),
        origin.clone(),
        ask("HEAD", "origin", "1.1", ""),
        // What is sent before its answer is none.
        ask("GET", "origin", "1.1", "Expect: 100-continue\r\n"),
        ask("GET", "origin", "1.1", "Connection: close\r\n"),
        ask("GET", "origin", "1.0", ""),
        ask("GET", "origin", "1.1", &"A: b\r\n".repeat(150)),
        "GARBAGE\r\n\r\n".to_owned(),
    ];
    let mut alone = Vec::new();
    for request in &requests {
        let mut connection = Connection::open(service.address).await;
        connection.send_bytes(request.as_bytes()).await;
        alone.push(receive(&mut connection, request).await);
    }
    let statuses = alone.iter().map(|answer| answer.status).collect::<Vec<_>>();
    assert_eq!(statuses, [200, 200, 200, 200, 200, 200, 431, 400]);
    for first in 0..4 {
        for (second, alone_second) in alone.iter().enumerate() {
            let together = [requests[first].as_bytes(), requests[second].as_bytes()].concat();
            // All at once, the first and a part of the second, and a part of the first.
            for cut in [together.len(), requests[first].len() + 5, requests[first].len() - 1] {
                let row = format!("{first} and {second}, cut at {cut}");
                let mut connection = Connection::open(service.address).await;
                connection.send_bytes(&together[..cut]).await;
                if cut <= requests[first].len() {
                    connection.send_bytes(&together[cut..]).await;
                }
                assert_same(&row, &receive(&mut connection, &requests[first]).await, &alone[first]);
                if cut > requests[first].len() {
                    connection.send_bytes(&together[cut..]).await;
                }
                assert_same(&row, &receive(&mut connection, &requests[second]).await, alone_second);
            }
        }
    }
    service.stop().await;
}

/// Receives the answer to a request.
async fn receive(connection: &mut Connection, request: &str) -> Response {
    loop {
        let answer = connection.receive(request.starts_with("HEAD")).await;
        if answer.status != 100 {
            return answer;
        }
    }
}

/// Expects the same answer, but for what the time and the rate limit say.
fn assert_same(row: &str, answer: &Response, expected: &Response) {
    let lasting = |answer: &Response| {
        // Of a connection's first answer actix says that it is the last one too, where it takes it for no HTTP.
        let is_last = answer.status == 400 || answer.status == 431;
        let changes =
            |name: &str| name == "date" || name.starts_with("x-ratelimit-") || is_last && name == "connection";
        answer.headers.iter().filter(|(name, _)| !changes(name)).cloned().collect::<BTreeSet<_>>()
    };
    assert_eq!((answer.status, &answer.body), (expected.status, &expected.body), "{row}");
    assert_eq!(lasting(answer), lasting(expected), "{row}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_length_of_zero_is_no_body() {
    let (_process, address) = serve();
    let mut connection = Connection::open(address).await;
    for _ in 0..3 {
        connection.send_bytes(b"GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n").await;
        let answer = connection.receive(false).await;
        assert_eq!((answer.status, answer.header("connection")), (200, None), "{answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_connection_is_closed_without_a_word_after_the_time_that_is_set() {
    let environment = [("ENGAGEMENT_HTTP_KEEP_ALIVE", "2"), ("ENGAGEMENT_HTTP_HEAD_TIMEOUT", "1")];
    let (_process, address) = Process::serve("mongodb://127.0.0.1:1/rocketchat", &environment);
    let mut idle = Connection::open(address).await;
    idle.send_bytes(WHOLE).await;
    assert_eq!(idle.receive(false).await.status, 200);
    let began = Instant::now();
    assert!(idle.is_closed().await, "not a byte");
    assert!((1..20).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_was_suspended_does_not_blame_its_clients() {
    let (process, address) = serve();
    let mut waiting = Connection::open(address).await;
    // Once the other is answered, both are accepted.
    let mut asked = Connection::open(address).await;
    asked.send_bytes(WHOLE).await;
    assert_eq!(asked.receive(false).await.status, 200);
    asked.send_bytes(PART).await;

    signal("STOP", process.pid());
    waiting.send_bytes(WHOLE).await;
    asked.send_bytes(&WHOLE[PART.len()..]).await;
    // What is awaited here is nothing but time: more than the head's.
    tokio::time::sleep(Duration::from_secs(2)).await;
    signal("CONT", process.pid());

    assert_eq!(waiting.receive(false).await.status, 200, "the first request of a connection");
    assert_eq!(asked.receive(false).await.status, 200, "a later one");
}

/// A connection on which a request has been answered.
async fn answered(address: std::net::SocketAddr) -> Connection {
    let mut connection = Connection::open(address).await;
    connection.send_bytes(WHOLE).await;
    assert_eq!(connection.receive(false).await.status, 200);
    connection
}

/// The service without a database, with room for two that have asked, and as many seconds for a head.
fn serve_two(head_timeout: &str) -> (Process, std::net::SocketAddr) {
    let environment = [("ENGAGEMENT_HTTP_MAX_CONNECTIONS", "2"), ("ENGAGEMENT_HTTP_HEAD_TIMEOUT", head_timeout)];
    Process::serve("mongodb://127.0.0.1:1/rocketchat", &environment)
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_beyond_the_limit_wait_for_others_to_close() {
    let (_process, address) = serve_two("60");
    let holding = [answered(address).await, answered(address).await];

    let waiting = send(address, "GET", "/healthz", &[], b"");
    tokio::pin!(waiting);
    let early = tokio::time::timeout(Duration::from_millis(500), &mut waiting).await;
    assert!(early.is_err(), "one more is not served while the others are open: {early:?}");
    drop(holding);
    assert_eq!(waiting.await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_heads_take_nobodys_place() {
    let (_process, address) = serve_two("60");
    let mut slow = Vec::new();
    for _ in 0..2 {
        let mut connection = Connection::open(address).await;
        connection.send_bytes(PART).await;
        slow.push(connection);
    }

    for _ in 0..3 {
        let answer = tokio::time::timeout(Duration::from_secs(10), send(address, "GET", "/healthz", &[], b"")).await;
        assert_eq!(answer.expect("an answer beside slow clients").status, 200);
    }
    for connection in &mut slow {
        connection.send_bytes(&WHOLE[PART.len()..]).await;
        assert_eq!(connection.receive(false).await.status, 200, "they are still connected");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_asks_nothing_more_gives_its_place_to_one_that_waits_and_keeps_it_otherwise() {
    let (_process, address) = serve_two("1");
    let mut holding = [answered(address).await, answered(address).await];
    // What is awaited here is nothing but time: more than twice that after which they may have to go.
    tokio::time::sleep(Duration::from_millis(2500)).await;
    for connection in &mut holding {
        connection.send_bytes(WHOLE).await;
        assert_eq!(connection.receive(false).await.status, 200, "nobody waits");
    }

    let waiting = tokio::time::timeout(Duration::from_secs(20), send(address, "GET", "/healthz", &[], b"")).await;

    assert_eq!(waiting.expect("an answer long before idle connections are closed").status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_leaves_while_it_waits_for_a_place_is_forgotten() {
    let (process, address) = serve_two("60");
    let holding = [answered(address).await, answered(address).await];
    for _ in 0..2 {
        let mut leaves = Connection::open(address).await;
        leaves.send_bytes(b"GET /has-left HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
        let early = tokio::time::timeout(Duration::from_millis(500), leaves.closes()).await;
        assert!(early.is_err(), "it waits");
    }

    let stays = send(address, "GET", "/has-stayed", &[], b"");
    tokio::pin!(stays);
    let early = tokio::time::timeout(Duration::from_millis(500), &mut stays).await;
    assert!(early.is_err(), "it waits: {early:?}");
    drop(holding);

    assert_eq!(stays.await.status, 404);
    process.wait_for_line("/has-stayed");
    assert!(!process.output().contains("/has-left"), "{}", process.output());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_never_ends_keeps_no_connection() {
    let impatient = settings(&[("mongo_url", "mongodb://127.0.0.1:1/rocketchat"), ("http.head_timeout", "1")]);
    let service = Service::start(impatient).await;
    let (clients, metrics) = (service.address, service.metrics_address);
    for (row, address, path) in [("for clients", clients, "/healthz"), ("for metrics", metrics, "/metrics")] {
        let head = format!("GET {path} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
        let mut silent = Connection::open(address).await;
        silent.send_bytes(head.as_bytes()).await;
        assert_eq!(silent.receive(false).await.status, 200, "{row}");
        let mut endless = Connection::open(address).await;
        endless.send_bytes(head.as_bytes()).await;
        assert_eq!(endless.receive(false).await.status, 200, "{row}");
        let dribble = async {
            while tokio::time::timeout(Duration::from_millis(50), endless.closes()).await.is_err() {
                endless.send_bytes(b"1\r\na\r\n").await;
            }
        };

        tokio::time::timeout(Duration::from_secs(10), dribble).await.unwrap_or_else(|_| panic!("{row}: chunks"));
        tokio::time::timeout(Duration::from_secs(10), silent.closes())
            .await
            .unwrap_or_else(|_| panic!("{row}: silence"));
    }
}

/// The soft limit on open files that a process has.
fn open_files(process: &Process) -> u64 {
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", process.pid())).expect("its limits");
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files")).expect("open files");
    line.split_whitespace().next().and_then(|soft| soft.parse().ok()).expect("a number")
}

#[test]
fn the_limit_on_open_files_is_raised_to_what_the_connections_need() {
    let process = Process::serve_with_open_files(100, 1000, &[("ENGAGEMENT_HTTP_MAX_CONNECTIONS", "300")]);
    process.wait_for_line("serving http://");

    // Half as many more may wait, and there are other files.
    assert_eq!(open_files(&process), 650);
    assert!(!process.output().contains("files only"), "{}", process.output());
}

#[test]
fn a_limit_on_open_files_that_is_too_low_is_told() {
    let process = Process::serve_with_open_files(100, 400, &[("ENGAGEMENT_HTTP_MAX_CONNECTIONS", "300")]);

    let line = process.wait_for_line("files only");

    assert!(line.contains("may open 400 files only, too few for http.max_connections = 300"), "{line}");
    assert_eq!(open_files(&process), 400);
}
