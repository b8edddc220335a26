//! What the page says where an answer fails.

use crate::{browser, known::Known, site::Site, support::Workspace};

#[tokio::test(flavor = "multi_thread")]
async fn it_says_what_is_wrong_and_keeps_its_numbers_and_nobody_elses() {
    if browser::is_missing() {
        return;
    }
    let known = Known::write().await;
    let site = Site::on(&known.workspace, &known.zone).await;
    browser::run("states", &site.given(&Workspace::admin(), known.of_a_week())).await;
    site.service.stop().await;
}
