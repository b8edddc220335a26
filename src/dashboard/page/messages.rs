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

impl Serialize for Trend {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.sums.iter().take(self.parts))
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
}
