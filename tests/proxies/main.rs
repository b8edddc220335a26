//! The shipped configurations of reverse proxies: nginx, Caddy and Traefik, the real programs, run with the files in deploy/ in
//! front of the real service on a real MongoDB and a stand-in for Rocket.Chat. Of the files only addresses, ports, paths and
//! names are replaced, and one time limit.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

mod client_address;
mod clients;
mod fall_back;
mod files;
#[path = "../chaos/guarded.rs"]
#[expect(dead_code, reason = "shared with tests/chaos, which needs more of it")]
mod guarded;
mod limits;
mod moving;
mod names;
mod page;
mod paths;
mod routing;
mod set_up;
mod site;
mod stand_in;
#[path = "../api/support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "shared with tests/api, which needs more of it")]
mod support;
