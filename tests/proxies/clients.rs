//! Clients of Rocket.Chat by way of the proxy: WebSockets, TLS, and Rocket.Chat's own REST client library.

use std::process::Command;

use chrono::Utc;
use futures::{SinkExt, StreamExt};
use rocketchat_engagement::commands::demo::workspace::{self, DOCUMENTED_TOKEN, DOCUMENTED_USER};
use tokio::net::TcpStream;
use tokio_tungstenite::{client_async, tungstenite::Message};

use crate::{
    site::{Kind, Site},
    stand_in::Arrived,
    support::{
        Workspace,
        answers::{NO_MESSAGES, PERIOD},
        node_is_missing, rest_client,
    },
};

#[tokio::test(flavor = "multi_thread")]
async fn web_sockets_reach_rocket_chat() {
    for kind in Kind::all() {
        for root in ["", "/chat"] {
            let site = Site::start_below(kind, root).await;
            let stream = TcpStream::connect(site.http).await.expect("a connection");
            let url = format!("ws://localhost{root}/websocket");
            let (mut socket, answer) = client_async(url, stream).await.expect("a WebSocket");
            assert_eq!(answer.status(), 101, "{kind:?}");
            for text in ["one", "another"] {
                socket.send(Message::text(text)).await.expect("it goes there");
                let echo = socket.next().await.expect("an echo").expect("an echo");
                assert_eq!(echo, Message::text(text), "{kind:?}");
            }
            socket.close(None).await.expect("a good end");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_ends_at_the_proxy_and_those_behind_are_told() {
    let workspace = Workspace::with_admin().await;
    for kind in Kind::whole() {
        let (site, service) = Site::on(kind, &workspace).await;
        let [id, token] = Workspace::admin().map(|(name, value)| format!("{name}: {value}"));
        let curl = |path: &str| {
            let host = format!("chat.example.org:{}", site.https.port());
            let there = format!("{host}:{}", site.https.ip());
            let mut command = Command::new("curl");
            command.args(["--silent", "--show-error", "--max-time", "30", "--resolve", &there, "--cacert"]);
            command.arg(site.authority()).args(["--header", &id, "--header", &token]);
            let output = command.arg(format!("https://{host}{path}")).output().expect("curl runs");
            assert!(output.status.success(), "{kind:?}: {}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).expect("UTF-8")
        };

        let answer = curl(&site.asking(PERIOD));
        let arrived: Arrived = serde_json::from_str(&curl("/api/v1/info")).expect("the stand-in's answer");

        assert_eq!(answer, NO_MESSAGES, "{kind:?}");
        assert_eq!(arrived.header("x-forwarded-proto"), ["https"], "{kind:?}");
        assert_eq!(arrived.header("host"), [format!("chat.example.org:{}", site.https.port())], "{kind:?}");
        service.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rocket_chats_own_client_library_works_through_the_proxy() {
    if node_is_missing() {
        return;
    }
    let workspace = Workspace::empty().await;
    workspace::fill(&workspace.database, Utc::now()).await.expect("the demonstration's workspace");
    for kind in Kind::all() {
        let (site, service) = Site::on(kind, &workspace).await;
        let ask = |address, token: &str| rest_client::ask(&format!("http://{address}"), DOCUMENTED_USER, token);
        let through = ask(site.http, DOCUMENTED_TOKEN);
        assert_eq!(through, ask(service.address, DOCUMENTED_TOKEN), "{kind:?}");
        assert!(through.starts_with(r#"{"days":[{"day":"2023-05-30"#), "{kind:?}: {through}");
        let refused = ask(site.http, "another token");
        assert!(refused.starts_with("401 "), "{kind:?}: {refused}");
        service.stop().await;
    }
}
