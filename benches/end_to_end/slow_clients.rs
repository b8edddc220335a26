//! Clients that take their time: each sends a byte of a request's head every second, and comes back when it is closed.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    runtime::Runtime,
    time::{Instant, MissedTickBehavior, interval_at, sleep},
};

use crate::Failure;

const HEAD: &[u8] =
    b"GET /api/v1/engagement-dashboard/messages/messages-sent?start=2023-05-20T00:00:00.000Z HTTP/1.1\r\n";

/// Many slow clients, for as long as this lives.
pub struct SlowClients {
    connected: Arc<AtomicUsize>,
    count: usize,
    runtime: Option<Runtime>,
}

impl SlowClients {
    /// Begins with so many.
    pub fn start(count: usize, to: SocketAddr) -> Result<Self, Failure> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let connected = Arc::new(AtomicUsize::new(0));
        for number in 0..count {
            let connected = Arc::clone(&connected);
            runtime.spawn(async move {
                // Not all in the same moment.
                sleep(Duration::from_millis(5000 * number as u64 / count as u64)).await;
                loop {
                    // Each address has some thousand ports, of which closed ones rest for a minute.
                    let from = Ipv4Addr::new(127, 1, (number % 100) as u8, 1 + (number / 100 % 250) as u8);
                    if let Ok(mut stream) = connect(from, to).await {
                        connected.fetch_add(1, Ordering::Relaxed);
                        let _closed = dribble(&mut stream).await;
                        connected.fetch_sub(1, Ordering::Relaxed);
                    } else {
                        sleep(Duration::from_millis(100)).await;
                    }
                }
            });
        }
        Ok(Self { connected, count, runtime: Some(runtime) })
    }

    /// How many are connected.
    pub fn connected(&self) -> usize {
        self.connected.load(Ordering::Relaxed)
    }

    /// Waits until nearly all are connected.
    pub fn wait(&self) -> Result<(), Failure> {
        for _ in 0..600 {
            if self.connected() * 20 >= self.count * 19 {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Err(format!("only {} of {} slow clients are connected", self.connected(), self.count).into())
    }
}

impl Drop for SlowClients {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn connect(from: Ipv4Addr, to: SocketAddr) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((from, 0).into())?;
    socket.connect(to).await
}

/// A byte a second until the other side has had enough.
async fn dribble(stream: &mut TcpStream) -> std::io::Result<()> {
    let second = Duration::from_secs(1);
    let mut tick = interval_at(Instant::now() + second, second);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut answer = [0; 256];
    for byte in HEAD.iter().cycle() {
        tokio::select! {
            read = stream.read(&mut answer) => if read? == 0 { return Ok(()) },
            _ = tick.tick() => stream.write_all(std::slice::from_ref(byte)).await?,
        }
    }
    Ok(())
}
