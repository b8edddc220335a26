//! What `default.toml` says of each setting, for the manual page.

use std::collections::HashMap;

use super::{ConfigError, DEFAULTS, Layers, layers::Raw};

/// A setting as it is documented.
#[derive(Debug)]
pub struct Documented {
    /// The key in a configuration file.
    pub key: String,
    /// The environment variable, and the flag if there is one.
    pub names: String,
    /// What it means.
    pub text: String,
    /// Its default. A list has commas.
    pub default: String,
}

/// All settings, in the order of the file.
///
/// # Errors
/// The defaults themselves do not hold.
pub fn documented() -> Result<Vec<Documented>, ConfigError> {
    let defaults = Layers::read(None, &HashMap::new(), &[])?;
    let (mut settings, mut table, mut comment) = (Vec::new(), String::new(), Vec::new());
    for line in DEFAULTS.lines() {
        if let Some(text) = line.strip_prefix('#') {
            comment.push(text.trim());
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            table = format!("{name}.");
        }
        let key = line.split_once(" = ").map(|(name, _)| format!("{table}{name}"));
        if let Some((key, entry)) = key.and_then(|key| defaults.entries.get(key.as_str()).map(|entry| (key, entry))) {
            // The last line of a comment is the names.
            let names = comment.pop().unwrap_or_default().to_owned();
            let default = match &entry.value {
                Raw::One(text) => text.clone(),
                Raw::Many(items) => items.join(", "),
            };
            settings.push(Documented { key, names, text: comment.join(" "), default });
        }
        comment.clear();
    }
    Ok(settings)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::KEYS;

    #[test]
    fn every_setting_is_documented_with_its_variable() {
        let documented = documented().expect("defaults that hold");
        let names = |setting: &Documented| {
            (setting.key.clone(), setting.names.split(", ").next().unwrap_or_default().to_owned())
        };
        let expected = KEYS.map(|(key, variable)| (key.to_owned(), variable.to_owned()));
        assert_eq!(documented.iter().map(names).collect::<Vec<_>>(), expected);
        assert_eq!(documented.iter().find(|setting| !setting.text.ends_with('.')).map(|setting| &setting.key), None);
    }
}
