//! Documents of every collection with anything in every field, on a real MongoDB and through real HTTP: each answer is
//! what the plain rule (`rule`) says of the documents, never a 500 or a 503.
//!
//! A round is its seed, and a failure prints it with the documents. To see one again: `HOSTILE_SEED=… cargo test --test
//! api hostile_documents`; to try more: `HOSTILE_ROUNDS=…`, that many times as much.

mod rule;
pub mod values;
mod what_counts;
mod who_asks;

use std::{collections::BTreeMap, ops::Range};

/// Time enough on a machine with much else to do: these tests are about what is answered, not when.
const DEADLINE: (&str, &str) = ("http.request_deadline", "60");

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().unwrap_or_else(|_| panic!("{name} is not a number")))
}

/// The seeds of the rounds to be run.
fn seeds(rounds: u64) -> Range<u64> {
    match setting("HOSTILE_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..rounds * setting("HOSTILE_ROUNDS").unwrap_or(1),
    }
}

/// Fails if the rounds show little: everything that may come about must have, in at least so many of a hundred cases.
#[expect(clippy::print_stdout, reason = "a test that says what it did")]
fn assert_fair<K: Ord + std::fmt::Debug>(seen: &BTreeMap<K, usize>, all: impl IntoIterator<Item = K>, percent: usize) {
    let sum: usize = seen.values().sum();
    println!("{sum} cases: {seen:?}");
    if setting("HOSTILE_SEED").is_none() {
        let rare = all.into_iter().find(|what| seen.get(what).unwrap_or(&0) * 100 < sum * percent);
        assert!(rare.is_none(), "too little of {rare:?}, so this tests little: {seen:?}");
    }
}
