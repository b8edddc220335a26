//! Messages per room in one or several windows of days: what the answers about rooms are made of. Pure.

use std::{cmp::Reverse, sync::Arc};

/// Messages by type of room, `t`: one entry for each counted type, in the order in which they are configured.
pub type TypeSums = Vec<(String, u64)>;

/// How many rooms more than are wanted may be gathered.
const SPARE: usize = 1_000;

/// How many rooms are gathered before all but the busiest are sorted out.
fn gathered(most: usize) -> usize {
    most.saturating_mul(2).saturating_add(SPARE)
}

/// The messages in the first window.
fn first<const N: usize>(messages: &[u64; N]) -> u64 {
    messages.first().copied().unwrap_or_default()
}

/// Ids of rooms by number, one after another in one text: there may be fifty thousand and more.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoomIds {
    text: String,
    /// Where each id ends.
    ends: Vec<usize>,
}

impl RoomIds {
    /// Adds an id. Its number is that of the ids before it.
    pub fn push(&mut self, id: &str) {
        self.text.push_str(id);
        self.ends.push(self.text.len());
    }

    /// The id with this number; an empty text if there is none.
    pub fn get(&self, number: usize) -> &str {
        let begin = number.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or_default();
        let end = self.ends.get(number).copied().unwrap_or_default();
        self.text.get(begin..end).unwrap_or_default()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The bytes that they take, spare room included.
    pub fn memory(&self) -> usize {
        self.text.capacity() + self.ends.capacity() * size_of::<usize>()
    }
}

/// Messages per room in `N` windows of days. A room without a message in any of them is absent.
///
/// The ids are shared with whoever counted: whoever copies fifty thousand holds up the feed meanwhile.
#[derive(Debug, Clone)]
pub struct RoomSums<const N: usize> {
    types: Arc<[Box<str>]>,
    ids: Arc<RoomIds>,
    rows: Vec<Row<N>>,
    /// How many rooms have been added.
    len: usize,
    /// How many of the busiest are kept.
    most: usize,
    /// Rooms with fewer messages in the first window are none of those.
    least: u64,
}

#[derive(Debug, Clone, Copy)]
struct Row<const N: usize> {
    /// The number of its id.
    room: u32,
    /// Its place in `types`.
    kind: u8,
    messages: [u64; N],
}

/// A room's messages in `N` windows of days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoomSum<'a, const N: usize> {
    /// `_id` of the room.
    pub id: &'a str,
    /// The number of that id.
    pub number: usize,
    /// `t` of the room: one of the counted types.
    pub kind: &'a str,
    /// Messages in each window.
    pub messages: [u64; N],
}

/// By what rooms are put in order: the most messages first, then by the bytes of the id. The first of those are a number, since in most
/// pairs they differ, and whoever compares numbers need not fetch texts.
type Key<'a> = (Reverse<u64>, u64, &'a [u8]);

/// The first bytes of a text as a number in the same order. Shorter texts are followed by zeros, so unequal texts may be equal here.
fn first_bytes(text: &str) -> u64 {
    let mut bytes = [0; 8];
    bytes.iter_mut().zip(text.bytes()).for_each(|(slot, byte)| *slot = byte);
    u64::from_be_bytes(bytes)
}

impl<const N: usize> RoomSums<N> {
    /// No room yet. Rooms can have these types.
    pub fn new<T: AsRef<str>>(types: impl IntoIterator<Item = T>) -> Self {
        let types = types.into_iter().map(|kind| kind.as_ref().into()).collect();
        Self::of(types, Arc::default(), usize::MAX)
    }

    /// No room yet, of those with these ids and types. Of the rooms to be added so many are kept, those with the most messages in the
    /// first window, in the order of [`busiest`](Self::busiest).
    pub fn of(types: Arc<[Box<str>]>, ids: Arc<RoomIds>, most: usize) -> Self {
        let rows = Vec::with_capacity(gathered(most).min(ids.len()));
        Self { types, ids, rows, len: 0, most, least: 0 }
    }

    /// Adds a room whose type is at this place among the types. One without messages, or of no such type, is left out.
    pub fn push(&mut self, id: &str, kind: usize, messages: [u64; N]) {
        let room = self.ids.len();
        Arc::make_mut(&mut self.ids).push(id);
        self.add(room, kind, messages);
    }

    /// The same of a room whose id has this number.
    pub fn add(&mut self, room: usize, kind: usize, messages: [u64; N]) {
        // Neither has anybody four thousand million rooms, nor do more than 255 types count.
        let (Ok(room), Ok(place)) = (u32::try_from(room), u8::try_from(kind)) else { return };
        if messages.iter().all(|sum| *sum == 0) || kind >= self.types.len() {
            return;
        }
        self.len += 1;
        if first(&messages) < self.least {
            return;
        }
        self.rows.push(Row { room, kind: place, messages });
        // Sorting out seldom costs next to nothing.
        if self.rows.len() >= gathered(self.most) {
            self.keep_busiest();
        }
    }

