//! The scenarios: for each, what it finds and what it must see.

mod address;
mod login;
mod names;
mod numbers;
mod states;
mod table;
