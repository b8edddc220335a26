//! Reads of one moment: snapshot sessions, and the moment that all members can soon read at.
//!
//! The futures are to be awaited in tasks on [`Mongo::runtime`], to the end.

use std::time::Duration;

use bson::{Document, RawDocument, Timestamp, doc, oid::ObjectId};
use mongodb::{
    ClientSession, Database,
    action::Action,
    options::{Hint, ReadConcern, SelectionCriteria},
};
use tokio::time::Instant;

use super::{
    Asked, BATCH, Mongo, MongoError, Operation,
    deadline::LEAST_TIME,
    error::{STANDALONE, TOO_OLD},
    operation::Stopwatch,
};

/// The wire version of MongoDB 5.0, the first with snapshot reads outside of transactions.
const SNAPSHOT_WIRE_VERSION: i32 = 13;

/// How far the primary and a majority of the members have come (MongoDB manual: `hello`, `lastWrite`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MajorityPoint {
    /// The time of the newest write that a majority holds, as the primary knows it.
    pub time: Timestamp,
    /// The time of the primary's own newest write.
    pub last_write: Timestamp,
    /// The term of the election that made it primary.
    pub term: i64,
    /// Names the primary's process: another one after each start.
    pub process: ObjectId,
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
        let Asked { database, selection } = self.asked(Operation::MajorityPoint).await?;
        let hello = async { Ok(database.run_command(doc! { "hello": 1 }).selection_criteria(selection).await?) };
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
        let read = || {
            let writes = hello.get_document("lastWrite").ok()?;
            let (majority, last) = (writes.get_document("majorityOpTime").ok()?, writes.get_document("opTime").ok()?);
            Some(MajorityPoint {
                time: majority.get_timestamp("ts").ok()?,
                last_write: last.get_timestamp("ts").ok()?,
                term: last.get_i64("t").ok()?,
                process: hello.get_document("topologyVersion").ok()?.get_object_id("processId").ok()?,
            })
        };
        read().ok_or_else(|| MongoError::Failed("hello without a majority point".to_owned()))
    }

    /// The database at a moment, for an operation and for so long. A member that has not come that far waits until it has.
    ///
    /// # Errors
    /// There is no server.
    pub async fn snapshot(&self, operation: Operation, at: Timestamp, time: Duration) -> Result<Snapshot, MongoError> {
        let Asked { database, selection } = self.asked(operation).await?;
        let session = database.client().start_session().snapshot(true).snapshot_time(at).await?;
        let (stopwatch, until) = (self.stopwatch.clone(), Instant::now() + time);
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
