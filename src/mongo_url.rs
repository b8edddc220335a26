//! `MONGO_URL`: MongoDB's connection string, in a type that never shows its password.

use std::{fmt, str::FromStr};

use mongodb::options::ConnectionString;

use crate::redact::without_credentials;

/// The database if the URL names none, as in Rocket.Chat's documentation.
const DEFAULT_DATABASE: &str = "rocketchat";

/// A connection string that has been checked, and the database it names.
#[derive(Clone)]
pub struct MongoUrl {
    text: String,
    parsed: ConnectionString,
}

/// The connection string cannot be used. The text never holds a password.
#[derive(Debug, thiserror::Error)]
#[error("{0}; write it like mongodb://user:password@host:27017/rocketchat?replicaSet=rs0")]
pub struct InvalidMongoUrl(String);

impl MongoUrl {
    /// The connection string in the driver's form.
    pub fn connection_string(&self) -> &ConnectionString {
        &self.parsed
    }

    /// The name of Rocket.Chat's database.
    pub fn database(&self) -> &str {
        self.parsed.default_database.as_deref().unwrap_or(DEFAULT_DATABASE)
    }
}

impl FromStr for MongoUrl {
    type Err = InvalidMongoUrl;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match ConnectionString::parse(text) {
            Ok(parsed) => Ok(Self { text: text.to_owned(), parsed }),
            Err(error) => Err(InvalidMongoUrl(without_credentials(&error.kind.to_string()))),
        }
    }
}

impl fmt::Display for MongoUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&without_credentials(&self.text))
    }
}

impl fmt::Debug for MongoUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MongoUrl({self})")
    }
}
