//! The service put together: binds its port and reports it, runs, and ends in good order. Used unchanged by the tests.

use std::{io, net::SocketAddr, sync::Arc};

use actix_web::{App, dev, middleware::from_fn, web::Data};

use crate::{
    config::Settings,
    http::{self, Probe, RateLimiter, listener},
    mongo::{Mongo, MongoError},
    mongo_url::UnusableFile,
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
}

/// Why the service cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The driver cannot be set up.
    #[error("mongo_url (MONGO_URL): {0}")]
    Mongo(#[from] MongoError),
    /// A file of the connection string cannot be used.
    #[error("mongo_url (MONGO_URL): {0}")]
    File(#[from] UnusableFile),
    /// The address cannot be listened on.
    #[error("cannot listen on {0}: {1}; choose another address or port, or end what listens there")]
    Bind(SocketAddr, io::Error),
}

/// A bound server that does not answer yet.
pub struct Server {
    address: SocketAddr,
    service: Data<Service>,
    server: dev::Server,
}

impl Server {
    /// Binds the address and prepares everything. MongoDB need not be there.
    ///
    /// # Errors
    /// The address cannot be bound, or the driver cannot be set up.
    pub async fn bind(settings: Settings) -> Result<Self, StartError> {
        settings.mongo_url.check_files()?;
        let wanted = SocketAddr::new(settings.http.bind_ip, settings.http.port);
        let counting = settings.counting.parallelism + settings.tally.connections();
        let mongo = Arc::new(Mongo::new(&settings.mongo_url, settings.counting.read_preference, counting).await?);
        let listener = listener::bind(wanted).map_err(|error| StartError::Bind(wanted, error))?;
        let tally = Tally::start(Arc::clone(&mongo), settings.counting.clone(), &settings.tally, settings.time_zone);
        let in_use = |error| StartError::Bind(wanted, error);
        let address = listener.local_addr().map_err(in_use)?;
        let limits = settings.http.clone();
        let workspace = WorkspaceSettings::start(Arc::clone(&mongo)).await;
        let (probe, rate_limiter) = (Probe::default(), RateLimiter::default());
        let service = Data::new(Service { settings, mongo, tally, probe, workspace, rate_limiter });
        let shared = service.clone();
        let app = move || {
            App::new()
                .app_data(shared.clone())
                .configure(http::routes(&shared.settings.http.base_path))
                .wrap(from_fn(http::limit_requests))
                .wrap(from_fn(http::allow_any_origin))
                .wrap(from_fn(http::log_access))
        };
        let server = listener::serve(listener, &limits, app).map_err(in_use)?;
        Ok(Self { address, service, server })
    }

    /// What the handlers share.
    pub fn service(&self) -> Data<Service> {
        self.service.clone()
    }

    /// The address in use; with port 0 the one that was found free.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers requests until `stop` completes; then finishes the running ones.
    ///
    /// # Errors
    /// The listener failed.
    pub async fn run(self, stop: impl Future<Output = ()>) -> io::Result<()> {
        let handle = self.server.handle();
        let mut server = tokio::spawn(self.server);
        let ended = tokio::select! {
            ended = &mut server => Some(ended),
            () = stop => None,
        };
        if ended.is_none() {
            handle.stop(true).await;
        }
        self.service.workspace.stop().await;
        self.service.tally.stop().await;
        let ended = match ended {
            Some(ended) => ended,
            None => server.await,
        };
        ended.map_err(io::Error::other)?
    }
}
