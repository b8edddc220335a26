//! Metrics: the text that Prometheus gets, and what rests on it.

mod bounds;
mod documented;
mod files;
mod listener;
mod moving;
mod promql;
pub mod scrape;
mod tally;
