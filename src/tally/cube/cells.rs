//! The messages in each room on each day, laid out so that sums per room over a window of days are cheap.
//!
//! Eight days make a block, in which a room has one row. A window of 91 days is ten whole blocks, of which only the rows' totals are
//! read, and two at its ends: about 200 bytes a room, one behind the other, and memory is read ahead. (A list of days for each
//! room, each in a place of its own, took three times as long: docs/performance.md.)

use std::{collections::BTreeMap, ops::RangeInclusive};

use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::BuildHasher;

use super::{Contradiction, rooms::RoomId};
use crate::tally::time::Day;

/// The days of a block.
const DAYS: usize = 8;

/// The number of a block, and the place of the day in it.
fn place(day: Day) -> (Day, usize) {
    (day.div_euclid(DAYS as Day), day.rem_euclid(DAYS as Day) as usize)
}

/// What a change did to a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// It was empty and is not any more.
    Filled,
    /// It has messages, as before.
    Kept,
    /// It is empty now.
    Emptied,
}

/// All non-empty cells.
#[derive(Debug, Default)]
pub(super) struct Cells {
    /// Only blocks with messages.
    blocks: BTreeMap<Day, Block>,
    hasher: DefaultHashBuilder,
}

/// Eight days. What is at one place of the lists is a row: a room with messages.
#[derive(Debug, Default)]
struct Block {
    rooms: Vec<RoomId>,
    totals: Vec<u32>,
    days: Vec<[u32; DAYS]>,
    /// Finds the row of a room.
    rows: HashTable<u32>,
}

impl Cells {
    pub(super) fn clear(&mut self) {
        self.blocks.clear();
    }

    /// Adds messages to a cell, or takes them away.
    pub(super) fn change(&mut self, room: RoomId, day: Day, by: i64) -> Result<Effect, Contradiction> {
        let (number, place) = place(day);
        let hash = self.hasher.hash_one(room);
        let block = self.blocks.entry(number).or_default();
        let row = match block.row(hash, room) {
            Some(row) => row,
            None if by > 0 => block.push_row(&self.hasher, room, 0, [0; DAYS]),
            None => {
                if block.rooms.is_empty() {
                    self.blocks.remove(&number);
                }
                return if by < 0 { Err(Contradiction::EmptyCell) } else { Ok(Effect::Kept) };
            }
        };
        let (Some(total), Some(cell)) =
            (block.totals.get_mut(row), block.days.get_mut(row).and_then(|days| days.get_mut(place)))
        else {
            return Err(Contradiction::EmptyCell);
        };
        let changed = |number: u32| u32::try_from(i64::from(number) + by).map_err(|_| Contradiction::EmptyCell);
        let before = *cell;
        (*cell, *total) = (changed(*cell)?, changed(*total)?);
        let effect = match (before, *cell) {
            (0, 1..) => Effect::Filled,
            (1.., 0) => Effect::Emptied,
            _ => Effect::Kept,
        };
        if *total == 0 {
            block.remove_row(&self.hasher, hash, row);
            if block.rooms.is_empty() {
                self.blocks.remove(&number);
            }
        }
        Ok(effect)
    }

    /// Forgets the days before `first`.
    pub(super) fn forget_before(&mut self, first: Day) {
        let (number, place) = place(first);
        self.blocks = self.blocks.split_off(&number);
        let Some(mut block) = self.blocks.remove(&number) else { return };
        let mut kept = Block::default();
        for (row, room) in block.rooms.iter().enumerate() {
            let Some(days) = block.days.get_mut(row) else { continue };
            days.iter_mut().take(place).for_each(|messages| *messages = 0);
            let total = days.iter().sum();
            if total > 0 {
                kept.push_row(&self.hasher, *room, total, *days);
            }
        }
        if !kept.rooms.is_empty() {
            self.blocks.insert(number, kept);
        }
    }

    /// The days on which a room has messages, with their number.
    pub(super) fn of_room(&self, room: RoomId) -> impl Iterator<Item = (Day, u32)> {
        let hash = self.hasher.hash_one(room);
        self.blocks.iter().flat_map(move |(number, block)| {
            let days = block.row(hash, room).and_then(|row| block.days.get(row)).copied().unwrap_or_default();
            let first = number * DAYS as Day;
            (first..).zip(days).filter(|(_, messages)| *messages > 0)
        })
    }

    /// The rooms with messages on a day, with their number.
    pub(super) fn of_day(&self, day: Day) -> impl Iterator<Item = (RoomId, u32)> {
        let (number, place) = place(day);
        self.blocks.get(&number).into_iter().flat_map(move |block| {
            let messages = block.days.iter().map(move |days| days.get(place).copied().unwrap_or_default());
            block.rooms.iter().copied().zip(messages).filter(|(_, messages)| *messages > 0)
        })
    }

    /// Puts the rows of these days in the order of the rooms. Sums are made twice as fast then; it makes no other difference.
    pub(super) fn arrange(&mut self, days: RangeInclusive<Day>) {
        if days.is_empty() {
            return;
        }
        let ((first, _), (last, _)) = (place(*days.start()), place(*days.end()));
        for (_, block) in self.blocks.range_mut(first..=last) {
            block.arrange(&self.hasher);
        }
    }

