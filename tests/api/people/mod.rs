//! New users and sessions (contract sections 13 and 14).

mod by_hand;
mod many;
mod new_users;
mod odd_sessions;
mod odd_users;
mod odd_values;
mod parameters;
mod property;
mod sessions;
mod stock_page;

use crate::support::{Response, Service, Workspace};

/// The five paths below `users`.
const NEW: &str = "new-users";
const ACTIVE: &str = "active-users";
const HOURLY: &str = "chat-busier/hourly-data";
const WEEKLY: &str = "chat-busier/weekly-data";
const BY_TIME: &str = "users-by-time-of-the-day-in-a-week";
const PATHS: [&str; 5] = [NEW, ACTIVE, HOURLY, WEEKLY, BY_TIME];

const SESSIONS: &str = "rocketchat_sessions";

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
