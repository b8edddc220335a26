//! The endpoint as a client sees it: the real server on a real MongoDB, a file per topic of the contract.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

mod abandoned_loads;
mod authentication;
mod commands;
mod connection_pool;
mod connections;
mod cors;
mod counting;
mod counting_property;
mod demo;
mod documented_example;
mod harmless;
mod hostile_documents;
mod http_surface;
mod image;
mod live;
mod live_faults;
mod livechat_rooms;
mod load;
mod login_expiration;
mod metrics;
mod mongodb_role;
mod mongodb_srv;
mod openapi;
mod operation;
mod operations_guide;
mod outage;
mod page;
mod parameters;
mod people;
mod permission;
mod query_library;
#[path = "../simulator/random.rs"]
mod random;
mod rate_limit;
mod replica_sets;
mod request_limits;
mod rest_client;
mod restored;
mod revocation;
mod rooms;
mod support;
mod time_zones;
mod tls;
mod upgrade;
