//! The answer of `messages/top-five-popular-channels`: the rooms with the most messages (contract section 11). Pure.

use serde::Serialize;
use utoipa::ToSchema;

use super::{
    room_details::RoomDetails,
    room_sums::{RoomSum, RoomSums},
    succeeded,
};

/// How many rooms are told.
pub const MOST: usize = 5;

/// The busiest rooms of a period.
// The order of the fields is the order of the keys on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = PopularChannels)]
pub struct TopFive {
    /// At most five rooms, most messages first; equal ones by their `_id`.
    #[schema(max_items = 5)]
    channels: Vec<Channel>,
    #[schema(schema_with = succeeded)]
    success: bool,
}

/// A room of any counted type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = PopularChannel)]
struct Channel {
    #[schema(minimum = 1)]
    messages: u64,
    /// The room's type: `c` a channel, `p` a private group, `d` direct messages.
    t: String,
    /// `fname` of the room, else `name`. Direct messages have neither.
    #[schema(nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// Who writes in it, of direct messages.
    usernames: Vec<String>,
}

impl TopFive {
    /// The rooms that the answer tells of.
    pub fn rooms(sums: &RoomSums<1>) -> Vec<RoomSum<'_, 1>> {
        sums.busiest(0, MOST, |messages| messages[0]).collect()
    }

    /// Computes the answer from [`rooms`](Self::rooms), and what is known of each.
    pub fn new<'a>(rooms: &[RoomSum<'_, 1>], details: impl Fn(&str) -> Option<&'a RoomDetails>) -> Self {
        let channel = |room: &RoomSum<'_, 1>| {
            let details = details(room.id);
            Channel {
                messages: room.messages[0],
                t: room.kind.to_owned(),
                name: details.and_then(RoomDetails::friendly_name).map(str::to_owned),
                usernames: details.and_then(|details| details.usernames.clone()).unwrap_or_default(),
            }
        };
        Self { channels: rooms.iter().map(channel).collect(), success: true }
    }
}
