//! A client that sends exactly what it is told to, and hides nothing of the answer.

use std::net::{IpAddr, SocketAddr};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};

/// An answer. Names of headers are in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Response {
    /// The only value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|header| header.0 == name).map(|header| header.1.as_str());
        let first = values.next();
        assert_eq!(values.next(), None, "{name} is there once");
        first
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// Sends one request on a connection of its own.
pub async fn send(to: SocketAddr, method: &str, target: &str, headers: &[(&str, &[u8])], body: &[u8]) -> Response {
    let mut connection = Connection::open(to).await;
    connection.send(method, target, headers, body).await;
    connection.receive(method == "HEAD").await
}

/// Sends one request without a body from a local address.
pub async fn send_from(
    from: IpAddr,
    to: SocketAddr,
    method: &str,
    target: &str,
    headers: &[(&str, &[u8])],
) -> Response {
    let mut connection = Connection::open_from(from, to).await;
    connection.send(method, target, headers, b"").await;
    connection.receive(method == "HEAD").await
}

/// A connection that is kept open between requests.
pub struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Connection {
    /// Connects.
    pub async fn open(to: SocketAddr) -> Self {
        let stream = TcpStream::connect(to).await.expect("a connection");
        stream.set_nodelay(true).expect("no delay");
        Self { stream, received: Vec::new() }
    }

    /// Connects from a local address.
    pub async fn open_from(from: IpAddr, to: SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind(SocketAddr::new(from, 0)).expect("a local address");
        Self { stream: socket.connect(to).await.expect("a connection"), received: Vec::new() }
    }

    /// Sends a request. A server that has had enough may close its side meanwhile; its answer counts all the same.
    pub async fn send(&mut self, method: &str, target: &str, headers: &[(&str, &[u8])], body: &[u8]) {
        let mut request = format!("{method} {target} HTTP/1.1\r\nHost: localhost\r\n").into_bytes();
        for (name, value) in headers {
            request.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
        }
        if !body.is_empty() {
            request.extend(format!("Content-Length: {}\r\n", body.len()).into_bytes());
        }
        request.extend(b"\r\n");
        request.extend(body);
        self.send_bytes(&request).await;
    }

    /// Sends anything.
    pub async fn send_bytes(&mut self, bytes: &[u8]) {
        drop(self.stream.write_all(bytes).await);
    }

    /// Receives one answer.
    pub async fn receive(&mut self, is_head: bool) -> Response {
        loop {
            if let Some((response, length)) = parse(&self.received, is_head) {
                self.received.drain(..length);
                return response;
            }
            let read = self.stream.read_buf(&mut self.received).await.expect("an answer");
            assert_ne!(read, 0, "the server closed after {:?}", String::from_utf8_lossy(&self.received));
        }
    }

    /// Waits until the server closes the connection, whatever it still sends.
    pub async fn closes(&mut self) {
        while self.stream.read_buf(&mut self.received).await.is_ok_and(|read| read > 0) {}
    }

    /// Whether the server closes the connection without a further byte.
    pub async fn is_closed(&mut self) -> bool {
        !matches!(self.stream.read_buf(&mut self.received).await, Ok(read) if read > 0)
    }
}

/// An answer at the beginning of `bytes`, and how long it is.
fn parse(bytes: &[u8], is_head: bool) -> Option<(Response, usize)> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut head = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(head_length) = head.parse(bytes).expect("an HTTP answer") else {
        return None;
    };
    let text = |value: &[u8]| String::from_utf8(value.to_vec()).expect("UTF-8");
    let headers: Vec<_> = head.headers.iter().map(|header| (header.name.to_lowercase(), text(header.value))).collect();
    let is_chunked = headers.iter().any(|(name, value)| name == "transfer-encoding" && value == "chunked");
    if is_chunked && !is_head {
        let (body, length) = chunked(bytes.get(head_length..)?)?;
        return Some((
            Response { status: head.code.expect("a status"), body: text(&body), headers },
            head_length + length,
        ));
    }
    let length = headers.iter().find(|header| header.0 == "content-length").map_or("0", |header| &header.1);
    let length = if is_head { 0 } else { length.parse::<usize>().expect("a length") };
    let body = bytes.get(head_length..head_length + length)?;
    Some((Response { status: head.code.expect("a status"), body: text(body), headers }, head_length + length))
}

/// The body that is sent in chunks at the beginning of `bytes`, and how long all of it is.
fn chunked(bytes: &[u8]) -> Option<(Vec<u8>, usize)> {
    let (mut body, mut at) = (Vec::new(), 0);
    loop {
        let httparse::Status::Complete((begin, size)) = httparse::parse_chunk_size(&bytes[at..]).expect("a chunk")
        else {
            return None;
        };
        let (begin, size) = (at + begin, usize::try_from(size).expect("a size"));
        body.extend(bytes.get(begin..begin + size)?);
        // Behind each chunk, and behind the empty one that is the last, is the end of a line.
        at = begin + size + 2;
        if bytes.len() < at {
            return None;
        }
        if size == 0 {
            return Some((body, at));
        }
    }
}
