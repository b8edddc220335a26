//! The scenarios: for each, what it finds and what it must see.

mod login;
mod numbers;
