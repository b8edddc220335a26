//! The rate limit (contract section 5): so many calls for each client address in a window that its first call opens.
//!
//! [`RateLimiter`] is pure: the time comes in as a value. Its memory is bounded however many addresses call: windows
//! stand in sets of at most 24, a secret hash of the address says in which, and whoever looks into a set drops
//! what has ended there. Only where a whole set is of windows that still run, the one with the fewest calls makes room
//! (of those the oldest): its client may call more often than the limit says, but nobody is refused for the number of
//! others. A client that is refused goes last. To push it out, all others of its set must have called as often as it
//! has, refused calls included, before its window ends; and since nobody can tell which addresses share a set, that
//! takes more than a million addresses with more calls each than the limit allows, all by viewers.

use std::{
    hash::{BuildHasher, RandomState},
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
};

use actix_web::{
    Error as ActixError, HttpMessage, HttpRequest,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{HeaderName, HeaderValue},
    middleware::Next,
    web::Data,
};
use chrono::{DateTime, Utc};

use super::{client_address::client_address, metrics::GuardMetrics, viewer::Viewer};
use crate::{
    http::error::Error,
    workspace_settings::{RateLimit, WorkspaceSettings},
};

const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// The number of sets, a power of two.
const SETS: usize = 1 << 16;

/// The most windows in a set. With all sets full these are 1.5 million windows in 50 MiB, 60 MB with what the
/// allocator adds (`tests/rate_limiter` measures).
const WAYS: usize = 24;

/// For how many windows more a set grows at once.
const GROWTH: usize = 8;

/// The calls of each client address at each endpoint.
#[derive(Debug)]
pub struct RateLimiter {
    sets: Box<[Mutex<Vec<Window>>]>,
    /// Its key is random and stays here.
    hasher: RandomState,
}

/// The calls of one address at one endpoint since its window opened.
#[derive(Debug, Clone, Copy)]
struct Window {
    /// IPv4 addresses as IPv6 ones.
    address: u128,
    /// Milliseconds since 1970.
    began: i64,
    /// Those that were refused as well.
    calls: u32,
    /// The place of the endpoint among all of them.
    endpoint: u8,
}

impl Window {
    /// Whether it has not ended. A clock that is set back makes no window last longer than twice its length.
    fn is_running(&self, length: u64, now: i64) -> bool {
        now.abs_diff(self.began) < length
    }
}

/// What a client may still call after a call that was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// How many calls pass in a window.
    pub limit: u64,
    /// How many more pass in this one.
    pub remaining: u64,
    /// When the window ends, in milliseconds since 1970.
    pub reset: i64,
    /// If the call must be refused, in how many seconds the window ends, rounded up.
    pub refused_for: Option<u64>,
}

impl Default for RateLimiter {
    fn default() -> Self {
        Self { sets: (0..SETS).map(|_| Mutex::default()).collect(), hasher: RandomState::new() }
    }
}

impl RateLimiter {
    /// Counts a call of the endpoint at this place. Of calls at the same time exactly as many pass as one after the other.
    pub fn count(&self, endpoint: usize, address: IpAddr, limit: RateLimit, now: DateTime<Utc>) -> Quota {
        let (now, length) = (now.timestamp_millis(), limit.milliseconds.get());
        let address = match address {
            IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
            IpAddr::V6(address) => address.to_bits(),
        };
        // There are a handful of endpoints.
        let endpoint = endpoint as u8;
        // The low bits of the hash; the cast cuts the others off.
        let set = &self.sets[self.hasher.hash_one((endpoint, address)) as usize % SETS];
        let mut windows = set.lock().unwrap_or_else(PoisonError::into_inner);
        windows.retain(|window| window.is_running(length, now));
        let window = match windows.iter().position(|window| (window.endpoint, window.address) == (endpoint, address)) {
            Some(place) => &mut windows[place],
            None => open(&mut windows, Window { address, began: now, calls: 0, endpoint }),
        };
        window.calls = window.calls.saturating_add(1);
        let (limit, calls, reset) =
            (limit.calls.get(), u64::from(window.calls), window.began.saturating_add_unsigned(length));
        let refused_for = (calls > limit).then(|| reset.abs_diff(now).div_ceil(1000));
        Quota { limit, remaining: limit.saturating_sub(calls), reset, refused_for }
    }
}

/// Adds a window to a set, in place of the one with the fewest calls if the set is full.
fn open(windows: &mut Vec<Window>, new: Window) -> &mut Window {
    let fewest = windows.iter().enumerate().min_by_key(|(_, window)| (window.calls, window.began));
    let place = match fewest {
        Some((place, _)) if windows.len() >= WAYS => {
            windows[place] = new;
            place
        }
        _ => {
            if windows.len() == windows.capacity() {
                windows.reserve_exact(GROWTH);
            }
            windows.push(new);
            windows.len() - 1
        }
    };
    &mut windows[place]
}

/// Which calls are counted together: part of what each resource is registered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// The place of their windows in the rate limiter.
    pub place: usize,
    /// How many pass.
    pub allowance: Allowance,
}

/// How many calls pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allowance {
    /// As many as the workspace's settings say.
    OfWorkspace,
    /// So many, whatever those say.
    Own(Option<RateLimit>),
}

/// Counts a viewer's call, unless there is no limit or not for this viewer. The answer's headers are left in the
/// request's extensions for [`add_headers`].
///
/// # Errors
/// [`Error::TooManyRequests`].
pub fn count_call(request: &HttpRequest, viewer: &Viewer, now: DateTime<Utc>) -> Result<(), Error> {
    let settings = request.app_data::<Data<WorkspaceSettings>>().ok_or(Error::Internal)?;
    let Counted { place, allowance } = *request.app_data::<Counted>().ok_or(Error::Internal)?;
    let limit = match allowance {
        Allowance::OfWorkspace => settings.values().rate_limit,
        Allowance::Own(limit) => limit,
    };
    let Some(limit) = limit.filter(|_| !viewer.bypasses_rate_limit()) else { return Ok(()) };
    let limiter = request.app_data::<Data<RateLimiter>>().ok_or(Error::Internal)?;
    let address = client_address(request).unwrap_or(Ipv6Addr::UNSPECIFIED.into());
    let quota = limiter.count(place, address, limit, now);
    request.extensions_mut().insert(quota);
    let Some(seconds) = quota.refused_for else { return Ok(()) };
    if let Some(metrics) = request.app_data::<Data<GuardMetrics>>() {
        metrics.rate_limited.inc();
    }
    Err(Error::TooManyRequests { seconds })
}

/// The middleware that tells a client its quota, on every answer to a call that was counted.
///
/// # Errors
/// Those of what it wraps.
pub async fn add_headers(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, ActixError> {
    let mut response = next.call(request).await?;
    let quota = response.request().extensions().get::<Quota>().copied();
    if let Some(Quota { limit, remaining, reset, .. }) = quota {
        let headers = response.headers_mut();
        headers.insert(LIMIT, HeaderValue::from(limit));
        headers.insert(REMAINING, HeaderValue::from(remaining));
        headers.insert(RESET, HeaderValue::from(reset));
    }
    Ok(response)
}

#[cfg(test)]
mod tests;
