//! The tally: what happens to it, counted, and how it stands when somebody asks.

use prometheus::{Gauge, GaugeVec, IntCounter, IntGaugeVec, proto::MetricFamily};

use super::{
    Measures, Recent, Source,
    feed::{Fault, Notice, Reason, Stream},
};
use crate::metrics::{Family, Label, Registry, opts};

/// Where an answer came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerSource {
    /// From memory.
    Memory,
    /// From aggregations.
    Aggregations,
}

impl Label for AnswerSource {
    const NAME: &'static str = "source";
    const ALL: &'static [Self] = &[Self::Memory, Self::Aggregations];

    fn value(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Aggregations => "aggregations",
        }
    }
}

impl Label for Stream {
    const NAME: &'static str = "stream";
    const ALL: &'static [Self] = &[Self::Messages, Self::Rooms];

    fn value(self) -> &'static str {
        match self {
            Self::Messages => "messages",
            Self::Rooms => "rooms",
        }
    }
}

impl Label for Fault {
    const NAME: &'static str = "reason";
    const ALL: &'static [Self] =
        &[Self::Unreachable, Self::Refused, Self::HistoryLost, Self::Invalidated, Self::Undecodable];

    fn value(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Refused => "refused",
            Self::HistoryLost => "history_lost",
            Self::Invalidated => "invalidated",
            Self::Undecodable => "undecodable",
        }
    }
}

/// Why things are loaded again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReloadReason {
    /// A change stream cannot be continued.
    StreamLost,
    /// The server no longer has the documents as they were before a change.
    ImagesLost,
    /// MongoDB's history has gone back.
    HistoryGoneBack,
    /// Nothing shows that it has not.
    HistoryUnproven,
    /// What came does not fit together.
    Contradiction,
    /// An audit found a difference.
    Audit,
    /// A mistake of this program.
    Panic,
}

impl From<&Reason> for ReloadReason {
    fn from(reason: &Reason) -> Self {
        match reason {
            Reason::Stream(_) => Self::StreamLost,
            Reason::ImagesLost => Self::ImagesLost,
            Reason::GoneBack => Self::HistoryGoneBack,
            Reason::Unproven => Self::HistoryUnproven,
            Reason::Contradiction(_) => Self::Contradiction,
            Reason::Audit { .. } => Self::Audit,
        }
    }
}

impl Label for ReloadReason {
    const NAME: &'static str = "reason";
    const ALL: &'static [Self] = &[
        Self::StreamLost,
        Self::ImagesLost,
        Self::HistoryGoneBack,
        Self::HistoryUnproven,
        Self::Contradiction,
        Self::Audit,
        Self::Panic,
    ];

    fn value(self) -> &'static str {
        match self {
            Self::StreamLost => "stream_lost",
            Self::ImagesLost => "images_lost",
            Self::HistoryGoneBack => "history_gone_back",
            Self::HistoryUnproven => "history_unproven",
            Self::Contradiction => "contradiction",
            Self::Audit => "audit",
            Self::Panic => "panic",
        }
    }
}

/// What happens to the tally.
#[derive(Debug)]
pub struct TallyMetrics {
    /// Answers given.
    pub answers: Family<AnswerSource, IntCounter>,
    /// How often what was in memory has been given up and loaded again.
    pub reloads: Family<ReloadReason, IntCounter>,
    stream_restarts: Family<(Stream, Fault), IntCounter>,
    audits: IntCounter,
    audit_mismatches: IntCounter,
}

impl TallyMetrics {
    /// Everything at zero.
    ///
    /// # Errors
    /// As for [`Registry::new`].
    pub fn new(register: &Registry) -> Result<Self, prometheus::Error> {
        Ok(Self {
            answers: register.counters("tally_answers_total", "Questions answered, by where the counts came from.")?,
            reloads: register.counters(
                "tally_reloads_total",
                "How often what was in memory has been given up and loaded again, by reason.",
            )?,
            stream_restarts: register.counters(
                "tally_stream_restarts_total",
                "How often a change stream broke or could not be opened, and is tried again, by reason.",
            )?,
            audits: register.counter("tally_audits_total", "Days counted again to see whether memory is right.")?,
            audit_mismatches: register
                .counter("tally_audit_mismatches_total", "Days that were counted again and differed from memory.")?,
        })
    }

