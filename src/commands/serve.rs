//! `serve`: the endpoint, until the process is asked to stop.

use std::{io, sync::Arc, time::Duration};

use log::{info, warn};

use crate::{
    commands::asked_to_stop,
    config::Settings,
    http::listener,
    mongo::Deadline,
    server::{Server, StartError},
};

/// Why serving ended with an error.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// It could not begin.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The listener or the signals failed.
    #[error("the server failed: {0}")]
    Io(#[from] io::Error),
}

/// Files that the process opens beside the connections of clients: MongoDB's, the log, the time zones, and some to spare.
const OTHER_FILES: u64 = 200;

/// Raises the number of files that the process may open as far as it may: connections are files, and many systems begin
/// with 1,024. Says so if that is still too little.
fn allow_open_files(connections: usize) {
    let wanted =
        u64::try_from(listener::with_those_that_wait(connections)).unwrap_or(u64::MAX).saturating_add(OTHER_FILES);
    match rlimit::increase_nofile_limit(wanted) {
        Ok(limit) if limit < wanted => warn!(
            "the process may open {limit} files only, too few for http.max_connections = {connections}; raise the limit \
             (ulimit -n, systemd: LimitNOFILE) to {wanted} or lower the setting"
        ),
        Ok(_) => {}
        Err(error) => warn!("cannot raise the number of files that the process may open: {error}"),
    }
}

/// Says what of the environment and the connection string does nothing, although somebody might think that it does.
fn tell_what_is_passed_over(settings: &Settings) {
    let links = &settings.unread.service_links;
    if !links.is_empty() {
        info!(
            "passed over, since Kubernetes sets them for its Services and they are no settings: {}",
            links.join(", ")
        );
    }
    let (needless, repeated) = (settings.mongo_url.needless_options(), settings.mongo_url.repeated_options());
    if !needless.is_empty() {
        info!("options of MONGO_URL that do nothing here, and need not: {}", needless.join(", "));
    }
    if !repeated.is_empty() {
        info!("options of MONGO_URL that are there more than once, of which the first counts: {}", repeated.join(", "));
    }
    if let Some(remedy) = &settings.unread.mongo_options {
        warn!("MONGO_OPTIONS is set, but not read: {remedy}");
    }
}

/// Serves until SIGTERM or Ctrl-C.
///
/// # Errors
/// The service could not start, or the listener failed.
pub async fn run(settings: Settings) -> Result<(), ServeError> {
    let (url, zone, base_path) =
        (settings.mongo_url.clone(), settings.time_zone.clone(), settings.http.base_path.clone());
    allow_open_files(settings.http.max_connections);
    tell_what_is_passed_over(&settings);
    let server = Server::bind(settings).await?;
    let address = server.address();
    let table = zone.table().map(|table| format!(" ({table})")).unwrap_or_default();
    info!(
        "serving http://{address}{base_path}{} from {url}, time zone {zone}{table}",
        crate::http::dashboard::messages_sent::PATH
    );
    match server.metrics_address() {
        Some(address) => info!("metrics at http://{address}/metrics"),
        None => info!("no metrics: metrics.port is off"),
    }
    let (mongo, database) = (Arc::clone(server.mongo()), url.database().to_owned());
    tokio::spawn(async move {
        let deadline = || Deadline::after(Duration::from_secs(5));
        let answered = mongo.probe(deadline()).await;
        match answered.and(mongo.has_users(deadline()).await) {
            Ok(has_users) => {
                if has_users {
                    info!("MongoDB answers");
                } else {
                    warn!("the database {database} has no users, so nobody can log in; is its name right?");
                }
                let others = mongo.workspaces_elsewhere(deadline()).await;
                if !others.is_empty() {
                    let others = others.join(", ").escape_debug().to_string();
                    warn!("the database {database} has no messages; there is a rocketchat_message in: {others}");
                }
            }
            Err(_) => warn!("MongoDB cannot be used yet; requests get 503 until it can"),
        }
    });
    server
        .run(async {
            if let Err(error) = asked_to_stop().await {
                warn!("cannot listen for signals: {error}");
                std::future::pending::<()>().await;
            }
            info!("asked to stop; finishing running requests");
        })
        .await?;
    info!("stopped");
    Ok(())
}
