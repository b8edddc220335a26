//! One change stream, from its opening until it breaks or is no longer wanted: events go to the feed as they come.

use std::{pin::pin, sync::Arc, task::Poll};

use bson::RawDocumentBuf;
use futures::poll;
use log::{debug, warn};
use tokio::sync::watch;

use super::{
    events::{bson_timestamp, timestamp, token_time, watched},
    io::{Io, Message, fault},
};
use crate::{
    mongo::{self, MongoError, StreamStart, Watch},
    tally::{
        feed::{Event, Fault, Input, MessageChange, Request, RoomChange, Start, Stream},
        time::{Millis, Timestamp},
    },
};

/// Events handed over at once, at the most.
const MOST_EVENTS: usize = 1_000;

/// Whether more events are wanted. Its sender is gone when the stream is no longer wanted.
pub type Gate = watch::Receiver<bool>;

/// The collection of a stream.
pub fn collection(stream: Stream) -> &'static str {
    match stream {
        Stream::Messages => mongo::MESSAGES,
        Stream::Rooms => mongo::ROOMS,
    }
}

/// Opens a stream and hands its events over.
pub async fn follow(io: Arc<Io>, request: Request, stream: Stream, start: Start, gate: Gate) {
    match open(&io, stream, start).await {
        Ok(opened) => {
            let input = Input::Opened { request, start: opened.start, token: opened.watch.token().map(Into::into) };
            io.give(input).await;
            let Opened { watch, asked, at, .. } = opened;
            let follower = Follower { io, request, stream, watch, gate, opening: Some(asked), opened_at: at };
            follower.run().await;
        }
        Err(error) => {
            debug!("the change stream on {} cannot be opened: {error}", collection(stream));
            let fault = fault(&error);
            // What will not pass by itself is told to people.
            if let MongoError::Refused(_) | MongoError::Unsupported(_) = error {
                io.tell(Message::Obstacle(stream, error.to_string())).await;
            }
            io.give(Input::Failed { request, fault }).await;
        }
    }
}

struct Opened {
    watch: Watch,
    start: Timestamp,
    /// The time that it was opened at, if it was not opened after an event.
    at: Option<Timestamp>,
    /// Before the server was.
    asked: Millis,
}

async fn open(io: &Io, stream: Stream, start: Start) -> Result<Opened, MongoError> {
    let asked = io.clock.now();
    let point = io.mongo.majority_point().await?;
    // Just after the majority point: a drop at that very moment would end the stream at once, again and again.
    let newest = timestamp(point.time).next();
    let (start, at, from) = match start {
        Start::Now => (newest, Some(newest), StreamStart::At(bson_timestamp(newest))),
        Start::At(time) => (time, Some(time), StreamStart::At(bson_timestamp(time))),
        Start::After(token) => (newest, None, StreamStart::After(token.into())),
    };
    let watch = io.mongo.watch(collection(stream), watched(stream), from).await?;
    Ok(Opened { watch, start, at, asked })
}

/// Up to when a member has given all events of a stream, by the token of an empty batch. A token of the time that the stream was
/// opened at says nothing of that time: it is there from the beginning, also on a member that lags behind and has not come so far. If
/// it has, that is known with its next entry, which a primary writes every ten seconds at the latest.
fn reached(token: Timestamp, opened_at: Option<Timestamp>) -> Timestamp {
    if Some(token) == opened_at { token.previous() } else { token }
}

struct Follower {
    io: Arc<Io>,
    request: Request,
    stream: Stream,
    watch: Watch,
    gate: Gate,
    /// When the stream was opened: its first batch comes with that answer, and is not asked for again.
    opening: Option<Millis>,
    opened_at: Option<Timestamp>,
}

/// Events that came in one batch.
#[derive(Default)]
struct Batch {
    messages: Vec<Event<MessageChange>>,
    rooms: Vec<Event<RoomChange>>,
}

impl Follower {
    async fn run(mut self) {
        let mut batch = Batch::default();
        while self.is_wanted().await {
            let asked = self.opening.take().unwrap_or_else(|| self.io.clock.now());
            let next = {
                let mut next = pin!(self.watch.next());
                match poll!(next.as_mut()) {
                    Poll::Ready(next) => next,
                    // The server is asked: what has come goes on its way meanwhile.
                    Poll::Pending => {
                        hand_over(&self.io, self.request, &mut batch).await;
                        next.await
                    }
                }
            };
            let failure = match next {
                Ok(Some(event)) => self.take(&mut batch, &event).err(),
                Ok(None) => {
                    hand_over(&self.io, self.request, &mut batch).await;
                    let token = self.watch.token();
                    let reached = token.as_deref().and_then(token_time).map(|time| reached(time, self.opened_at));
                    let token = token.map(Into::into);
                    self.io.give(Input::Idle { request: self.request, token, asked, reached }).await;
                    None
                }
                Err(error) => {
                    warn!("the change stream on {} broke: {error}", collection(self.stream));
                    Some(fault(&error))
                }
            };
            if failure.is_some() || batch.messages.len() + batch.rooms.len() >= MOST_EVENTS {
                hand_over(&self.io, self.request, &mut batch).await;
            }
            if let Some(fault) = failure {
                return self.io.give(Input::Failed { request: self.request, fault }).await;
            }
        }
    }

    /// Waits until more is wanted. False: never again.
    async fn is_wanted(&mut self) -> bool {
        self.gate.wait_for(|open| *open).await.is_ok() && self.gate.has_changed().is_ok()
    }

    fn take(&self, batch: &mut Batch, event: &RawDocumentBuf) -> Result<(), Fault> {
        match self.stream {
            Stream::Messages => batch.messages.push(self.io.decoder.message(event)?),
            Stream::Rooms => batch.rooms.extend(self.io.decoder.room(event)?),
        }
        Ok(())
    }
}

async fn hand_over(io: &Io, request: Request, batch: &mut Batch) {
    let Batch { messages, rooms } = std::mem::take(batch);
    if !messages.is_empty() {
        io.give(Input::Messages { request, events: messages }).await;
    }
    if !rooms.is_empty() {
        io.give(Input::Rooms { request, events: rooms }).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_that_a_stream_was_opened_at_is_reached_only_when_a_later_one_is() {
        let time = |increment| Timestamp::new(100, increment);
        assert_eq!(reached(time(5), Some(time(5))), time(4));
        assert_eq!(reached(time(6), Some(time(5))), time(6));
        assert_eq!(reached(time(5), None), time(5));
    }
}
