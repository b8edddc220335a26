//! The command line: what it takes, and which command it leads to.

use std::{env, path::PathBuf, process::ExitCode};

use clap::{Args, CommandFactory, Parser, Subcommand};
use clap_complete::Shell;
use log::warn;

use crate::{
    commands::{check, console, demo, failure::Failure, health, manual, report, serve, verify},
    config::{self, ConfigError, Layers, ProcessEnvironment},
};

/// Rocket.Chat's engagement dashboard, exact and fast, read straight from its MongoDB.
#[derive(Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the endpoints and the page until SIGTERM or Ctrl-C.
    Serve(ServeFlags),
    /// Look at the database as the service would: what is there, what is missing, and what mends it.
    Check {
        #[command(flatten)]
        flags: Flags,
        #[command(flatten)]
        options: check::Options,
    },
    /// Print how many messages were sent on each day, as the endpoint counts them.
    Report {
        #[command(flatten)]
        flags: Flags,
        #[command(flatten)]
        options: report::Options,
    },
    /// Count by hand, message by message, and compare with the pipeline, a running service, and Rocket.Chat's counters.
    Verify {
        #[command(flatten)]
        flags: Flags,
        #[command(flatten)]
        options: verify::Options,
    },
    /// Ask the service on this machine whether it answers: exit code 0 if it does, else 1. For the health check of a container.
    Health {
        #[command(flatten)]
        flags: ServeFlags,
        #[command(flatten)]
        options: health::Options,
    },
    /// Print the effective configuration, with where each value comes from and without passwords.
    Config {
        #[command(flatten)]
        flags: ServeFlags,
        /// Print a file of settings to begin with instead: all of them with their meaning and default, most as comments.
        #[arg(long, exclusive = true)]
        template: bool,
    },
    /// Serve a private MongoDB with a small made-up workspace until Ctrl-C; nothing is left behind.
    Demo(demo::Options),
    /// Print completions for a shell, to be loaded by it.
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Print the manual page of all this, for man.
    Man,
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
    #[arg(long, visible_alias = "timezone", value_name = "NAME")]
    time_zone: Option<String>,
}

/// The settings on the command line of what listens.
#[derive(Args)]
struct ServeFlags {
    #[command(flatten)]
    common: Flags,
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
        self.layers_with(&[])
    }

    fn layers_with(&self, more: &[(&'static str, &Option<String>)]) -> Result<Layers, ConfigError> {
        let common = [("mongo_url", &self.mongo_url), ("time_zone", &self.time_zone)];
        let flags = common.iter().chain(more).filter_map(|(key, value)| Some((*key, (*value).clone()?)));
        // As with all variables, an empty one is as if it were not set.
        let from_environment = || env::var_os("CONFIG_FILE").filter(|file| !file.is_empty()).map(PathBuf::from);
        let file = match (&self.config, from_environment()) {
            (Some(given), Some(other)) if *given != other => {
                warn!("CONFIG_FILE={} is not read: --config {} is", other.display(), given.display());
                Some(given.clone())
            }
            (given, other) => given.clone().or(other),
        };
        Layers::read(file.as_deref(), &ProcessEnvironment, &flags.collect::<Vec<_>>())
    }
}

impl ServeFlags {
    fn layers(&self) -> Result<Layers, ConfigError> {
        let Self { common, bind_ip, port, root_url } = self;
        common.layers_with(&[("http.bind_ip", bind_ip), ("http.port", port), ("http.root_url", root_url)])
    }
}

/// What is logged of the commands that print something: what goes wrong, but not twice.
const QUIET: &str = "warn,rocketchat_engagement::mongo=error,rustls_platform_verifier=off";

/// Runs the command that the process was started with. Exit code 0: all well; 1: it could not be done, with one line
/// on standard error that says why; 2: the command line is wrong. `check` and `verify` have codes of their own.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let level = match &cli.command {
        Command::Serve(_) | Command::Config { .. } | Command::Demo(_) => "info",
        _ => QUIET,
    };
    env_logger::Builder::new()
        // Every stranger could write lines of level ERROR with what is no HTTP.
        .filter_module("actix_http::h1::dispatcher", log::LevelFilter::Off)
        .parse_env(env_logger::Env::default().default_filter_or(level))
        .init();
    match execute(&cli) {
        Ok(code) => code,
        Err(error) => {
            let is_usage = error.downcast_ref().is_some_and(Failure::is_usage)
                || error.downcast_ref().is_some_and(ConfigError::is_usage);
            console::complain(&error.to_string());
            // 1 says more than that where it is about what was found.
            ExitCode::from(if is_usage || matches!(cli.command, Command::Check { .. } | Command::Verify { .. }) {
                2
            } else {
                1
            })
        }
    }
}

fn execute(cli: &Cli) -> Result<ExitCode, Box<dyn std::error::Error>> {
    match &cli.command {
        Command::Serve(flags) => in_runtime(serve::run(flags.layers()?.settings()?))?,
        Command::Demo(options) => in_runtime(demo::run(options))?,
        Command::Check { flags, options } => {
            let layers = flags.layers()?;
            let settings = layers.settings()?;
            return in_runtime(check::run(options, &settings, layers.is_chosen("time_zone")));
        }
        Command::Report { flags, options } => {
            let settings = flags.layers()?.settings()?;
            in_runtime(report::run(options, &settings))?;
        }
        Command::Verify { flags, options } => {
            let settings = flags.layers()?.settings()?;
            return in_runtime(verify::run(options, &settings));
        }
        Command::Health { flags, options } => health::run(options, &flags.layers()?.settings()?.http)?,
        Command::Config { template: true, .. } => print(&config::template())?,
        Command::Config { flags, .. } => {
            let layers = flags.layers()?;
            layers.settings()?;
            print(&layers.to_string())?;
        }
        Command::Completions { shell } => print(&manual::completions(*shell, Cli::command()))?,
        Command::Man => print(&manual::page(Cli::command())?)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn print(text: &str) -> Result<(), Failure> {
    Ok(console::print(text)?)
}

fn in_runtime<T, E: std::error::Error + 'static>(
    command: impl Future<Output = Result<T, E>>,
) -> Result<T, Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let result = runtime.block_on(command);
    // The process ends, and not the runtime: tasks of the driver whose runtime ends under them may panic, and operations
    // on a MongoDB that hangs must not be waited for.
    std::mem::forget(runtime);
    Ok(result?)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        super::Cli::command().debug_assert();
    }
}