    fn keep_busiest(&mut self) {
        let mut rows = std::mem::take(&mut self.rows);
        match self.most.checked_sub(1) {
            None => rows.clear(),
            Some(last) if last < rows.len() => {
                let (_, last, _) =
                    rows.select_nth_unstable_by(last, |a, b| self.key(a, first).cmp(&self.key(b, first)));
                self.least = first(&last.messages);
                rows.truncate(self.most);
            }
            Some(_) => {}
        }
        self.rows = rows;
    }

    /// How many rooms have messages.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether no room has a message.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The rooms that are kept, in no order.
    pub fn iter(&self) -> impl Iterator<Item = RoomSum<'_, N>> {
        self.rows.iter().map(|row| self.room(row))
    }

    /// The rooms with the most messages, most first; `messages` says which number counts. Equal ones by `_id`, ascending by its
    /// bytes (contract sections 11 and 12). `skip` are left out, and at most `take` follow.
    pub fn busiest(
        &self,
        skip: usize,
        take: usize,
        messages: impl Fn(&[u64; N]) -> u64,
    ) -> impl Iterator<Item = RoomSum<'_, N>> {
        // What is compared is made once and not for each comparison.
        let order = |(a, _): &(Key<'_>, _), (b, _): &(Key<'_>, _)| a.cmp(b);
        let mut rows: Vec<_> = self.rows.iter().map(|row| (self.key(row, &messages), row)).collect();
        let end = skip.saturating_add(take);
        // Only those that are wanted are put in order.
        if end == 0 {
            rows.clear();
        } else if end < rows.len() {
            rows.select_nth_unstable_by(end - 1, order);
            rows.truncate(end);
        }
        rows.sort_unstable_by(order);
        rows.into_iter().skip(skip).map(|(_, row)| self.room(row))
    }

    fn key(&self, row: &Row<N>, messages: impl Fn(&[u64; N]) -> u64) -> Key<'_> {
        let id = self.id(row);
        (Reverse(messages(&row.messages)), first_bytes(id), id.as_bytes())
    }

    fn id(&self, row: &Row<N>) -> &str {
        self.ids.get(row.room as usize)
    }

    fn room(&self, row: &Row<N>) -> RoomSum<'_, N> {
        let kind = self.types.get(usize::from(row.kind)).map_or("", |kind| kind);
        RoomSum { id: self.id(row), number: row.room as usize, kind, messages: row.messages }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_room_without_messages_or_of_another_type_is_absent() {
        let mut sums = RoomSums::new(["c", "d"]);
        sums.push("quiet", 0, [0, 0]);
        sums.push("before", 1, [0, 2]);
        sums.push("livechat", 2, [3, 0]);
        let rooms: Vec<_> = sums.iter().map(|room| (room.id, room.kind, room.messages)).collect();
        assert_eq!(rooms, [("before", "d", [0, 2])]);
        assert_eq!(sums.len(), 1);
    }

    proptest! {
        #[test]
        fn pages_are_parts_of_the_list_in_order(
            // Some have the first bytes in common, or are followed by what is put in where there are none.
            rooms in prop::collection::btree_map("(in-common)?[a-cé]{1,3}\\x00{0,1}", (0u64..4, 0u64..3), 0..40),
            skip in 0usize..45,
            take in 0usize..45,
        ) {
            let mut sums = RoomSums::new(["c"]);
            for (id, (now, before)) in &rooms {
                sums.push(id, 0, [*now, *before]);
            }
            let mut expected: Vec<_> = rooms.iter().filter(|(_, (now, before))| now + before > 0).collect();
            expected.sort_by(|a, b| b.1.0.cmp(&a.1.0).then(a.0.as_bytes().cmp(b.0.as_bytes())));
            let expected: Vec<_> = expected.into_iter().map(|(id, _)| id.as_str()).skip(skip).take(take).collect();
            let page: Vec<_> = sums.busiest(skip, take, |messages| messages[0]).map(|room| room.id).collect();
            prop_assert_eq!(&page, &expected);
        }

        /// Many rooms with few different numbers, so that the last that is kept has many equals.
        #[test]
        fn where_only_the_busiest_are_kept_pages_and_length_are_the_same(
            rooms in prop::collection::vec((0u64..6, 0u64..2), 0..4_000),
            skip in 0usize..30,
            take in 0usize..30,
        ) {
            let mut ids = RoomIds::default();
            (0..rooms.len()).for_each(|room| ids.push(&format!("{}", room * 7919 % 4_001)));
            let types: Arc<[Box<str>]> = ["c".into()].into();
            let of = |most| {
                let mut sums = RoomSums::of(Arc::clone(&types), Arc::new(ids.clone()), most);
                rooms.iter().enumerate().for_each(|(room, (now, before))| sums.add(room, 0, [*now, *before]));
                let page: Vec<_> =
                    sums.busiest(skip, take, |messages| messages[0]).map(|room| (room.id.to_owned(), room.messages)).collect();
                (sums.len(), page)
            };
            prop_assert_eq!(of(skip + take), of(usize::MAX));
        }
    }
}
