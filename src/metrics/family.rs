//! Metrics of one name, told apart by labels whose values are all known beforehand.

use prometheus::core::{MetricVec, MetricVecBuilder};

/// A label: an enum of its values.
pub trait Label: Copy + PartialEq + 'static {
    /// Its name.
    const NAME: &'static str;
    /// Every value.
    const ALL: &'static [Self];
    /// A value as Prometheus gets it.
    fn value(self) -> &'static str;
}

/// One label or more.
pub trait Labels: Copy + PartialEq {
    /// Their names.
    const NAMES: &'static [&'static str];
    /// Every combination that there can be.
    fn all() -> Vec<Self>;
    /// The values of a combination, in the order of the names.
    fn values(self) -> Vec<String>;
}

impl<L: Label> Labels for L {
    const NAMES: &'static [&'static str] = &[L::NAME];

    fn all() -> Vec<Self> {
        L::ALL.to_vec()
    }

    fn values(self) -> Vec<String> {
        vec![self.value().to_owned()]
    }
}

impl<A: Label, B: Label> Labels for (A, B) {
    const NAMES: &'static [&'static str] = &[A::NAME, B::NAME];

    fn all() -> Vec<Self> {
        A::ALL.iter().flat_map(|first| B::ALL.iter().map(|second| (*first, *second))).collect()
    }

    fn values(self) -> Vec<String> {
        vec![self.0.value().to_owned(), self.1.value().to_owned()]
    }
}

/// One metric for each combination of labels.
#[derive(Debug)]
pub struct Family<L, M>(Vec<(L, M)>);

impl<L: Labels, M> Family<L, M> {
    pub(super) fn new<B: MetricVecBuilder<M = M>>(vec: &MetricVec<B>) -> Result<Self, prometheus::Error> {
        let member = |labels: L| Ok((labels, vec.get_metric_with_label_values(&labels.values())?));
        L::all().into_iter().map(member).collect::<Result<_, _>>().map(Self)
    }

    /// The metric with these labels. They are few, so looking through them costs nanoseconds.
    pub fn get(&self, labels: L) -> Option<&M> {
        let member = self.0.iter().find(|(own, _)| *own == labels);
        debug_assert!(member.is_some(), "a combination of labels that is not among all of them");
        member.map(|(_, metric)| metric)
    }
}

impl<L: Labels> Family<L, prometheus::IntCounter> {
    /// One more.
    pub fn count(&self, labels: L) {
        if let Some(counter) = self.get(labels) {
            counter.inc();
        }
    }

    /// All of them together.
    pub fn sum(&self) -> u64 {
        self.0.iter().map(|(_, counter)| counter.get()).sum()
    }
}
