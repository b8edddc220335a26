//! Message events: taken in, completed by the documents as they were before, applied.
//!
//! One batch is under way at a time, and the next takes all that has come in the meantime: five thousand deletions cost a few
//! reads, and later events wait for earlier ones, so that memory is always the database of one moment.

use super::backlog::Item;
use super::event::{Command, DocumentId, Event, Fault, Image, MessageChange, Request, Stream};
use super::images::{Images, bounds, changed_ids};
use super::{Feed, Notice};
use crate::tally::cube::Contradiction;
use crate::tally::flaw::Flaw;
use crate::tally::time::{Millis, Timestamp};

/// Events whose documents are being read as they were before.
#[derive(Debug)]
pub(super) struct Batch {
    items: Vec<Item<MessageChange>>,
    ids: Vec<DocumentId>,
    at: Timestamp,
    asked: Asked,
}

#[derive(Debug)]
enum Asked {
    NotBefore(Millis),
    Waiting { request: Request, until: Millis },
}

impl Batch {
    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    pub(super) fn is_for(&self, request: Request) -> bool {
        matches!(self.asked, Asked::Waiting { request: own, .. } if own == request)
    }
}

impl Feed {
    pub(super) fn on_messages(&mut self, now: Millis, request: Request, events: Vec<Event<MessageChange>>) {
        if !self.messages.link.heard(request, now) {
            return;
        }
        if !self.seek_proof(now, &events, None) {
            return;
        }
        for event in events {
            match self.messages.log.push(event) {
                Ok(true) => self.messages.link.progressed(),
                Ok(false) => {}
                Err(contradiction) => return self.lose(now, Stream::Messages, contradiction.into()),
            }
        }
        self.drain_messages(now);
    }

    /// Applies what is complete, or begins to read what that needs.
    pub(super) fn drain_messages(&mut self, now: Millis) {
        if self.batch.is_some() {
            return;
        }
        let items = self.messages.log.take();
        let ids = changed_ids(&items);
        match bounds(&items) {
            Some((first, last)) if !ids.is_empty() => {
                let at = if self.flaws.has(Flaw::LateImages) { last } else { first.previous() };
                self.batch = Some(Batch { items, ids, at, asked: Asked::NotBefore(now) });
            }
            _ => self.finish(now, items, Images::default()),
        }
    }

    pub(super) fn schedule_images(&mut self, now: Millis) {
        let Some(batch) = &self.batch else { return };
        match batch.asked {
            Asked::Waiting { request, until } if until <= now => self.images_failed(now, request, Fault::Unreachable),
            Asked::NotBefore(after) if after <= now => {
                let request = self.request(Command::ReadImages { ids: batch.ids.clone(), at: batch.at });
                let until = now.saturating_add(self.config.request_timeout);
                if let Some(batch) = &mut self.batch {
                    batch.asked = Asked::Waiting { request, until };
                }
            }
            _ => {}
        }
    }

    pub(super) fn on_images(&mut self, now: Millis, request: Request, found: Vec<(DocumentId, Image)>) {
        let Some(batch) = self.batch.take_if(|batch| batch.is_for(request)) else { return };
        let mut images = Images::before(batch.ids, found);
        images.no_fold = self.flaws.has(Flaw::NoFold);
        self.finish(now, batch.items, images);
        self.drain_messages(now);
    }

    pub(super) fn images_failed(&mut self, now: Millis, request: Request, fault: Fault) {
        let Some(batch) = self.batch.as_mut().filter(|batch| batch.is_for(request)) else { return };
        if fault == Fault::HistoryLost {
            return self.lose_images(now);
        }
        batch.asked = Asked::NotBefore(now.saturating_add(self.config.min_pause));
        self.notice(Notice::Retry(fault));
    }

    fn finish(&mut self, now: Millis, items: Vec<Item<MessageChange>>, mut images: Images) {
        for item in items {
            if let Err(contradiction) = self.apply(item, &mut images) {
                return self.lose(now, Stream::Messages, contradiction.into());
            }
        }
        self.conclude_audit(now);
    }

    fn apply(&mut self, item: Item<MessageChange>, images: &mut Images) -> Result<(), Contradiction> {
        match item {
            Item::Idle(silence) => self.messages.freshen(self.points.reached_by_empty_batch(self.known(silence))),
            Item::Event(event) => {
                let change = images.follow(event.change)?;
                if change.from != change.to {
                    if let Some((room, day)) = change.from {
                        self.cube.apply(event.at, &room, day, -1)?;
                    }
                    if let Some((room, day)) = change.to {
                        self.cube.apply(event.at, &room, day, 1)?;
                    }
                }
                self.messages.position = event.at;
                self.messages.freshen(self.points.reached_by_event(event.at));
            }
        }
        Ok(())
    }
}
