//! What every request passes: limits of size and time, the access log, whose address it is, CORS, the rate limit, and who asks.

pub mod access_log;
pub mod client_address;
pub mod cors;
pub mod limits;
pub mod metrics;
pub mod rate_limit;
pub mod viewer;
