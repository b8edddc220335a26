//! `MONGO_URL`: MongoDB's connection string, in a type that never shows its password.

use std::{fmt, fs, path::PathBuf, str::FromStr};

use mongodb::options::{ConnectionString, HostInfo, Tls};

/// The database if the URL names none, as in Rocket.Chat's documentation.
const DEFAULT_DATABASE: &str = "rocketchat";

/// The options that are shown with their values, for those cannot be secret. The values of all others are masked:
/// whatever the driver learns to take, it is not here.
const SHOWN_OPTIONS: [&str; 34] = [
    "appName",
    "authMechanism",
    "authSource",
    "compressors",
    "connectTimeoutMS",
    "directConnection",
    "heartbeatFrequencyMS",
    "journal",
    "loadBalanced",
    "localThresholdMS",
    "maxConnecting",
    "maxIdleTimeMS",
    "maxPoolSize",
    "maxStalenessSeconds",
    "minPoolSize",
    "readConcernLevel",
    "readPreference",
    "readPreferenceTags",
    "replicaSet",
    "retryReads",
    "retryWrites",
    "serverMonitoringMode",
    "serverSelectionTimeoutMS",
    "socketTimeoutMS",
    "srvMaxHosts",
    "srvServiceName",
    "ssl",
    "tls",
    "tlsAllowInvalidCertificates",
    "tlsCAFile",
    "tlsCertificateKeyFile",
    "tlsInsecure",
    "w",
    "waitQueueTimeoutMS",
];

/// A connection string that has been checked.
#[derive(Clone)]
pub struct MongoUrl {
    parsed: ConnectionString,
    /// Its options as they may be shown, with the question mark; empty if there are none.
    options: String,
}

/// The connection string cannot be used. Says little of what it holds, for in a wrong one a password may be anywhere.
#[derive(Debug, thiserror::Error)]
pub enum InvalidMongoUrl {
    /// It has an option that the driver does not know, or one with a value that it cannot have.
    #[error("its option {0} cannot be used, or not with this value; leave it out, or see docs/operations.md")]
    Option(String),
    /// It is wrong somewhere else.
    #[error(
        "is no connection string of MongoDB; write it like mongodb://user:password@host:27017/rocketchat?replicaSet=rs0, \
         with :, /, ?, #, [, ], @ and % in user and password as percent-escapes"
    )]
    Form,
}

/// A file that the connection string names cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{option}={}: {reason}", path.display())]
pub struct UnusableFile {
    option: &'static str,
    path: PathBuf,
    reason: String,
}

impl MongoUrl {
    /// The connection string in the driver's form.
    pub fn connection_string(&self) -> &ConnectionString {
        &self.parsed
    }

    /// The connection string as it may be shown, with its options, as far as those cannot be secret.
    pub fn with_options(&self) -> String {
        format!("{self}{}", self.options)
    }

    /// The name of Rocket.Chat's database.
    pub fn database(&self) -> &str {
        self.parsed.default_database.as_deref().unwrap_or(DEFAULT_DATABASE)
    }

    /// Whether the files for TLS hold what they must. The driver takes a file without certificates for one that trusts
    /// nobody, and does not name one that is missing.
    ///
    /// # Errors
    /// The first file that cannot be read or lacks something.
    pub fn check_files(&self) -> Result<(), UnusableFile> {
        let Some(Tls::Enabled(tls)) = &self.parsed.tls else { return Ok(()) };
        let check = |option, path: &Option<PathBuf>, kinds: &[&str]| {
            let Some(path) = path else { return Ok(()) };
            let unusable = |reason| UnusableFile { option, path: path.clone(), reason };
            let text = fs::read(path).map_err(|error| unusable(error.to_string()))?;
            let text = String::from_utf8_lossy(&text);
            let is_missing =
                |kind: &&&str| !text.lines().any(|line| line.starts_with("-----BEGIN") && line.contains(**kind));
            match kinds.iter().find(is_missing) {
                Some(kind) => Err(unusable(format!("holds no {kind} in PEM form"))),
                None if text.contains("ENCRYPTED") => Err(unusable("its key must have no password".to_owned())),
                None => Ok(()),
            }
        };
        check("tlsCAFile", &tls.ca_file_path, &["CERTIFICATE"])?;
        check("tlsCertificateKeyFile", &tls.cert_key_file_path, &["CERTIFICATE", "PRIVATE KEY"])
    }
}

/// The first option that cannot be used by itself. None if there is none, or if what looks like options may be a part of
/// the password.
fn wrong_option(url: &str) -> Option<&str> {
    let (place, options) = url.split_once('?')?;
    // An account and hosts, a slash, a database, and names with values.
    if place.matches('/').count() != 3 || options.contains(['@', '?', '#', '/']) {
        return None;
    }
    let is_wrong = |option: &&str| ConnectionString::parse(format!("mongodb://localhost/?{option}")).is_err();
    let (name, _) = options.split('&').find(is_wrong)?.split_once('=')?;
    Some(name).filter(|name| name.chars().all(|character| character.is_ascii_alphabetic()))
}

/// The options of a connection string that the driver takes, as they may be shown.
fn shown_options(url: &str) -> String {
    let options = url.split_once('?').map_or("", |(_, options)| options);
    let shown = options.split('&').filter_map(|option| option.split_once('=')).map(|(name, value)| {
        match SHOWN_OPTIONS.iter().find(|known| known.eq_ignore_ascii_case(name)) {
            // An account with a password has an `@` behind it, wherever it has been put by mistake.
            Some(known) if !value.contains('@') => format!("{known}={value}"),
            Some(known) => format!("{known}=***"),
            None if name.chars().all(|character| character.is_ascii_alphabetic()) => format!("{name}=***"),
            None => "***=***".to_owned(),
        }
    });
    let shown = shown.collect::<Vec<_>>().join("&");
    if shown.is_empty() { shown } else { format!("?{shown}") }
}

