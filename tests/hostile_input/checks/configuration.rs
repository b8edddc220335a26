//! The configuration: whatever stands in a file, the environment or a flag, it is taken or refused with a reason, no
//! password is told, and what is printed as being in effect means the same when it is read again.

use std::{collections::HashMap, io::Write};

use rocketchat_engagement::config::{ConfigError, KEYS, Layers, Settings};

use super::byte;

/// A password, with what makes it one to whoever reads it.
const PASSWORD: &str = ":hunter2hunter2@";

/// A byte that says which variable is set, a line with its value, and a file.
pub fn check(mut bytes: &[u8]) {
    let variable = KEYS[usize::from(byte(&mut bytes)) % KEYS.len()].1;
    let (value, text) = bytes.split_at(bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len()));
    let value = String::from_utf8_lossy(value);
    let environment = HashMap::from([(variable, value.as_ref())]);
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    let text = String::from_utf8_lossy(text.strip_prefix(b"\n").unwrap_or(text));
    file.write_all(text.as_bytes()).expect("written");

    let layers = match Layers::read(Some(file.path()), &environment, &[]) {
        Ok(layers) => layers,
        Err(error) => return assert_is_useful(&error),
    };
    match layers.settings() {
        Ok(settings) => assert_is_read_again(&layers, &settings),
        Err(error) => assert_is_useful(&error),
    }
}

fn assert_is_useful(error: &ConfigError) {
    let told = error.to_string();
    assert!(told.len() > 20 && !told.contains(PASSWORD), "{told}");
}

fn assert_is_read_again(layers: &Layers, settings: &Settings) {
    let printed = layers.to_string();
    assert!(!printed.contains(PASSWORD), "{printed}");
    // The connection string is printed without its password, so it is not the same.
    let is_url = |line: &&str| line.starts_with("mongo_url = ");
    if printed.lines().any(|line| !is_url(&line) && line.contains("***@")) {
        return;
    }
    let others: String = printed.lines().filter(|line| !is_url(line)).flat_map(|line| [line, "\n"]).collect();
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(others.as_bytes()).expect("written");
    let again = Layers::read(Some(file.path()), &HashMap::new(), &[]).and_then(|layers| layers.settings());
    let again = again.unwrap_or_else(|error| panic!("{error}: {printed}"));
    let without_url = |settings: &Settings| {
        let Settings { mongo_url: _, time_zone, http, permission, counting, tally, .. } = settings;
        format!("{time_zone:?} {http:?} {permission:?} {counting:?} {tally:?}")
    };
    assert_eq!(without_url(&again), without_url(settings), "{printed}");
}
