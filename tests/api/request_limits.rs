//! Requests that are too large or no HTTP: an error, and nothing else happens (contract section 9).
//!
//! What the HTTP parser itself refuses, before there is a request, is refused without a body: docs/parity.md lists it.

use crate::support::{
    Connection, Response, Service, Workspace,
    answers::{NO_MESSAGES, NOT_FOUND, PERIOD, UNAUTHORIZED, asking, assert_all_agree, difference, no_json_error},
};

const LONGEST_TARGET: usize = 8 * 1024;
const LARGEST_HEADERS: usize = 32 * 1024;

/// 400 about a start that is no date (contract section 6).
const INVALID_START: &str = r#"{"success":false,"error":"Match error: Failed Match.Where validation in field start"}"#;

async fn service() -> Service {
    Service::on(&Workspace::with_admin().await.without_rate_limit().await).await
}

/// The endpoint with so many bytes in its target.
fn target_of(length: usize) -> String {
    let target = asking(&format!("{PERIOD}&x="));
    format!("{target}{}", "x".repeat(length - target.len()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_over_8_kib_is_too_long_and_one_of_8_kib_is_not() {
    let service = service().await;
    let admin = &Workspace::admin()[..];
    let none: &[(&str, &str)] = &[];

    let mut differences = Vec::new();
    let answer = service.get(&target_of(LONGEST_TARGET), admin).await;
    differences.extend(difference("8 KiB", &answer, 200, NO_MESSAGES));
    let long = [1, 100, LONGEST_TARGET, 22 * 1024, 64 * 1024, 200 * 1024, 2 << 20]
        .map(|more| target_of(LONGEST_TARGET + more));
    let paths = [format!("/{}", "x".repeat(LONGEST_TARGET)), format!("/{}", "%41".repeat(LONGEST_TARGET))];
    for target in long.iter().chain(&paths) {
        for (method, headers) in [("GET", admin), ("GET", none), ("POST", admin)] {
            let answer = service.request(method, target, headers).await;
            let row = format!("{method} {}… of {} bytes", &target[..20], target.len());
            differences.extend(no_json_error(&row, &answer, 414));
        }
    }

    service.stop().await;
    assert_all_agree(differences);
}

/// A request that is too large for the parser itself: refused without a body, and the connection is closed.
async fn assert_refused_by_the_parser(service: &Service, row: &str, target: &str, headers: &[(&str, &[u8])]) {
    let mut connection = Connection::open(service.address).await;
    connection.send("GET", target, headers, b"").await;
    let answer = connection.receive(false).await;
    assert_eq!((answer.status, answer.body.as_str()), (431, ""), "{row}: {answer:?}");
    assert!(connection.is_closed().await, "{row}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_for_the_parser_is_refused_by_it() {
    let service = service().await;
    let many = vec![("X-Small", b"x".as_slice()); 300];

    let large = [("X-Large", &[b'x'; 200 * 1024][..])];
    assert_refused_by_the_parser(&service, "a header of 200 KiB", &asking(PERIOD), &large).await;
    assert_refused_by_the_parser(&service, "300 headers", &asking(PERIOD), &many).await;

    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_over_32_kib_are_too_large_and_headers_below_are_not() {
    let service = service().await;
    let admin = Workspace::admin();
    let small = |count: usize| vec![("X-Small", "x".repeat(91)); count];
    let rows = [
        ("one header of 30 KiB", vec![("X-Large", "x".repeat(30 * 1024))], 200),
        ("80 headers of 100 bytes", small(80), 200),
        ("one header of 33 KiB", vec![("X-Large", "x".repeat(LARGEST_HEADERS + 1024))], 431),
        ("four headers of 10 KiB", vec![("X-Large", "x".repeat(10 * 1024)); 4], 431),
        ("80 headers of 500 bytes", vec![("X-Large", "x".repeat(500)); 80], 431),
        ("one header of 100 KiB", vec![("X-Large", "x".repeat(100 * 1024))], 431),
        ("a token of 33 KiB", vec![("X-Auth-Token", "x".repeat(LARGEST_HEADERS + 1024))], 431),
    ];

    let mut differences = Vec::new();
    for (row, headers, status) in rows {
        let headers = headers.iter().map(|(name, value)| (*name, value.as_str()));
        let headers: Vec<_> = admin.into_iter().chain(headers).collect();
        let answer = service.get(&asking(PERIOD), &headers).await;
        differences.extend(match status {
            200 => difference(row, &answer, 200, NO_MESSAGES),
            other => no_json_error(row, &answer, other),
        });
    }

    service.stop().await;
    assert_all_agree(differences);
}

/// Sends bytes on a connection of their own, which the server must close after its answer if that is 400.
async fn answer_to(service: &Service, bytes: &[u8]) -> Response {
    let mut connection = Connection::open(service.address).await;
    connection.send_bytes(bytes).await;
    let answer = connection.receive(false).await;
    assert!(answer.status != 400 || connection.is_closed().await, "{} stays open", bytes.escape_ascii());
    answer
}

const NO_HTTP: [&[u8]; 9] = [
    b"HELLO\r\n\r\n",
    b"GET\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    b"GET /healthz HTTP/3.7\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nno colon\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nBad Name: x\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
    b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Zero: \x00\r\n\r\n",
];

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_no_http_is_refused_and_its_connection_closed() {
    let service = service().await;

    let mut differences = Vec::new();
    for bytes in NO_HTTP {
        let answer = answer_to(&service, bytes).await;
        differences.extend((answer.status != 400).then(|| format!("{}: {answer:?}", bytes.escape_ascii())));
    }

    service.stop().await;
    assert_all_agree(differences);
}

/// Asks for the endpoint without credentials, with bytes in the query as they are.
async fn answer_to_query(service: &Service, query: &[u8]) -> Response {
    let request = [b"GET ", asking("x=").as_bytes(), query, b" HTTP/1.1\r\nHost: x\r\n\r\n"].concat();
    answer_to(service, &request).await
}

// No correct client sends these without escapes, but Node takes them, and so Rocket.Chat answers.
#[tokio::test(flavor = "multi_thread")]
async fn any_printable_ascii_character_may_stand_in_a_query() {
    let service = service().await;

    let mut differences = Vec::new();
    for character in b'!'..=b'~' {
        let answer = answer_to_query(&service, &[b'a', character, b'b']).await;
        let row = char::from(character).to_string();
        differences.extend(difference(&row, &answer, 401, UNAUTHORIZED));
        // In a path as well: it is another one then.
        let path = [b"GET /a", [character].as_slice(), b" HTTP/1.1\r\nHost: x\r\n\r\n"].concat();
        let answer = answer_to(&service, &path).await;
        differences.extend(difference(&format!("path {row}"), &answer, 404, NOT_FOUND));
    }

    service.stop().await;
    assert_all_agree(differences);
}

// Node takes them up to version 18, and refuses them from 20 on.
#[tokio::test(flavor = "multi_thread")]
async fn bytes_beyond_ascii_may_stand_in_a_query() {
    let service = service().await;

    let mut differences = Vec::new();
    for byte in 0x80..=0xff_u8 {
        let answer = answer_to_query(&service, &[b'a', byte, b'b']).await;
        differences.extend(difference(&format!("{byte:x}"), &answer, 401, UNAUTHORIZED));
    }
    for bytes in [b"\xff\xfe\xfd".as_slice(), b"\xc3", "f\u{fc}r".as_bytes(), "\u{1f600}".as_bytes()] {
        let answer = answer_to_query(&service, bytes).await;
        differences.extend(difference(&bytes.escape_ascii().to_string(), &answer, 401, UNAUTHORIZED));
    }

    service.stop().await;
    assert_all_agree(differences);
}

// Node refuses these with a bare 400.
#[tokio::test(flavor = "multi_thread")]
async fn control_characters_in_a_query_are_refused() {
    let service = service().await;

    for bytes in [b"\x7f", b"\x01", b"\t", b"\0", b"\r"] {
        let answer = answer_to_query(&service, bytes).await;
        assert_eq!(answer.status, 400, "{}: {answer:?}", bytes.escape_ascii());
    }

    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_escaped_on_the_way_changes_no_answer() {
    let service = service().await;
    let admin = Workspace::admin().map(|(name, value)| format!("{name}: {value}\r\n")).concat();
    let dates = PERIOD;

    let mut differences = Vec::new();
    for (query, status, body) in [
        // Parameters that nobody knows, before and behind those that count.
        (format!("x=\"<\u{e9}>&{dates}&y=`"), 200, NO_MESSAGES),
        (format!("{dates}&\u{e9}[\"]=<"), 200, NO_MESSAGES),
        (format!("{dates}&%zz\u{e9}=1"), 200, NO_MESSAGES),
        ("start=\u{e9}".to_owned(), 400, INVALID_START),
        ("start=%zz\"".to_owned(), 400, INVALID_START),
        ("start=\"2023-05-20T00:00:00.000Z\"".to_owned(), 400, INVALID_START),
    ] {
        // In one piece, and a byte at a time, twice on one connection.
        let request = format!("GET {} HTTP/1.1\r\nHost: x\r\n{admin}\r\n", asking(&query)).into_bytes();
        let mut connection = Connection::open(service.address).await;
        connection.send_bytes(&request).await;
        differences.extend(difference(&query, &connection.receive(false).await, status, body));
        for byte in &request {
            connection.send_bytes(std::slice::from_ref(byte)).await;
        }
        differences.extend(difference(&format!("{query}, slowly"), &connection.receive(false).await, status, body));
        connection.send_bytes(&[request.as_slice(), &request].concat()).await;
        for _ in 0..2 {
            differences.extend(difference(
                &format!("{query}, at once"),
                &connection.receive(false).await,
                status,
                body,
            ));
        }
    }
    // Where escapes make it too long it is too long.
    let answer = answer_to_query(&service, &[0xff; 2500]).await;
    differences.extend(difference("2,500 bytes", &answer, 401, UNAUTHORIZED));
    for count in [2800, 3000, 20_000, 50_000, 100_000] {
        let answer = answer_to_query(&service, &vec![0xff; count]).await;
        differences.extend(no_json_error(&format!("{count} bytes"), &answer, 414));
    }

    service.stop().await;
    assert_all_agree(differences);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_refused_a_request_serves_the_next_client() {
    let service = service().await;

    drop(answer_to(&service, b"HELLO\r\n\r\n").await);
    drop(service.get(&target_of(LONGEST_TARGET + 1), &[]).await);
    let answer = service.get(&asking(PERIOD), &Workspace::admin()).await;

    assert_all_agree(difference("the next client", &answer, 200, NO_MESSAGES));
    service.stop().await;
}
