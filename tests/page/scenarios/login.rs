//! Whom the page asks as, with Rocket.Chat at the top of an origin and below a path.

use serde_json::json;

use crate::{browser, known::Known, site::Site, support::Workspace};

async fn as_logged_in(root: &'static str, suffix: &str) {
    if browser::is_missing() {
        return;
    }
    let known = Known::write().await;
    let site = Site::below(root, &known.workspace, &[("time_zone", &known.zone)]).await;
    let mut more = known.of_a_week();
    more["suffix"] = json!(suffix);
    browser::run("login", &site.given(&Workspace::admin(), more)).await;
    site.service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_asks_as_the_one_who_is_logged_in_and_shows_nothing_without() {
    as_logged_in("", "").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn below_a_path_it_takes_the_login_of_that_path() {
    // As Meteor names it: the address of the connection, and the path.
    as_logged_in("/chat", ":/chat:/chat").await;
}
