//! What the binary can be told to do, a module each.

pub mod check;
pub mod console;
pub mod database;
pub mod days;
pub mod demo;
pub mod failure;
pub mod grant;
pub mod health;
pub mod manual;
pub mod progress;
mod remote;
pub mod report;
pub mod serve;
pub mod verdict;
pub mod verify;

use std::io;

use tokio::signal::unix::{SignalKind, signal};

/// Completes when the process is asked to end: SIGTERM, or SIGINT as by Ctrl-C.
async fn asked_to_stop() -> io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
