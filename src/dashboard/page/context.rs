//! What the page must know before it asks for a period. Pure.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::text;

/// The workspace, its days, and how the service stands.
// The order of the fields is the order of the keys on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = PageContext)]
#[serde(rename_all = "camelCase")]
pub struct Context<'a> {
    /// The setting `Site_Name`.
    pub workspace: &'a str,
    /// The server's time zone.
    pub zone: String,
    /// The day that it is there.
    #[schema(format = Date)]
    today: String,
    /// The first day with a message.
    #[schema(required, format = Date)]
    first_message_day: Option<String>,
    /// The first day on which it is known who was active.
    #[schema(required, format = Date)]
    first_activity_day: Option<String>,
    /// Where counts come from.
    #[schema(inline)]
    pub counting: CountingStatus,
    /// The types of rooms whose messages count.
    pub room_types: &'a [String],
    /// How many channels and private groups there are.
    pub channels: u64,
    /// The version of the service.
    pub version: &'static str,
}

/// Where counts come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CountingStatus {
    /// `live`: from memory. `loading`: days that are not there yet by aggregations. `pipeline`: all by aggregations.
    #[schema(examples("live"))]
    pub source: &'static str,
    /// How many days are in memory.
    pub loaded_days: u32,
    /// How many are to be.
    pub history_days: u32,
}

/// The days of a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContextDays {
    /// The day that it is.
    pub today: NaiveDate,
    /// The first day with a message.
    pub first_message: Option<NaiveDate>,
    /// The first day on which it is known who was active.
    pub first_activity: Option<NaiveDate>,
}

impl<'a> Context<'a> {
    /// Computes the answer.
    pub fn new(
        workspace: &'a str,
        zone: String,
        days: ContextDays,
        counting: CountingStatus,
        room_types: &'a [String],
        channels: u64,
    ) -> Self {
        Self {
            workspace,
            zone,
            today: text(days.today),
            first_message_day: days.first_message.map(text),
            first_activity_day: days.first_activity.map(text),
            counting,
            room_types,
            channels,
            version: env!("CARGO_PKG_VERSION"),
        }
    }
}
