//! What was measured: for people and for machines.

use std::{fmt, time::Duration};

use serde_json::{Map, Value};

/// The table.
pub struct Table {
    title: String,
    rows: Vec<Row>,
}

struct Row {
    name: String,
    key: String,
    value: f64,
    /// What the figure must be, as `<= 1.2`; empty if it is there for information.
    goal: String,
}

impl Table {
    /// An empty table.
    pub fn new(title: String) -> Self {
        Self { title, rows: Vec::new() }
    }

    /// Adds a time.
    pub fn time(&mut self, name: &str, key: &str, time: Duration) {
        self.ratio(&format!("{name}, ms"), key, time.as_secs_f64() * 1000.0, "");
    }

    /// Adds a number.
    pub fn number(&mut self, name: &str, key: &str, value: f64) {
        self.ratio(name, key, value, "");
    }

    /// Adds a figure with its goal.
    pub fn ratio(&mut self, name: &str, key: &str, value: f64, goal: &str) {
        eprintln!("{name}: {value:.3}");
        self.rows.push(Row { name: name.to_owned(), key: key.to_owned(), value, goal: goal.to_owned() });
    }

    /// A value from before.
    pub fn value(&self, key: &str) -> f64 {
        self.rows.iter().find(|row| row.key == key).map_or(f64::NAN, |row| row.value)
    }

    /// All values by their keys.
    pub fn json(&self) -> Value {
        Value::Object(self.rows.iter().map(|row| (row.key.clone(), row.value.into())).collect::<Map<_, _>>())
    }
}

impl Row {
    fn is_reached(&self) -> Option<bool> {
        let (relation, goal) = self.goal.split_once(' ')?;
        let goal: f64 = goal.parse().ok()?;
        Some(if relation == "<=" { self.value <= goal } else { self.value >= goal })
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.title)?;
        for row in &self.rows {
            let reached = row.is_reached().map_or("", |reached| if reached { "reached" } else { "MISSED" });
            writeln!(f, "{:<56} {:>11.3}  {:<7} {reached}", row.name, row.value, row.goal)?;
        }
        Ok(())
    }
}
