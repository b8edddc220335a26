//! As much of PromQL as is needed to find what an expression selects. Whether it is PromQL at all, promtool says.

use std::collections::BTreeSet;

use regex_lite::Regex;

use super::scrape::Series;

/// Words that are followed by labels in parentheses.
const WITH_LABELS: [&str; 6] = ["by", "without", "on", "ignoring", "group_left", "group_right"];

/// Words that are neither functions nor metrics.
const OTHERS: [&str; 11] = ["and", "or", "unless", "bool", "offset", "sum", "min", "max", "avg", "count", "topk"];

/// What an expression selects: `name{label=~"value"}`.
#[derive(Debug)]
pub struct Selector {
    pub name: String,
    matchers: Vec<(String, String, String)>,
}

/// What an expression is about.
#[derive(Debug, Default)]
pub struct Expression {
    pub selectors: Vec<Selector>,
    /// The labels that it groups or joins by.
    pub labels: BTreeSet<String>,
}

impl Expression {
    /// Finds the selectors of an expression.
    pub fn read(text: &str) -> Self {
        // A name with what follows it: parentheses, or the matchers of a selector; or a word, a text, a range, a number.
        let token = r#"(?s)([a-zA-Z_:][\w:]*)\s*(\(([^()]*)\)|\()?(\{[^}]*\})?|"[^"]*"|\[[^\]]*\]|[0-9][\w.]*"#;
        let matcher = r#"(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)""#;
        let (token, matcher) = (Regex::new(token).expect("a pattern"), Regex::new(matcher).expect("a pattern"));
        let mut expression = Self::default();
        let mut at = 0;
        while let Some(found) = token.captures_at(text, at) {
            let whole = found.get(0).expect("a match");
            at = whole.end();
            let Some(word) = found.get(1) else { continue };
            let name = word.as_str();
            if WITH_LABELS.contains(&name) {
                let labels = found.get(3).map_or("", |labels| labels.as_str()).split(',').map(str::trim);
                expression.labels.extend(labels.filter(|label| !label.is_empty()).map(str::to_owned));
            } else if found.get(2).is_some() {
                // A function: its arguments are looked at next.
                at = word.end();
            } else if !OTHERS.contains(&name) {
                let written = found.get(4).map_or("", |matchers| matchers.as_str());
                let part = |of: &regex_lite::Captures<'_>, number| of[number as usize].to_owned();
                let matchers = matcher.captures_iter(written).map(|of| (part(&of, 1), part(&of, 2), part(&of, 3)));
                expression.selectors.push(Selector { name: name.to_owned(), matchers: matchers.collect() });
            }
        }
        expression
    }
}

impl Selector {
    /// Whether a series is one of those selected. What a variable of Grafana's stands for is not known.
    pub fn selects(&self, series: &Series) -> bool {
        let fits = |(label, operator, value): &(String, String, String)| {
            let Some(own) = series.labels.get(label) else { return false };
            let is_like = || Regex::new(&format!("^(?:{value})$")).expect("a pattern").is_match(own);
            match operator.as_str() {
                _ if value.starts_with('$') => true,
                "=" => own == value,
                "!=" => own != value,
                "=~" => is_like(),
                _ => !is_like(),
            }
        };
        series.name == self.name && self.matchers.iter().all(fits)
    }
}

#[test]
fn selectors_and_labels_are_found() {
    let text =
        r#"sum by (job, le) (rate(a_total{x="1", y=~"2|3"}[5m])) / on (z) group_left () max(b) * 0.5 > time() - 2e3"#;
    let found = Expression::read(text);
    let names: Vec<_> = found.selectors.iter().map(|selector| selector.name.as_str()).collect();
    assert_eq!(names, ["a_total", "b"]);
    assert_eq!(found.labels.iter().collect::<Vec<_>>(), ["job", "le", "z"]);
    let series = |labels: &[(&str, &str)]| {
        let labels = labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Series { name: "a_total".to_owned(), labels, value: 0.0 }
    };
    assert!(found.selectors[0].selects(&series(&[("x", "1"), ("y", "3")])));
    assert!(!found.selectors[0].selects(&series(&[("x", "1"), ("y", "23")])));
    assert!(!found.selectors[0].selects(&series(&[("x", "1")])));
}
