//! The limiter by itself; `tests/api/rate_limit` asks the service.

use std::{
    net::Ipv4Addr,
    num::NonZeroU64,
    sync::atomic::{AtomicU64, Ordering},
};

use super::*;

use actix_web::{
    App, HttpResponse,
    middleware::from_fn,
    test::{TestRequest, call_service, init_service},
    web,
};

const BEGIN: i64 = 1_700_000_000_000;

fn limit(calls: u64, milliseconds: u64) -> RateLimit {
    let number = |number| NonZeroU64::new(number).expect("not 0");
    RateLimit { calls: number(calls), milliseconds: number(milliseconds) }
}

fn at(milliseconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(BEGIN + milliseconds).expect("an instant")
}

fn address(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

fn numbered(number: u32) -> IpAddr {
    Ipv4Addr::from_bits(number).into()
}

/// Limit, remaining calls, milliseconds from the first call to the end, and the wait if refused.
fn row(quota: Quota) -> (u64, u64, i64, Option<u64>) {
    (quota.limit, quota.remaining, quota.reset - BEGIN, quota.refused_for)
}

#[test]
fn each_endpoint_has_windows_of_its_own() {
    let limiter = RateLimiter::default();
    let count = |endpoint| limiter.count(endpoint, address("::1"), limit(1, 1000), at(0)).refused_for;
    assert_eq!((count(0), count(1), count(0), count(1)), (None, None, Some(1), Some(1)));
}

#[test]
fn a_window_opens_with_the_first_call_and_lets_as_many_pass_as_the_limit_says() {
    let limiter = RateLimiter::default();
    let client = address("198.51.100.7");
    for (time, expected) in [
        (0, (3, 2, 10_000, None)),
        (1, (3, 1, 10_000, None)),
        (8_000, (3, 0, 10_000, None)),
        (8_000, (3, 0, 10_000, Some(2))),
        (8_001, (3, 0, 10_000, Some(2))),
        (9_000, (3, 0, 10_000, Some(1))),
        (9_999, (3, 0, 10_000, Some(1))),
        (10_000, (3, 2, 20_000, None)),
        (10_000, (3, 1, 20_000, None)),
        (25_500, (3, 2, 35_500, None)),
    ] {
        assert_eq!(row(limiter.count(0, client, limit(3, 10_000), at(time))), expected, "after {time} ms");
    }
}

#[test]
fn the_wait_is_rounded_up_to_whole_seconds() {
    for (time, wait) in [(0, 60), (1, 60), (999, 60), (1000, 59), (1001, 59), (58_999, 2), (59_000, 1), (59_999, 1)] {
        let limiter = RateLimiter::default();
        limiter.count(0, address("::1"), limit(1, 60_000), at(0));
        let quota = limiter.count(0, address("::1"), limit(1, 60_000), at(time));
        assert_eq!(quota.refused_for, Some(wait), "after {time} ms");
    }
}

#[test]
fn each_address_has_its_own_window() {
    let limiter = RateLimiter::default();
    for client in ["198.51.100.7", "198.51.100.8", "2001:db8::7", "2001:db8::8", "2001:db8:0:1::7"] {
        assert_eq!(limiter.count(0, address(client), limit(1, 1000), at(0)).refused_for, None, "{client}");
        assert_eq!(limiter.count(0, address(client), limit(1, 1000), at(0)).refused_for, Some(1), "{client}");
    }
}

#[test]
fn a_changed_limit_applies_to_windows_that_run() {
    let limiter = RateLimiter::default();
    let client = address("198.51.100.7");
    for (calls, length, time, expected) in [
        (10, 60_000, 0, (10, 9, 60_000, None)),
        (10, 60_000, 0, (10, 8, 60_000, None)),
        (2, 60_000, 0, (2, 0, 60_000, Some(60))),
        (5, 60_000, 0, (5, 1, 60_000, None)),
        (5, 90_000, 0, (5, 0, 90_000, None)),
        (5, 1000, 1000, (5, 4, 2000, None)),
        (u64::MAX, 1000, 1500, (u64::MAX, u64::MAX - 2, 2000, None)),
    ] {
        assert_eq!(row(limiter.count(0, client, limit(calls, length), at(time))), expected, "{calls} in {length} ms");
    }
}

#[test]
fn absurd_limits_and_instants_do_no_harm() {
    let limiter = RateLimiter::default();
    for client in 0..2 {
        for now in [DateTime::<Utc>::MIN_UTC, at(0), DateTime::<Utc>::MAX_UTC] {
            limiter.count(0, numbered(client), limit(1, u64::MAX), now);
            limiter.count(0, numbered(client), limit(u64::MAX, 1), now);
        }
    }
    let quota = limiter.count(0, numbered(9), limit(1, u64::MAX), at(0));
    assert_eq!((quota.reset, quota.refused_for), (i64::MAX, None));
}

#[test]
fn a_clock_that_is_set_back_refuses_nobody_for_longer_than_twice_the_window() {
    let limiter = RateLimiter::default();
    let client = address("198.51.100.7");
    assert_eq!(limiter.count(0, client, limit(1, 10_000), at(0)).refused_for, None);
    assert_eq!(limiter.count(0, client, limit(1, 10_000), at(-5)).refused_for, Some(11));
    assert_eq!(limiter.count(0, client, limit(1, 10_000), at(-9_999)).refused_for, Some(20));
    assert_eq!(limiter.count(0, client, limit(1, 10_000), at(-3_600_000)).refused_for, None);
}

#[test]
fn of_simultaneous_calls_exactly_as_many_pass_as_the_limit_says() {
    let limiter = RateLimiter::default();
    let passed = [const { AtomicU64::new(0) }; 4];
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let (limiter, passed) = (&limiter, &passed);
            scope.spawn(move || {
                for call in 0..4000_usize {
                    let client = (call + thread) % passed.len();
                    let number = u32::try_from(client).expect("a small number");
                    let now = at(i64::try_from(call % 7).expect("a small number"));
                    if limiter.count(0, numbered(number), limit(500, 60_000), now).refused_for.is_none() {
                        passed[client].fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    assert_eq!(passed.map(AtomicU64::into_inner), [500; 4]);
}

#[test]
fn two_million_addresses_push_no_limited_client_out_and_take_bounded_memory() {
    const ADDRESSES: u32 = 2_000_000;
    let limiter = RateLimiter::default();
    let limit = limit(2, 60_000);
    let clients: Vec<_> = (0..1000).map(|client| numbered(ADDRESSES + client)).collect();
    for client in &clients {
        let quotas = [0; 3].map(|time| limiter.count(0, *client, limit, at(time)));
        assert!(quotas[2].refused_for.is_some());
    }

    let passed =
        (0..ADDRESSES).filter(|number| limiter.count(0, numbered(*number), limit, at(1)).refused_for.is_none());

    assert_eq!(passed.count(), 2_000_000, "nobody is refused for the number of others");
    for client in &clients {
        assert!(limiter.count(0, *client, limit, at(2)).refused_for.is_some(), "{client} is still refused");
    }
    assert!(limiter.sets.iter().all(|set| set.lock().expect("a set").capacity() <= WAYS));
    let bytes = SETS * (size_of::<Mutex<Vec<Window>>>() + WAYS * size_of::<Window>());
    assert!(bytes < 56 << 20, "{bytes} bytes at the most");
}

#[actix_web::test]
async fn an_answer_that_is_a_panic_has_the_headers_too() {
    async fn counted(request: HttpRequest) -> HttpResponse {
        request.extensions_mut().insert(Quota { limit: 3, remaining: 1, reset: BEGIN, refused_for: None });
        panic!("unforeseen")
    }
    let resource = web::resource("/").route(web::get().to(counted));
    let resource = resource.wrap(from_fn(crate::http::guards::limits::catch_panics)).wrap(from_fn(add_headers));
    let app = init_service(App::new().service(resource)).await;

    let answer = call_service(&app, TestRequest::get().uri("/").to_request()).await;

    let header = |name| answer.headers().get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    assert_eq!(answer.status().as_u16(), 500);
    assert_eq!([LIMIT, REMAINING, RESET].map(header), [Some("3"), Some("1"), Some("1700000000000")]);
}

#[test]
fn windows_that_have_ended_make_room_first() {
    let limiter = RateLimiter::default();
    for number in 0..100_000 {
        limiter.count(0, numbered(number), limit(1, 1000), at(0));
    }
    for number in 0..100_000 {
        assert_eq!(limiter.count(0, numbered(number), limit(1, 1000), at(1000)).refused_for, None, "{number}");
    }
    let running: usize = limiter.sets.iter().map(|set| set.lock().expect("a set").len()).sum();
    assert_eq!(running, 100_000, "none of the first windows is left");
}