    /// For each window the messages by the number of the room; there are so many rooms.
    pub(super) fn sums<const N: usize>(&self, windows: &[RangeInclusive<Day>; N], rooms: usize) -> [Vec<u64>; N] {
        windows.each_ref().map(|window| {
            let mut sums = vec![0; rooms];
            if !window.is_empty() {
                self.add_window(window, &mut sums);
            }
            sums
        })
    }

    fn add_window(&self, window: &RangeInclusive<Day>, sums: &mut [u64]) {
        let ((first, from), (last, to)) = (place(*window.start()), place(*window.end()));
        let mut add = |room: RoomId, messages: u64| {
            if let Some(sum) = sums.get_mut(room.index()) {
                *sum += messages;
            }
        };
        for (number, block) in self.blocks.range(first..=last) {
            let from = if *number == first { from } else { 0 };
            let to = if *number == last { to } else { DAYS - 1 };
            if to - from == DAYS - 1 {
                block.rooms.iter().zip(&block.totals).for_each(|(room, total)| add(*room, u64::from(*total)));
            } else {
                // The same for each row, so that it is done for all eight days at once. Their total fits into 32 bits, so this does.
                let wanted: [u32; DAYS] =
                    std::array::from_fn(|day| if (from..=to).contains(&day) { u32::MAX } else { 0 });
                for (room, days) in block.rooms.iter().zip(&block.days) {
                    add(
                        *room,
                        u64::from(days.iter().zip(&wanted).map(|(messages, mask)| messages & mask).sum::<u32>()),
                    );
                }
            }
        }
    }

    /// The last of these days on which a room has messages, by the number of the room, into `found`, which may know later ones.
    pub(super) fn last_days(&self, window: &RangeInclusive<Day>, found: &mut [Option<Day>]) {
        if window.is_empty() {
            return;
        }
        let ((first, _), (last, _)) = (place(*window.start()), place(*window.end()));
        for (number, block) in self.blocks.range(first..=last).rev() {
            let begin = number * DAYS as Day;
            for (room, days) in block.rooms.iter().zip(&block.days) {
                let Some(slot) = found.get_mut(room.index()) else { continue };
                // Blocks come newest first, so most rooms are known after the first.
                if slot.is_some_and(|known| known >= begin) {
                    continue;
                }
                let mut newest_first = (begin..begin + DAYS as Day).zip(days).rev();
                let found = newest_first.find(|(day, messages)| **messages > 0 && window.contains(day));
                *slot = (*slot).max(found.map(|(day, _)| day));
            }
        }
    }

    /// The bytes that all of it takes, spare room included.
    pub(super) fn memory(&self) -> usize {
        let row = size_of::<RoomId>() + size_of::<u32>() + size_of::<[u32; DAYS]>();
        let blocks = self
            .blocks
            .values()
            .map(|block| 2 * size_of::<(Day, Block)>() + block.rooms.capacity() * row + block.rows.allocation_size());
        blocks.sum()
    }
}

impl Block {
    fn row(&self, hash: u64, room: RoomId) -> Option<usize> {
        let is_room = |row: &u32| self.rooms.get(*row as usize) == Some(&room);
        self.rows.find(hash, is_room).map(|row| *row as usize)
    }

    /// A row for a room that has none.
    fn push_row(&mut self, hasher: &DefaultHashBuilder, room: RoomId, total: u32, days: [u32; DAYS]) -> usize {
        let row = self.rooms.len();
        if row == self.rooms.capacity() {
            // Less spare room than doubling leaves: rows are most of what memory holds.
            let more = row / 4 + 4;
            self.rooms.reserve_exact(more);
            self.totals.reserve_exact(more);
            self.days.reserve_exact(more);
        }
        self.rooms.push(room);
        self.totals.push(total);
        self.days.push(days);
        let Self { rooms, rows, .. } = self;
        let hash = |row: &u32| rooms.get(*row as usize).map_or(0, |room| hasher.hash_one(room));
        // Rooms have numbers of 32 bits, so rows do.
        rows.insert_unique(hasher.hash_one(room), row as u32, hash);
        row
    }

    /// Puts the rows in the order of the rooms.
    fn arrange(&mut self, hasher: &DefaultHashBuilder) {
        if self.rooms.is_sorted() {
            return;
        }
        let mut rows: Vec<_> = self.rooms.iter().zip(&self.totals).zip(&self.days).collect();
        rows.sort_unstable_by_key(|((room, _), _)| **room);
        let mut arranged = Self::default();
        for ((room, total), days) in rows {
            arranged.push_row(hasher, *room, *total, *days);
        }
        *self = arranged;
    }

    /// Removes a row; the last one takes its place.
    fn remove_row(&mut self, hasher: &DefaultHashBuilder, hash: u64, row: usize) {
        let last = self.rooms.len() - 1;
        if let Ok(entry) = self.rows.find_entry(hash, |held| *held as usize == row) {
            entry.remove();
        }
        if row != last
            && let Some(moved) = self.rooms.get(last).map(|room| hasher.hash_one(room))
            && let Some(held) = self.rows.find_mut(moved, |held| *held as usize == last)
        {
            *held = row as u32;
        }
        self.rooms.swap_remove(row);
        self.totals.swap_remove(row);
        self.days.swap_remove(row);
    }
}

#[cfg(test)]
mod tests;
