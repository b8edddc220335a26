//! The page as people see it: the real service on a real MongoDB behind nginx, in a headless Chromium. Each scenario is a file
//! in `scenarios/`, which is told what the test here has counted itself.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

mod browser;
#[path = "../chaos/guarded.rs"]
#[expect(dead_code, reason = "shared with tests/chaos, which needs more of it")]
mod guarded;
mod known;
mod scenarios;
mod site;
#[path = "../api/support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "shared with tests/api, which needs more of it")]
mod support;