    /// Counts what has come about.
    pub fn note(&self, notice: &Notice) {
        match notice {
            Notice::Broken(stream, fault) => self.stream_restarts.count((*stream, *fault)),
            Notice::Rebuild(_, reason) => {
                self.reloads.count(reason.into());
                if let Reason::Audit { .. } = reason {
                    self.audits.inc();
                    self.audit_mismatches.inc();
                }
            }
            Notice::Audited(_) => self.audits.inc(),
            Notice::Opened(_)
            | Notice::NewPrimary
            | Notice::Rest(_)
            | Notice::Halved(_)
            | Notice::TooLarge(..)
            | Notice::Loaded(_)
            | Notice::Retry(_)
            | Notice::TooOld
            | Notice::Complete => {}
        }
    }
}

/// How the tally stands.
pub(super) fn gauges(tally: &Measures) -> Result<Vec<MetricFamily>, prometheus::Error> {
    let registry = prometheus::Registry::new();
    let state =
        IntGaugeVec::new(opts("tally_state", "1 for where counts come from now, 0 for the others."), &["state"])?;
    let current = match tally.status.source {
        _ if tally.history_days.is_none() => "off",
        Source::Live => "live",
        Source::Loading => "loading",
        Source::Pipeline => "pipeline",
    };
    for each in ["live", "loading", "pipeline", "off"] {
        state.get_metric_with_label_values(&[each])?.set(i64::from(each == current));
    }
    registry.register(Box::new(state))?;
    let add = |name: &str, help: &str, value: f64| {
        let gauge = Gauge::with_opts(opts(name, help))?;
        gauge.set(value);
        registry.register(Box::new(gauge))
    };
    add("tally_loaded_dates", "Calendar days in memory.", tally.status.loaded_days.into())?;
    add("tally_history_dates", "Calendar days to be kept in memory.", tally.history_days.unwrap_or(0).into())?;
    add("tally_cells", "Pairs of a room and a day with messages, in memory.", tally.cells as f64)?;
    add("tally_pending_events", "Events of the change streams that wait to be applied.", tally.pending_events as f64)?;
    if let Some(staleness) = tally.status.staleness {
        add("tally_staleness_seconds", "How old an answer from memory could be.", staleness as f64 / 1000.0)?;
    }
    if !tally.messages.is_empty() {
        let help = "Messages that count, today and yesterday, by type of room; only while counts are live.";
        let messages = GaugeVec::new(opts("messages", help), &["day", "room_type"])?;
        for (day, room_type, count) in &tally.messages {
            let day = match day {
                Recent::Today => "today",
                Recent::Yesterday => "yesterday",
            };
            // Of a type that is configured twice the second is 0.
            messages.get_metric_with_label_values(&[day, room_type])?.add(*count as f64);
        }
        registry.register(Box::new(messages))?;
    }
    Ok(registry.gather())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn audits_and_what_they_find_are_counted() {
        let tally = TallyMetrics::new(&Registry::new().expect("a registry")).expect("metrics");
        tally.note(&Notice::Audited(7));
        assert_eq!((tally.audits.get(), tally.audit_mismatches.get(), tally.reloads.sum()), (1, 0, 0));
        tally.note(&Notice::Rebuild(Stream::Messages, Reason::Audit { day: 7, wrong: 1 }));
        assert_eq!((tally.audits.get(), tally.audit_mismatches.get()), (2, 1));
        assert_eq!(tally.reloads.get(ReloadReason::Audit).map(IntCounter::get), Some(1));
        tally.note(&Notice::Rebuild(Stream::Messages, Reason::ImagesLost));
        assert_eq!((tally.audits.get(), tally.audit_mismatches.get(), tally.reloads.sum()), (2, 1, 2));
    }
}
