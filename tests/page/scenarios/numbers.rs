//! Every number of the page is the one that was written, and they add up.

use crate::{browser, known::Known, site::Site, support::Workspace};

#[tokio::test(flavor = "multi_thread")]
async fn every_number_is_as_counted_by_hand_and_they_add_up() {
    if browser::is_missing() {
        return;
    }
    let known = Known::write().await;
    let site = Site::on(&known.workspace, &known.zone).await;
    browser::run("numbers", &site.given(&Workspace::admin(), known.of_a_week())).await;
    site.service.stop().await;
}
