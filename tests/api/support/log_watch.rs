//! Watches the log of all tests at level debug: no secret may ever be written.
//!
//! A secret in the log ends the test run at once, whichever test caused it.

use std::{
    io::Write,
    sync::{Mutex, Once, PoisonError},
};

use log::{LevelFilter, Log, Metadata, Record};

static SECRETS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// From now on the log must not contain this.
pub fn keep_secret(secret: &str) {
    assert!(secret.len() >= 8, "too short to be told from other words: {secret:?}");
    let mut secrets = SECRETS.lock().unwrap_or_else(PoisonError::into_inner);
    if !secrets.iter().any(|known| known == secret) {
        secrets.push(secret.to_owned());
    }
}

/// Whether a text contains one of the secrets.
pub fn reveals_a_secret(text: &str) -> bool {
    SECRETS.lock().unwrap_or_else(PoisonError::into_inner).iter().any(|secret| text.contains(secret.as_str()))
}

/// Begins to watch.
pub fn begin() {
    static BEGIN: Once = Once::new();
    BEGIN.call_once(|| {
        log::set_logger(&Watch).expect("the only logger");
        log::set_max_level(LevelFilter::Debug);
    });
}

struct Watch;

impl Log for Watch {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let line = format!("{} {} {}", record.level(), record.target(), record.args());
        if reveals_a_secret(&line) {
            // Past the capture of the test harness, whose output is lost with the process.
            drop(writeln!(std::io::stderr(), "a secret was written to the log: {line}"));
            std::process::abort();
        }
    }

    fn flush(&self) {}
}
