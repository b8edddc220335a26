//! The container images: of the two Dockerfiles, and what Docker runs to learn whether a container is healthy.

use std::{
    net::TcpListener,
    path::Path,
    process::{Command, Stdio},
};

use crate::support::Process;

/// Where both images have the program.
const PROGRAM: &str = "/usr/local/bin/rocketchat-engagement";

/// What a Dockerfile says of the image, without how the program gets into it.
fn image(dockerfile: &str) -> Vec<String> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(dockerfile)).expect("a Dockerfile");
    let lines: Vec<_> = text.lines().map(str::to_owned).collect();
    let last = lines.iter().rposition(|line| line == "FROM scratch").expect("an image without a base");
    assert!(lines[last + 1].starts_with("COPY "), "{dockerfile}");
    lines[last + 2..].to_vec()
}

/// The command that stands behind a word of the Dockerfiles, in exec form.
fn command(word: &str) -> Vec<String> {
    let image = image("Dockerfile");
    let line = image.iter().find(|line| line.starts_with(word)).expect("an instruction");
    let (_, command) = line.split_once('[').expect("exec form");
    serde_json::from_str(&format!("[{command}")).expect("exec form")
}

/// Whether the health check of the images finds a service healthy that listens on this port.
fn is_healthy(port: u16) -> bool {
    let check = command("HEALTHCHECK ");
    assert_eq!(check[0], PROGRAM);
    // Docker ends it after its own time limit.
    let mut timeout = Command::new("timeout");
    timeout.arg("3").arg(env!("CARGO_BIN_EXE_rocketchat-engagement")).args(&check[1..]);
    let environment = [("BIND_IP", "0.0.0.0".to_owned()), ("PORT", port.to_string())];
    let status = timeout.envs(environment).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.expect("the health check runs").success()
}

#[test]
fn both_dockerfiles_make_the_same_image_around_the_same_program() {
    assert_eq!(image("Dockerfile"), image("deploy/image/Dockerfile"));
    assert_eq!(command("ENTRYPOINT "), [PROGRAM]);
    assert_eq!(command("CMD "), ["serve"]);
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
