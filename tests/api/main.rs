//! The endpoint as a client sees it: the real server on a real MongoDB, a file per topic of the contract.

mod documented_example;
mod outage;
mod support;
