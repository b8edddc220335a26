//! `health`: what a container's health check runs.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener},
    thread,
};

use super::{Ran, run};
use crate::support::{Process, Service, Workspace};

/// Runs it as in a container: the settings come from the environment.
fn health(arguments: &[&str], address: SocketAddr) -> Ran {
    let (ip, port) = (address.ip().to_string(), address.port().to_string());
    let arguments: Vec<_> = ["health"].iter().chain(arguments).copied().collect();
    run(&arguments, &[("BIND_IP", &ip), ("PORT", &port)])
}

/// Answers every request with these bytes, or never if there are none.
fn answering(answer: Vec<u8>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        let mut kept = Vec::new();
        for mut stream in listener.incoming().map_while(Result::ok) {
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(&answer);
            // Without an answer the connection stays open.
            kept.extend(answer.is_empty().then_some(stream));
        }
    });
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_is_healthy_while_it_answers_and_ready_only_with_mongodb() {
    let (process, address) = Process::serve("mongodb://127.0.0.1:1/rocketchat", &[]);
    assert_eq!(health(&[], address).text(), "{\"status\":\"ok\"}\n");
    let unready = health(&["--ready"], address);
    assert_eq!((unready.code, unready.output.as_str()), (Some(1), ""));
    assert!(unready.errors.contains(&format!("http://{address}/readyz answers 503: {{")), "{}", unready.errors);

    let on_every_address = SocketAddr::from(([0, 0, 0, 0], address.port()));
    assert_eq!(health(&[], on_every_address).text(), "{\"status\":\"ok\"}\n");
    let port = address.port().to_string();
    assert_eq!(run(&["health", "--port", &port], &[]).text(), "{\"status\":\"ok\"}\n");

    drop(process);
    let gone = health(&[], address);
    assert_eq!((gone.code, gone.output.as_str()), (Some(1), ""));
    assert!(gone.errors.contains("does the service run"), "{}", gone.errors);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_with_its_mongodb_is_ready() {
    let service = Service::on(&Workspace::demonstration().await).await;
    let said = health(&["--ready"], service.address).text();
    assert!(said.starts_with("{\"status\":\"ready\",\"mongodb\":\"ok\""), "{said}");
}

#[test]
fn the_port_may_be_in_a_file_and_a_proxy_of_the_environment_is_not_asked() {
    let (_process, address) = Process::serve("mongodb://127.0.0.1:1/rocketchat", &[]);
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), format!("[http]\nport = {}\n", address.port())).expect("written");
    let file = file.path().to_str().expect("a path");
    let proxy = "http://127.0.0.1:1";
    let environment = [("CONFIG_FILE", file), ("http_proxy", proxy), ("HTTP_PROXY", proxy), ("ALL_PROXY", proxy)];
    assert_eq!(run(&["health"], &environment).text(), "{\"status\":\"ok\"}\n");
}

#[test]
fn whatever_else_listens_there_is_not_healthy_and_cannot_do_harm() {
    let endless = format!("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n{}", "x".repeat(100_000));
    for (answer, said) in [
        (
            &b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 7\r\n\r\n\x1b[2Jno\n"[..],
            "answers 500: \u{fffd}[2Jno",
        ),
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", "answers 302"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "does the service run"),
        (b"", "timeout"),
        (endless.as_bytes(), "does the service run"),
    ] {
        let ran = health(&[], answering(answer.to_vec()));
        assert_eq!((ran.code, ran.output.as_str()), (Some(1), ""), "{said}");
        assert!(ran.errors.contains(said), "{said}: {}", ran.errors);
    }
}

#[test]
fn settings_that_serve_would_refuse_are_refused() {
    for (environment, said) in [
        (("PORT", "0"), "PORT) is 0"),
        (("PORT", "http"), "PORT"),
        (("BIND_IP", "localhost"), "BIND_IP"),
        (("ENGAGEMENT_HTTP_KEEPALIVE", "1"), "is no setting"),
    ] {
        let ran = run(&["health"], &[environment]);
        assert_eq!((ran.code, ran.output.as_str()), (Some(1), ""), "{environment:?}");
        assert!(ran.errors.contains(said), "{environment:?}: {}", ran.errors);
    }
}
