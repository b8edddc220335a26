//! Whether the primary's history is still the one that memory follows.
//!
//! MongoDB never takes back what a majority holds. But a database may be restored from an older copy, and a change stream that is
//! resumed after a time (and not after an event) does not notice. Each answer of the primary names its process and the term of its
//! election:
//! * A process that has answered before goes on with its history.
//! * Every election has a higher term than all before it. Whoever was elected since, or is another process, and is in the same or a
//!   lower term than was seen, has not heard of elections: it runs on an older copy, or was forced on by `rs.reconfig`.
//! * Of any other process nothing is known: the primary was started again, or another member was elected. An old event that can be
//!   found in its oplog proves that it has all that came before.
//! * A primary whose newest write lies before what has been applied has forgotten writes.

use super::event::ProcessId;
use crate::tally::time::Timestamp;

/// What a primary's answer says about its history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Continuity {
    /// It is the one that is followed.
    Same,
    /// It is to be proven.
    Unproven,
    /// It has gone back.
    GoneBack,
    /// It comes from a former primary that does not know yet that it is none. It says nothing.
    Outdated,
}

/// The primaries that have answered.
#[derive(Debug, Default)]
pub(super) struct History {
    /// With the newest term of each.
    seen: Vec<(ProcessId, i64)>,
    term: i64,
}

impl History {
    /// Whether any primary has answered.
    pub(super) fn is_known(&self) -> bool {
        !self.seen.is_empty()
    }

    /// From here on this process' history is the one that is followed.
    pub(super) fn accept(&mut self, process: ProcessId, term: i64) {
        self.term = self.term.max(term);
        match self.seen.iter_mut().find(|(seen, _)| *seen == process) {
            Some((_, newest)) => *newest = term.max(*newest),
            None => self.seen.push((process, term)),
        }
    }

    /// Nothing is followed any more.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// What an answer says, while everything up to `applied` has been applied.
    pub(super) fn judge(&self, process: ProcessId, term: i64, last_write: Timestamp, applied: Timestamp) -> Continuity {
        let led = self.seen.iter().find(|(seen, _)| *seen == process).map(|(_, term)| *term);
        let (is_known, is_elected_since) = (led.is_some(), led.is_none_or(|led| led < term));
        match () {
            () if !self.is_known() => Continuity::Same,
            () if is_elected_since && term <= self.term => Continuity::GoneBack,
            () if term < self.term => Continuity::Outdated,
            () if last_write < applied => Continuity::GoneBack,
            () if is_known => Continuity::Same,
            () => Continuity::Unproven,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Continuity, History, Timestamp};

    #[test]
    fn a_history_is_told_by_the_process_the_term_and_the_newest_write() {
        let at = |seconds| Timestamp::new(seconds, 1);
        let mut history = History::default();
        assert_eq!(history.judge(1, 1, at(0), at(9)), Continuity::Same);
        history.accept(1, 5);
        history.accept(2, 6);
        for (process, term, last_write, expected) in [
            (2, 6, 9, Continuity::Same),
            (2, 6, 8, Continuity::GoneBack),
            (1, 7, 9, Continuity::Same),
            (1, 5, 9, Continuity::Outdated),
            (1, 5, 3, Continuity::Outdated),
            (1, 6, 9, Continuity::GoneBack),
            (3, 7, 9, Continuity::Unproven),
            (3, 6, 9, Continuity::GoneBack),
            (3, 5, 9, Continuity::GoneBack),
            (3, 7, 8, Continuity::GoneBack),
        ] {
            assert_eq!(history.judge(process, term, at(last_write), at(9)), expected, "{process} {term} {last_write}");
        }
    }
}
