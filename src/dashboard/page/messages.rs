//! The page's messages: of each day by type of room, and of each room with its trend. All of it from one [`Breakdown`], so the sums by
//! day, by type and by room are the same. Pure.

use std::borrow::Cow;

use chrono::NaiveDate;
use serde::{Serialize, Serializer, ser::SerializeMap};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, Type},
};

use super::{DayText, PageDays};
use crate::dashboard::{
    breakdown::{Breakdown, BreakdownDays, PARTS, WINDOWS},
    period::DayRange,
};

/// `t` of direct messages, which are told as one.
pub const DIRECT: &str = "d";

/// The messages of a period.
// The order of the fields is the order of the keys on the wire.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PageMessages)]
#[serde(rename_all = "camelCase")]
pub struct Messages<'a> {
    #[serde(flatten)]
    #[schema(inline)]
    window: PageDays,
    /// The days that it is compared with.
    #[schema(required)]
    compare: Option<PageDays>,
    /// Every day of the period, oldest first.
    days: Vec<Day<'a>>,
    /// The same of the days that it is compared with.
    compare_days: Vec<Day<'a>>,
    /// The rooms with messages in the period or in the days that it is compared with, direct messages aside; most messages first.
    rooms: Vec<Room<'a>>,
    /// All direct messages together.
    direct: Direct,
}

/// A day's messages by type of room.
#[derive(Debug)]
struct Day<'a> {
    day: NaiveDate,
    types: &'a [String],
    messages: Option<&'a [u64]>,
}

impl PartialSchema for Day<'_> {
    fn schema() -> RefOr<Schema> {
        let day =
            ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::KnownFormat(KnownFormat::Date)));
        ObjectBuilder::new()
            .description(Some("A day's messages: a key for each type of room that counts."))
            .property("day", day)
            .required("day")
            .additional_properties(Some(Schema::from(ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0)))))
            .build()
            .into()
    }
}

impl ToSchema for Day<'_> {
    fn name() -> Cow<'static, str> {
        "PageDayOfMessages".into()
    }
}

impl Serialize for Day<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1 + self.types.len()))?;
        map.serialize_entry("day", &DayText(self.day))?;
        for (place, kind) in self.types.iter().enumerate() {
            let messages = self.messages.and_then(|messages| messages.get(place)).copied().unwrap_or_default();
            map.serialize_entry(kind, &messages)?;
        }
        map.end()
    }
}

/// A room with its messages.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PageRoom)]
#[serde(rename_all = "camelCase")]
struct Room<'a> {
    /// `_id`.
    id: &'a str,
    /// `fname`, or `name` where that is missing; empty if both are.
    name: &'a str,
    /// `t`.
    #[serde(rename = "type")]
    kind: &'a str,
    /// Messages in the period.
    messages: u64,
    /// Messages in the days that it is compared with.
    before: u64,
    /// The last of all those days on which it has messages.
    #[schema(required, value_type = Option<String>, format = Date)]
    last_day: Option<DayText>,
    /// The messages of twelve equal parts of the period, or of each day if it has fewer.
    #[schema(value_type = Vec<u64>)]
    trend: Trend,
}

/// Sums without a place of their own in memory: there may be thousands.
#[derive(Debug)]
struct Trend {
    sums: [u64; WINDOWS],
    parts: usize,
}

impl Trend {
    fn sums(&self) -> impl Iterator<Item = u64> {
        self.sums.iter().take(self.parts).copied()
    }
}

impl Serialize for Trend {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.sums())
    }
}

/// All direct messages.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = PageDirectMessages)]
struct Direct {
    /// In how many rooms there are some in the period.
    conversations: u64,
    messages: u64,
    before: u64,
    trend: Vec<u64>,
}

