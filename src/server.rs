//! The service put together: binds its ports and reports them, runs, and ends in good order. Used unchanged by the tests.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    sync::Arc,
};

use actix_web::{App, dev, middleware::from_fn, web::Data};
use futures::future::{join_all, try_join_all};

use crate::{
    config::{ConfigError, Settings},
    http::{
        self, Probe, RateLimiter,
        listener::{self, Limits},
    },
    metrics::Metrics,
    mongo::{Mongo, MongoError, Patience},
    tally::Tally,
    workspace_settings::WorkspaceSettings,
};

/// What the handlers share.
#[derive(Debug)]
pub struct Service {
    /// The settings in effect.
    pub settings: Settings,
    /// Rocket.Chat's database.
    pub mongo: Arc<Mongo>,
    /// The counts.
    pub tally: Tally,
    /// The state of MongoDB, for `/readyz`.
    pub probe: Probe,
    /// The workspace's own settings.
    pub workspace: WorkspaceSettings,
    /// The calls of each client.
    pub rate_limiter: RateLimiter,
    /// What is measured.
    pub metrics: Arc<Metrics>,
}

/// Why the service cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The driver cannot be set up.
    #[error("mongo_url (MONGO_URL): {0}")]
    Mongo(#[from] MongoError),
    /// A setting cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The address cannot be listened on.
    #[error("cannot listen on {0}: {1}; choose another address or port, or end what listens there")]
    Bind(SocketAddr, io::Error),
    /// The address for the metrics cannot be listened on.
    #[error(
        "cannot listen on {0} for metrics: {1}; set metrics.port (METRICS_PORT) to another port or to off, or end what \
         listens there"
    )]
    BindMetrics(SocketAddr, io::Error),
    /// The metrics contradict one another.
    #[error("the metrics cannot be set up: {0}")]
    Metrics(#[from] prometheus::Error),
}

/// A bound server that does not answer yet.
pub struct Server {
    address: SocketAddr,
    metrics_address: Option<SocketAddr>,
    service: Data<Service>,
    /// One for each address.
    servers: Vec<dev::Server>,
}

impl Server {
    /// Binds the addresses and prepares everything. MongoDB need not be there.
    ///
    /// # Errors
    /// An address cannot be bound, or the driver cannot be set up.
    pub async fn bind(settings: Settings) -> Result<Self, StartError> {
        settings.mongo_url.check_files().map_err(ConfigError::from)?;
        let (listener, address) = listen(SocketAddr::new(settings.http.bind_ip, settings.http.port), StartError::Bind)?;
        let for_metrics = settings.metrics.port.map(|port| SocketAddr::new(settings.metrics.bind_ip, port));
        let for_metrics = for_metrics.map(|wanted| listen(wanted, StartError::BindMetrics)).transpose()?;
        let metrics_address = for_metrics.as_ref().map(|(_, address)| *address);
        let metrics = Arc::new(Metrics::new()?);
        let counting = settings.counting.parallelism + settings.tally.connections();
        let read_preference = settings.counting.read_preference;
        let mongo = Mongo::new(&settings.mongo_url, read_preference, counting, Patience::OF_REQUESTS).await?;
        let mongo = Arc::new(mongo.measured_by(Arc::clone(&metrics)));
        let tally = Tally::start(
            Arc::clone(&mongo),
            settings.counting.clone(),
            &settings.tally,
            settings.time_zone.clone(),
            Arc::clone(&metrics),
        );
        let workspace = WorkspaceSettings::start(Arc::clone(&mongo)).await;
        let (probe, rate_limiter) = (Probe::default(), RateLimiter::default());
        let service = Data::new(Service { settings, mongo, tally, probe, workspace, rate_limiter, metrics });
        let mut servers = vec![serve(listener, &service).map_err(|error| StartError::Bind(address, error))?];
        if let Some((listener, address)) = for_metrics {
            servers.push(serve_metrics(listener, &service).map_err(|error| StartError::BindMetrics(address, error))?);
        }
        Ok(Self { address, metrics_address, service, servers })
    }

    /// What the handlers share.
    pub fn service(&self) -> Data<Service> {
        self.service.clone()
    }

    /// The address in use; with port 0 the one that was found free.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address in use for metrics, if there is one.
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics_address
    }

    /// Answers requests until `stop` completes; then finishes the running ones.
    ///
    /// # Errors
    /// A listener failed.
    pub async fn run(self, stop: impl Future<Output = ()>) -> io::Result<()> {
        let handles: Vec<_> = self.servers.iter().map(dev::Server::handle).collect();
        let mut servers = tokio::spawn(try_join_all(self.servers));
        let ended = tokio::select! {
            ended = &mut servers => Some(ended),
            () = stop => None,
        };
        if ended.is_none() {
            join_all(handles.iter().map(|handle| handle.stop(true))).await;
        }
        self.service.workspace.stop().await;
        self.service.tally.stop().await;
        let ended = match ended {
            Some(ended) => ended,
            None => servers.await,
        };
        ended.map_err(io::Error::other)??;
        Ok(())
    }
}

/// Binds an address; says which it is.
fn listen(
    wanted: SocketAddr,
    failed: impl Fn(SocketAddr, io::Error) -> StartError,
) -> Result<(TcpListener, SocketAddr), StartError> {
    let listener = listener::bind(wanted).map_err(|error| failed(wanted, error))?;
    let address = listener.local_addr().map_err(|error| failed(wanted, error))?;
    Ok((listener, address))
}

fn serve(listener: TcpListener, service: &Data<Service>) -> io::Result<dev::Server> {
    let limits = Limits::for_clients(&service.settings.http);
    let service = service.clone();
    let app = move || {
        App::new()
            .app_data(service.clone())
            .configure(http::routes(&service.settings.http.base_path))
            .wrap(from_fn(http::limit_requests))
            .wrap(from_fn(http::allow_any_origin))
            .wrap(from_fn(http::log_access))
            .wrap(from_fn(http::measure))
    };
    listener::serve(listener, limits, app)
}

fn serve_metrics(listener: TcpListener, service: &Data<Service>) -> io::Result<dev::Server> {
    let limits = Limits::for_scrapers(&service.settings.http);
    let service = service.clone();
    listener::serve(listener, limits, move || App::new().app_data(service.clone()).configure(http::metrics_routes))
}
