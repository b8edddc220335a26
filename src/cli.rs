//! The command line: what it takes, and which command it leads to.

use std::{
    env,
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Args, Parser, Subcommand};

use crate::{
    commands::{demo, serve},
    config::{ConfigError, Layers, ProcessEnvironment},
};

/// Rocket.Chat's engagement endpoint "messages sent", exact and fast, read straight from its MongoDB.
#[derive(Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the endpoint until SIGTERM or Ctrl-C.
    Serve(Flags),
    /// Print the effective configuration, with where each value comes from and without passwords.
    Config(Flags),
    /// Serve a private MongoDB with a small made-up workspace until Ctrl-C; nothing is left behind.
    Demo(demo::Options),
}

/// Settings on the command line: the layer that wins over all others. Not `Debug`: one may hold a password.
#[derive(Args)]
struct Flags {
    /// A TOML file with settings; instead of CONFIG_FILE.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// MongoDB's connection string. Others on the machine can see flags; a password is better put into MONGO_URL.
    #[arg(long, value_name = "URL")]
    mongo_url: Option<String>,
    /// An IANA time zone; instead of TZ.
    #[arg(long, value_name = "NAME")]
    time_zone: Option<String>,
    /// The address to listen on; instead of BIND_IP.
    #[arg(long, value_name = "IP")]
    bind_ip: Option<String>,
    /// The port to listen on; instead of PORT.
    #[arg(long, value_name = "PORT")]
    port: Option<String>,
    /// The address that people open Rocket.Chat with; instead of ROOT_URL.
    #[arg(long, value_name = "URL")]
    root_url: Option<String>,
}

impl Flags {
    fn layers(&self) -> Result<Layers, ConfigError> {
        let flags = [
            ("mongo_url", &self.mongo_url),
            ("time_zone", &self.time_zone),
            ("http.bind_ip", &self.bind_ip),
            ("http.port", &self.port),
            ("http.root_url", &self.root_url),
        ];
        let flags: Vec<_> = flags.into_iter().filter_map(|(key, value)| Some((key, value.clone()?))).collect();
        // As with all variables, an empty one is as if it were not set.
        let from_environment = || env::var_os("CONFIG_FILE").filter(|file| !file.is_empty()).map(PathBuf::from);
        let file = self.config.clone().or_else(from_environment);
        Layers::read(file.as_deref(), &ProcessEnvironment, &flags)
    }
}

/// Runs the command that the process was started with. Exit code 0: all well; 1: it could not be done, with one line
/// on standard error that says why; 2: the command line is wrong.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("info")).init();
    match execute(&cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("rocketchat-engagement: {error}");
            ExitCode::FAILURE
        }
    }
}

fn execute(cli: &Cli) -> Result<(), Box<dyn std::error::Error>> {
    match &cli.command {
        Command::Serve(flags) => in_runtime(serve::run(flags.layers()?.settings()?)),
        Command::Demo(options) => in_runtime(demo::run(options)),
        Command::Config(flags) => {
            let layers = flags.layers()?;
            layers.settings()?;
            match io::stdout().write_all(layers.to_string().as_bytes()) {
                // Whoever reads has read enough.
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
                result => Ok(result?),
            }
        }
    }
}

fn in_runtime<E: std::error::Error + 'static>(
    command: impl Future<Output = Result<(), E>>,
) -> Result<(), Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let result = runtime.block_on(command);
    // Operations on a MongoDB that hangs must not keep the process from ending.
    runtime.shutdown_background();
    Ok(result?)
}
