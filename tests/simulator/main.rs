//! The proof by trial of `tally::feed` and `tally::cube`: a pretend MongoDB, an unreliable I/O layer and a judge.
//!
//! A run is its seed, and a failure prints it. To see one again: `SIMULATOR_SEED=… cargo test --test simulator`; to run more
//! or longer: `SIMULATOR_RUNS=…`, `SIMULATOR_STEPS=…`.

#![allow(
    clippy::panic,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test, which fails by panicking and says what it did"
)]

mod cost;
mod io;
mod oracle;
mod random;
mod server;
mod workload;
mod world;

use std::time::Instant;

use rocketchat_engagement::tally::flaw::Flaw;
use world::{Stats, World};

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().unwrap_or_else(|_| panic!("{name} is not a number")))
}

fn run(seed: u64, steps: u64) -> Stats {
    let tracing = setting("SIMULATOR_SEED").is_some();
    let mut world = World::new(seed, None, false, tracing);
    if let Err(error) = world.run(steps) {
        for line in world.trace.iter().rev().take(150).rev() {
            println!("{line}");
        }
        panic!("SIMULATOR_SEED={seed} SIMULATOR_STEPS={steps}, step {}: {error}", world.stats.steps);
    }
    world.stats
}

/// Half of the runs, so that two cores can share them.
fn half(first: u64) {
    let begun = Instant::now();
    let steps = setting("SIMULATOR_STEPS").unwrap_or(10_000);
    let mut stats = Stats::default();
    if let Some(seed) = setting("SIMULATOR_SEED") {
        if seed % 2 == first {
            stats.merge(run(seed, steps));
        }
        return;
    }
    let runs = setting("SIMULATOR_RUNS").unwrap_or(200);
    for seed in (first..runs).step_by(2) {
        stats.merge(run(seed, steps));
    }
    println!("{stats:#?} in {:.1} s", begun.elapsed().as_secs_f64());
    assert!(stats.claims * 5 > stats.answers, "most windows were never claimed: the simulator tests little");
}

#[test]
fn every_claim_is_true_at_even_seeds() {
    half(0);
}

#[test]
fn every_claim_is_true_at_odd_seeds() {
    half(1);
}

/// The simulator has teeth: with one safeguard taken out it finds a wrong claim, and the feed's own checks (a contradiction, an
/// audit) are not needed for that. With the safeguard put back the same run finds nothing.
fn finds(flaw: Flaw) {
    for seed in 0..400 {
        let mut world = World::new(seed, Some(flaw), true, false);
        if let Err(error) = world.run(3_000) {
            println!("{flaw:?}: seed {seed}, step {}: {error}", world.stats.steps);
            run(seed, 3_000);
            return;
        }
    }
    panic!("{flaw:?} was not noticed");
}

macro_rules! teeth {
    ($($name:ident: $flaw:ident,)*) => { $(#[test] fn $name() { finds(Flaw::$flaw); })* };
}

teeth! {
    notices_a_missing_version_filter: NoVersionFilter,
    notices_a_missing_fence: NoFence,
    notices_a_missing_queue: NoQueue,
    notices_a_missing_duplicate_filter: NoDuplicateFilter,
    notices_documents_read_too_late: LateImages,
    notices_changes_taken_out_of_their_order: NoFold,
    notices_half_transactions: EagerGroups,
    notices_freshness_claimed_too_soon: FreshOnReceipt,
    notices_a_missing_room_queue: NoRoomQueue,
    notices_a_missing_room_fence: NoRoomFence,
    notices_writes_that_no_majority_holds: NoMajorityCheck,
    notices_a_stream_of_a_member_that_lags_behind: NoMemberCheck,
    notices_a_restore_from_an_older_copy: NoHistoryCheck,
    notices_days_missing_after_the_clock_is_set_back: NoDaysAnew,
    notices_a_gap_in_the_stream: ResumeNow,
    notices_answers_from_before_a_rebuild: NoRequestCheck,
}
