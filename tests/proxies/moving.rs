//! The service and Rocket.Chat by name, as in Compose: the chat does not depend on the service's name, and who gets another
//! address is found there.

use std::time::Duration;

use crate::{
    guarded::until,
    names::ENGAGEMENT,
    site::{Kind, Site},
    stand_in::{Arrived, method_of},
    support::{
        Response, Workspace,
        answers::{NO_MESSAGES, PERIOD, assert_all_agree, difference},
    },
};

/// Longer than answers of the name server are kept (10 s).
const FOUND: Duration = Duration::from_secs(15);

#[tokio::test(flavor = "multi_thread")]
async fn the_chat_starts_while_the_services_name_has_no_address_and_a_new_address_is_found() {
    let workspace = Workspace::with_admin().await.without_rate_limit().await;
    for kind in Kind::with_names() {
        let mut site = Site::start_without_the_services_name(kind).await;
        let endpoint = site.asking(&format!("{PERIOD}&x=%zz;+%2B&&"));
        for target in ["/", "/api/v1/info?x=%zz&&", &endpoint] {
            let answer = site.get(target, &Workspace::admin()).await;
            assert_eq!(Arrived::told_by(&answer).target, kind.arriving(target), "{kind:?}");
        }

        let service = site.start_service(&workspace.url()).await;
        site.names.set(ENGAGEMENT, Some(service.address));
        assert_all_agree(difference(&format!("{kind:?}, there"), &answered(&site).await, 200, NO_MESSAGES));

        service.stop().await;
        site.move_everything().await;
        let chat = || async { method_of(&site.get("/api/v1/info", &[]).await).map(drop) };
        until("Rocket.Chat at its new address", FOUND, chat).await;
        let service = site.start_service(&workspace.url()).await;
        assert_all_agree(difference(&format!("{kind:?}, moved"), &answered(&site).await, 200, NO_MESSAGES));

        service.stop().await;
        site.names.set(ENGAGEMENT, None);
        let answer = site.get(&endpoint, &Workspace::admin()).await;
        assert_eq!(method_of(&answer), Some("GET"), "{kind:?}, gone: {answer:?}");
    }
}

/// What the service answers, as soon as it is found.
async fn answered(site: &Site) -> Response {
    until("the service", FOUND, async || {
        let answer = site.get(&site.asking(PERIOD), &Workspace::admin()).await;
        method_of(&answer).is_none().then_some(answer)
    })
    .await
}
