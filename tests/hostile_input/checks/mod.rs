//! What must hold whatever comes in from outside: for each door one function of bytes, which panics when it does not.
//!
//! Each compares with the plain rule, written here a second time, slow and obvious. `tests/hostile_input` calls them with
//! random cases on every run of the tests, and `fuzz/` lets a fuzzer look for bytes of its own.

pub mod configuration;
pub mod credentials;
pub mod documents;
pub mod forwarded_for;
pub mod query_string;
pub mod time_zone;

/// A byte off the front; zero when there is none.
fn byte(bytes: &mut &[u8]) -> u8 {
    let Some((first, rest)) = bytes.split_first() else { return 0 };
    *bytes = rest;
    *first
}
