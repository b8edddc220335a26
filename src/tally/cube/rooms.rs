//! Rooms by number: an id is kept once, and cells name a room in four bytes.
//!
//! A room that only messages have named (its document is not there yet, or gone) has no type, and counts nowhere. Numbers are
//! never given back, since cells may hold them: a room costs about 40 bytes for as long as the process runs.

use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;

/// A room's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
    types: Vec<Box<str>>,
    /// All ids, one after another, in the order of their numbers.
    ids: String,
    /// Where each id ends.
    ends: Vec<usize>,
    kinds: Vec<u8>,
    /// Finds the number of an id.
    numbers: HashTable<RoomId>,
    hasher: RandomState,
}

impl Rooms {
    pub(super) fn new<T: AsRef<str>>(types: &[T]) -> Self {
        let types = types.iter().take(NONE as usize).map(|name| name.as_ref().into()).collect();
        let (ids, ends, kinds) = (String::new(), Vec::new(), Vec::new());
        Self { types, ids, ends, kinds, numbers: HashTable::new(), hasher: RandomState::new() }
    }

    /// The counted types.
    pub(super) fn types(&self) -> &[Box<str>] {
        &self.types
    }

    pub(super) fn len(&self) -> usize {
        self.kinds.len()
    }

    /// See [`Cube::memory`](super::Cube::memory).
    pub(super) fn memory(&self) -> usize {
        let ends = self.ends.capacity() * size_of::<usize>();
        self.ids.capacity() + ends + self.kinds.capacity() + self.numbers.allocation_size()
    }

    /// The room's number, if it has one.
    pub(super) fn find(&self, room: &str) -> Option<RoomId> {
        let hash = self.hasher.hash_one(room);
        self.numbers.find(hash, |number| self.id(*number) == room).copied()
    }

    pub(super) fn intern(&mut self, room: &str) -> RoomId {
        if let Some(number) = self.find(room) {
            return number;
        }
        // Four thousand million rooms would need more memory than any machine has.
        let number = RoomId(self.kinds.len() as u32);
        self.kinds.push(NONE);
        self.ids.push_str(room);
        self.ends.push(self.ids.len());
        let Self { ids, ends, numbers, hasher, .. } = self;
        let hash = |number: &RoomId| hasher.hash_one(id_of(ids, ends, *number));
        numbers.insert_unique(hasher.hash_one(room), number, hash);
        number
    }

    /// The room's id.
    pub(super) fn id(&self, room: RoomId) -> &str {
        id_of(&self.ids, &self.ends, room)
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

fn id_of<'a>(ids: &'a str, ends: &[usize], room: RoomId) -> &'a str {
    let begin = room.index().checked_sub(1).and_then(|before| ends.get(before)).copied().unwrap_or_default();
    let end = ends.get(room.index()).copied().unwrap_or_default();
    ids.get(begin..end).unwrap_or_default()
}
