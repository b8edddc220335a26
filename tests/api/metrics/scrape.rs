//! What a scrape brought, taken apart.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::{Response, Service, send};

/// The names of all metrics of our own begin so.
const PREFIX: &str = "rocketchat_engagement_";

/// What each name ends with in a histogram's series.
const OF_HISTOGRAMS: [&str; 3] = ["_bucket", "_sum", "_count"];

/// One line: a name and labels with a value.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    pub name: String,
    pub labels: BTreeMap<String, String>,
    pub value: f64,
}

/// All that Prometheus gets.
pub struct Scrape {
    pub text: String,
    /// The type of each metric.
    pub types: BTreeMap<String, String>,
    pub series: Vec<Series>,
}

impl Scrape {
    /// Asks a service.
    pub async fn of(service: &Service) -> Self {
        Self::read(&send(service.metrics_address, "GET", "/metrics", &[], b"").await)
    }

    /// Takes an answer apart.
    pub fn read(answer: &Response) -> Self {
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
        let mut types = BTreeMap::new();
        for line in answer.body.lines() {
            if let Some((name, kind)) = line.strip_prefix("# TYPE ").and_then(|rest| rest.split_once(' ')) {
                assert!(types.insert(name.to_owned(), kind.to_owned()).is_none(), "{name} is there twice");
            }
        }
        let series = answer.body.lines().filter(|line| !line.starts_with('#')).map(series).collect();
        Self { text: answer.body.clone(), types, series }
    }

    /// The value of one of our series, written without the prefix: `tally_state{state="live"}`.
    pub fn value(&self, written: &str) -> f64 {
        self.find(written).unwrap_or_else(|| panic!("no {written} in\n{}", self.text))
    }

    /// The same, if it is there.
    pub fn find(&self, written: &str) -> Option<f64> {
        let wanted = series(&format!("{PREFIX}{written} 0"));
        let mut found = self.series.iter().filter(|each| (&each.name, &each.labels) == (&wanted.name, &wanted.labels));
        let first = found.next().map(|each| each.value);
        assert_eq!(found.next(), None, "{written} is there twice");
        first
    }

    /// The sum over all labels.
    pub fn sum(&self, name: &str) -> f64 {
        let name = format!("{PREFIX}{name}");
        self.series.iter().filter(|each| each.name == name).map(|each| each.value).sum()
    }

    /// Every series without its value.
    pub fn shape(&self) -> BTreeSet<(String, BTreeMap<String, String>)> {
        self.series.iter().map(|each| (each.name.clone(), each.labels.clone())).collect()
    }

    /// The metric that a series' name belongs to.
    pub fn metric<'a>(&self, name: &'a str) -> &'a str {
        let base = OF_HISTOGRAMS.iter().find_map(|suffix| name.strip_suffix(suffix));
        base.filter(|base| self.types.get(*base).is_some_and(|kind| kind == "histogram")).unwrap_or(name)
    }
}

/// Reads a line of the text format.
fn series(line: &str) -> Series {
    let (name, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("no value: {line}"));
    let (name, labels) = name.split_once('{').unwrap_or((name, "}"));
    let labels = labels.strip_suffix('}').unwrap_or_else(|| panic!("labels without an end: {line}"));
    let label = |pair: &str| {
        let (name, value) = pair.split_once("=\"").unwrap_or_else(|| panic!("no label: {line}"));
        (name.to_owned(), value.trim_end_matches('"').to_owned())
    };
    let labels = labels.split(',').filter(|pair| !pair.is_empty()).map(label).collect();
    let value = value.parse().unwrap_or_else(|error| panic!("{error}: {line}"));
    Series { name: name.to_owned(), labels, value }
}
