//! How the feed stands, for people.

use crate::tally::time::Millis;

/// Why memory is not used, or not for everything, though the streams can be followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hindrance {
    /// The primary takes writes that no majority of the members holds.
    MajorityBehind,
    /// What documents were like before their changes is asked for and is gone, again and again.
    ImagesLost,
    /// Some days take longer to load than the server keeps snapshots.
    DaysTooLarge,
}

impl Hindrance {
    /// The same in words.
    pub fn reason(self) -> &'static str {
        match self {
            Self::MajorityBehind => "no majority of the replica set's members holds MongoDB's newest writes",
            Self::ImagesLost => "MongoDB keeps too little history to follow edits (minSnapshotHistoryWindowInSeconds)",
            Self::DaysTooLarge => {
                "some days take longer to load than MongoDB keeps snapshots (minSnapshotHistoryWindowInSeconds)"
            }
        }
    }
}

/// How things stand, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeedStatus {
    /// All of the history is loaded, the rooms are known, and nothing is stale.
    pub live: bool,
    /// Loaded days up to today.
    pub loaded_days: u32,
    /// How old an answer could be; none before the streams have brought anything.
    pub staleness: Option<Millis>,
    /// Events that wait to be applied.
    pub backlog: usize,
    /// Why not all is well, if there is something to say.
    pub hindrance: Option<Hindrance>,
}
