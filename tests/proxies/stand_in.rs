//! A stand-in for Rocket.Chat: it answers every request with what it was asked, and echoes what comes by WebSocket.

use std::net::SocketAddr;

use futures::{SinkExt, StreamExt};
use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{handshake::derive_accept_key, protocol::Role},
};

use crate::support::Response;

/// The status that it is to answer with, if not 200.
pub const WANTED_STATUS: &str = "X-Wanted-Status";

/// In every answer, with the method: the answer to HEAD has no body that could tell.
const ANSWERED_BY: &str = "X-Stand-In-Answers";

/// What arrived at it. Names of headers are in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrived {
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, String)>,
}

impl Arrived {
    /// What an answer says that arrived.
    ///
    /// # Panics
    /// The answer is not the stand-in's.
    pub fn told_by(answer: &Response) -> Self {
        assert!(method_of(answer).is_some(), "not the stand-in's: {answer:?}");
        serde_json::from_str(&answer.body).unwrap_or_else(|error| panic!("{error}: {answer:?}"))
    }

    /// The values of a header.
    pub fn header(&self, name: &str) -> Vec<&str> {
        self.headers.iter().filter(|header| header.0 == name).map(|header| header.1.as_str()).collect()
    }

    /// The key, if a WebSocket is asked for.
    fn handshake(&self) -> Option<&str> {
        let asked = |name, value: &str| self.header(name).iter().any(|asked| asked.eq_ignore_ascii_case(value));
        let key = self.header("sec-websocket-key").first().copied();
        key.filter(|_| asked("upgrade", "websocket") && asked("connection", "upgrade"))
    }
}

/// The method of the request that the stand-in answered, if it was the stand-in.
pub fn method_of(answer: &Response) -> Option<&str> {
    answer.header("x-stand-in-answers")
}

/// Running, until it is dropped.
pub struct StandIn {
    running: JoinHandle<()>,
}

impl StandIn {
    /// Starts it.
    pub async fn start(at: SocketAddr) -> Self {
        let listener = TcpListener::bind(at).await.expect("an address for the stand-in");
        let running = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream));
            }
        });
        Self { running }
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.running.abort();
    }
}

/// Serves a connection until it ends.
async fn serve(mut stream: TcpStream) -> Option<()> {
    let mut received = Vec::new();
    loop {
        while let Some((arrived, length)) = parse(&received) {
            received.drain(..length);
            if let Some(key) = arrived.handshake() {
                return echo(stream, key).await;
            }
            stream.write_all(&answer(&arrived)).await.ok()?;
        }
        stream.read_buf(&mut received).await.ok().filter(|length| *length > 0)?;
    }
}

/// Agrees to a WebSocket, and sends back every message.
async fn echo(mut stream: TcpStream, key: &str) -> Option<()> {
    let accept = derive_accept_key(key.as_bytes());
    let agreed = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n";
    stream.write_all(format!("{agreed}Sec-WebSocket-Accept: {accept}\r\n\r\n").as_bytes()).await.ok()?;
    let mut socket = WebSocketStream::from_raw_socket(stream, Role::Server, None).await;
    while let Some(Ok(message)) = socket.next().await {
        if message.is_text() {
            socket.send(message).await.ok()?;
        }
    }
    Some(())
}

/// The head of a request at the beginning of `bytes`, and how long it is. Bodies are not expected.
fn parse(bytes: &[u8]) -> Option<(Arrived, usize)> {
    let mut headers = [httparse::EMPTY_HEADER; 128];
    let mut head = httparse::Request::new(&mut headers);
    let httparse::Status::Complete(length) = head.parse(bytes).expect("an HTTP request") else { return None };
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    let headers = head.headers.iter().map(|header| (header.name.to_lowercase(), text(header.value))).collect();
    let (method, target) = (head.method.expect("a method").to_owned(), head.path.expect("a target").to_owned());
    Some((Arrived { method, target, headers }, length))
}

/// The whole answer.
fn answer(arrived: &Arrived) -> Vec<u8> {
    let status = arrived.header(&WANTED_STATUS.to_lowercase()).first().map_or("200", |status| status).to_owned();
    let body = serde_json::to_string(arrived).expect("JSON");
    let mut answer = format!(
        "HTTP/1.1 {status} Whatever\r\nContent-Type: application/json\r\nContent-Length: {}\r\n{ANSWERED_BY}: {}\r\n\r\n",
        body.len(),
        arrived.method
    );
    if arrived.method != "HEAD" {
        answer.push_str(&body);
    }
    answer.into_bytes()
}
