//! What is measured: the registry, and helpers to make metrics. Each module makes its own and moves them.
//!
//! Rule: a label's values are an enum's, and every series is there from the start. So nothing that a client sends makes
//! a series, no request looks one up by name, and the first step of a counter is seen. MongoDB is not asked when the text is
//! written.

mod family;
mod process;

use prometheus::{
    HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGaugeVec, Opts, TextEncoder,
    core::{Collector, MetricVec, MetricVecBuilder},
    proto::MetricFamily,
};

pub use family::{Family, Label, Labels};

use self::process::Process;

/// The names of all metrics of our own begin so.
const NAMESPACE: &str = "rocketchat_engagement";

/// The upper bounds of the histograms' buckets, in seconds: from an answer from memory to the longest count.
const SECONDS: [f64; 15] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// All metrics that are moved as things happen. How the process stands is found out when the text is written.
#[derive(Debug)]
pub struct Registry {
    process: Process,
    registry: prometheus::Registry,
}

impl Registry {
    /// The version that runs, and nothing else yet.
    ///
    /// # Errors
    /// A name that Prometheus does not allow, or one twice; so never, as every test that starts the service shows.
    pub fn new() -> Result<Self, prometheus::Error> {
        let registry = prometheus::Registry::new();
        let build = IntGaugeVec::new(opts("build_info", "1, with the version that runs."), &["version"])?;
        build.get_metric_with_label_values(&[env!("CARGO_PKG_VERSION")])?.set(1);
        registry.register(Box::new(build))?;
        Ok(Self { process: Process::new(), registry })
    }

    /// All of it in Prometheus' text format, and what else was found out for it.
    ///
    /// # Errors
    /// As for [`Self::new`].
    pub fn text(&self, others: Vec<MetricFamily>) -> Result<String, prometheus::Error> {
        let mut families = self.registry.gather();
        families.extend(others);
        families.extend(self.process.gauges()?);
        TextEncoder::new().encode_to_string(&families)
    }

    /// Makes a counter.
    ///
    /// # Errors
    /// As for [`Self::new`].
    pub fn counter(&self, name: &str, help: &str) -> Result<IntCounter, prometheus::Error> {
        let counter = IntCounter::with_opts(opts(name, help))?;
        self.registry.register(Box::new(counter.clone()))?;
        Ok(counter)
    }

    /// Makes a counter for each combination of labels.
    ///
    /// # Errors
    /// As for [`Self::new`].
    pub fn counters<L: Labels>(&self, name: &str, help: &str) -> Result<Family<L, IntCounter>, prometheus::Error> {
        self.family(IntCounterVec::new(opts(name, help), L::NAMES)?)
    }

    /// Makes a histogram of seconds for each combination of labels.
    ///
    /// # Errors
    /// As for [`Self::new`].
    pub fn histograms<L: Labels>(
        &self,
        name: &str,
        help: &str,
    ) -> Result<Family<L, prometheus::Histogram>, prometheus::Error> {
        let opts = HistogramOpts { common_opts: opts(name, help), buckets: SECONDS.to_vec() };
        self.family(HistogramVec::new(opts, L::NAMES)?)
    }

    fn family<L: Labels, B: MetricVecBuilder>(&self, vec: MetricVec<B>) -> Result<Family<L, B::M>, prometheus::Error>
    where
        MetricVec<B>: Collector + 'static,
    {
        let family = Family::new(&vec)?;
        self.registry.register(Box::new(vec))?;
        Ok(family)
    }
}

/// The name and the help of a metric of our own.
pub fn opts(name: &str, help: &str) -> Opts {
    Opts::new(name, help).namespace(NAMESPACE)
}
