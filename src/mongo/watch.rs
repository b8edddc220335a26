//! Change streams, event by event.
//!
//! Rule: a stream that gave an error is thrown away; the driver may leave it broken. The futures are to be awaited in
//! tasks on [`Mongo::runtime`], to the end.

use std::time::Duration;

use bson::{Bson, Document, RawDocumentBuf, Timestamp, doc};
use mongodb::{
    change_stream::{ChangeStream, event::ResumeToken},
    options::ReadConcern,
};

use super::{Asked, Mongo, MongoError, Operation};

/// How long the server waits for an event before it says that there is none. It bounds how late the end of a
/// transaction is known.
const AWAIT: Duration = Duration::from_millis(100);

/// Where a change stream begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StreamStart {
    /// With the events of this time.
    At(Timestamp),
    /// After the event with this resume token (its `_data`).
    After(String),
}

/// An open change stream.
pub struct Watch(ChangeStream<RawDocumentBuf>);

impl Mongo {
    /// Opens a change stream on a collection, on a member that counting may use.
    ///
    /// # Errors
    /// The server refuses, or no longer has the history from there on.
    pub async fn watch(
        &self,
        collection: &'static str,
        pipeline: Vec<Document>,
        from: StreamStart,
    ) -> Result<Watch, MongoError> {
        let Asked { database, selection } = self.asked(Operation::OpenStream).await?;
        let handle = database.collection::<Document>(collection);
        // A change stream takes no other read concern, and it would take the database's.
        let action = handle.watch().pipeline(pipeline).max_await_time(AWAIT).read_concern(ReadConcern::majority());
        let action = action.selection_criteria(selection);
        let action = match from {
            StreamStart::At(time) => action.start_at_operation_time(time),
            StreamStart::After(data) => action.resume_after(resume_token(data)?),
        };
        let open = async { Ok(action.await?) };
        Ok(Watch(self.stopwatch.time(Operation::OpenStream, open).await?.with_type()))
    }
}

impl Watch {
    /// The next event; none if an empty batch came: there is nothing more at present.
    ///
    /// # Errors
    /// The stream broke, or the server closed it.
    pub async fn next(&mut self) -> Result<Option<RawDocumentBuf>, MongoError> {
        match self.0.next_if_any().await? {
            None if !self.0.is_alive() => Err(MongoError::BrokenOff("the server closed it")),
            event => Ok(event),
        }
    }

    /// The resume token's `_data`: everything up to it has been given.
    pub fn token(&self) -> Option<String> {
        let token = bson::serialize_to_bson(&self.0.resume_token()?).ok()?;
        token.as_document()?.get_str("_data").ok().map(str::to_owned)
    }
}

fn resume_token(data: String) -> Result<ResumeToken, MongoError> {
    bson::deserialize_from_bson(Bson::Document(doc! { "_data": data }))
        .map_err(|_| MongoError::BrokenOff("the resume token cannot be written"))
}
