//! The page and its data, without a browser: headers, files, the three data paths against counts by hand.

mod messages;
mod people;
mod serving;

use crate::support::{Response, Service, Workspace};

const PAGE: &str = "/engagement";
const CONTEXT: &str = "/engagement/api/context";
const MESSAGES: &str = "/engagement/api/messages";
const PEOPLE: &str = "/engagement/api/people";

/// Asks as the admin.
async fn ask(service: &Service, target: &str) -> Response {
    service.get(target, &Workspace::admin()).await
}

/// The body of an answer that must be there.
async fn body(service: &Service, target: &str) -> String {
    let answer = ask(service, target).await;
    assert_eq!(answer.status, 200, "{target}: {answer:?}");
    answer.body
}
