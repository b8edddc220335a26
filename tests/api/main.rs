//! The endpoint as a client sees it: the real server on a real MongoDB, a file per topic of the contract.

mod counting;
mod counting_property;
mod documented_example;
mod load;
mod operation;
mod outage;
mod rest_client;
mod support;
