//! Which days are loaded, from which snapshot, and what waits for those that are being loaded.
//!
//! Days come in spans, newest first, without gaps; the newest has no end, so that tomorrow is loaded before it comes.

use std::ops::RangeInclusive;

use super::rooms::RoomId;
use crate::tally::time::{Day, Millis, Timestamp};

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
    /// Cannot be loaded; to be tried again after this time.
    LeftOut(Millis),
}

/// How a span was parted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Halved {
    /// Into these days and older ones.
    Days(SpanDays),
    /// It is this day alone.
    Not(Day),
    /// There is no such span any more.
    Gone,
}

#[derive(Debug)]
struct Span {
    id: SpanId,
    days: SpanDays,
    state: State,
    /// How often a snapshot was gone before the span was loaded.
    too_slow: u32,
}

#[derive(Debug, Default)]
pub(super) struct Coverage {
    /// Newest first, each ending where the one before begins.
    spans: Vec<Span>,
    /// The last id given in this plan.
    ids: u32,
}

impl Coverage {
    /// Plans the days anew, from `history_days` before tomorrow on.
    pub(super) fn plan(&mut self, today: Day, history_days: u32, span_days: u32) {
        self.spans.clear();
        self.ids = 0;
        let oldest = today.saturating_sub_unsigned(history_days.saturating_sub(1));
        let first = today.saturating_sub_unsigned(span_days.saturating_sub(1)).max(oldest);
        self.push(SpanDays { first, last: None });
        self.extend_back(oldest, span_days);
    }

    /// Plans the days from `oldest` on as well.
    pub(super) fn extend_back(&mut self, oldest: Day, span_days: u32) {
        while let Some(last) = self.first_day().and_then(|first| first.checked_sub(1)).filter(|last| *last >= oldest) {
            let first = last.saturating_sub_unsigned(span_days.saturating_sub(1)).max(oldest);
            self.push(SpanDays { first, last: Some(last) });
        }
    }

    pub(super) fn clear(&mut self) {
        self.spans.clear();
    }

    fn push(&mut self, days: SpanDays) {
        let id = self.new_id();
        self.spans.push(Span { id, days, state: State::Absent, too_slow: 0 });
    }

    /// Of a span of this plan. Loads of an earlier plan are to be forgotten with it.
    fn new_id(&mut self) -> SpanId {
        self.ids += 1;
        SpanId(self.ids)
    }

    /// Whether all spans lie after this day.
    pub(super) fn begins_after(&self, day: Day) -> bool {
        self.spans.first().is_some_and(|newest| newest.days.first > day)
    }

    pub(super) fn note_too_slow(&mut self, id: SpanId) -> u32 {
        let span = self.spans.iter_mut().find(|span| span.id == id);
        span.map_or(0, |span| {
            span.too_slow += 1;
            span.too_slow
        })
    }

    pub(super) fn halve(&mut self, id: SpanId, today: Day) -> Halved {
        let Some(index) = self.spans.iter().position(|span| span.id == id) else { return Halved::Gone };
        let SpanDays { first, last } = self.spans[index].days;
        let newest = last.unwrap_or(today).max(first);
        if newest == first {
            return Halved::Not(first);
        }
        let middle = first + (newest - first + 1) / 2;
        let older = Span {
            id: self.new_id(),
            days: SpanDays { first, last: Some(middle - 1) },
            state: State::Absent,
            too_slow: 0,
        };
        let days = SpanDays { first: middle, last };
        self.spans[index] = Span { id: self.new_id(), days, state: State::Absent, too_slow: 0 };
        self.spans.insert(index + 1, older);
        Halved::Days(days)
    }

    pub(super) fn leaves_out(&self) -> bool {
        self.spans.iter().any(|span| matches!(span.state, State::LeftOut(_)))
    }

    pub(super) fn newest_version(&self) -> Option<Timestamp> {
        let versions = self.spans.iter().filter_map(|span| match span.state {
            State::Loaded(version) => Some(version),
            _ => None,
        });
        versions.max()
    }

    pub(super) fn forget_before(&mut self, first: Day) {
        self.spans.retain(|span| span.days.last.is_none_or(|last| last >= first));
        for span in &mut self.spans {
            span.days.first = span.days.first.max(first);
        }
    }

    pub(super) fn next_to_load(&self, now: Millis) -> Option<(SpanId, SpanDays)> {
        let next = self.spans.iter().find(|span| match span.state {
            State::Absent => true,
            State::LeftOut(until) => until <= now,
            State::Loading(_) | State::Loaded(_) => false,
        })?;
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
            State::Absent | State::Loaded(_) | State::LeftOut(_) => None,
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
            State::Absent | State::Loading(_) | State::LeftOut(_) => None,
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
        let is_done = |span: &Span| matches!(span.state, State::Loaded(_) | State::LeftOut(_));
        !self.spans.is_empty() && self.spans.iter().all(is_done)
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
