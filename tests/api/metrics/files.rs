//! `deploy/grafana.json` and `deploy/alerts.yml`: they use metrics that exist and labels that these have, and
//! Prometheus' own tool accepts them, as it accepts what a scrape brings.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

use serde_json::Value;
use yaml_rust2::{Yaml, YamlLoader};

use super::{
    promql::Expression,
    scrape::{Scrape, Series},
};
use crate::support::{Service, Workspace, not_tested};

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path))
        .unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn dashboard() -> Value {
    serde_json::from_str(&read("deploy/grafana.json")).expect("JSON")
}

/// The expressions of all panels.
fn of_dashboard() -> Vec<String> {
    let targets = |panel: &Value| panel["targets"].as_array().cloned().unwrap_or_default();
    let dashboard = dashboard();
    let targets = dashboard["panels"].as_array().expect("panels").iter().flat_map(targets);
    targets.map(|target| target["expr"].as_str().expect("an expression").to_owned()).collect()
}

/// Each alert with its expression and its description.
fn alerts() -> Vec<(String, String, String)> {
    let files = YamlLoader::load_from_str(&read("deploy/alerts.yml")).expect("YAML");
    let rules = files[0]["groups"][0]["rules"].as_vec().expect("rules");
    let text = |yaml: &Yaml| yaml.as_str().unwrap_or_else(|| panic!("{yaml:?} is no text")).to_owned();
    rules
        .iter()
        .map(|rule| (text(&rule["alert"]), text(&rule["expr"]), text(&rule["annotations"]["description"])))
        .collect()
}

/// What a live service tells, as Prometheus keeps it.
async fn kept() -> Scrape {
    let workspace = Workspace::with_admin().await;
    let service = Service::on_live(&workspace).await;
    service.catch_up().await;
    let mut scrape = Scrape::of(&service).await;
    service.stop().await;
    scrape.series.push(Series { name: "up".to_owned(), labels: BTreeMap::new(), value: 1.0 });
    for series in &mut scrape.series {
        for (name, value) in [("job", "rocketchat-engagement"), ("instance", "127.0.0.1:9459")] {
            series.labels.insert(name.to_owned(), value.to_owned());
        }
    }
    scrape
}

#[tokio::test(flavor = "multi_thread")]
async fn expressions_select_series_that_exist_and_the_dashboard_shows_all_of_them() {
    let kept = kept().await;
    let (panels, alerts) = (of_dashboard(), alerts());
    assert!(panels.len() > 20 && alerts.len() > 8, "{} panels, {} alerts", panels.len(), alerts.len());
    for text in panels.iter().chain(alerts.iter().map(|(_, expression, _)| expression)) {
        let expression = Expression::read(text);
        assert!(!expression.selectors.is_empty(), "{text}");
        let mut labels = BTreeSet::new();
        for selector in &expression.selectors {
            let selected: Vec<_> = kept.series.iter().filter(|series| selector.selects(series)).collect();
            assert!(!selected.is_empty(), "{selector:?} selects nothing: {text}");
            labels.extend(selected.iter().flat_map(|series| series.labels.keys()));
        }
        for label in &expression.labels {
            assert!(labels.contains(label), "nothing has the label {label}: {text}");
        }
    }
    let shown = panels.join("\n");
    for name in kept.types.keys() {
        assert!(shown.contains(name.as_str()), "{name} is not on the dashboard");
    }
}

#[test]
fn the_dashboard_can_be_imported_with_any_data_source() {
    let dashboard = dashboard();
    let variables = dashboard["templating"]["list"].as_array().expect("variables");
    let queried = variables.iter().filter(|variable| variable["type"] == "query");
    for variable in queried {
        let query = variable["query"]["query"].as_str().expect("a query");
        assert!(query.contains("(rocketchat_engagement_build_info"), "{query}");
        assert_eq!(variable["datasource"]["uid"], "${datasource}");
    }
    assert!(variables.iter().any(|variable| variable["name"] == "datasource" && variable["query"] == "prometheus"));
    let panels = dashboard["panels"].as_array().expect("panels");
    let numbers: BTreeSet<_> = panels.iter().map(|panel| panel["id"].as_u64()).collect();
    assert_eq!(numbers.len(), panels.len(), "each panel has a number of its own");
    for panel in panels.iter().filter(|panel| panel["type"] != "row") {
        for part in [panel].into_iter().chain(panel["targets"].as_array().expect("targets")) {
            assert_eq!(part["datasource"]["uid"], "${datasource}", "{}", panel["title"]);
        }
        assert!(panel["description"].as_str().is_some_and(|text| !text.is_empty()), "{}", panel["title"]);
    }
}

#[test]
fn every_alert_has_a_heading_in_the_guide() {
    let guide = read("docs/operations.md");
    let section = guide.split("\n## Alerts\n").nth(1).and_then(|rest| rest.split("\n## ").next()).expect("a section");
    let headings: Vec<_> = section.lines().filter_map(|line| line.strip_prefix("### ")).collect();
    let alerts = alerts();
    assert_eq!(headings, alerts.iter().map(|(name, ..)| name.as_str()).collect::<Vec<_>>());
    for (name, _, description) in &alerts {
        assert!(description.ends_with(&format!("See {name} in docs/operations.md.")), "{name}: {description}");
    }
}

/// Runs promtool; fails with what it says.
fn promtool(arguments: &[&str], input: &str) {
    let mut child = Command::new("promtool")
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("promtool starts");
    child.stdin.take().expect("standard input").write_all(input.as_bytes()).expect("written");
    let output = child.wait_with_output().expect("promtool ends");
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "promtool {arguments:?}: {}", String::from_utf8_lossy(&said));
}

#[tokio::test(flavor = "multi_thread")]
async fn prometheus_accepts_the_scrape_the_rules_the_dashboard_and_the_example() {
    if !Command::new("promtool").arg("--version").output().is_ok_and(|output| output.status.success()) {
        return not_tested(
            "without promtool nobody knows what Prometheus thinks of the metrics, the alerts and the dashboard",
        );
    }
    let workspace = Workspace::with_admin().await;
    let service = Service::on_live(&workspace).await;
    service.catch_up().await;
    promtool(&["check", "metrics"], &Scrape::of(&service).await.text);
    service.stop().await;

    promtool(&["check", "rules", "deploy/alerts.yml"], "");
    promtool(&["test", "rules", "tests/api/metrics/alerts.test.yml"], "");

    let directory = tempfile::tempdir().expect("a directory");
    let expression = |text: &String| text.replace("$__rate_interval", "5m");
    let rule = |(number, text)| serde_json::json!({ "record": format!("panel:{number}"), "expr": expression(text) });
    let rules: Vec<_> = of_dashboard().iter().enumerate().map(rule).collect();
    // JSON is YAML.
    let rules = serde_json::json!({ "groups": [{ "name": "dashboard", "rules": rules }] }).to_string();
    let write = |name: &str, text: &str| {
        let path = directory.path().join(name);
        fs::write(&path, text).expect("a file");
        path.to_str().expect("UTF-8").to_owned()
    };
    promtool(&["check", "rules", &write("dashboard.yml", &rules)], "");

    let guide = read("docs/operations.md");
    let example = guide.split("```yaml\nscrape_configs:").nth(1).and_then(|rest| rest.split("```").next());
    let example = format!("scrape_configs:{}", example.expect("an example"));
    promtool(&["check", "config", &write("prometheus.yml", &example)], "");
}
