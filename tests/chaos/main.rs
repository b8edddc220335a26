//! Chaos: three real mongods that are killed, frozen, deposed, kept from copying and made to forget; writers as Rocket.Chat's; a
//! client that asks all the time, and a judge that knows what each answer may be.
//!
//! During faults only 200 and 503 are answered, in time, and no 200 is older than it may be. At every lull each window
//! equals a count by hand. In the end the service is live again.
//!
//! A run's order of faults and its writers' choices follow from its seed, which a failure prints (what the operating system
//! makes of them does not). `CHAOS_SEEDS` is a list such as `7` or `1-20`, `CHAOS_SECONDS` the least length of a run,
//! `CHAOS_FAULTS` the kinds of faults, such as `KillPrimary,StepDown`; `CHAOS_VERBOSE=1` tells every run's story.
//! `ENGAGEMENT_…` goes on to the service. `make chaos SEEDS=20` runs many.

#![allow(
    clippy::panic,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test, which fails by panicking and says what it did"
)]

mod book;
#[path = "../api/support/client.rs"]
#[allow(dead_code, reason = "shared with tests/api")]
mod client;
mod faults;
mod guarded;
mod judge;
#[path = "../simulator/random.rs"]
mod random;
mod replica_set;
mod run;
mod service;
mod truth;
mod writers;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use faults::Fault;
use run::{Plan, Run};
use tokio::runtime::Runtime;

/// One number, or the first and the last with a dash between.
fn seeds() -> std::ops::RangeInclusive<u64> {
    let text = std::env::var("CHAOS_SEEDS").unwrap_or_else(|_| "1".to_owned());
    let (first, last) = text.split_once('-').unwrap_or((&text, &text));
    let number = |text: &str| text.trim().parse().unwrap_or_else(|_| panic!("CHAOS_SEEDS={text} is no number"));
    number(first)..=number(last)
}

/// Runs a plan. What was wrong, if anything.
async fn run(plan: &Plan) -> Vec<String> {
    let began = Instant::now();
    let mut run = Run::start(plan).await;
    // Whatever panics, the story is to be told.
    let outcome = AssertUnwindSafe(async {
        run.go_on(plan).await;
        run.finish().await;
    });
    let outcome = futures::FutureExt::catch_unwind(outcome).await;
    run.stop().await;
    run.judge.with(|seen| {
        if let Err(panic) = outcome {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            seen.wrong.push(text.unwrap_or_else(|| "a panic".to_owned()));
        }
        if !seen.wrong.is_empty() || std::env::var("CHAOS_VERBOSE").is_ok() {
            println!("{}", seen.story.join("\n"));
        }
        if !seen.wrong.is_empty() {
            println!("the service:\n{}\n{}", run.service.last_words(80), run.set.last_words(3));
        }
        println!(
            "CHAOS_SEEDS={}: {} in {:?}; {} right answers, {} of lagging members, {} times 503, the slowest {:?}",
            plan.seed,
            if seen.wrong.is_empty() { "well" } else { "WRONG" },
            began.elapsed(),
            seen.right,
            seen.lagging,
            seen.unavailable,
            seen.slowest,
        );
        std::mem::take(&mut seen.wrong)
    })
}

/// Runs a plan on a runtime of its own. One plan at a time: they would slow each other down.
fn found_wrong(plan: &Plan) -> Vec<String> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _one = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let runtime = Runtime::new().expect("a runtime");
    let outcome = catch_unwind(AssertUnwindSafe(|| runtime.block_on(run(plan))));
    outcome.unwrap_or_else(|_| vec!["it did not even start".to_owned()])
}

#[test]
fn every_answer_is_right_while_everything_breaks() {
    let seconds = std::env::var("CHAOS_SECONDS").map_or(0, |text| text.parse().expect("CHAOS_SECONDS is a number"));
    let mut wrong = Vec::new();
    for seed in seeds() {
        let time = Duration::from_secs(seconds);
        let plan = Plan { seed, time, faults: Fault::chosen(), environment: Vec::new() };
        let found = found_wrong(&plan);
        wrong.extend(found.into_iter().take(5).map(|line| format!("CHAOS_SEEDS={seed}: {line}")));
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// The judge has teeth: of a service that trusts its memory for 20 s it says so.
#[test]
fn an_answer_that_is_too_old_is_found() {
    let environment = vec![("ENGAGEMENT_TALLY_MAX_STALENESS_MS".to_owned(), "20000".to_owned())];
    for faults in [vec![Fault::FreezeService; 3], vec![Fault::StallMajority]] {
        let environment = environment.clone();
        let found = found_wrong(&Plan { seed: 1, time: Duration::ZERO, faults, environment });
        assert!(found.iter().any(|line| line.contains("right if")), "found only {found:?}");
    }
}
