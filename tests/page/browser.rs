//! One scenario after the other, each a program of Node.js that drives Chromium.

use std::{path::Path, process::Stdio, time::Duration};

use serde_json::Value;
use tokio::{
    process::Command,
    sync::{Mutex, MutexGuard},
    time::timeout,
};

use crate::support::{node_is_missing, node_modules, not_tested};

/// Pinned, so that what passes today passes tomorrow.
const PLAYWRIGHT: &str = "playwright-core@1.65.1";
const AXE: &str = "axe-core@4.14.1";

/// How long a scenario may take.
const LONGEST: Duration = Duration::from_secs(240);

/// Whether this machine has no browser, or nothing to drive it with. Says so loudly; under `CI=true` that is a failure.
pub fn is_missing() -> bool {
    if chromium().is_none() {
        not_tested("without Chromium nobody sees the page");
        return true;
    }
    node_is_missing()
}

fn chromium() -> Option<String> {
    let path = std::env::var("PATH").unwrap_or_default();
    let places =
        path.split(':').flat_map(|place| ["chromium", "chromium-browser"].map(|name| format!("{place}/{name}")));
    places.into_iter().find(|program| Path::new(program).exists())
}

/// The right to use the browser, which one scenario has at a time: it is a crowd of processes, and two would only wait for each other.
pub struct Turn(#[expect(dead_code, reason = "it ends when this is dropped")] MutexGuard<'static, ()>);

/// Waits until the other scenarios leave the browser alone.
pub async fn turn() -> Turn {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());
    Turn(ONE_AT_A_TIME.lock().await)
}

/// Runs a scenario with what it is to expect, when it is its turn.
///
/// # Panics
/// It fails.
pub async fn run(scenario: &str, given: &Value) {
    run_in(turn().await, scenario, given).await;
}

/// The same by one whose turn it is.
///
/// # Panics
/// It fails.
pub async fn run_in(_turn: Turn, scenario: &str, given: &Value) {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/page/scenarios").join(format!("{scenario}.mjs"));
    let child = Command::new("node")
        .arg(here)
        .arg(given.to_string())
        .env("PLAYWRIGHT", node_modules(PLAYWRIGHT).join("playwright-core/index.mjs"))
        .env("AXE", node_modules(AXE).join("axe-core/axe.min.js"))
        .env("CHROMIUM", chromium().expect("Chromium"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("node");
    let output = timeout(LONGEST, child.wait_with_output()).await;
    let output = output.unwrap_or_else(|_| panic!("{scenario} takes longer than {LONGEST:?}")).expect("its output");
    let said = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).join("");
    assert!(output.status.success(), "{scenario}:\n{said}");
    // What a scenario measures is for those who ask for it, by --nocapture.
    eprint!("{said}");
}
