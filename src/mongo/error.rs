//! What can go wrong between us and MongoDB, sorted by what follows from it.

use mongodb::error::ErrorKind;

/// Why a server that is no member of a replica set cannot be followed.
pub(super) const STANDALONE: &str = "MongoDB is a standalone server: change streams need a replica set";

/// Why an old server cannot be followed.
pub(super) const TOO_OLD: &str = "MongoDB is too old: snapshot reads need 5.0";

/// Why an operation gave no result. The texts may hold replies of the server: for the log, never for a client.
#[derive(Debug, Clone, thiserror::Error)]
pub enum MongoError {
    /// No suitable server was found, or the connection failed.
    #[error("MongoDB cannot be reached: {0}")]
    Unreachable(String),
    /// The server refuses our account, or what it asked for.
    #[error("MongoDB refuses our account: {0}")]
    Refused(String),
    /// The deadline passed.
    #[error("MongoDB did not answer in time")]
    TooSlow,
    /// Anything else that the driver or the server reports.
    #[error("MongoDB failed: {0}")]
    Failed(String),
    /// The index that an aggregation was told to use is not there.
    #[error("the index is missing")]
    NoSuchIndex,
    /// The server no longer has the history that is asked for.
    #[error("MongoDB no longer has this history: {0}")]
    HistoryLost(String),
    /// The deployment has no change streams or no snapshots. The text says why, and may be told to anyone.
    #[error("{0}")]
    Unsupported(&'static str),
    /// What a change stream gave cannot be read, or it ended.
    #[error("the change stream broke off: {0}")]
    BrokenOff(&'static str),
    /// The operation's task panicked.
    #[error("an operation's task ended early: {0}")]
    Panicked(String),
}

impl MongoError {
    /// What may be told to anyone: a fixed text without details.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "MongoDB cannot be reached",
            Self::Refused(_) => "MongoDB refuses our account",
            Self::TooSlow => "MongoDB does not answer in time",
            Self::Unsupported(reason) => reason,
            Self::Failed(_) | Self::NoSuchIndex | Self::HistoryLost(_) | Self::BrokenOff(_) | Self::Panicked(_) => {
                "MongoDB failed"
            }
        }
    }
}

impl From<mongodb::error::Error> for MongoError {
    fn from(error: mongodb::error::Error) -> Self {
        /// Codes of the MongoDB manual: Unauthorized, AuthenticationFailed.
        const REFUSED: [i32; 2] = [13, 18];
        /// MaxTimeMSExpired, ExceededTimeLimit.
        const TOO_SLOW: [i32; 2] = [50, 262];
        /// ChangeStreamHistoryLost, ChangeStreamFatalError, InvalidResumeToken, CloseChangeStream, CappedPositionLost;
        /// SnapshotTooOld, SnapshotUnavailable.
        const HISTORY_LOST: [i32; 7] = [286, 280, 260, 222, 136, 239, 246];
        /// A member that stops, starts, or is primary no more; a connection that broke. Another try may do.
        const AWAY: [i32; 12] = [6, 7, 43, 89, 91, 134, 189, 9001, 10107, 11600, 11602, 13435];
        /// The aggregation's own code for `$changeStream` on a server that is no member of a replica set.
        const NO_REPLICA_SET: i32 = 40573;
        // Some replies quote the command or its plan, and with it what was looked for: hashes and tokens. So of a
        // reply no more is told than its code.
        let text = match error.kind.as_ref() {
            ErrorKind::ServerSelection { message, .. } => super::tls::explained(without_labels(message)),
            ErrorKind::Command(reply) => format!("{} ({})", reply.code_name, reply.code),
            kind => kind.to_string().split('{').next().unwrap_or_default().trim_end().trim_end_matches('.').to_owned(),
        };
        match error.kind.as_ref() {
            ErrorKind::Authentication { .. } => Self::Refused(text),
            ErrorKind::Command(reply) if REFUSED.contains(&reply.code) => Self::Refused(text),
            // The codes for this, BadValue and NoQueryExecutionPlans, are codes for other things, too.
            ErrorKind::Command(reply) if [2, 291].contains(&reply.code) && reply.message.contains("hint") => {
                Self::NoSuchIndex
            }
            ErrorKind::Command(reply) if TOO_SLOW.contains(&reply.code) => Self::TooSlow,
            ErrorKind::Command(reply) if HISTORY_LOST.contains(&reply.code) => Self::HistoryLost(text),
            ErrorKind::Command(reply) if AWAY.contains(&reply.code) => Self::Unreachable(text),
            ErrorKind::Command(reply) if reply.code == NO_REPLICA_SET => Self::Unsupported(STANDALONE),
            ErrorKind::MissingResumeToken
            | ErrorKind::BsonDeserialization(_)
            | ErrorKind::Bson(_)
            | ErrorKind::InvalidResponse { .. } => Self::BrokenOff("a reply cannot be read"),
            ErrorKind::IncompatibleServer { .. } | ErrorKind::SessionsNotSupported => Self::Unsupported(TOO_OLD),
            // A server that turns our account away is reported as one that cannot be selected.
            ErrorKind::ServerSelection { message, .. } | ErrorKind::ConnectionPoolCleared { message, .. }
                if message.contains("Authentication failed") =>
            {
                Self::Refused(text)
            }
            ErrorKind::ServerSelection { .. }
            | ErrorKind::Io(_)
            | ErrorKind::ConnectionPoolCleared { .. }
            | ErrorKind::Shutdown
            | ErrorKind::DnsResolve { .. } => Self::Unreachable(text),
            _ => Self::Failed(text),
        }
    }
}

/// The driver's description of what it knows of the servers, without what it notes for itself on each of their errors:
/// "SystemOverloadedError" is also what it calls a port where nothing listens.
fn without_labels(message: &str) -> String {
    const LABELS: &str = ", labels: {";
    const NOTHING: &str = ", source: None, server response: None";
    let mut parts = message.split(LABELS);
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once('}') {
            Some((_, rest)) => text += rest,
            None => text.extend([LABELS, part]),
        }
    }
    text.replace(NOTHING, "")
}

#[cfg(test)]
mod tests {
    #[test]
    fn of_a_server_its_error_is_told_and_not_the_drivers_notes_on_it() {
        let message = "Servers: [ { Address: a:1, Error: Kind: I/O error: refused, labels: {\"B\", \"C\"}, source: None, \
                       server response: None }, { Address: b:1, Error: odd, labels: {}, source: Some(it), server \
                       response: None } ]";
        let expected = "Servers: [ { Address: a:1, Error: Kind: I/O error: refused }, { Address: b:1, Error: odd, source: \
                        Some(it), server response: None } ]";
        assert_eq!(super::without_labels(message), expected);
        assert_eq!(super::without_labels("labels, labels: {no end"), "labels, labels: {no end");
    }
}
