//! The layers of the configuration, merged but not yet checked: which value each key has, and where it comes from.

use std::{
    collections::{BTreeMap, HashMap},
    env::VarError,
    fmt,
    path::Path,
};

use config::{Config, File, FileFormat, Value, ValueKind};

use super::{
    COMMAND_LINE, ConfigError, DEFAULTS, KEYS, MONGO_OPTIONS, OTHER_VARIABLES, OUR_PREFIXES, Unread,
    service_links::is_service_link,
};
use crate::{
    mongo_url::{MongoUrl, in_place_of},
    redact::{with_credentials_masked, without_credentials},
};

/// Reads the environment: the value of a variable, and the names of all of them. Tests put their own in its place.
pub trait Environment {
    /// The value of a variable, if it is set.
    ///
    /// # Errors
    /// The value is not UTF-8.
    fn get(&self, name: &str) -> Result<Option<String>, VarError>;
    /// The names of all variables.
    fn names(&self) -> Vec<String>;
}

/// The environment of this process.
#[derive(Debug, Clone, Copy)]
pub struct ProcessEnvironment;

impl Environment for ProcessEnvironment {
    fn get(&self, name: &str) -> Result<Option<String>, VarError> {
        match std::env::var(name) {
            Err(VarError::NotPresent) => Ok(None),
            other => other.map(Some),
        }
    }

    fn names(&self) -> Vec<String> {
        std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()).collect()
    }
}

impl Environment for HashMap<&str, &str> {
    fn get(&self, name: &str) -> Result<Option<String>, VarError> {
        Ok(HashMap::get(self, name).map(|value| (*value).to_owned()))
    }

    fn names(&self) -> Vec<String> {
        self.keys().map(|name| (*name).to_owned()).collect()
    }
}

/// The values of all keys with where each comes from, merged but not yet checked. Not `Debug`: one is a password.
pub struct Layers {
    pub(super) entries: BTreeMap<&'static str, Entry>,
    pub(super) unread: Unread,
}

/// Where values come from that nobody set.
const DEFAULT: &str = "default";

pub(super) struct Entry {
    pub(super) value: Raw,
    pub(super) origin: String,
}

/// A value as it was written.
pub(super) enum Raw {
    One(String),
    Many(Vec<String>),
}

impl Layers {
    /// Merges the layers.
    ///
    /// # Errors
    /// An unreadable file, or a key or variable that is no setting.
    pub fn read(
        file: Option<&Path>,
        environment: &impl Environment,
        flags: &[(&str, String)],
    ) -> Result<Self, ConfigError> {
        let mut layers = Self { entries: BTreeMap::new(), unread: Unread::default() };
        refuse_quoted(environment)?;
        layers.add_toml(Path::new("default.toml"), DEFAULTS, DEFAULT)?;
        if let Some(path) = file {
            let text = std::fs::read_to_string(path)
                .map_err(|error| ConfigError::File { path: path.to_owned(), reason: error.to_string() })?;
            layers.add_toml(path, &text, &path.display().to_string())?;
        }
        layers.add_environment(environment)?;
        for (name, value) in flags {
            layers.set(name, Raw::One(value.clone()), COMMAND_LINE)?;
        }
        Ok(layers)
    }

    /// Whether somebody set this key to anything. An empty text is nothing: the file of [`template`](super::template()) has one.
    pub fn is_chosen(&self, key: &str) -> bool {
        let is_empty = |value: &Raw| matches!(value, Raw::One(text) if text.is_empty());
        self.entries.get(key).is_some_and(|entry| entry.origin != DEFAULT && !is_empty(&entry.value))
    }

    fn add_toml(&mut self, path: &Path, text: &str, origin: &str) -> Result<(), ConfigError> {
        let source = File::from_str(text, FileFormat::Toml);
        let table =
            Config::builder().add_source(source).build().and_then(Config::try_deserialize::<HashMap<String, Value>>);
        let table = table.map_err(|error| ConfigError::File {
            path: path.to_owned(),
            reason: without_picture(&without_credentials(error.to_string().trim_end())),
        })?;
        self.add_table("", table, origin)
    }

    fn add_table(&mut self, prefix: &str, table: HashMap<String, Value>, origin: &str) -> Result<(), ConfigError> {
        for (name, value) in table {
            let name = format!("{prefix}{name}");
            match value.kind {
                ValueKind::Table(inner) => self.add_table(&format!("{name}."), inner.into_iter().collect(), origin)?,
                ValueKind::Array(items) => {
                    let items = items.into_iter().map(|item| item.kind.to_string()).collect();
                    self.set(&name, Raw::Many(items), origin)?;
                }
                single => self.set(&name, Raw::One(single.to_string()), origin)?,
            }
        }
        Ok(())
    }

