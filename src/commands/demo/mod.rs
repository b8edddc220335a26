//! `demo`: a private MongoDB with a small made-up workspace and the service on it, until Ctrl-C.

pub mod mongod;
mod people;
pub mod workspace;

use std::{
    collections::HashMap,
    ffi::OsString,
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
};

use chrono::Utc;
use clap::Args;
use log::info;

use crate::{
    commands::asked_to_stop,
    config::{ConfigError, Layers},
    http::dashboard::messages_sent::PATH,
    server::{Server, StartError},
};

const DATABASE: &str = "rocketchat";

/// Where the page is.
const PAGE: &str = "/engagement";

/// What can be chosen about the demonstration.
#[derive(Debug, Args)]
pub struct Options {
    /// The mongod program to start.
    #[arg(long, env = "MONGOD", default_value = "mongod", value_name = "PROGRAM")]
    mongod: OsString,
    /// The port of the service, on 127.0.0.1.
    #[arg(long, default_value_t = 3000, value_name = "PORT")]
    port: u16,
}

/// Why the demonstration cannot be given.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// MongoDB does not start.
    #[error("{0}; say with --mongod or MONGOD which mongod to start, or install MongoDB 5.0 or later")]
    Mongod(#[from] mongod::MongodError),
    /// The workspace cannot be written.
    #[error("cannot fill the database: {0}")]
    Fill(#[from] mongodb::error::Error),
    /// The defaults are broken.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The service does not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The listener or the signals failed.
    #[error("the server failed: {0}")]
    Io(#[from] io::Error),
}

/// Runs the demonstration until SIGTERM or Ctrl-C.
///
/// # Errors
/// mongod or the service could not be started; what was started has been stopped.
#[expect(clippy::print_stdout, reason = "what to paste is for the person, not for the log")]
pub async fn run(options: &Options) -> Result<(), DemoError> {
    let stopped = asked_to_stop();
    let show = async {
        // Better now than when MongoDB has been filled.
        let wanted = SocketAddr::from((Ipv4Addr::LOCALHOST, options.port));
        TcpListener::bind(wanted).map_err(|error| StartError::Bind(wanted, error))?;
        info!("starting a private MongoDB");
        let mongod = {
            let launch = mongod::Launch { program: &options.mongod, port: 0, data: None, arguments: &[] };
            mongod::PrivateMongod::start(launch).await?
        };
        info!("filling it with a small workspace");
        workspace::fill(&mongod.client().await?.database(DATABASE), Utc::now()).await?;
        // Nothing of the surroundings is used, so that the answer is the documented one. The metrics have a free port, so
        // that this runs beside a service.
        let flags = [
            ("mongo_url", mongod.url(DATABASE)),
            ("http.port", options.port.to_string()),
            ("metrics.port", "0".to_owned()),
        ];
        let settings = Layers::read(None, &HashMap::new(), &flags)?.settings()?;
        Ok::<_, DemoError>((mongod, Server::bind(settings).await?))
    };
    // Ctrl-C counts while things are being started, too. Dropping the server ends it and removes its files.
    tokio::pin!(stopped);
    let (mongod, server) = tokio::select! {
        shown = show => shown?,
        result = &mut stopped => return Ok(result?),
    };
    println!("{}", invitation(&server.address().to_string(), &mongod.url(DATABASE)));
    if let Some(address) = server.metrics_address() {
        println!("The metrics:\n\ncurl http://{address}/metrics\n");
    }
    println!("Ctrl-C stops everything.\n");
    server.run(async { drop(stopped.await) }).await?;
    drop(mongod);
    println!("MongoDB and the service are stopped; nothing is left behind.");
    Ok(())
}

/// What to open and to paste.
fn invitation(address: &str, mongo_url: &str) -> String {
    let (user, token) = (workspace::DOCUMENTED_USER, workspace::DOCUMENTED_TOKEN);
    let curl = |start: &str, end: &str| {
        format!(
            "curl -H 'x-auth-token: {token}' \\\n     -H 'x-user-id: {user}' \\\n     \
             'http://{address}{PATH}?start={start}&end={end}'"
        )
    };
    let today = Utc::now().date_naive();
    let month_ago = today - chrono::Days::new(29);
    format!(
        "\nThe page:\n\nhttp://{address}{PAGE}\n\nTo sign in there:\n\n  user id                {user}\n  personal access token  \
         {token}\n\nThe documented example:\n\n{}\n\nThe last 30 days:\n\n{}\n\nThe database, for check, report and verify in \
         another terminal:\n\nexport MONGO_URL='{mongo_url}'\n",
        curl("2023-05-20T00:00:00.000Z", "2023-05-30T00:00:00.000Z"),
        curl(&format!("{month_ago}T00:00:00.000Z"), &format!("{today}T00:00:00.000Z")),
    )
}
