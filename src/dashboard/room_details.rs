//! What the answers tell of a room beside its messages (contract sections 11 and 12). Pure.

/// What a room's document says, as far as it is of the right kind: a text, a date, an array.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RoomDetails {
    /// `name`.
    pub name: Option<String>,
    /// `fname`: the name as people wrote it.
    pub fname: Option<String>,
    /// `ts`: when it was made, as `toISOString()` writes it.
    pub ts: Option<String>,
    /// `_updatedAt`, written likewise.
    pub updated_at: Option<String>,
    /// The texts in `usernames`.
    pub usernames: Option<Vec<String>>,
}

impl RoomDetails {
    /// `fname`, or `name` where that is missing or empty.
    pub fn friendly_name(&self) -> Option<&str> {
        first_not_empty([&self.fname, &self.name])
    }

    /// `name`, or `fname` where that is missing or empty.
    pub fn plain_name(&self) -> Option<&str> {
        first_not_empty([&self.name, &self.fname])
    }
}

fn first_not_empty(names: [&Option<String>; 2]) -> Option<&str> {
    names.into_iter().filter_map(Option::as_deref).find(|name| !name.is_empty())
}
