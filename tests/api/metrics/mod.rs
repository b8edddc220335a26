//! Metrics: the text that Prometheus gets, and the files that rest on it.

mod bounds;
mod listener;
mod moving;
mod scrape;
mod tally;