impl FromStr for MongoUrl {
    type Err = InvalidMongoUrl;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // The driver's reason is not passed on: it may quote a part of the password.
        let parsed = ConnectionString::parse(text).map_err(|_| match wrong_option(text) {
            Some(option) => InvalidMongoUrl::Option(option.to_owned()),
            None => InvalidMongoUrl::Form,
        })?;
        Ok(Self { parsed, options: shown_options(text) })
    }
}

/// Hosts and database; that there is an account, not which. For the options see [`MongoUrl::with_options`].
impl fmt::Display for MongoUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let account = if self.parsed.credential.is_some() { "***@" } else { "" };
        let (scheme, hosts) = match &self.parsed.host_info {
            HostInfo::HostIdentifiers(hosts) => {
                ("mongodb", hosts.iter().map(ToString::to_string).collect::<Vec<_>>().join(","))
            }
            HostInfo::DnsRecord(name) => ("mongodb+srv", name.clone()),
            _ => ("mongodb", "?".to_owned()),
        };
        write!(f, "{scheme}://{account}{hosts}/{}", self.database())
    }
}

impl fmt::Debug for MongoUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MongoUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::{MongoUrl, shown_options};

    #[test]
    fn hosts_and_database_are_shown_and_nothing_else() {
        for (text, expected) in [
            ("mongodb://localhost", "mongodb://localhost:27017/rocketchat"),
            ("mongodb://rc:secret@db1,db2:27018/chat?replicaSet=rs0", "mongodb://***@db1:27017,db2:27018/chat"),
            ("mongodb+srv://rc:secret@db.example.org/chat", "mongodb+srv://***@db.example.org/chat"),
        ] {
            let url: MongoUrl = text.parse().expect("a connection string");
            assert_eq!(url.to_string(), expected);
            assert_eq!(format!("{url:?}"), format!("MongoUrl({expected})"));
        }
    }

    #[test]
    fn options_are_shown_unless_they_may_be_secret() {
        for (options, expected) in [
            ("", ""),
            ("?", ""),
            ("?REPLICASET=rs0&authsource=%24external&Tls=true", "?replicaSet=rs0&authSource=%24external&tls=true"),
            (
                "?tls=true&tlsCAFile=/etc/ssl/ca.pem&appName=a b\u{1b}",
                "?tls=true&tlsCAFile=/etc/ssl/ca.pem&appName=a b\u{1b}",
            ),
            ("?authSource=rc:secret@db", "?authSource=***"),
            (
                "?authMechanism=SCRAM-SHA-256&AuthMechanismProperties=AWS_SESSION_TOKEN:secret&w=1",
                "?authMechanism=SCRAM-SHA-256&AuthMechanismProperties=***&w=1",
            ),
        ] {
            let url: MongoUrl = format!("mongodb://rc:secret@db/chat{options}").parse().expect("a connection string");
            assert_eq!(url.with_options(), format!("mongodb://***@db:27017/chat{expected}"), "{options}");
        }
    }

    #[test]
    fn no_value_of_an_option_is_shown_that_is_not_known_to_be_harmless() {
        // Those of MongoDB's manual, and those that no driver has yet; not all of them are ones that ours takes.
        for name in [
            "authMechanismProperties",
            "tlsCertificateKeyFilePassword",
            "TLSCERTIFICATEKEYFILEPASSWORD",
            "proxyPassword",
            "proxyUsername",
            "sslClientCertificateKeyPassword",
            "somethingNew",
            "t\u{212a}s",
        ] {
            let shown = shown_options(&format!("mongodb://db/chat?tls=true&{name}=TOKEN:secret&replicaSet=rs0"));
            let masked = if name.is_ascii() { name } else { "***" };
            assert_eq!(shown, format!("?tls=true&{masked}=***&replicaSet=rs0"));
        }
    }

    #[test]
    fn an_option_that_cannot_be_used_is_named() {
        for (text, expected) in [
            ("mongodb://rc:secret@db/chat?replicaSet=rs0&family=4", "family"),
            ("mongodb://db/chat?tls=true&tlsAllowInvalidHostnames=true", "tlsAllowInvalidHostnames"),
            ("mongodb://db/chat?tls=maybe", "tls"),
        ] {
            let error = text.parse::<MongoUrl>().expect_err("a wrong option").to_string();
            assert!(error.starts_with(&format!("its option {expected} cannot be used")), "{text}: {error}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_wrong_one_shows_nothing_of_it() {
        for text in [
            "rc:secret@db/chat",
            "mongodb://rc:secret?9@db/chat",
            "mongodb://rc:12345?secret@db/chat",
            "mongodb://rc:sec/ret@db/chat",
            "mongodb://rc:12345?secret=ret@db/chat",
            "mongodb://rc:12345?secret=ret",
            "mongodb://rc:12345@db/chat?6789sec=1",
            "mongodb://db/chat?tls=true&tlsCertificateKeyFilePassword=secret&tls=maybe",
            "mongodb://rc:secret@db:port/chat",
            "postgres://rc:secret@db/chat",
            "secret",
            "",
        ] {
            let shown = format!("{:?}", text.parse::<MongoUrl>());
            assert!(!shown.contains("sec") && !shown.contains("12345"), "{text}: {shown}");
        }
    }
}
