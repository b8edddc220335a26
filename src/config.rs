//! The settings: embedded defaults < file < environment < command line, each checked.
//!
//! A wrong setting is refused with its key, its value and what would be right; nothing starts with a guess. What is
//! read here is typed, so no other module parses a setting.

use std::{
    collections::{BTreeMap, HashMap},
    env::VarError,
    fmt,
    net::IpAddr,
    ops::RangeInclusive,
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use config::{Config, File, FileFormat, Value, ValueKind};
use ipnet::IpNet;

use crate::{mongo_url::MongoUrl, redact::without_credentials, time_zone::TimeZone};

/// The embedded lowest layer, which is also the reference of all keys.
pub const DEFAULTS: &str = include_str!("../config/default.toml");

/// Environment variables that begin like one of ours are checked for misspellings. `ENGAGEMENT_` alone would not do:
/// Kubernetes sets `ENGAGEMENT_PORT` and the like for a service that is called so.
const OUR_PREFIXES: [&str; 4] =
    ["ENGAGEMENT_HTTP_", "ENGAGEMENT_PERMISSION_", "ENGAGEMENT_COUNTING_", "ENGAGEMENT_TALLY_"];

/// Every key, with the environment variable that sets it.
pub const KEYS: [(&str, &str); 20] = [
    ("mongo_url", "MONGO_URL"),
    ("time_zone", "TZ"),
    ("http.bind_ip", "BIND_IP"),
    ("http.port", "PORT"),
    ("http.root_url", "ROOT_URL"),
    ("http.request_deadline", "ENGAGEMENT_HTTP_REQUEST_DEADLINE"),
    ("http.head_timeout", "ENGAGEMENT_HTTP_HEAD_TIMEOUT"),
    ("http.max_connections", "ENGAGEMENT_HTTP_MAX_CONNECTIONS"),
    ("http.forwarded_count", "HTTP_FORWARDED_COUNT"),
    ("http.trusted_proxies", "ENGAGEMENT_HTTP_TRUSTED_PROXIES"),
    ("permission.default_roles", "ENGAGEMENT_PERMISSION_DEFAULT_ROLES"),
    ("counting.room_types", "ENGAGEMENT_COUNTING_ROOM_TYPES"),
    ("counting.message_types", "ENGAGEMENT_COUNTING_MESSAGE_TYPES"),
    ("counting.read_preference", "ENGAGEMENT_COUNTING_READ_PREFERENCE"),
    ("counting.parallelism", "ENGAGEMENT_COUNTING_PARALLELISM"),
    ("tally.mode", "ENGAGEMENT_TALLY_MODE"),
    ("tally.history_days", "ENGAGEMENT_TALLY_HISTORY_DAYS"),
    ("tally.parallelism", "ENGAGEMENT_TALLY_PARALLELISM"),
    ("tally.pause_ms", "ENGAGEMENT_TALLY_PAUSE_MS"),
    ("tally.max_staleness_ms", "ENGAGEMENT_TALLY_MAX_STALENESS_MS"),
];

/// All settings, checked.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where the database is.
    pub mongo_url: MongoUrl,
    /// Whose midnights part the days.
    pub time_zone: TimeZone,
    /// What concerns the listener.
    pub http: Http,
    /// Who may ask.
    pub permission: Permission,
    /// What counts, and how it is counted.
    pub counting: Counting,
    /// Whether and how counts are kept in memory.
    pub tally: Tally,
}

/// Settings of the listener.
#[derive(Debug, Clone)]
pub struct Http {
    /// The address to listen on.
    pub bind_ip: IpAddr,
    /// The port to listen on; 0 takes a free one.
    pub port: u16,
    /// The path of `ROOT_URL`, without a slash at its end; often empty.
    pub base_path: String,
    /// Within what time every request is answered.
    pub request_deadline: Duration,
    /// How long a client may take to send a request's head.
    pub head_timeout: Duration,
    /// How many connections may be open at once.
    pub max_connections: usize,
    /// How many proxies stand in front; 0 is none.
    pub forwarded_count: usize,
    /// Where those proxies are.
    pub trusted_proxies: Vec<IpNet>,
}

