//! What is measured, and the text that Prometheus gets.
//!
//! Rule: a label's values are an enum's, and every series is there from the start. So nothing that a client sends makes
//! a series, no request looks one up by name, and the first step of a counter is seen. Boundary: others count and time
//! (by the handles in [`Metrics`]); how the tally stands is asked for when the text is written. MongoDB is not asked.

mod family;
mod http;
mod mongo;
mod process;
mod tally;

use prometheus::{
    HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGaugeVec, Opts, Registry, TextEncoder,
    core::{Collector, MetricVec, MetricVecBuilder},
};

pub use family::{Family, Label, Labels};
pub use http::{Answered, HttpMetrics, Route};
pub use mongo::{ErrorKind, MongoMetrics};
pub use tally::{AnswerSource, ReloadReason, TallyMetrics};

use self::process::Process;
use crate::tally::Measures;

/// The names of all metrics of our own begin so.
const NAMESPACE: &str = "rocketchat_engagement";

/// The upper bounds of the histograms' buckets, in seconds: from an answer from memory to the longest count.
const SECONDS: [f64; 15] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// The handles of all that is measured.
#[derive(Debug)]
pub struct Metrics {
    /// Requests, and who is turned away.
    pub http: HttpMetrics,
    /// Operations of MongoDB.
    pub mongo: MongoMetrics,
    /// What happens to the tally.
    pub tally: TallyMetrics,
    process: Process,
    registry: Registry,
}

impl Metrics {
    /// Everything at zero.
    ///
    /// # Errors
    /// A name that Prometheus does not allow, or one twice; so never, as every test that starts the service shows.
    pub fn new() -> Result<Self, prometheus::Error> {
        let mut register = Register(Registry::new());
        let http = HttpMetrics::new(&mut register)?;
        let mongo = MongoMetrics::new(&mut register)?;
        let tally = TallyMetrics::new(&mut register)?;
        let Register(registry) = register;
        let build = IntGaugeVec::new(opts("build_info", "1, with the version that runs."), &["version"])?;
        build.get_metric_with_label_values(&[env!("CARGO_PKG_VERSION")])?.set(1);
        registry.register(Box::new(build))?;
        Ok(Self { http, mongo, tally, process: Process::new(), registry })
    }

    /// All of it in Prometheus' text format.
    ///
    /// # Errors
    /// As for [`Self::new`].
    pub fn text(&self, tally: &Measures) -> Result<String, prometheus::Error> {
        let mut families = self.registry.gather();
        families.extend(tally::gauges(tally)?);
        families.extend(self.process.gauges()?);
        TextEncoder::new().encode_to_string(&families)
    }
}

fn opts(name: &str, help: &str) -> Opts {
    Opts::new(name, help).namespace(NAMESPACE)
}

/// Makes metrics and registers them.
struct Register(Registry);

impl Register {
    fn counter(&mut self, name: &str, help: &str) -> Result<IntCounter, prometheus::Error> {
        let counter = IntCounter::with_opts(opts(name, help))?;
        self.0.register(Box::new(counter.clone()))?;
        Ok(counter)
    }

    fn counters<L: Labels>(&mut self, name: &str, help: &str) -> Result<Family<L, IntCounter>, prometheus::Error> {
        self.family(IntCounterVec::new(opts(name, help), L::NAMES)?)
    }

    fn histograms<L: Labels>(
        &mut self,
        name: &str,
        help: &str,
    ) -> Result<Family<L, prometheus::Histogram>, prometheus::Error> {
        let opts = HistogramOpts { common_opts: opts(name, help), buckets: SECONDS.to_vec() };
        self.family(HistogramVec::new(opts, L::NAMES)?)
    }

    fn family<L: Labels, B: MetricVecBuilder>(
        &mut self,
        vec: MetricVec<B>,
    ) -> Result<Family<L, B::M>, prometheus::Error>
    where
        MetricVec<B>: Collector + 'static,
    {
        let family = Family::new(&vec)?;
        self.0.register(Box::new(vec))?;
        Ok(family)
    }
}
