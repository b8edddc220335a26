//! Rocket.Chat's engagement endpoint `messages-sent`, exact and fast, read straight from its MongoDB.
//!
//! The way of a request: [`http`] routes it, [`auth`] finds out who asks, [`period`] reads what is asked, [`tally`]
//! counts, [`report`] computes the answer. Rocket.Chat's database is only ever read.

pub mod auth;
pub mod cli;
pub mod commands;
pub mod config;
pub mod error;
pub mod http;
pub mod metrics;
pub mod mongo;
pub mod mongo_url;
pub mod period;
pub mod query_string;
mod redact;
pub mod report;
pub mod server;
pub mod tally;
pub mod time_zone;
pub mod workspace_settings;