/// Settings of the permission check.
#[derive(Debug, Clone)]
pub struct Permission {
    /// The roles that may ask while the database does not say.
    pub default_roles: Vec<String>,
}

/// Settings of the counting.
#[derive(Debug, Clone)]
pub struct Counting {
    /// `t` of the rooms whose messages count.
    pub room_types: Vec<String>,
    /// `t` of the messages that count beside those without one.
    pub message_types: Vec<String>,
    /// Which members of the replica set count.
    pub read_preference: ReadPreference,
    /// How many aggregations run at once.
    pub parallelism: usize,
}

/// Settings of the tally in memory.
#[derive(Debug, Clone)]
pub struct Tally {
    /// Whether there is one.
    pub mode: TallyMode,
    /// How many days of history it holds.
    pub history_days: u32,
    /// How many parts of it are loaded at once.
    pub parallelism: usize,
    /// The pause after each part.
    pub pause: Duration,
    /// How old an answer from memory may be.
    pub max_staleness: Duration,
}

impl Tally {
    /// How many operations of MongoDB it has under way at the most: two change streams, a list of rooms, documents of
    /// the past, an audit, and the loads.
    pub fn connections(&self) -> usize {
        match self.mode {
            TallyMode::Auto => 5 + self.parallelism,
            TallyMode::Pipeline => 0,
        }
    }
}

/// Where counts come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TallyMode {
    /// From memory where it can vouch for them, else from aggregations.
    Auto,
    /// From aggregations only.
    Pipeline,
}

/// Which members of a replica set are read (MongoDB manual: read preference modes).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "MongoDB's own names")]
pub enum ReadPreference {
    Primary,
    PrimaryPreferred,
    Secondary,
    SecondaryPreferred,
    Nearest,
}

impl FromStr for ReadPreference {
    type Err = ();

    fn from_str(mode: &str) -> Result<Self, ()> {
        Ok(match mode {
            "primary" => Self::Primary,
            "primaryPreferred" => Self::PrimaryPreferred,
            "secondary" => Self::Secondary,
            "secondaryPreferred" => Self::SecondaryPreferred,
            "nearest" => Self::Nearest,
            _ => return Err(()),
        })
    }
}

/// Why the settings cannot be used. The texts never hold a password.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read or is no TOML.
    #[error("the configuration file {path}: {reason}")]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// There is no such setting.
    #[error("{name} in {place} is no setting; the settings are {}", all_names())]
    Unknown {
        /// The key or environment variable.
        name: String,
        /// Where it stands.
        place: String,
    },
    /// A value that does not fit.
    #[error("{key} ({variable}) = {value:?}, from {origin}: {remedy}")]
    Invalid {
        /// The key.
        key: &'static str,
        /// The environment variable that sets it.
        variable: &'static str,
        /// The value, without credentials.
        value: String,
        /// The layer that it comes from.
        origin: String,
        /// What would be right.
        remedy: String,
    },
}

