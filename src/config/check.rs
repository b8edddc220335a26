//! The checks of the configuration: from text to types, or what is wrong and what would be right.

use std::{fmt, net::IpAddr, ops::RangeInclusive, str::FromStr, time::Duration};

use ipnet::IpNet;

use super::{
    ConfigError, Counting, Http, KEYS, Layers, Metrics, Page, Permission, Settings, TallyMode, TallySettings,
    layers::Raw,
};
use crate::{mongo_url::MongoUrl, redact::without_credentials};

impl Layers {
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
                bind_ip: self.address("http.bind_ip")?,
                port: self.number("http.port", 0..=65535, "")?,
                base_path: self.one("http.root_url", base_path)?,
                request_deadline: seconds("http.request_deadline", 1..=300)?,
                head_timeout: seconds("http.head_timeout", 1..=60)?,
                keep_alive: seconds("http.keep_alive", 1..=3600)?,
                max_connections: self.number("http.max_connections", 2..=1_000_000, "")?,
                forwarded_count: self.number("http.forwarded_count", 0..=100, "")?,
                trusted_proxies: self.networks("http.trusted_proxies")?,
            },
            metrics: Metrics {
                bind_ip: self.address("metrics.bind_ip")?,
                port: self.one("metrics.port", |port| match port {
                    "off" => Ok(None),
                    port => port
                        .parse()
                        .map(Some)
                        .map_err(|_| "write a whole number from 0 to 65535, or off for no metrics".to_owned()),
                })?,
            },
            permission: Permission { default_roles: self.list("permission.default_roles")? },
            counting: Counting {
                room_types: self.list("counting.room_types").and_then(|types| match types.is_empty() {
                    true => Err(self.invalid("counting.room_types", "write one at least")),
                    false => Ok(types),
                })?,
                message_types: self.list("counting.message_types")?,
                read_preference: self.one("counting.read_preference", |mode| {
                    let modes = "write primary, primaryPreferred, secondary, secondaryPreferred or nearest, or url for that of mongo_url";
                    match mode {
                        "url" => Ok(None),
                        mode => mode.parse().map(Some).map_err(|()| modes.to_owned()),
                    }
                })?,
                parallelism: self.number("counting.parallelism", 1..=64, "")?,
            },
            tally: TallySettings {
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
            page: {
                let path = self.one("page.path", page_path)?;
                let calls_per_minute = self.number("page.calls_per_minute", 0..=1_000_000, "")?;
                self.flag("page.enabled")?.then_some(Page { path, calls_per_minute })
            },
            unread: self.unread.clone(),
        })
    }

    fn invalid(&self, key: &'static str, remedy: impl Into<String>) -> ConfigError {
        let value = self.entries.get(key).map(|entry| entry.value.to_string()).unwrap_or_default();
        let variable = KEYS.iter().find(|entry| entry.0 == key).map_or("", |entry| entry.1);
        // A connection string may have come to the wrong key.
        let shown = without_credentials(&value);
        let is_hidden = key == "mongo_url" || (shown.is_empty() && !value.is_empty());
        let value = if is_hidden { "***".to_owned() } else { shown };
        let origin = self.entries.get(key).map_or_else(String::new, |entry| entry.origin.clone());
        ConfigError::Invalid { key, variable, value, origin, remedy: remedy.into() }
    }

    fn one<T>(&self, key: &'static str, parse: impl Fn(&str) -> Result<T, String>) -> Result<T, ConfigError> {
        match self.entries.get(key).map(|entry| &entry.value) {
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

    fn flag(&self, key: &'static str) -> Result<bool, ConfigError> {
        self.one(key, |text| text.parse().map_err(|_| "write true or false".to_owned()))
    }

    fn address(&self, key: &'static str) -> Result<IpAddr, ConfigError> {
        self.one(key, |ip| ip.parse().map_err(|_| "write an IP address such as 127.0.0.1, 0.0.0.0 or ::1".to_owned()))
    }

    fn list(&self, key: &'static str) -> Result<Vec<String>, ConfigError> {
        let items = match self.entries.get(key).map(|entry| &entry.value) {
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

/// The path of `ROOT_URL`, the only part of it that matters here.
fn base_path(root_url: &str) -> Result<String, String> {
    let remedy = || "write the address that people open Rocket.Chat with, like https://example.org/chat".to_owned();
    let url: actix_web::http::Uri = root_url.parse().map_err(|_| remedy())?;
    let is_web =
        matches!(url.scheme_str(), Some("http" | "https")) && url.authority().is_some() && url.query().is_none();
    is_web.then(|| url.path().trim_end_matches('/').to_owned()).ok_or_else(remedy)
}

/// The path of the page: plain segments, so that no proxy reads it in another way, and none of the other paths.
fn page_path(path: &str) -> Result<String, String> {
    let is_plain = |segment: &str| {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        !segment.is_empty() && segment.bytes().all(is_plain)
    };
    let mut segments = path.strip_prefix('/').unwrap_or_default().split('/');
    let is_taken = matches!(segments.clone().next(), Some("api" | "healthz" | "readyz" | "metrics"));
    match segments.all(is_plain) && !is_taken {
        true => Ok(path.to_owned()),
        false => Err("write a path of letters, digits, - and _, such as /engagement, and none of /api, /healthz, /readyz and /metrics or below them".to_owned()),
    }
}
