//! Metrics: the text that Prometheus gets, and what rests on it.

mod bounds;
mod documented;
mod listener;
mod moving;
mod scrape;
mod tally;
