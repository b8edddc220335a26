//! The aggregation pipelines that count. Pure: BSON in, BSON out.

use bson::{Bson, DateTime, Document, doc};

use crate::{config::Counting, time_zone::Stretch};

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// The rooms whose messages count: `{_id}`.
pub fn rooms(counting: &Counting) -> Vec<Document> {
    vec![doc! { "$match": { "t": { "$in": &counting.room_types } } }, doc! { "$project": { "_id": 1 } }]
}

/// Counts the messages of a stretch of time per room and day: `{_id: {r: rid, d: days since 1970-01-01}, n}`.
pub fn cells(stretch: &Stretch, counting: &Counting) -> Vec<Document> {
    let types = std::iter::once(Bson::Null).chain(counting.message_types.iter().map(Bson::from)).collect::<Vec<_>>();
    let instant = |at: chrono::DateTime<chrono::Utc>| DateTime::from_chrono(at);
    let day = doc! { "$floor": { "$divide": [{ "$subtract": ["$ts", DateTime::from_millis(-stretch.offset.num_milliseconds())] }, DAY] } };
    vec![
        doc! { "$match": {
            "ts": { "$gte": instant(stretch.from), "$lt": instant(stretch.to) },
            "t": { "$in": types },
            "_hidden": { "$ne": true },
        } },
        doc! { "$group": { "_id": { "r": "$rid", "d": day }, "n": { "$sum": 1 } } },
    ]
}
