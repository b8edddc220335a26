//! Which days are loaded, from which snapshot, and what waits for those that are being loaded.
//!
//! Days come in spans, newest first, without gaps; the newest has no end, so that tomorrow is loaded before it comes.

use std::ops::RangeInclusive;

use super::rooms::RoomId;
use crate::tally::time::{Day, Timestamp};

/// Names a span for as long as it exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SpanId(u32);

/// The days of a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpanDays {
    /// The oldest.
    pub first: Day,
    /// The newest; none for the span without an end.
    pub last: Option<Day>,
}

impl SpanDays {
    /// Whether the day is one of them.
    pub fn contains(&self, day: Day) -> bool {
        self.first <= day && self.last.is_none_or(|last| day <= last)
    }
}

/// A change to a day that is being loaded.
#[derive(Debug)]
pub(super) struct Queued {
    pub(super) at: Timestamp,
    pub(super) room: RoomId,
    pub(super) day: Day,
    pub(super) by: i8,
}

#[derive(Debug)]
pub(super) enum State {
    Absent,
    Loading(Vec<Queued>),
    Loaded(Timestamp),
}

#[derive(Debug)]
struct Span {
    id: SpanId,
    days: SpanDays,
    state: State,
}

#[derive(Debug, Default)]
pub(super) struct Coverage {
    /// Newest first, each ending where the one before begins.
    spans: Vec<Span>,
}

impl Coverage {
    pub(super) fn plan(today: Day, history_days: u32, span_days: u32) -> Self {
        let oldest = today.saturating_sub_unsigned(history_days.saturating_sub(1));
        let mut spans = Vec::new();
        let mut last = None;
        let mut newest = today;
        while newest >= oldest {
            let first = newest.saturating_sub_unsigned(span_days.saturating_sub(1)).max(oldest);
            let id = SpanId(spans.len() as u32);
            spans.push(Span { id, days: SpanDays { first, last }, state: State::Absent });
            newest = first.saturating_sub(1);
            last = Some(newest);
        }
        Self { spans }
    }

    pub(super) fn forget_before(&mut self, first: Day) {
        self.spans.retain(|span| span.days.last.is_none_or(|last| last >= first));
        for span in &mut self.spans {
            span.days.first = span.days.first.max(first);
        }
    }

    pub(super) fn next_to_load(&self) -> Option<(SpanId, SpanDays)> {
        let next = self.spans.iter().find(|span| matches!(span.state, State::Absent))?;
        Some((next.id, next.days))
    }

    pub(super) fn set(&mut self, id: SpanId, state: State) {
        if let Some(span) = self.spans.iter_mut().find(|span| span.id == id) {
            span.state = state;
        }
    }

    /// The changes that waited for a load to end.
    pub(super) fn take_queue(&mut self, id: SpanId) -> Option<(SpanDays, Vec<Queued>)> {
        let span = self.spans.iter_mut().find(|span| span.id == id)?;
        match &mut span.state {
            State::Loading(queue) => Some((span.days, std::mem::take(queue))),
            State::Absent | State::Loaded(_) => None,
        }
    }

    fn index(&self, day: Day) -> usize {
        self.spans.partition_point(|span| span.days.first > day)
    }

    pub(super) fn state_mut(&mut self, day: Day) -> Option<&mut State> {
        let index = self.index(day);
        self.spans.get_mut(index).map(|span| &mut span.state)
    }

    pub(super) fn version(&self, day: Day) -> Option<Timestamp> {
        match self.spans.get(self.index(day))?.state {
            State::Loaded(version) => Some(version),
            State::Absent | State::Loading(_) => None,
        }
    }

    pub(super) fn covers(&self, days: &RangeInclusive<Day>) -> bool {
        if days.is_empty() {
            return true;
        }
        let (newest, oldest) = (self.index(*days.end()), self.index(*days.start()));
        self.spans
            .get(newest..=oldest)
            .is_some_and(|spans| spans.iter().all(|span| matches!(span.state, State::Loaded(_))))
    }

    pub(super) fn is_complete(&self) -> bool {
        !self.spans.is_empty() && self.spans.iter().all(|span| matches!(span.state, State::Loaded(_)))
    }

    pub(super) fn first_day(&self) -> Option<Day> {
        self.spans.last().map(|span| span.days.first)
    }

    pub(super) fn loaded_days(&self, today: Day) -> u32 {
        let loaded = self.spans.iter().filter(|span| matches!(span.state, State::Loaded(_)));
        let days = loaded.map(|span| {
            let last = span.days.last.unwrap_or(today);
            if last < span.days.first { 0 } else { last.abs_diff(span.days.first).saturating_add(1) }
        });
        days.sum()
    }
}
