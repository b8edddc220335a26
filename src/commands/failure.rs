//! Why a command for administrators could not be done: one line that says what to do.

use std::io;

use crate::{
    commands::days::InvalidRange,
    config::ConfigError,
    mongo::{MongoError, is_about_a_certificate},
};

/// Why it could not be done.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The settings cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The flags name no range of days.
    #[error(transparent)]
    Range(#[from] InvalidRange),
    /// The flags do not go together.
    #[error("{0}")]
    Usage(&'static str),
    /// MongoDB did not give what was asked for.
    #[error("{error}; {}", remedy(error))]
    Mongo {
        /// What happened.
        #[from]
        error: MongoError,
    },
    /// There is nothing, because it is not a workspace's database.
    #[error("the database {0} has no users and no {1} of these days; is its name right? It is the path of MONGO_URL")]
    NoUsers(String, &'static str),
    /// Somebody else did not.
    #[error("{0}")]
    Service(String),
    /// The outcome could not be written.
    #[error("cannot write: {0}")]
    Write(#[from] io::Error),
}

impl Failure {
    /// Whether the command line is to blame.
    pub fn is_usage(&self) -> bool {
        match self {
            Self::Config(error) => error.is_usage(),
            other => matches!(other, Self::Range(_) | Self::Usage(_)),
        }
    }
}

/// What to do about it.
pub fn remedy(error: &MongoError) -> &'static str {
    match error {
        MongoError::Unreachable(text) if is_about_a_certificate(text) => {
            "docs/operations.md, \"A certificate of your own\", has the commands"
        }
        MongoError::Unreachable(_) => "is it running, and are MONGO_URL and the network right?",
        MongoError::Refused(_) => "`rocketchat-engagement check` says what is missing and how to grant it",
        MongoError::TooSlow => "is it frozen, or busy with something else?",
        MongoError::NoSuchIndex => {
            "so wide a range needs the index that Rocket.Chat makes: 'rocketchat-engagement check' says how to make it"
        }
        _ => "`rocketchat-engagement check` may tell more; MongoDB's own log has the details",
    }
}