    fn add_environment(&mut self, environment: &impl Environment) -> Result<(), ConfigError> {
        let is_link = |name: &str| {
            environment.get(name).is_ok_and(|value| value.is_some_and(|value| is_service_link(name, &value)))
        };
        let begins_like_ours = |name: &str| OUR_PREFIXES.iter().any(|prefix| name.starts_with(prefix));
        let mut names = environment.names();
        names.sort_unstable();
        for name in names {
            let is_setting = KEYS.iter().any(|key| key.1 == name);
            if (is_setting || begins_like_ours(&name)) && is_link(&name) {
                self.unread.service_links.push(name);
            } else if !is_setting && begins_like_ours(&name) {
                return Err(ConfigError::Unknown { name, place: "the environment".to_owned() });
            }
        }
        let options = environment.get(MONGO_OPTIONS).ok().flatten().filter(|options| !options.is_empty());
        self.unread.mongo_options = options.map(|options| in_place_of(&options));
        for (key, variable) in KEYS {
            let value = environment.get(variable).map_err(|_| ConfigError::Invalid {
                key,
                variable,
                value: String::new(),
                origin: "the environment".to_owned(),
                remedy: "write it in UTF-8".to_owned(),
            })?;
            // Compose files and unit files pass variables on as empty ones; that means unset.
            let value = value.filter(|value| !value.is_empty() && !is_service_link(variable, value));
            if let Some(value) = value {
                self.set(key, Raw::One(value), variable)?;
            }
        }
        Ok(())
    }

    fn set(&mut self, name: &str, value: Raw, origin: &str) -> Result<(), ConfigError> {
        let Some((key, _)) = KEYS.iter().find(|(key, _)| *key == name) else {
            return Err(ConfigError::Unknown { name: name.to_owned(), place: origin.to_owned() });
        };
        self.entries.insert(key, Entry { value, origin: origin.to_owned() });
        Ok(())
    }
}

/// Values in quotation marks are refused before anything is made of them.
fn refuse_quoted(environment: &impl Environment) -> Result<(), ConfigError> {
    let is_quoted = |value: String| value.starts_with(['"', '\'']) || value.ends_with(['"', '\'']);
    let is_wrong = |variable: &&str| environment.get(variable).is_ok_and(|value| value.is_some_and(is_quoted));
    match KEYS.iter().map(|(_, variable)| *variable).chain(OTHER_VARIABLES).find(is_wrong) {
        Some(variable) => Err(ConfigError::Quoted(variable)),
        None => Ok(()),
    }
}

/// The effective configuration as TOML, with where each value comes from, and without credentials.
impl fmt::Display for Layers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut section = "";
        for (key, _) in KEYS {
            let Some(entry) = self.entries.get(key) else { continue };
            let (table, name) = key.rsplit_once('.').unwrap_or(("", key));
            if table != section {
                writeln!(f, "\n[{table}]")?;
                section = table;
            }
            let value = match &entry.value {
                Raw::One(text) if key == "mongo_url" => match text.parse::<MongoUrl>() {
                    Ok(url) => toml::Value::String(url.with_options()).to_string(),
                    Err(_) => "\"***\"".to_owned(),
                },
                Raw::One(text) if text.parse::<u64>().is_ok_and(|number| number.to_string() == *text) => text.clone(),
                Raw::One(text) if matches!(text.as_str(), "true" | "false") => text.clone(),
                Raw::One(text) => in_toml(text),
                Raw::Many(items) => {
                    format!("[{}]", items.iter().map(|item| in_toml(item)).collect::<Vec<_>>().join(", "))
                }
            };
            writeln!(f, "{name} = {value} # {}", entry.origin)?;
        }
        Ok(())
    }
}

/// What the TOML library says, in one line: without the lines of the file that it shows between its own.
fn without_picture(text: &str) -> String {
    let is_picture = |line: &&str| {
        let number = line.split_once('|').map(|(number, _)| number.trim());
        number.is_some_and(|number| number.chars().all(|character| character.is_ascii_digit()))
    };
    text.lines().filter(|line| !is_picture(line)).map(str::trim).collect::<Vec<_>>().join(": ")
}

/// A text as TOML has it.
fn in_toml(text: &str) -> String {
    toml::Value::String(with_credentials_masked(text)).to_string()
}

impl fmt::Display for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(text) => f.write_str(text),
            Self::Many(items) => f.write_str(&items.join(",")),
        }
    }
}
