//! The HTTP side: which path and method leads where, and what every answer has in common (contract section 1).

pub mod dashboard;
pub mod error;
pub mod guards;
mod health;
mod json;
pub mod listener;
pub mod metrics;
pub mod openapi;
pub mod page;
mod resource;
pub mod routes;
pub mod site;

pub use error::Error;
pub use health::Probe;
pub use json::json;
