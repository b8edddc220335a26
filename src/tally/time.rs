//! The three clocks of the tally, kept apart by their types: the database's, the calendar's and the caller's.
//! Plain numbers; whoever does I/O converts to and from what MongoDB and the system use.

use std::fmt;

/// A day of the server's local calendar, as a day number. The caller computes it from `ts`; here only order matters.
pub type Day = i32;

/// A monotonic clock in milliseconds, handed in by the caller: nothing in the tally reads a clock.
pub type Millis = u64;

/// A moment of MongoDB's cluster time: BSON's timestamp, seconds above an increment.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(u64);

impl Timestamp {
    /// From the two halves of a BSON timestamp.
    pub const fn new(seconds: u32, increment: u32) -> Self {
        Self((seconds as u64) << 32 | increment as u64)
    }

    /// The seconds since 1970.
    pub const fn seconds(self) -> u32 {
        (self.0 >> 32) as u32
    }

    /// The increment within the second.
    pub const fn increment(self) -> u32 {
        self.0 as u32
    }

    /// The moment just before this one. No write lies between the two.
    pub const fn previous(self) -> Self {
        Self(self.0.saturating_sub(1))
    }

    /// The moment just after this one.
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.seconds(), self.increment())
    }
}
