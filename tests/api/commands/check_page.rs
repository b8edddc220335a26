//! `check --url`: whether the page can be opened through whatever stands before the service.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener},
    sync::mpsc,
    thread,
};

use serde_json::Value;

use super::run;
use crate::support::{Service, Workspace};

/// Answers the page with these bytes, and all other requests as Rocket.Chat does, for as long as the tests run.
fn answering(answer: &'static str) -> SocketAddr {
    answering_with(answer, "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n<html></html>")
}

/// Answers every request with these bytes.
fn answering_all(answer: &'static str) -> SocketAddr {
    answering_with(answer, answer)
}

fn answering_with(page: &'static str, others: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let mut request = [0; 4096];
            let read = stream.read(&mut request).unwrap_or_default();
            let is_page = request[..read].starts_with(b"GET /engagement HTTP/1.1\r\n");
            drop(stream.write_all(if is_page { page } else { others }.as_bytes()));
        }
    });
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_is_found_or_it_is_said_what_stands_in_its_place() {
    let workspace = Workspace::demonstration().await;
    let url = workspace.url();
    let service = Service::on(&workspace).await;
    let chat = answering("HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n<html></html>");
    let missing = answering("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    let away = answering("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");
    let exact = answering("HTTP/1.1 200 OK\r\nX-Engagement-Version: 0.0.1\r\nContent-Length: 0\r\n\r\n");
    let other = answering_all("HTTP/1.1 200 OK\r\nX-Engagement-Version: 0.0.1\r\nContent-Length: 0\r\n\r\n");
    let moved =
        answering("HTTP/1.1 301 Moved\r\nLocation: https://chat.example/engagement\r\nContent-Length: 0\r\n\r\n");
    for (address, status, said) in [
        (service.address, "ok", "the page is at "),
        (chat, "limits", "is not answered by this service (200): the proxy leads it to Rocket.Chat"),
        (missing, "limits", "is not answered by this service (404): the proxy leads it to Rocket.Chat"),
        (away, "limits", "which does not answer (502)"),
        (exact, "limits", "is answered by this service, and what is below it is not"),
        (other, "limits", "of a service of another version"),
        (moved, "limits", "leads elsewhere (301)"),
        (SocketAddr::from(([127, 0, 0, 1], 1)), "limits", "nothing listens there"),
        // What no Rocket.Chat answers for a page that it does not know.
        (
            answering_all("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"),
            "limits",
            "asks for a login of its own (401)",
        ),
        (answering_all("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"), "limits", "is refused (403)"),
        (
            answering_all("HTTP/1.1 429 Too Many\r\nContent-Length: 0\r\n\r\n"),
            "limits",
            "refuses so many requests (429)",
        ),
        (answering_all("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"), "limits", "fails (500)"),
        (answering_all("\u{1b}[2J\r\n\r\n"), "limits", "does not speak HTTP there"),
    ] {
        let ran = run(&["check", "--json", "--url", &format!("http://{address}/")], &[("MONGO_URL", &url)]);
        let outcome: Value = serde_json::from_str(&ran.output).unwrap_or_else(|error| panic!("{error}: {ran:?}"));
        let findings = outcome["findings"].as_array().expect("findings");
        let page = findings.iter().find(|finding| finding["id"] == "page").expect("a finding about the page");
        assert_eq!(page["status"], status, "{page}");
        assert!(page["message"].as_str().is_some_and(|message| message.contains(said)), "{said}: {page}");
    }
    let off = run(
        &["check", "--url", &format!("http://{}", service.address)],
        &[("MONGO_URL", &url), ("ENGAGEMENT_PAGE_ENABLED", "false")],
    );
    assert!(off.output.contains("there is no page: page.enabled is false"), "{off:?}");
    for wrong in [
        "chat.example.org",
        "",
        "//127.0.0.1",
        "ftp://127.0.0.1",
        "http://127.0.0.1:99999",
        "http://127.0.0.1:x",
        "http://:80",
    ] {
        let ran = run(&["check", "--url", wrong], &[("MONGO_URL", &url)]);
        assert_eq!(ran.code, Some(2), "{wrong}: {ran:?}");
        assert!(ran.errors.contains("--url: write the address that people open"), "{wrong}: {ran:?}");
    }
    // Whoever copies it from the browser's address bar has the page's path in it.
    for copied in ["/engagement", "/engagement/"] {
        let ran = run(&["check", "--url", &format!("http://{}{copied}", service.address)], &[("MONGO_URL", &url)]);
        assert!(ran.output.contains(&format!("the page is at http://{}/engagement\n", service.address)), "{ran:?}");
    }
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_hangs_is_waited_for_once() {
    let workspace = Workspace::demonstration().await;
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    let (asked, requests) = mpsc::channel();
    thread::spawn(move || {
        let mut open = Vec::new();
        for stream in listener.incoming() {
            open.push(stream);
            if asked.send(()).is_err() {
                break;
            }
        }
    });
    let ran = run(&["check", "--url", &format!("http://{address}")], &[("MONGO_URL", &workspace.url())]);
    assert!(ran.output.contains("has not answered for 15 s"), "{ran:?}");
    assert_eq!(requests.try_iter().count(), 1, "connections");
}
