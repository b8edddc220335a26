//! What the rate limiter's memory grows by under an attack from a million addresses and more. A test binary of its own:
//! resident memory belongs to the process, and other tests would be in it.

#![expect(clippy::expect_used, reason = "a test fails by panicking, in its helpers too")]

use std::{
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU64,
};

use chrono::DateTime;
use rocketchat_engagement::{http::guards::rate_limit::RateLimiter, workspace_settings::RateLimit};

/// What the memory may grow by.
const MOST: u64 = 64 << 20;

/// The resident memory of this process, in bytes.
fn resident_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("our status");
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("VmRSS");
    line.split_whitespace().nth(1).and_then(|kilobytes| kilobytes.parse::<u64>().ok()).expect("kilobytes") * 1024
}

#[test]
fn a_million_addresses_take_less_than_64_mb_and_three_million_no_more() {
    let number = |number| NonZeroU64::new(number).expect("not 0");
    let limit = RateLimit { calls: number(10), milliseconds: number(60_000) };
    let at = |milliseconds| DateTime::from_timestamp_millis(milliseconds).expect("an instant");
    let before = resident_memory();
    let limiter = RateLimiter::default();
    let idle = resident_memory().saturating_sub(before);

    let mut grown = Vec::new();
    for million in 0..3 {
        for address in 0..1_000_000 {
            let address = IpAddr::V6(Ipv6Addr::from_bits(0x2001_0db8 << 96 | million << 64 | address));
            let standing = limiter.count(0, address, limit, at(1_700_000_000_000));
            assert_eq!((standing.remaining, standing.refused_for), (9, None));
        }
        grown.push(resident_memory().saturating_sub(before));
    }

    println!("{idle} bytes before the first call, {grown:?} after each million addresses");
    assert!(grown.iter().all(|bytes| *bytes < MOST), "{grown:?}");
    drop(limiter);
}
