//! Bytes of the fuzzer's choice at one door; what must hold is in `tests/hostile_input/checks`.

#![no_main]

#[path = "../../tests/hostile_input/checks/mod.rs"]
#[allow(dead_code, reason = "the other doors")]
mod checks;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| checks::forwarded_for::check(bytes));
