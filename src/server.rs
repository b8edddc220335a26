//! The service put together: binds its ports and reports them, runs, and ends in good order. Used unchanged by the tests.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    sync::Arc,
};

use actix_web::{
    App, dev,
    middleware::from_fn,
    web::{Data, ServiceConfig},
};
use futures::future::{join_all, try_join_all};

use crate::{
    config::{ConfigError, Settings},
    http::{
        Probe,
        guards::{
            access_log::log_access, cors::allow_any_origin, limits::limit_requests, metrics::GuardMetrics,
            rate_limit::RateLimiter,
        },
        listener::{self, Limits},
        metrics::{HttpMetrics, measure},
        page::policy::protect_page,
        routes::{metrics_routes, routes},
        site::Site,
    },
    metrics::Registry,
    mongo::{Mongo, MongoError, MongoMetrics, Patience},
    people::People,
    tally::{Tally, metrics::TallyMetrics},
    workspace_settings::WorkspaceSettings,
};

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
    mongo: Arc<Mongo>,
    tally: Tally,
    tally_metrics: Arc<TallyMetrics>,
    workspace: Data<WorkspaceSettings>,
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
        let registry = Data::new(Registry::new()?);
        let tally_metrics = Arc::new(TallyMetrics::new(&registry)?);
        let (http_metrics, guard_metrics) = (HttpMetrics::new(&registry)?, GuardMetrics::new(&registry)?);
        let parallelism = settings.counting.parallelism;
        // Counting, reading people, and loading.
        let counting = 2 * parallelism + settings.tally.connections();
        let read_preference = settings.counting.read_preference;
        let mongo = Mongo::new(&settings.mongo_url, read_preference, counting, Patience::OF_REQUESTS).await?;
        let mongo = Arc::new(mongo.measured_by(Arc::new(MongoMetrics::new(&registry)?)));
        let tally = Tally::start(
            Arc::clone(&mongo),
            settings.counting,
            &settings.tally,
            settings.time_zone.clone(),
            Arc::clone(&tally_metrics),
        );
        let workspace = Data::new(WorkspaceSettings::start(Arc::clone(&mongo)).await);
        let http = Data::new(settings.http);
        let (limits, scraping) = (Limits::for_clients(&http), Limits::for_scrapers(&http));
        let page = settings.page.as_ref().map(|page| Site::new(&http.base_path, page));
        let handed = {
            let people = Data::new(People::new(Arc::clone(&mongo), settings.time_zone.clone(), parallelism));
            let (mongo, tally, workspace) =
                (Data::from(Arc::clone(&mongo)), Data::new(tally.clone()), workspace.clone());
            let (permission, zone) = (Data::new(settings.permission), Data::new(settings.time_zone));
            let (probe, rate_limiter) = (Data::new(Probe::default()), Data::new(RateLimiter::default()));
            let (http_metrics, guard_metrics) = (Data::new(http_metrics), Data::new(guard_metrics));
            move |config: &mut ServiceConfig| {
                config
                    .app_data(mongo.clone())
                    .app_data(tally.clone())
                    .app_data(people.clone())
                    .app_data(workspace.clone())
                    .app_data(http.clone())
                    .app_data(permission.clone())
                    .app_data(zone.clone())
                    .app_data(probe.clone())
                    .app_data(rate_limiter.clone())
                    .app_data(http_metrics.clone())
                    .app_data(guard_metrics.clone())
                    .configure(routes(&http.base_path, page.as_ref()));
            }
        };
        let app = move || {
            App::new()
                .configure(handed.clone())
                .wrap(from_fn(limit_requests))
                .wrap(from_fn(allow_any_origin))
                .wrap(from_fn(protect_page))
                .wrap(from_fn(log_access))
                .wrap(from_fn(measure))
        };
        let server = listener::serve(listener, limits, app).map_err(|error| StartError::Bind(address, error))?;
        let mut servers = vec![server];
        if let Some((listener, address)) = for_metrics {
            let tally = Data::new(tally.clone());
            let app = move || App::new().app_data(registry.clone()).app_data(tally.clone()).configure(metrics_routes);
            let failed = |error| StartError::BindMetrics(address, error);
            servers.push(listener::serve(listener, scraping, app).map_err(failed)?);
        }
        Ok(Self { address, metrics_address, mongo, tally, tally_metrics, workspace, servers })
    }

    /// Rocket.Chat's database.
    pub fn mongo(&self) -> &Arc<Mongo> {
        &self.mongo
    }

    /// The counts.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// What has happened to the tally.
    pub fn tally_metrics(&self) -> &Arc<TallyMetrics> {
        &self.tally_metrics
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
        self.workspace.stop().await;
        self.tally.stop().await;
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
