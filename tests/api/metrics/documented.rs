//! The table of metrics in docs/operations.md: every metric of a live service, and no other.

use std::collections::{BTreeMap, BTreeSet};

use super::scrape::Scrape;
use crate::support::{Service, Workspace};

/// What the table or a scrape says of a metric: its type and labels.
type Metrics = BTreeMap<String, (String, BTreeSet<String>)>;

/// The names in code font in a cell of a table.
fn code(cell: &str) -> impl Iterator<Item = String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned)
}

fn documented() -> Metrics {
    let text = include_str!("../../../docs/operations.md");
    let section = text.split("\n## Metrics\n").nth(1).and_then(|rest| rest.split("\n## ").next()).expect("a section");
    let row = |line: &str| {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let [_, name, kind, labels, meaning, _] = cells[..] else { return None };
        assert!(!meaning.is_empty(), "{line}");
        Some((code(name).next()?, (kind.to_owned(), code(labels).collect())))
    };
    section.lines().filter_map(row).collect()
}

fn scraped(scrape: &Scrape) -> Metrics {
    let mut metrics: Metrics =
        scrape.types.iter().map(|(name, kind)| (name.clone(), (kind.clone(), BTreeSet::new()))).collect();
    for series in &scrape.series {
        let (_, labels) = metrics.get_mut(scrape.metric(&series.name)).expect("a type for each series");
        labels.extend(series.labels.keys().filter(|label| *label != "le").cloned());
    }
    metrics
}

#[tokio::test(flavor = "multi_thread")]
async fn every_metric_is_in_the_documentation_with_its_type_and_labels() {
    let workspace = Workspace::with_admin().await;
    let service = Service::on_live(&workspace).await;
    service.catch_up().await;

    assert_eq!(scraped(&Scrape::of(&service).await), documented());
    service.stop().await;
}
