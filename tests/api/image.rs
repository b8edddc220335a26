//! The health check of the container image, run as Docker would run it.

use std::{
    net::TcpListener,
    path::Path,
    process::{Command, Stdio},
};

use crate::support::Process;

/// Whether the health check of the Dockerfile finds a service healthy that listens on this port.
fn is_healthy(port: u16) -> bool {
    let dockerfile = Path::new(env!("CARGO_MANIFEST_DIR")).join("Dockerfile");
    let dockerfile = std::fs::read_to_string(dockerfile).expect("the Dockerfile");
    let check = dockerfile.lines().find(|line| line.starts_with("HEALTHCHECK ")).expect("a health check");
    let (_, command) = check.split_once(" CMD ").expect("its command");
    let command: Vec<String> = serde_json::from_str(command).expect("a command in exec form");
    // Docker ends it after its own time limit.
    let status =
        Command::new("timeout").arg("3").args(command).env("PORT", port.to_string()).stderr(Stdio::null()).status();
    status.expect("the health check runs").success()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_image_is_healthy_while_the_process_answers_whatever_mongodb_does() {
    let (process, address) = Process::serve("mongodb://127.0.0.1:1/rocketchat", &[]);
    assert!(is_healthy(address.port()), "{}", process.output());
    drop(process);
    assert!(!is_healthy(address.port()), "nobody listens");
}

#[test]
fn the_image_is_not_healthy_if_something_else_answers_or_nothing_does() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    assert!(!is_healthy(port), "connections are taken and never answered");
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            drop(std::io::Write::write_all(&mut &stream, b"HTTP/1.1 500 Internal Server Error\r\n\r\n"));
        }
    });
    assert!(!is_healthy(port), "an error is answered");
}
