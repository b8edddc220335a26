//! The pictures of the page in the guide. They are made by PAGE_SCREENSHOTS=1 cargo test --test page images

use std::path::Path;

use serde_json::json;

use crate::{browser, site::Site, support::Workspace};

/// What a reader of the guide waits for.
const LARGEST: u64 = 200_000;

#[tokio::test(flavor = "multi_thread")]
async fn the_images_of_the_guide_are_there_and_small() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/images");
    if std::env::var("PAGE_SCREENSHOTS").is_ok_and(|wanted| wanted == "1") && !browser::is_missing() {
        std::fs::create_dir_all(&directory).expect("a directory");
        let workspace = Workspace::demonstration().await;
        let live = [("time_zone", "Europe/Berlin"), ("tally.mode", "auto"), ("tally.history_days", "10000")];
        let site = Site::below("", &workspace, &live).await;
        site.service.until_counting("live").await;
        let given = site.given(&Workspace::admin_of_the_demonstration(), json!({ "directory": directory }));
        browser::run("images", &given).await;
        site.service.stop().await;
    }
    for name in ["page", "page-dark", "page-phone"] {
        let file = directory.join(format!("{name}.png"));
        let size = std::fs::metadata(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display())).len();
        assert!((5_000..=LARGEST).contains(&size), "{}: {size} bytes", file.display());
    }
}
