//! Rooms by number: ids of 17 characters are kept once, cells name a room in four bytes.
//!
//! A room that only messages have named (its document is not there yet, or gone) has no type, and counts nowhere. Numbers are
//! never given back, since cells may hold them: a room costs about 70 bytes for as long as the process runs.

use std::collections::HashMap;

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

/// The bytes of a hash table that takes `capacity` entries before it grows: a power of two of slots, an eighth of them kept free,
/// each with a byte of control.
pub(super) fn table_bytes<T>(capacity: usize) -> usize {
    if capacity == 0 { 0 } else { (capacity * 8 / 7).next_power_of_two() * (size_of::<T>() + 1) + 16 }
}

/// No counted type.
const NONE: u8 = u8::MAX;

#[derive(Debug)]
pub(super) struct Rooms {
    types: Vec<Box<str>>,
    ids: HashMap<Box<str>, RoomId>,
    kinds: Vec<u8>,
}

impl Rooms {
    pub(super) fn new<T: AsRef<str>>(types: &[T]) -> Self {
        let types = types.iter().take(NONE as usize).map(|name| name.as_ref().into()).collect();
        Self { types, ids: HashMap::new(), kinds: Vec::new() }
    }

    /// How many types are counted.
    pub(super) fn types(&self) -> usize {
        self.types.len()
    }

    pub(super) fn len(&self) -> usize {
        self.kinds.len()
    }

    /// See [`Cube::memory`](super::Cube::memory).
    pub(super) fn memory(&self) -> usize {
        let names: usize = self.ids.keys().map(|name| name.len().next_multiple_of(16) + 16).sum();
        names + table_bytes::<(Box<str>, RoomId)>(self.ids.capacity()) + self.kinds.capacity()
    }

    /// The room's number, if it has one.
    pub(super) fn find(&self, room: &str) -> Option<RoomId> {
        self.ids.get(room).copied()
    }

    pub(super) fn intern(&mut self, room: &str) -> RoomId {
        if let Some(id) = self.ids.get(room) {
            return *id;
        }
        // Four thousand million rooms would need more memory than any machine has.
        let id = RoomId(self.kinds.len() as u32);
        self.kinds.push(NONE);
        self.ids.insert(room.into(), id);
        id
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
