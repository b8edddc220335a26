//! `MONGO_URL`: MongoDB's connection string, in a type that never shows its password.

use std::{fmt, str::FromStr};

use mongodb::options::{ConnectionString, HostInfo};

/// The database if the URL names none, as in Rocket.Chat's documentation.
const DEFAULT_DATABASE: &str = "rocketchat";

/// A connection string that has been checked.
#[derive(Clone)]
pub struct MongoUrl(ConnectionString);

/// The connection string cannot be used. Says nothing of what it holds, for in a wrong one a password may be anywhere.
#[derive(Debug, thiserror::Error)]
#[error(
    "is no connection string of MongoDB; write it like mongodb://user:password@host:27017/rocketchat?replicaSet=rs0, \
     with :, /, ?, #, [, ], @ and % in user and password as percent-escapes"
)]
pub struct InvalidMongoUrl;

impl MongoUrl {
    /// The connection string in the driver's form.
    pub fn connection_string(&self) -> &ConnectionString {
        &self.0
    }

    /// The name of Rocket.Chat's database.
    pub fn database(&self) -> &str {
        self.0.default_database.as_deref().unwrap_or(DEFAULT_DATABASE)
    }
}

impl FromStr for MongoUrl {
    type Err = InvalidMongoUrl;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // The driver's reason is not passed on: it may quote a part of the password.
        ConnectionString::parse(text).map(Self).map_err(|_| InvalidMongoUrl)
    }
}

/// Hosts and database; that there is an account, not which; no options, since those may be secret as well.
impl fmt::Display for MongoUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let account = if self.0.credential.is_some() { "***@" } else { "" };
        let (scheme, hosts) = match &self.0.host_info {
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
    fn what_is_wrong_with_a_wrong_one_shows_nothing_of_it() {
        for text in [
            "rc:secret@db/chat",
            "mongodb://rc:secret?9@db/chat",
            "mongodb://rc:12345?secret@db/chat",
            "mongodb://rc:sec/ret@db/chat",
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
