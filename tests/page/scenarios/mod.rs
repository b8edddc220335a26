//! The scenarios: for each, what it finds and what it must see.

mod address;
mod forms;
mod images;
mod live;
mod login;
mod many;
mod modules;
mod names;
mod numbers;
mod states;
mod table;
