//! `health`: asks the service on this machine whether it answers, for the health check of a container.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use clap::Args;

use crate::{
    commands::{
        console::{self, printable},
        failure::Failure,
        remote::agent_here,
    },
    config::Http,
};

/// `/readyz` answers within little more than a second; Docker, Compose and Kubernetes are told to wait for three.
const PATIENCE: Duration = Duration::from_millis(2_500);

/// The most that is read of an answer, in bytes: what listens there may be another program.
const LONGEST_ANSWER: u64 = 4_096;

/// What is asked.
#[derive(Debug, Args)]
pub struct Options {
    /// Ask /readyz, which needs MongoDB, instead of /healthz, which needs only the process.
    #[arg(long)]
    ready: bool,
}

/// Asks the address and port of the configuration, and prints the answer.
///
/// # Errors
/// No answer, or none of 200: the exit code is 1.
pub fn run(options: &Options, http: &Http) -> Result<(), Failure> {
    if http.port == 0 {
        return Err(Failure::Service("http.port (PORT) is 0, a port that nobody knows beforehand; choose one".into()));
    }
    let path = if options.ready { "/readyz" } else { "/healthz" };
    let url = format!("http://{}{path}", SocketAddr::new(reachable(http.bind_ip), http.port));
    let failed = |error: ureq::Error| {
        let hint = "does the service run, and has this command the same settings (BIND_IP, PORT)?";
        Failure::Service(format!("{url}: {error}; {hint}"))
    };
    let mut response = agent_here(PATIENCE).get(&url).call().map_err(failed)?;
    let status = response.status().as_u16();
    let body = response.body_mut().with_config().limit(LONGEST_ANSWER).read_to_string().map_err(failed)?;
    let body = printable(body.trim());
    if status != 200 {
        return Err(Failure::Service(format!("{url} answers {status}: {body}")));
    }
    Ok(console::print(&format!("{body}\n"))?)
}

/// The address at which a listener is reached from its own machine: one that listens on every address, by the loopback.
fn reachable(bound: IpAddr) -> IpAddr {
    match bound {
        IpAddr::V4(address) if address.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(address) if address.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        other => other,
    }
}