impl<'a> Messages<'a> {
    /// Computes the answer. `types` are the types of rooms that count, in the order of the breakdown's; `names` are those of the rooms by
    /// the number of the room.
    pub fn new(asked: BreakdownDays, breakdown: &'a Breakdown, types: &'a [String], names: &[&'a str]) -> Self {
        let days = |window: DayRange| {
            let days = window.first.iter_days().take_while(move |day| *day <= window.last);
            days.map(|day| Day { day, types, messages: breakdown.days.get(&day).map(|messages| &**messages) }).collect()
        };
        let parts = asked.parts();
        let in_window = |messages: &[u64; WINDOWS]| messages.iter().take(PARTS).sum::<u64>();
        let before = |messages: &[u64; WINDOWS]| messages.last().copied().unwrap_or_default();
        let mut direct = Direct { trend: vec![0; parts], ..Direct::default() };
        let mut rooms = Vec::with_capacity(breakdown.rooms.len());
        for room in breakdown.rooms.busiest(0, usize::MAX, in_window) {
            let (messages, before) = (in_window(&room.messages), before(&room.messages));
            if room.kind == DIRECT {
                direct.conversations += u64::from(messages > 0);
                direct.messages += messages;
                direct.before += before;
                direct.trend.iter_mut().zip(room.messages).for_each(|(sum, messages)| *sum += messages);
            } else {
                let last_day = breakdown.last_days.get(room.number).copied().flatten().map(DayText);
                let name = names.get(room.number).copied().unwrap_or_default();
                rooms.push(Room {
                    id: room.id,
                    name,
                    kind: room.kind,
                    messages,
                    before,
                    last_day,
                    trend: Trend { sums: room.messages, parts },
                });
            }
        }
        Self {
            window: asked.window.into(),
            compare: asked.compare.map(PageDays::from),
            days: days(asked.window),
            compare_days: asked.compare.map(days).unwrap_or_default(),
            rooms,
            direct,
        }
    }

    /// The answer as JSON: what serde writes, in less time. There may be thousands of rooms, of each of which serde writes some seventy
    /// pieces one by one.
    pub fn to_json(&self) -> Vec<u8> {
        let Self { window, compare, days, compare_days, rooms, direct } = self;
        let mut text = Text(Vec::with_capacity(ABOUT_BYTES_OF_A_ROOM * rooms.len()));
        text.value(window);
        // The other keys follow in the same object.
        text.0.pop();
        text.0.extend(br#","compare":"#);
        text.value(compare);
        text.0.extend(br#","days":"#);
        text.value(days);
        text.0.extend(br#","compareDays":"#);
        text.value(compare_days);
        text.0.extend(br#","rooms":"#);
        text.list(rooms, Text::room);
        text.0.extend(br#","direct":"#);
        text.value(direct);
        text.0.push(b'}');
        text.0
    }
}

/// About how many bytes a room takes in an answer: a large one is not copied while it grows.
const ABOUT_BYTES_OF_A_ROOM: usize = 200;

/// JSON that grows.
struct Text(Vec<u8>);

impl Text {
    fn value(&mut self, value: &impl Serialize) {
        // Our own types, into memory: that cannot fail.
        drop(serde_json::to_writer(&mut self.0, value));
    }

    fn room(&mut self, room: &Room<'_>) {
        let Room { id, name, kind, messages, before, last_day, trend } = room;
        self.0.extend(br#"{"id":"#);
        self.string(id);
        self.0.extend(br#","name":"#);
        self.string(name);
        self.0.extend(br#","type":"#);
        self.string(kind);
        self.0.extend(br#","messages":"#);
        self.number(*messages);
        self.0.extend(br#","before":"#);
        self.number(*before);
        self.0.extend(br#","lastDay":"#);
        match last_day.and_then(DayText::ascii) {
            Some(day) => self.quoted(&day),
            None => self.value(last_day),
        }
        self.0.extend(br#","trend":"#);
        self.list(trend.sums(), Self::number);
        self.0.push(b'}');
    }

    fn list<T>(&mut self, items: impl IntoIterator<Item = T>, write: impl Fn(&mut Self, T)) {
        self.0.push(b'[');
        for (place, item) in items.into_iter().enumerate() {
            if place > 0 {
                self.0.push(b',');
            }
            write(self, item);
        }
        self.0.push(b']');
    }

    /// What needs no escape.
    fn quoted(&mut self, plain: &[u8]) {
        self.0.push(b'"');
        self.0.extend_from_slice(plain);
        self.0.push(b'"');
    }

    fn number(&mut self, number: u64) {
        // Most numbers are of one day or a week.
        match u8::try_from(number) {
            Ok(ones @ 0..=9) => self.0.push(b'0' + ones),
            Ok(tens @ 10..=99) => self.0.extend([b'0' + tens / 10, b'0' + tens % 10]),
            _ => self.0.extend_from_slice(itoa::Buffer::new().format(number).as_bytes()),
        }
    }

    fn string(&mut self, string: &str) {
        // All bytes are looked at, since that takes many at once, and few names need an escape.
        let is_plain = |byte: u8| (byte >= b' ') & (byte != b'"') & (byte != b'\\');
        if string.bytes().fold(true, |plain, byte| plain & is_plain(byte)) {
            self.quoted(string.as_bytes());
        } else {
            self.value(&string);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day() -> impl Strategy<Value = NaiveDate> {
        (-800_000i64..4_000_000).prop_map(|days| NaiveDate::default() + chrono::TimeDelta::days(days))
    }

    fn number() -> impl Strategy<Value = u64> {
        prop_oneof![0u64..1_200, any::<u64>()]
    }

    /// A room's id, name and type, its two sums, its last day and its trend.
    type Parts = ((String, String, String), u64, u64, Option<NaiveDate>, [u64; WINDOWS]);

    fn of_parts(((id, name, kind), messages, before, last_day, sums): &Parts, parts: usize) -> Room<'_> {
        Room {
            id,
            name,
            kind,
            messages: *messages,
            before: *before,
            last_day: last_day.map(DayText),
            trend: Trend { sums: *sums, parts },
        }
    }

    fn room() -> impl Strategy<Value = Parts> {
        // Any character; and those of which some have to be escaped, close together.
        let text = || prop_oneof![any::<String>(), "[a\"\\\\\u{0}-\u{20}\u{7f}é/]{0,20}"];
        ((text(), text(), text()), number(), number(), prop::option::of(day()), prop::array::uniform(number()))
    }

    proptest! {
        #[test]
        fn an_answer_is_written_as_serde_writes_it(
            (first, compare) in (day(), prop::option::of(day())),
            messages in prop::option::of([number(), number()]),
            rooms in prop::collection::vec(room(), 0..5),
            parts in 0..=WINDOWS,
            direct in (number(), number(), number(), prop::collection::vec(number(), 0..4)),
        ) {
            let types = ["c".to_owned(), "d".to_owned()];
            let of = |day| PageDays::from(DayRange { first: day, last: day });
            let days = |day| vec![Day { day, types: &types, messages: messages.as_ref().map(|messages| &messages[..]) }];
            let (conversations, messages, before, trend) = direct;
            let direct = Direct { conversations, messages, before, trend };
            let answer = Messages {
                window: of(first),
                compare: compare.map(of),
                days: days(first),
                compare_days: compare.map(days).unwrap_or_default(),
                rooms: rooms.iter().map(|room| of_parts(room, parts)).collect(),
                direct,
            };
            let expected = serde_json::to_string(&answer).expect("JSON");
            prop_assert_eq!(String::from_utf8(answer.to_json()).expect("a text"), expected);
        }
    }
}
