//! Rocket.Chat's engagement dashboard, exact and fast, read straight from its MongoDB.
//!
//! The way of a request: [`http`] routes it, [`auth`] finds out who asks, [`tally`] counts, [`dashboard`] knows what is asked and
//! computes the answer. Rocket.Chat's database is only ever read.

pub mod auth;
mod cached;
pub mod cli;
mod clock;
pub mod commands;
pub mod config;
pub mod dashboard;
pub mod http;
pub mod metrics;
pub mod mongo;
pub mod mongo_url;
pub mod people;
pub mod query_string;
mod redact;
pub mod room_look_up;
pub mod server;
pub mod tally;
pub mod time_zone;
pub mod workspace_settings;
