//! A million random cases at the doors through which foreign bytes come in. `checks` says what must hold; here is what
//! they are made of: pieces that mean something there, put together at random, and plain noise.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

mod checks;
mod pieces;

use proptest::{
    strategy::BoxedStrategy,
    test_runner::{Config, TestError, TestRunner},
};

/// Runs a check on so many cases. One that fails is made as small as possible and shown.
fn run(cases: u32, strategy: BoxedStrategy<Vec<u8>>, check: fn(&[u8])) {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(&strategy, |bytes| {
        check(&bytes);
        Ok(())
    });
    match outcome {
        Ok(()) => {}
        Err(TestError::Fail(reason, bytes)) => panic!("b\"{}\": {reason}", bytes.escape_ascii()),
        Err(TestError::Abort(reason)) => panic!("{reason}"),
    }
}

#[test]
fn query_strings_are_read_by_the_plain_rule() {
    run(270_000, pieces::query_strings(), checks::query_string::check);
}

#[test]
fn credentials_are_read_by_the_plain_rule() {
    run(240_000, pieces::credentials(), checks::credentials::check);
}

#[test]
fn forwarded_addresses_are_read_by_the_plain_rule() {
    run(250_000, pieces::forwarded_for(), checks::forwarded_for::check);
}

#[test]
fn time_zones_are_read_by_the_plain_rule() {
    run(168_000, pieces::time_zones(), checks::time_zone::check);
}

#[test]
fn configurations_are_refused_with_a_reason_or_mean_what_is_printed() {
    run(12_000, pieces::configurations(), checks::configuration::check);
}

#[test]
fn documents_are_read_by_the_plain_rule() {
    run(60_000, pieces::documents(), checks::documents::check);
}
