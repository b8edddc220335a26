//! Reads of one moment: snapshot sessions, and the moment that all members can soon read at.
//!
//! The futures are to be awaited in tasks on [`Mongo::runtime`], to the end.

use std::time::Duration;

use bson::{DateTime, Document, RawDocument, Timestamp, doc};
use mongodb::{
    ClientSession, Database,
    action::Action,
    options::{Hint, ReadConcern, ReadPreference, SelectionCriteria},
};
use tokio::time::Instant;

use super::{
    BATCH, LEAST_TIME, Mongo, MongoError, Operation,
    error::{STANDALONE, TOO_OLD},
    operation::Stopwatch,
};

/// The wire version of MongoDB 5.0, the first with snapshot reads outside of transactions.
const SNAPSHOT_WIRE_VERSION: i32 = 13;

/// The newest write that a majority holds, as the primary knows it, and the primary's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MajorityPoint {
    /// The write's time.
    pub time: Timestamp,
    /// What the primary's clock showed when it answered.
    pub clock: DateTime,
}

/// The database at one moment.
pub struct Snapshot {
    stopwatch: Stopwatch,
    operation: Operation,
    session: ClientSession,
    database: Database,
    selection: SelectionCriteria,
    until: Instant,
}

impl Mongo {
    /// Asks the primary for its majority point.
    ///
    /// # Errors
    /// There is no primary, or this is no replica set that has snapshot reads.
    pub async fn majority_point(&self) -> Result<MajorityPoint, MongoError> {
        let primary = SelectionCriteria::ReadPreference(ReadPreference::Primary);
        let hello = async { Ok(self.database.run_command(doc! { "hello": 1 }).selection_criteria(primary).await?) };
        let hello = self.stopwatch.time(Operation::MajorityPoint, hello).await?;
        if hello.get_str("msg").is_ok_and(|msg| msg == "isdbgrid") {
            return Err(MongoError::Unsupported("MongoDB is a sharded cluster, which is not followed"));
        }
        if !hello.contains_key("setName") {
            return Err(MongoError::Unsupported(STANDALONE));
        }
        if hello.get_i32("maxWireVersion").unwrap_or(0) < SNAPSHOT_WIRE_VERSION {
            return Err(MongoError::Unsupported(TOO_OLD));
        }
        let time = hello.get_document("lastWrite").and_then(|write| write.get_document("majorityOpTime"));
        let time = time.and_then(|optime| optime.get_timestamp("ts"));
        let (Ok(time), Ok(clock)) = (time, hello.get_datetime("localTime")) else {
            return Err(MongoError::Failed("hello without a majority point".to_owned()));
        };
        Ok(MajorityPoint { time, clock: *clock })
    }

    /// The database at a moment, for an operation and for so long. A member that has not come that far waits until it has.
    ///
    /// # Errors
    /// There is no server.
    pub async fn snapshot(&self, operation: Operation, at: Timestamp, time: Duration) -> Result<Snapshot, MongoError> {
        let session = self.database.client().start_session().snapshot(true).snapshot_time(at).await?;
        let selection = self.selection(operation);
        let (stopwatch, database, until) = (self.stopwatch.clone(), self.database.clone(), Instant::now() + time);
        Ok(Snapshot { stopwatch, operation, session, database, selection, until })
    }
}

impl Snapshot {
    /// Runs an aggregation and hands each resulting document to `take`, which fills what is returned.
    ///
    /// # Errors
    /// Everything that can go wrong on the way, as well as that the server no longer has, or never had, this moment.
    pub async fn aggregate<T: Send>(
        &mut self,
        collection: &'static str,
        pipeline: Vec<Document>,
        hint: Option<Document>,
        mut filled: T,
        mut take: impl FnMut(&mut T, &RawDocument) + Send,
    ) -> Result<T, MongoError> {
        let left = self.until.saturating_duration_since(Instant::now());
        if left < LEAST_TIME {
            return Err(MongoError::TooSlow);
        }
        let handle = self.database.collection::<Document>(collection);
        // The driver does not overwrite the read concern that the database has.
        let action = handle.aggregate(pipeline).read_concern(ReadConcern::snapshot()).max_time(left).batch_size(BATCH);
        let action = action.selection_criteria(self.selection.clone());
        let action = action.optional(hint, |action, keys| action.hint(Hint::Keys(keys)));
        let session = &mut self.session;
        let work = async {
            let mut cursor = action.session(&mut *session).await?;
            while cursor.advance(session).await? {
                take(&mut filled, cursor.current());
            }
            Ok(filled)
        };
        self.stopwatch.time(self.operation, work).await
    }
}
