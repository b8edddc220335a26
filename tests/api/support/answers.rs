//! The answers that the contract spells out, and how a row of a table is held against one.

use bson::doc;

use super::{PATH, Response, Workspace};

/// A period that anybody may ask about.
pub const PERIOD: &str = "start=2023-05-20T00:00:00.000Z&end=2023-05-30T00:00:00.000Z";

/// 200 about a period without messages.
pub const NO_MESSAGES: &str =
    r#"{"days":[],"period":{"count":0,"variation":0},"yesterday":{"count":0,"variation":0},"success":true}"#;

/// 401 (contract section 3).
pub const UNAUTHORIZED: &str = r#"{"success":false,"error":"You must be logged in to do this.","status":"error","message":"You must be logged in to do this."}"#;

/// 403 (contract section 4).
pub const FORBIDDEN: &str =
    r#"{"success":false,"error":"User does not have the permissions required for this action [error-unauthorized]"}"#;

/// 404 (contract section 1).
pub const NOT_FOUND: &str = r#"{"success":false,"error":"Resource not found"}"#;

/// 405 (contract section 1).
pub const METHOD_NOT_ALLOWED: &str = r#"{"success":false,"error":"Method not allowed"}"#;

/// 503 (contract section 9).
pub const UNAVAILABLE: &str = r#"{"success":false,"error":"Service Unavailable"}"#;

/// The endpoint, with a query string.
pub fn asking(query: &str) -> String {
    format!("{PATH}?{query}")
}

/// The whole body of an answer with this status, where a workspace has no messages.
pub fn body_of(status: u16) -> &'static str {
    match status {
        200 => NO_MESSAGES,
        401 => UNAUTHORIZED,
        403 => FORBIDDEN,
        404 => NOT_FOUND,
        405 => METHOD_NOT_ALLOWED,
        503 => UNAVAILABLE,
        other => panic!("the contract has no fixed body for {other}"),
    }
}

/// A complaint if an answer is not this one, or lacks what every JSON answer has.
pub fn difference(row: &str, answer: &Response, status: u16, body: &str) -> Option<String> {
    if (answer.status, answer.body.as_str()) != (status, body) {
        return Some(format!("{row}\n    expected {status} {body}\n    answered {} {}", answer.status, answer.body));
    }
    lacking_header(row, answer)
}

/// A complaint if an answer lacks one of the headers that every JSON answer has, exactly so.
pub fn lacking_header(row: &str, answer: &Response) -> Option<String> {
    let expected = [("content-type", "application/json"), ("cache-control", "no-store"), ("pragma", "no-cache")];
    let (name, value) = expected.into_iter().find(|(name, value)| answer.header(name) != Some(value))?;
    Some(format!("{row}\n    expected {name}: {value}\n    answered {answer:?}"))
}

/// A complaint if an answer does not have this status, the headers of a JSON answer, and an error in words of ours.
pub fn no_json_error(row: &str, answer: &Response, status: u16) -> Option<String> {
    let error = serde_json::from_str::<serde_json::Value>(&answer.body).ok().filter(|body| {
        body["success"] == serde_json::Value::Bool(false) && body["error"].as_str().is_some_and(|text| !text.is_empty())
    });
    if answer.status != status || error.is_none() {
        return Some(format!("{row}\n    expected {status} and a JSON error\n    answered {answer:?}"));
    }
    lacking_header(row, answer)
}

/// Fails with every row that differs.
pub fn assert_all_agree(differences: impl IntoIterator<Item = String>) {
    let differences: Vec<_> = differences.into_iter().collect();
    assert!(differences.is_empty(), "{} rows differ:\n{}", differences.len(), differences.join("\n"));
}

impl Workspace {
    /// Switches the rate limit off, for tests that ask often (contract section 5).
    pub async fn without_rate_limit(self) -> Self {
        self.insert("rocketchat_settings", [doc! { "_id": "API_Enable_Rate_Limiter", "value": false }]).await;
        self
    }
}