fn all_names() -> String {
    KEYS.map(|(key, variable)| format!("{key} ({variable})")).join(", ")
}

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
pub struct Layers(BTreeMap<&'static str, Entry>);

struct Entry {
    value: Raw,
    origin: String,
}

/// A value as it was written.
enum Raw {
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
        let mut layers = Self(BTreeMap::new());
        layers.add_toml(Path::new("default.toml"), DEFAULTS, "default")?;
        if let Some(path) = file {
            let text = std::fs::read_to_string(path)
                .map_err(|error| ConfigError::File { path: path.to_owned(), reason: error.to_string() })?;
            layers.add_toml(path, &text, &path.display().to_string())?;
        }
        layers.add_environment(environment)?;
        for (name, value) in flags {
            layers.set(name, Raw::One(value.clone()), "the command line")?;
        }
        Ok(layers)
    }

    fn add_toml(&mut self, path: &Path, text: &str, origin: &str) -> Result<(), ConfigError> {
        let source = File::from_str(text, FileFormat::Toml);
        let table =
            Config::builder().add_source(source).build().and_then(Config::try_deserialize::<HashMap<String, Value>>);
        let table = table.map_err(|error| ConfigError::File {
            path: path.to_owned(),
            reason: without_credentials(error.to_string().trim_end()),
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
        let is_ours = |name: &String| OUR_PREFIXES.iter().any(|prefix| name.starts_with(prefix));
        if let Some(name) =
            environment.names().into_iter().find(|name| is_ours(name) && KEYS.iter().all(|key| key.1 != name))
        {
            return Err(ConfigError::Unknown { name, place: "the environment".to_owned() });
        }
        for (key, variable) in KEYS {
            let value = environment.get(variable).map_err(|_| ConfigError::Invalid {
                key,
                variable,
                value: String::new(),
                origin: "the environment".to_owned(),
                remedy: "write it in UTF-8".to_owned(),
            })?;
            // Compose files and unit files pass variables on as empty ones; that means unset.
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                self.set(key, Raw::One(value), variable)?;
            }
        }
        Ok(())
    }

    fn set(&mut self, name: &str, value: Raw, origin: &str) -> Result<(), ConfigError> {
        let Some((key, _)) = KEYS.iter().find(|(key, _)| *key == name) else {
            return Err(ConfigError::Unknown { name: name.to_owned(), place: origin.to_owned() });
        };
        self.0.insert(key, Entry { value, origin: origin.to_owned() });
        Ok(())
    }

    /// Checks every value.
    ///
    /// # Errors
    /// The first value that does not fit.
    pub fn settings(&self) -> Result<Settings, ConfigError> {
        let seconds = |key, range: RangeInclusive<u64>| self.number(key, range, "of seconds ").map(Duration::from_secs);
        let milliseconds =
            |key, range: RangeInclusive<u64>| self.number(key, range, "of milliseconds ").map(Duration::from_millis);
        Ok(Settings {
            mongo_url: self.one("mongo_url", |url| MongoUrl::from_str(url).map_err(|error| error.to_string()))?,
            time_zone: self.one("time_zone", |name| {
                name.parse().map_err(|error: crate::time_zone::UnknownTimeZone| error.to_string())
            })?,
            http: Http {
                bind_ip: self.one("http.bind_ip", |ip| {
                    ip.parse().map_err(|_| "write an IP address such as 127.0.0.1, 0.0.0.0 or ::1".to_owned())
                })?,
                port: self.number("http.port", 0..=65535, "")?,
                base_path: self.one("http.root_url", base_path)?,
                request_deadline: seconds("http.request_deadline", 1..=300)?,
                head_timeout: seconds("http.head_timeout", 1..=60)?,
                max_connections: self.number("http.max_connections", 2..=1_000_000, "")?,
                forwarded_count: self.number("http.forwarded_count", 0..=100, "")?,
                trusted_proxies: self.networks("http.trusted_proxies")?,
            },
            permission: Permission { default_roles: self.list("permission.default_roles")? },
            counting: Counting {
                room_types: self.list("counting.room_types").and_then(|types| match types.is_empty() {
                    true => Err(self.invalid("counting.room_types", "write one at least")),
                    false => Ok(types),
                })?,
                message_types: self.list("counting.message_types")?,
                read_preference: self.one("counting.read_preference", |mode| {
                    let modes = "write primary, primaryPreferred, secondary, secondaryPreferred or nearest";
                    mode.parse().map_err(|()| modes.to_owned())
                })?,
                parallelism: self.number("counting.parallelism", 1..=64, "")?,
            },
            tally: Tally {
                mode: self.one("tally.mode", |mode| match mode {
                    "auto" => Ok(TallyMode::Auto),
                    "pipeline" => Ok(TallyMode::Pipeline),
                    _ => Err("write auto or pipeline".to_owned()),
                })?,
                history_days: self.number("tally.history_days", 1..=36_600, "of days ")?,
                parallelism: self.number("tally.parallelism", 1..=16, "")?,
                pause: milliseconds("tally.pause_ms", 0..=60_000)?,
                max_staleness: milliseconds("tally.max_staleness_ms", 100..=600_000)?,
            },
        })
    }

    fn invalid(&self, key: &'static str, remedy: impl Into<String>) -> ConfigError {
        let value = self.0.get(key).map(|entry| entry.value.to_string()).unwrap_or_default();
        let variable = KEYS.iter().find(|entry| entry.0 == key).map_or("", |entry| entry.1);
        let value = if key == "mongo_url" { "***".to_owned() } else { value };
        let origin = self.0.get(key).map_or_else(String::new, |entry| entry.origin.clone());
        ConfigError::Invalid { key, variable, value, origin, remedy: remedy.into() }
    }

    fn one<T>(&self, key: &'static str, parse: impl Fn(&str) -> Result<T, String>) -> Result<T, ConfigError> {
        match self.0.get(key).map(|entry| &entry.value) {
            Some(Raw::One(text)) => parse(text).map_err(|remedy| self.invalid(key, remedy)),
            _ => Err(self.invalid(key, "write a single value")),
        }
    }

    fn number<T>(&self, key: &'static str, range: RangeInclusive<T>, unit: &str) -> Result<T, ConfigError>
    where
        T: FromStr + PartialOrd + fmt::Display,
    {
        self.one(key, |text| {
            let number = text.parse().ok().filter(|number| range.contains(number));
            number.ok_or_else(|| format!("write a whole number {unit}from {} to {}", range.start(), range.end()))
        })
    }

    fn list(&self, key: &'static str) -> Result<Vec<String>, ConfigError> {
        let items = match self.0.get(key).map(|entry| &entry.value) {
            Some(Raw::Many(items)) => items.clone(),
            Some(Raw::One(text)) => text.split(',').map(|item| item.trim().to_owned()).collect(),
            None => Vec::new(),
        };
        match items.iter().any(String::is_empty) {
            true => Err(self.invalid(key, "write names separated by commas")),
            false => Ok(items),
        }
    }

    fn networks(&self, key: &'static str) -> Result<Vec<IpNet>, ConfigError> {
        let network = |text: &String| text.parse().or_else(|_| text.parse().map(|address: IpAddr| address.into()));
        let networks: Result<_, _> = self.list(key)?.iter().map(network).collect();
        networks.map_err(|_| self.invalid(key, "write networks or addresses, like 10.0.0.0/8,fd00::/8,192.0.2.7"))
    }
}

/// The effective configuration as TOML, with where each value comes from, and without credentials.
impl fmt::Display for Layers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut section = "";
        for (key, _) in KEYS {
            let Some(entry) = self.0.get(key) else { continue };
            let (table, name) = key.rsplit_once('.').unwrap_or(("", key));
            if table != section {
                writeln!(f, "\n[{table}]")?;
                section = table;
            }
            let value = match &entry.value {
                Raw::One(text) if key == "mongo_url" => match text.parse::<MongoUrl>() {
                    Ok(url) => format!("\"{url}\""),
                    Err(_) => "\"***\"".to_owned(),
                },
                Raw::One(text) if text.parse::<u64>().is_ok() => text.clone(),
                Raw::One(text) => format!("{text:?}"),
                Raw::Many(items) => format!("{items:?}"),
            };
            writeln!(f, "{name} = {value} # {}", entry.origin)?;
        }
        Ok(())
    }
}

impl fmt::Display for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(text) => f.write_str(text),
            Self::Many(items) => f.write_str(&items.join(",")),
        }
    }
}

/// The path of `ROOT_URL`, the only part of it that matters here.
fn base_path(root_url: &str) -> Result<String, String> {
    let remedy = || "write the address that people open Rocket.Chat with, like https://example.org/chat".to_owned();
    let url: actix_web::http::Uri = root_url.parse().map_err(|_| remedy())?;
    let is_web =
        matches!(url.scheme_str(), Some("http" | "https")) && url.authority().is_some() && url.query().is_none();
    is_web.then(|| url.path().trim_end_matches('/').to_owned()).ok_or_else(remedy)
}
