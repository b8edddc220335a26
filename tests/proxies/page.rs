//! The page and all below it is the service's, and nobody's while that is away.

use crate::{
    site::{Answering, Kind, Site},
    stand_in::method_of,
    support::{Workspace, answers::assert_all_agree},
};

#[tokio::test(flavor = "multi_thread")]
async fn the_page_goes_to_the_service_and_to_nobody_while_that_is_away() {
    let workspace = Workspace::with_admin().await;
    for kind in Kind::all() {
        for root in ["", "/chat"] {
            let site = Site::start_below(kind, root).await;
            let service = site.start_service(&workspace.url()).await;
            site.noticed(Answering::Service).await;
            let row = format!("{kind:?} {root}");
            let admin = &Workspace::admin();
            let page = format!("{root}/engagement");
            let mut wrong = Vec::new();

            let document = site.get(&page, &[]).await;
            let named =
                document.body.split('"').find(|text| text.ends_with("style.css")).unwrap_or_default().to_owned();
            if document.status != 200 || !named.starts_with(&format!("{page}/assets/")) {
                wrong.push(format!("{row}: {document:?}"));
            }
            for target in
                [&named, &format!("{page}/api/context"), &format!("{page}/api/people?start=2026-11-01&end=2026-11-02")]
            {
                let (through, directly) = (site.get(target, admin).await, service.get(target, admin).await);
                let is_the_same = through.body == directly.body && through.status == 200;
                let policy = "content-security-policy";
                if !is_the_same || through.header(policy) != directly.header(policy) {
                    wrong.push(format!("{row}: {target}: {through:?}"));
                }
            }
            let others = [format!("{page}x"), format!("{root}/Engagement"), format!("/x{page}")];
            for target in &others {
                let answer = site.get(target, admin).await;
                if method_of(&answer) != Some("GET") {
                    wrong.push(format!("{row}: {target} is Rocket.Chat's: {answer:?}"));
                }
            }

            service.stop().await;
            for target in [page.clone(), format!("{page}/api/context")] {
                let answer = site.get(&target, admin).await;
                if method_of(&answer).is_some() || !(502..=504).contains(&answer.status) {
                    wrong.push(format!("{row}: {target} without the service: {answer:?}"));
                }
            }
            assert_all_agree(wrong);
        }
    }
}
