//! From events to moves between cells.
//!
//! An update, a replacement or a deletion does not say how the document was before, which decides what cell loses a message.
//! So the documents that a batch of events changes are read as they were just before the batch began; from there each event
//! says what the document is like after it. No cell is counted again, and none is ever in doubt.
//!
//! The reading checks itself: a document that is changed must have been there, and one that is inserted must not.

use std::collections::{HashMap, HashSet};

use super::backlog::Item;
use super::event::{Change, DocumentId, Image, MessageChange};
use crate::tally::cube::Contradiction;
use crate::tally::time::{Day, Timestamp};

pub(super) type Cell = (Box<str>, Day);

/// What an event does: a message less in one cell, one more in another.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Move {
    pub(super) from: Option<Cell>,
    pub(super) to: Option<Cell>,
}

/// The documents that a batch changes other than by insertion, in the order of their first such change.
pub(super) fn changed_ids(items: &[Item<MessageChange>]) -> Vec<DocumentId> {
    let mut seen = HashSet::new();
    let changes = items.iter().filter_map(|item| match item {
        Item::Event(event) if !matches!(event.change.change, Change::Insert(_)) => Some(&event.change.id),
        _ => None,
    });
    changes.filter(|id| seen.insert(*id)).cloned().collect()
}

/// The time of a batch's first event, and that of its last.
pub(super) fn bounds<E>(items: &[Item<E>]) -> Option<(Timestamp, Timestamp)> {
    let mut times = items.iter().filter_map(|item| match item {
        Item::Event(event) => Some(event.at),
        Item::Idle(_) => None,
    });
    let first = times.next()?;
    Some((first, times.next_back().unwrap_or(first)))
}

/// The documents that a batch changes, as they are at the event reached.
#[derive(Debug, Default)]
pub(super) struct Images {
    documents: HashMap<DocumentId, Option<Image>>,
    pub(super) no_fold: bool,
}

impl Images {
    /// As they were before the batch: of the ids asked for, those not found did not exist.
    pub(super) fn before(ids: Vec<DocumentId>, found: Vec<(DocumentId, Image)>) -> Self {
        let mut documents: HashMap<_, _> = ids.into_iter().map(|id| (id, None)).collect();
        for (id, image) in found {
            if let Some(document) = documents.get_mut(&id) {
                *document = Some(image);
            }
        }
        Self { documents, no_fold: false }
    }

    /// Goes on by one event.
    pub(super) fn follow(&mut self, event: MessageChange) -> Result<Move, Contradiction> {
        let Some(document) = self.documents.get_mut(&event.id) else {
            return match event.change {
                Change::Insert(image) => Ok(Move { from: None, to: into_cell(image) }),
                Change::Update(_) | Change::Replace(_) | Change::Delete => Err(Contradiction::ChangeOfMissing),
            };
        };
        let before = document.take();
        let kept = if self.no_fold { before.clone() } else { None };
        let from = before.clone().and_then(into_cell);
        let after = match (before, event.change) {
            (None, Change::Insert(image)) | (Some(_), Change::Replace(image)) => Some(image),
            (Some(image), Change::Update(patch)) => Some(Image {
                room: patch.room.unwrap_or(image.room),
                day: patch.day.unwrap_or(image.day),
                counted: patch.counted.unwrap_or(image.counted),
                hidden: patch.hidden.unwrap_or(image.hidden),
            }),
            (Some(_), Change::Delete) => None,
            (Some(_), Change::Insert(_)) => return Err(Contradiction::InsertOfExisting),
            (None, _) => return Err(Contradiction::ChangeOfMissing),
        };
        let to = after.clone().and_then(into_cell);
        *document = if self.no_fold { kept } else { after };
        Ok(Move { from, to })
    }
}

fn into_cell(image: Image) -> Option<Cell> {
    image.cell()?;
    Some((image.room?, image.day?))
}
