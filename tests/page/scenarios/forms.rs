//! The page on paper, on a narrow screen, in the dark, and for assistive technology.

use serde_json::json;

use crate::{browser, known::Known, site::Site, support::Workspace};

#[tokio::test(flavor = "multi_thread")]
async fn it_is_for_everybody_and_fits_on_paper_and_on_a_narrow_screen() {
    if browser::is_missing() {
        return;
    }
    let known = Known::write().await;
    let site = Site::on(&known.workspace, &known.zone).await;
    let mut given = known.of_a_week();
    given["zone"] = json!(known.zone);
    browser::run("forms", &site.given(&Workspace::admin(), given)).await;
    site.service.stop().await;
}
