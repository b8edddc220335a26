//! Clients on connections that stay open, and how long their answers took.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    thread,
    time::{Duration, Instant},
};

use crate::{Failure, workspace::Who};

/// A connection.
pub struct Client(BufReader<TcpStream>);

impl Client {
    /// Connects.
    pub fn connect(address: SocketAddr) -> Result<Self, Failure> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self(BufReader::new(stream)))
    }

    /// Asks once, checks the status, and tells how long it took.
    pub fn ask(&mut self, target: &str, who: Who, status: u16) -> Result<Duration, Failure> {
        let began = Instant::now();
        self.bytes(target, &who.headers(), Some(status))?;
        Ok(began.elapsed())
    }

    /// The count of the period.
    pub fn count(&mut self, target: &str, who: Who) -> Result<u64, Failure> {
        let body: serde_json::Value = serde_json::from_str(&self.body(target, &who.headers(), Some(200))?)?;
        body["period"]["count"].as_u64().ok_or_else(|| "no count".into())
    }

    /// The body of an answer, as text.
    pub fn body(&mut self, target: &str, headers: &str, status: Option<u16>) -> Result<String, Failure> {
        Ok(String::from_utf8(self.bytes(target, headers, status)?)?)
    }

    /// The body of an answer.
    pub fn bytes(&mut self, target: &str, headers: &str, status: Option<u16>) -> Result<Vec<u8>, Failure> {
        self.0.get_mut().write_all(format!("GET {target} HTTP/1.1\r\nHost: bench\r\n{headers}\r\n").as_bytes())?;
        let mut line = String::new();
        self.0.read_line(&mut line)?;
        let got = line.split(' ').nth(1).and_then(|code| code.parse::<u16>().ok());
        let mut length = 0;
        while line != "\r\n" {
            line.clear();
            if self.0.read_line(&mut line)? == 0 {
                return Err("the connection was closed".into());
            }
            if let Some(value) = line.strip_prefix("content-length: ") {
                length = value.trim().parse()?;
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body)?;
        match status.is_none() || got == status {
            true => Ok(body),
            false => Err(format!("{got:?} instead of {status:?}: {}", body.escape_ascii()).into()),
        }
    }
}

/// Some connections, each of which asks so often, one request after the other.
pub fn at_once(
    connections: usize,
    requests: usize,
    address: SocketAddr,
    target: &str,
    who: Who,
    status: u16,
) -> Result<Vec<Duration>, Failure> {
    let run = |target: &str| {
        let mut client = Client::connect(address)?;
        (0..requests).map(|_| client.ask(target, who, status)).collect()
    };
    side_by_side(connections, target, run)
}

/// Some clients, each of which asks so often, one request after the other, each on a connection of its own, which is part
/// of its time.
pub fn each_alone(
    clients: usize,
    requests: usize,
    address: SocketAddr,
    target: &str,
    who: Who,
) -> Result<Vec<Duration>, Failure> {
    let ask = |target: &str| {
        let began = Instant::now();
        Client::connect(address)?.ask(target, who, 200)?;
        Ok(began.elapsed())
    };
    side_by_side(clients, target, |target| (0..requests).map(|_| ask(target)).collect())
}

/// Runs so many threads and gathers their times.
fn side_by_side(
    threads: usize,
    target: &str,
    run: impl Fn(&str) -> Result<Vec<Duration>, Failure> + Send + Sync,
) -> Result<Vec<Duration>, Failure> {
    thread::scope(|scope| {
        let run = || run(target).map_err(|failure| failure.to_string());
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(run)).collect();
        let mut times = Vec::new();
        for thread in threads {
            times.extend(thread.join().map_err(|_| "a client failed")??);
        }
        Ok(times)
    })
}

/// The time that so many of a hundred were within.
pub fn percentile(mut times: Vec<Duration>, percent: usize) -> Duration {
    times.sort_unstable();
    times.get(times.len() * percent / 100).copied().unwrap_or_default()
}

/// The middle of some times.
pub fn median(times: Vec<Duration>) -> Duration {
    percentile(times, 50)
}
