//! The settings: embedded defaults < file < environment < command line, each checked.
//!
//! A wrong setting is refused with its key, its value and what would be right; nothing starts with a guess. What is
//! read here is typed, so no other module parses a setting. [`layers`] merges, `check` gives types.

mod check;
mod documentation;
pub mod layers;
mod service_links;
mod template;

use std::{net::IpAddr, path::PathBuf, str::FromStr, time::Duration};

use ipnet::IpNet;

use crate::{
    mongo_url::{MongoUrl, UnusableFile},
    time_zone::TimeZone,
};

pub use documentation::documented;
pub use layers::{Environment, Layers, ProcessEnvironment};
pub use template::template;

/// The embedded lowest layer, which is also the reference of all keys.
pub const DEFAULTS: &str = include_str!("../config/default.toml");

/// Environment variables that begin like one of ours are checked for misspellings. `ENGAGEMENT_` alone would not do:
/// the role script has variables that begin so.
const OUR_PREFIXES: [&str; 6] = [
    "ENGAGEMENT_HTTP_",
    "ENGAGEMENT_METRICS_",
    "ENGAGEMENT_PERMISSION_",
    "ENGAGEMENT_COUNTING_",
    "ENGAGEMENT_TALLY_",
    "ENGAGEMENT_PAGE_",
];

/// Options for Rocket.Chat's driver as JSON, which only Rocket.Chat reads.
const MONGO_OPTIONS: &str = "MONGO_OPTIONS";

/// Variables that are read and are no settings.
const OTHER_VARIABLES: [&str; 4] = ["CONFIG_FILE", "RUST_LOG", "ENGAGEMENT_USER_ID", "ENGAGEMENT_AUTH_TOKEN"];

/// Every key, with the environment variable that sets it.
pub const KEYS: [(&str, &str); 26] = [
    ("mongo_url", "MONGO_URL"),
    ("time_zone", "TZ"),
    ("http.bind_ip", "BIND_IP"),
    ("http.port", "PORT"),
    ("http.root_url", "ROOT_URL"),
    ("http.request_deadline", "ENGAGEMENT_HTTP_REQUEST_DEADLINE"),
    ("http.head_timeout", "ENGAGEMENT_HTTP_HEAD_TIMEOUT"),
    ("http.keep_alive", "ENGAGEMENT_HTTP_KEEP_ALIVE"),
    ("http.max_connections", "ENGAGEMENT_HTTP_MAX_CONNECTIONS"),
    ("http.forwarded_count", "HTTP_FORWARDED_COUNT"),
    ("http.trusted_proxies", "ENGAGEMENT_HTTP_TRUSTED_PROXIES"),
    ("metrics.bind_ip", "METRICS_BIND_IP"),
    ("metrics.port", "METRICS_PORT"),
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
    ("page.enabled", "ENGAGEMENT_PAGE_ENABLED"),
    ("page.path", "ENGAGEMENT_PAGE_PATH"),
    ("page.calls_per_minute", "ENGAGEMENT_PAGE_CALLS_PER_MINUTE"),
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
    /// What concerns the listener for metrics.
    pub metrics: Metrics,
    /// Who may ask.
    pub permission: Permission,
    /// What counts, and how it is counted.
    pub counting: Counting,
    /// Whether and how counts are kept in memory.
    pub tally: TallySettings,
    /// The page, if there is one.
    pub page: Option<Page>,
    /// What stands in the environment and is passed over.
    pub unread: Unread,
}

/// Variables that look like settings and are passed over. To be told once.
#[derive(Debug, Clone, Default)]
pub struct Unread {
    /// Those that Kubernetes sets for its Services, sorted.
    pub service_links: Vec<String>,
    /// What to do about `MONGO_OPTIONS`, if that is set.
    pub mongo_options: Option<String>,
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
    /// How long a connection stays open between two requests, if no other one waits.
    pub keep_alive: Duration,
    /// How many connections may be open at once whose client has sent a request.
    pub max_connections: usize,
    /// How many proxies stand in front; 0 is none.
    pub forwarded_count: usize,
    /// Where those proxies are.
    pub trusted_proxies: Vec<IpNet>,
}

/// Settings of the listener for metrics.
#[derive(Debug, Clone)]
pub struct Metrics {
    /// The address to listen on.
    pub bind_ip: IpAddr,
    /// The port to listen on; 0 takes a free one. None: there is no such listener.
    pub port: Option<u16>,
}

/// Settings of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Its path below the path of `ROOT_URL`: a slash first, none at the end.
    pub path: String,
    /// How many calls of its data a client address may make in a minute; 0: as many as it likes.
    pub calls_per_minute: u32,
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
    /// Which members of the replica set count. None: those that the connection string names.
    pub read_preference: Option<ReadPreference>,
    /// How many aggregations run at once.
    pub parallelism: usize,
}

/// Settings of the tally in memory.
#[derive(Debug, Clone)]
pub struct TallySettings {
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

impl TallySettings {
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
    /// A file that the connection string names cannot be used.
    #[error("mongo_url (MONGO_URL): {0}")]
    TlsFile(#[from] UnusableFile),
    /// A value in quotation marks.
    #[error("{0}: the value is in quotation marks, which docker's --env-file, for one, keeps; leave them out")]
    Quoted(&'static str),
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

/// The layer that wins over all others.
const COMMAND_LINE: &str = "the command line";

impl ConfigError {
    /// Whether the command line is to blame.
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::Invalid { origin, .. } if origin == COMMAND_LINE)
    }
}

fn all_names() -> String {
    KEYS.map(|(key, variable)| format!("{key} ({variable})")).join(", ")
}
