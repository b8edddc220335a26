//! New users and sessions (contract sections 13 and 14).

mod new_users;
mod sessions;
mod stock_page;

use crate::support::{Response, Service, Workspace};

/// Asks as the admin.
async fn ask(service: &Service, path: &str, query: &str) -> Response {
    service.get(&format!("/api/v1/engagement-dashboard/users/{path}?{query}"), &Workspace::admin()).await
}

/// The body of an answer that must be there.
async fn body(service: &Service, path: &str, query: &str) -> String {
    let answer = ask(service, path, query).await;
    assert_eq!(answer.status, 200, "{path}?{query}: {answer:?}");
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("content-length"), Some(answer.body.len().to_string().as_str()));
    answer.body
}

fn period(start: &str, end: &str) -> String {
    format!("start={start}&end={end}")
}
