//! Rooms by number: an id is kept once, and cells name a room in four bytes.
//!
//! A room that only messages have named (its document is not there yet, or gone) has no type, and counts nowhere. Numbers are
//! never given back, since cells may hold them: a room costs about 40 bytes for as long as the process runs.

use std::{
    hash::{BuildHasher, RandomState},
    sync::Arc,
};

use hashbrown::HashTable;

use crate::dashboard::room_sums::RoomIds;

/// A room's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct RoomId(u32);

impl RoomId {
    pub(super) fn at(index: usize) -> Option<Self> {
        u32::try_from(index).ok().map(Self)
    }

    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}

/// No counted type.
const NONE: u8 = u8::MAX;

#[derive(Debug)]
pub(super) struct Rooms {
    types: Arc<[Box<str>]>,
    /// All ids. An answer shares them: should it be under way while a room comes, they are copied.
    ids: Arc<RoomIds>,
    kinds: Vec<u8>,
    /// Finds the number of an id.
    numbers: HashTable<RoomId>,
    hasher: RandomState,
}

impl Rooms {
    pub(super) fn new<T: AsRef<str>>(types: &[T]) -> Self {
        let types = types.iter().take(NONE as usize).map(|name| name.as_ref().into()).collect();
        Self { types, ids: Arc::default(), kinds: Vec::new(), numbers: HashTable::new(), hasher: RandomState::new() }
    }

    /// The counted types.
    pub(super) fn types(&self) -> &Arc<[Box<str>]> {
        &self.types
    }

    /// The ids by number.
    pub(super) fn ids(&self) -> &Arc<RoomIds> {
        &self.ids
    }

    pub(super) fn len(&self) -> usize {
        self.kinds.len()
    }

    /// See [`Cube::memory`](super::Cube::memory).
    pub(super) fn memory(&self) -> usize {
        self.ids.memory() + self.kinds.capacity() + self.numbers.allocation_size()
    }

    /// The room's number, if it has one.
    pub(super) fn find(&self, room: &str) -> Option<RoomId> {
        let hash = self.hasher.hash_one(room);
        self.numbers.find(hash, |number| self.ids.get(number.index()) == room).copied()
    }

    pub(super) fn intern(&mut self, room: &str) -> RoomId {
        if let Some(number) = self.find(room) {
            return number;
        }
        // Four thousand million rooms would need more memory than any machine has.
        let number = RoomId(self.kinds.len() as u32);
        self.kinds.push(NONE);
        Arc::make_mut(&mut self.ids).push(room);
        let Self { ids, numbers, hasher, .. } = self;
        let hash = |number: &RoomId| hasher.hash_one(ids.get(number.index()));
        numbers.insert_unique(hasher.hash_one(room), number, hash);
        number
    }

    pub(super) fn type_index(&self, name: Option<&str>) -> Option<usize> {
        name.and_then(|name| self.types.iter().position(|counted| **counted == *name))
    }

    pub(super) fn kind(&self, room: RoomId) -> Option<usize> {
        self.kinds.get(room.index()).copied().filter(|kind| *kind != NONE).map(usize::from)
    }

    pub(super) fn set_kind(&mut self, room: RoomId, kind: Option<usize>) {
        if let Some(slot) = self.kinds.get_mut(room.index()) {
            *slot = kind.and_then(|kind| u8::try_from(kind).ok()).unwrap_or(NONE);
        }
    }
}
