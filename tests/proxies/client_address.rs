//! Whose request it is, as the service and Rocket.Chat see it behind the proxy with `HTTP_FORWARDED_COUNT=1`.

use bson::doc;

use crate::{
    site::{Answering, Kind, Site},
    stand_in::Arrived,
    support::{Workspace, answers::PERIOD},
};

/// A workspace in which the auditor may ask a hundred times.
async fn workspace() -> Workspace {
    let workspace = Workspace::with_admin().await;
    workspace.add_auditor().await;
    let settings = [("Calls", 100), ("Time", 600_000)];
    let id = |name| format!("API_Enable_Rate_Limiter_Limit_{name}_Default");
    workspace
        .insert("rocketchat_settings", settings.map(|(name, value)| doc! { "_id": id(name), "value": value }))
        .await;
    workspace
}

/// Headers by which a client may claim to be somebody else.
fn forgeries(other: &str) -> Vec<Vec<(&'static str, String)>> {
    let list = |list: &str| ("X-Forwarded-For", list.to_owned());
    vec![
        vec![list(other)],
        vec![list(&format!("{other}, {other}"))],
        vec![list(other), list(other)],
        vec![list("")],
        vec![list("unknown")],
        vec![list(&format!("{other}, ").repeat(500))],
        vec![("X-Real-IP", other.to_owned())],
        vec![("Forwarded", format!("for={other}"))],
        vec![("X-Client-IP", other.to_owned()), ("CF-Connecting-IP", other.to_owned())],
        vec![list(other), ("X-Forwarded-Proto", "gopher".to_owned()), ("X-Forwarded-Host", "example.org".to_owned())],
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_counts_calls_by_the_address_that_connected_whatever_it_claims() {
    for kind in Kind::all() {
        let (site, service) = Site::on(kind, &workspace().await).await;
        let remaining = async |client: [u8; 4], forged: &[(&'static str, String)]| {
            let forged = forged.iter().map(|(name, value)| (*name, value.as_str()));
            let headers: Vec<_> = Workspace::AUDITOR.into_iter().chain(forged).collect();
            let answer = site.get_from(client, &site.asking(PERIOD), &headers).await;
            let remaining = answer.header("x-ratelimit-remaining").and_then(|value| value.parse::<u32>().ok());
            remaining.unwrap_or_else(|| panic!("{kind:?} {headers:?}: {answer:?}"))
        };
        let (client, other, proxy) = ([127, 0, 0, 2], [127, 0, 0, 3], [127, 0, 0, 1]);

        assert_eq!(remaining(client, &[]).await, 99, "{kind:?}");
        let forgeries = forgeries("127.0.0.3");
        for (calls, forged) in (1..).zip(&forgeries) {
            assert_eq!(remaining(client, forged).await, 99 - calls, "{kind:?} {forged:?}");
        }
        assert_eq!(remaining(other, &[]).await, 99, "{kind:?}: nobody else has called from there");
        assert_eq!(remaining(proxy, &[]).await, 99, "{kind:?}: the proxy is no client");
        service.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rocket_chat_is_told_what_its_documentation_asks_for() {
    for kind in Kind::all() {
        // Without the service, the endpoint is Rocket.Chat's as well.
        let site = Site::start(kind).await;
        site.noticed(Answering::RocketChat).await;
        for target in ["/api/v1/info", &site.asking(PERIOD)] {
            let row = format!("{kind:?} {target}");
            for forged in forgeries("127.0.0.3") {
                let forged: Vec<_> = forged.iter().map(|(name, value)| (*name, value.as_str())).collect();
                let arrived = Arrived::told_by(&site.get_from([127, 0, 0, 2], target, &forged).await);
                // The host as it was configured before adds to the list, as the documentation has it: the last entry counts.
                let may_be_longer = kind == Kind::NginxAsItWas && target == "/api/v1/info";
                let list = arrived.header("x-forwarded-for").join(",");
                let told = if may_be_longer { list.rsplit(',').next().map(str::trim) } else { Some(list.as_str()) };
                assert_eq!(told, Some("127.0.0.2"), "{row} {forged:?}");
                assert_eq!(arrived.header("x-real-ip"), ["127.0.0.2"], "{row} {forged:?}");
                let scheme = if may_be_longer { "https" } else { "http" };
                assert_eq!(arrived.header("x-forwarded-proto"), [scheme], "{row} {forged:?}");
            }

            let sent = [("X-Auth-Token", "a token"), ("X-User-Id", "somebody"), ("Cookie", "a=b"), ("X-Other", "x")];
            let arrived = Arrived::told_by(&site.get(target, &sent).await);
            assert_eq!(arrived.header("host"), ["localhost"], "{row}");
            for (name, value) in sent {
                assert_eq!(arrived.header(&name.to_lowercase()), [value], "{row}");
            }
            if kind.program() == "nginx" {
                assert_eq!(arrived.header("x-nginx-proxy"), ["true"], "{row}");
            }
        }
    }
}
