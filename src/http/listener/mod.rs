//! The listener: actix' server with connections whose clients have limited time (`http::connection`).
//!
//! Put together as `actix_web::HttpServer` does it, since that takes no connections but its own.

use std::{
    fmt, io,
    net::{SocketAddr, TcpListener},
    time::Duration,
};

use actix_http::{HttpService, KeepAlive, Request, Response, body::MessageBody, error::DispatchError};
use actix_server::ServerBuilder;
use actix_service::{IntoServiceFactory, Service, ServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::dev::{AppConfig, Server};
use tokio::net::{TcpSocket, TcpStream};

mod connection;
pub mod head;
mod seats;
mod timers;

use self::{connection::Connection, seats::Seats, timers::Times};
use crate::config::Http;

/// How long running requests may take to finish once the service has been told to stop.
const SHUTDOWN: Duration = Duration::from_secs(9);

/// How long a client may take to close its side, once told to.
const DISCONNECT: Duration = Duration::from_secs(2);

/// Connections at once for metrics, and half as many more that wait.
const SCRAPERS: usize = 16;

/// How many connections may wait to be accepted. The system may allow fewer (net.core.somaxconn).
const BACKLOG: u32 = 4096;

/// What a listener bears.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    workers: usize,
    /// Connections whose first head has come, or 8 kB of it.
    seats: usize,
    keep_alive: KeepAlive,
    times: Times,
}

impl Limits {
    /// For the clients of the endpoint: as many connections as are configured.
    pub fn for_clients(settings: &Http) -> Self {
        let workers = std::thread::available_parallelism().map_or(2, usize::from);
        // The connections end themselves.
        let keep_alive = KeepAlive::Os;
        Self { workers, seats: settings.max_connections, keep_alive, times: times(settings) }
    }

    /// For scrapers of metrics: few connections, each for one request. They may keep one another waiting, and nobody else.
    pub fn for_scrapers(settings: &Http) -> Self {
        let keep_alive = KeepAlive::Disabled;
        Self { workers: 1, seats: SCRAPERS, keep_alive, times: times(settings) }
    }
}

fn times(settings: &Http) -> Times {
    Times { head: settings.head_timeout, idle: settings.keep_alive }
}

/// How many connections there may be, if so many have seats: half as many more, which wait for their first head or for a seat.
pub const fn with_those_that_wait(seats: usize) -> usize {
    seats.saturating_add(seats.div_ceil(2))
}

/// Listens on an address. Must be called within a runtime.
///
/// # Errors
/// The address is taken, is not this machine's, or is not permitted.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // A service that is started again need not wait for the connections of the one before.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)?.into_std()
}

/// Serves an application on a listener, within limits.
///
/// # Errors
/// The listener cannot be used.
pub fn serve<I, S, B>(
    listener: TcpListener,
    limits: Limits,
    app: impl Fn() -> I + Send + Clone + 'static,
) -> io::Result<Server>
where
    I: IntoServiceFactory<S, Request>,
    S: ServiceFactory<Request, Config = AppConfig> + 'static,
    S::Error: Into<actix_web::Error> + 'static,
    S::InitError: fmt::Debug,
    S::Response: Into<Response<B>> + 'static,
    S::Future: 'static,
    S::Service: 'static,
    <S::Service as Service<Request>>::Future: 'static,
    B: MessageBody + 'static,
{
    let builder = ServerBuilder::default();
    let stopping = builder.graceful_shutdown_signal();
    let seats = Seats::new(limits.seats);
    let connections = move || {
        let (stopping, ending, seats) = (stopping.clone(), stopping.clone(), seats.clone());
        let app = app().into_factory().map_err(|error| error.into().error_response());
        let http = HttpService::build()
            .keep_alive(limits.keep_alive)
            // The connection's own limit takes this one's place.
            .client_request_timeout(Duration::ZERO)
            .client_disconnect_timeout(DISCONNECT)
            // A client that has closed its side is gone; its request need not be answered.
            .h1_allow_half_closed(false)
            .graceful_shutdown_signal(move || {
                let stopping = stopping.clone();
                async move { stopping.notified().await }
            })
            .h1(map_config(app, |()| AppConfig::default()));
        fn_service(move |stream: TcpStream| {
            let (ending, seats) = (ending.clone(), seats.clone());
            async move {
                stream.set_nodelay(true)?;
                let peer = stream.peer_addr()?;
                let mut connection = Connection::new(stream, limits.times);
                let asks = async { Ok(connection.first_head().await? && connection.take_seat(&seats).await?) };
                let asks = tokio::select! {
                    asks = asks => asks.map_err(DispatchError::Io)?,
                    () = ending.notified() => false,
                };
                match asks {
                    true => Ok((connection, Some(peer))),
                    false => Err(DispatchError::SlowRequestTimeout),
                }
            }
        })
        .and_then(http)
    };
    let server = builder
        .workers(limits.workers)
        .max_concurrent_connections(with_those_that_wait(limits.seats).div_ceil(limits.workers))
        .shutdown_timeout(SHUTDOWN.as_secs())
        .disable_signals()
        .listen("http", listener, connections)?
        .run();
    Ok(server)
}
