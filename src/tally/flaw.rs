//! Deliberate mistakes, for tests: the simulator must find each of the safeguards taken out, and a panic must be survived.
//!
//! There are none in the program that is shipped: with optimisation (without `debug_assertions`, and not in this crate's own tests)
//! [`Flaws`] holds nothing, no flaw can be set, and no branch is left.

/// One safeguard taken out, or a plain failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Events that the loaded snapshot already holds are applied again.
    NoVersionFilter,
    /// A load older than the events that were let pass before it began is accepted.
    NoFence,
    /// Events for days that are being loaded are not kept.
    NoQueue,
    /// Events that a resumed stream delivers again are applied again.
    NoDuplicateFilter,
    /// Documents are read as they are after their changes.
    LateImages,
    /// Of several changes to a document in one batch, each is taken to begin from the state before the batch.
    NoFold,
    /// A transaction is applied while some of its events may still be under way.
    EagerGroups,
    /// An empty batch counts as fresh though events before it wait.
    FreshOnReceipt,
    /// Room events are not kept while the list of rooms is read.
    NoRoomQueue,
    /// A list of rooms older than the events let pass before it was asked for is accepted.
    NoRoomFence,
    /// What a majority holds is taken to be all that the primary has.
    NoMajorityCheck,
    /// A stream's member is taken to have all that a majority holds.
    NoMemberCheck,
    /// A primary that has forgotten writes is followed as if it had not.
    NoHistoryCheck,
    /// Days that come back when the clock is set back are not loaded.
    NoDaysAnew,
    /// A broken stream is reopened at the present.
    ResumeNow,
    /// Answers to requests of before a rebuild are taken.
    NoRequestCheck,
    /// The step at which a stream is opened panics.
    Panics,
}

/// The mistakes that a feed makes: none, but in tests.
#[derive(Clone, Copy, Debug, Default)]
pub struct Flaws {
    #[cfg(any(test, debug_assertions))]
    flaw: Option<Flaw>,
}

impl Flaws {
    /// This one.
    #[cfg(any(test, debug_assertions))]
    pub fn only(flaw: Flaw) -> Self {
        Self { flaw: Some(flaw) }
    }

    /// Whether this one is made.
    #[cfg(any(test, debug_assertions))]
    pub fn has(self, flaw: Flaw) -> bool {
        self.flaw == Some(flaw)
    }

    /// Never.
    #[cfg(not(any(test, debug_assertions)))]
    pub const fn has(self, _: Flaw) -> bool {
        false
    }
}
