//! `MONGO_URL`: MongoDB's connection string, in a type that never shows its password.

mod options;

use std::{fmt, fs, path::PathBuf, str::FromStr};

use mongodb::options::{ConnectionString, HostInfo, Tls};

pub use options::in_place_of;

/// The database if the URL names none, as for Rocket.Chat: its driver's default.
const DEFAULT_DATABASE: &str = "test";

/// A connection string that has been checked.
#[derive(Clone)]
pub struct MongoUrl {
    parsed: ConnectionString,
    /// Its options as they may be shown, with the question mark; empty if there are none.
    options: String,
    /// The names of options that do nothing here.
    needless: Vec<String>,
    /// The names of options that are there more than once.
    repeated: Vec<String>,
}

/// The connection string cannot be used. Says little of what it holds, for in a wrong one a password may be anywhere.
#[derive(Debug, thiserror::Error)]
pub enum InvalidMongoUrl {
    /// It has an option that cannot be used; and what to do about that.
    #[error("its option {0} cannot be used: {1}")]
    Option(String, &'static str),
    /// The same where the name had better not be told.
    #[error("one of its options cannot be used: {0}")]
    SomeOption(&'static str),
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

    /// The names of its options that do nothing here, and need not.
    pub fn needless_options(&self) -> &[String] {
        &self.needless
    }

    /// The names of its options that are there more than once, of which the first counts.
    pub fn repeated_options(&self) -> &[String] {
        &self.repeated
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

impl FromStr for MongoUrl {
    type Err = InvalidMongoUrl;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (place, options) = text.split_once('?').unwrap_or((text, ""));
        let cleaned = options::clean(options);
        // The driver's reason is not passed on: it may quote a part of the password.
        let parsed = ConnectionString::parse(format!("{place}?{}", cleaned.left)).map_err(|_| {
            // An account and hosts, a slash, a database; and no account behind the question mark. Otherwise what looks
            // like options may be a part of the password.
            let are_options = place.matches('/').count() == 3 && !options.contains('@');
            if !are_options || ConnectionString::parse(place).is_err() {
                return InvalidMongoUrl::Form;
            }
            match options::fault(place, &cleaned.left) {
                (Some(name), remedy) => InvalidMongoUrl::Option(name, remedy),
                (None, remedy) => InvalidMongoUrl::SomeOption(remedy),
            }
        })?;
        let options::Cleaned { left, needless, repeated } = cleaned;
        Ok(Self { parsed, options: options::shown(&left), needless, repeated })
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
    use super::MongoUrl;

    #[test]
    fn hosts_and_database_are_shown_and_nothing_else() {
        for (text, expected) in [
            ("mongodb://localhost", "mongodb://localhost:27017/test"),
            ("mongodb://localhost/?replicaSet=rs0", "mongodb://localhost:27017/test"),
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
    fn an_option_that_cannot_be_used_is_named() {
        for (text, option, remedy) in [
            ("mongodb://rc:secret@db/chat?replicaSet=rs0&nonsense=4", "nonsense", "leave it out, here alone"),
            ("mongodb://rc:secret@db/chat?tlsCAFile=/etc/ssl/ca.pem&nonsense=4", "nonsense", "leave it out"),
            ("mongodb://rc:secret@db/chat?authMechanism=SCRAM-SHA-1&nonsense=4", "nonsense", "leave it out"),
            (
                "mongodb://db/chat?tls=true&tlsAllowInvalidHostnames=true",
                "tlsAllowInvalidHostnames",
                "give MongoDB a cert",
            ),
            ("mongodb://db/chat?ssl=true&sslValidate=false", "sslValidate", "tlsAllowInvalidCertificates=true"),
            ("mongodb://db/chat?ssl=true&sslCA=/etc/ssl/ca.pem", "sslCA", "write tlsCAFile"),
            (
                "mongodb://db/chat?tlsCertificateKeyFilePassword=secret",
                "tlsCertificateKeyFilePassword",
                "take the password",
            ),
            ("mongodb://db/chat?tls=maybe", "tls", "it cannot have this value"),
            ("mongodb://db/chat?directConnection", "directConnection", "it has no value"),
            ("mongodb://db/chat?readPreferenceTags=dc:ny", "readPreferenceTags", "needs another one"),
            ("mongodb://rc:secret@db/chat?replicaSet=rs0&tls=true&ssl=false", "ssl", "contradicts another one"),
        ] {
            let error = text.parse::<MongoUrl>().expect_err("a wrong option").to_string();
            assert!(error.starts_with(&format!("its option {option} cannot be used: ")), "{text}: {error}");
            assert!(error.contains(remedy) && !error.contains("secret"), "{text}: {error}");
        }
        let strange = "mongodb://rc:secret@db/chat?6789sec=1".parse::<MongoUrl>().expect_err("a wrong option");
        assert!(strange.to_string().starts_with("one of its options cannot be used: "), "{strange}");
    }

    #[test]
    fn options_of_rocketchats_driver_that_do_nothing_here_are_left_out_and_told() {
        let options = "?useUnifiedTopology=true&replicaSet=rs0&replicaSet=rs1&family=4&";
        let url: MongoUrl = format!("mongodb://rc:secret@db/chat{options}").parse().expect("a connection string");
        assert_eq!(url.with_options(), "mongodb://***@db:27017/chat?replicaSet=rs0");
        assert_eq!(url.needless_options(), ["useUnifiedTopology", "family"]);
        assert_eq!(url.repeated_options(), ["replicaSet"]);
        assert_eq!(url.connection_string().replica_set.as_deref(), Some("rs0"));
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
            "mongodb://rc:12345?family=sec@db/chat",
            "mongodb://rc:12345?family=sec&@db/chat",
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
