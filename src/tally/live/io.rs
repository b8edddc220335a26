//! What the operations of the tally need, and how what came of them reaches the feed.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use tokio::sync::{Semaphore, mpsc};

use super::{Clock, events::Decoder};
use crate::{
    config::Counting,
    mongo::{Mongo, MongoError, Operation},
    tally::feed::{Command, Fault, Input, Request, Stream},
};

/// What the task is told.
pub(super) enum Message {
    Input(Input),
    /// A stream cannot be opened, and that will not pass by itself.
    Obstacle(Stream, String),
}

/// What the operations need.
pub(super) struct Io {
    pub(super) mongo: Arc<Mongo>,
    pub(super) counting: Counting,
    pub(super) decoder: Decoder,
    pub(super) clock: Clock,
    pub(super) results: mpsc::Sender<Message>,
    /// As many permits as days may be loaded by aggregations at once, those of loads that were given up included.
    pub(super) loading: Semaphore,
}

/// Whether an answer is still waited for. A read that is not ends as soon as the aggregation that is under way has ended.
#[derive(Debug, Clone, Default)]
pub(super) struct GivenUp(Arc<AtomicBool>);

impl GivenUp {
    pub(super) fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// # Errors
    /// It is not.
    pub(super) fn check(&self) -> Result<(), MongoError> {
        if self.0.load(Ordering::Relaxed) { Err(MongoError::TooSlow) } else { Ok(()) }
    }
}

impl Io {
    pub(super) async fn give(&self, input: Input) {
        self.tell(Message::Input(input)).await;
    }

    /// Nobody listens any more only when the service stops.
    pub(super) async fn tell(&self, message: Message) {
        drop(self.results.send(message).await);
    }

    /// Runs a read.
    pub(super) async fn read(
        &self,
        request: Request,
        command: Command,
        given_up: &GivenUp,
    ) -> Result<Input, MongoError> {
        Ok(match command {
            Command::ReadPoint => {
                let asked = self.clock.now();
                let point = self.point().await?;
                Input::Point { request, asked, point }
            }
            Command::Load { first, last, not_before } => {
                let (version, cells) = self.load(Operation::Load, first, last, not_before, given_up).await?;
                Input::Loaded { request, version, cells }
            }
            Command::Audit { day, not_before } => {
                let (version, rooms) = self.audit(day, not_before, given_up).await?;
                Input::Audited { request, version, rooms }
            }
            Command::ReadImages { ids, at } => {
                let found = self.images(&ids, at).await?;
                Input::Images { request, found }
            }
            Command::ReadRooms { not_before } => {
                let (version, rooms) = self.rooms(not_before).await?;
                Input::RoomList { request, version, rooms }
            }
            Command::Watch { .. } => Input::Failed { request, fault: Fault::Refused },
        })
    }
}

/// What an error means to the feed.
pub(super) fn fault(error: &MongoError) -> Fault {
    match error {
        MongoError::Unreachable(_) | MongoError::TooSlow | MongoError::Panicked(_) => Fault::Unreachable,
        MongoError::HistoryLost(_) => Fault::HistoryLost,
        MongoError::BrokenOff(_) => Fault::Undecodable,
        MongoError::Refused(_) | MongoError::Failed(_) | MongoError::NoSuchIndex | MongoError::Unsupported(_) => {
            Fault::Refused
        }
    }
}
