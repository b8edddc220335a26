//! The three paths: where they are, by which methods, and in which form they are answered (contract sections 1 and 8).

use super::{CHANNELS, MESSAGE, ORIGIN, PATHS, TOP_FIVE, ask, may, messages};
use crate::support::{
    Service, Workspace,
    answers::{METHOD_NOT_ALLOWED, NOT_FOUND, PERIOD, UNAUTHORIZED, assert_all_agree, difference, lacking_header},
    settings,
};

#[tokio::test(flavor = "multi_thread")]
async fn other_methods_are_not_allowed_and_paths_that_are_almost_theirs_are_not_found() {
    let workspace = Workspace::with_admin().await.without_rate_limit().await;
    let service = Service::on(&workspace).await;
    let mut wrong = Vec::new();
    for path in PATHS {
        for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "get"] {
            let row = format!("{method} {path}");
            let answer = service.request(method, &format!("{path}?{PERIOD}"), &Workspace::admin()).await;
            wrong.extend(difference(&row, &answer, 405, METHOD_NOT_ALLOWED));
            wrong.extend((answer.header("allow") != Some("GET, HEAD, OPTIONS")).then(|| format!("{row}: {answer:?}")));
        }
        for almost in [
            format!("{path}/"),
            format!("{path}x"),
            format!("/{path}"),
            format!("/chat{path}"),
            path.to_uppercase(),
            path.replace("/v1", "/%761"),
            path.replace("/v1", "/v2"),
            path.replace("dashboard/", "dashboard/x/"),
        ] {
            let answer = ask(&service, &format!("{almost}?{PERIOD}")).await;
            wrong.extend(difference(&almost, &answer, 404, NOT_FOUND));
        }
    }
    for none in [
        "/api/v1/engagement-dashboard/origin",
        "/api/v1/engagement-dashboard/channels/",
        "/api/v1/engagement-dashboard/channels",
        "/api/v1/engagement-dashboard/messages/list",
        "/api/v1/engagement-dashboard/channels/origin",
    ] {
        wrong.extend(difference(none, &ask(&service, &format!("{none}?{PERIOD}")).await, 404, NOT_FOUND));
    }
    service.stop().await;
    assert_all_agree(wrong);
}

#[tokio::test(flavor = "multi_thread")]
async fn below_a_sub_path_they_are_there_and_only_there() {
    let workspace = Workspace::with_admin().await.without_rate_limit().await;
    let values = [("mongo_url", &*workspace.url()), ("http.root_url", "https://example.org/chat")];
    let service = Service::start(settings(&values)).await;
    let mut wrong = Vec::new();
    for path in PATHS {
        let below = format!("/chat{path}?{PERIOD}");
        let answer = ask(&service, &below).await;
        wrong.extend((answer.status != 200).then(|| format!("{below}: {answer:?}")));
        wrong.extend(difference(path, &ask(&service, &format!("{path}?{PERIOD}")).await, 404, NOT_FOUND));
    }
    service.stop().await;
    assert_all_agree(wrong);
}

#[tokio::test(flavor = "multi_thread")]
async fn head_has_the_headers_of_get_and_any_origin_may_read() {
    let workspace = Workspace::with_admin().await.without_rate_limit().await;
    workspace.insert(MESSAGE, messages("channel", &may(20), 3)).await;
    let service = Service::on(&workspace).await;
    let mut wrong = Vec::new();
    for path in PATHS {
        for target in [format!("{path}?{PERIOD}"), format!("{path}?start=never")] {
            let get = ask(&service, &target).await;
            let head = service.request("HEAD", &target, &Workspace::admin()).await;
            wrong.extend(lacking_header(&target, &get));
            wrong.extend(lacking_header(&target, &head));
            let rest = |name: &&str| get.header(name).map(str::to_owned);
            let names =
                ["content-length", "content-type", "access-control-allow-origin", "access-control-allow-headers"];
            let is_same = names.iter().all(|name| rest(name).as_deref() == head.header(name) && rest(name).is_some());
            if !is_same || (head.status, head.body.as_str()) != (get.status, "") {
                wrong.push(format!("{target}: {get:?} and {head:?}"));
            }
            wrong.extend((get.header("access-control-allow-origin") != Some("*")).then(|| format!("{get:?}")));
        }
    }
    service.stop().await;
    assert_all_agree(wrong);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_ask_learns_nothing_of_the_parameters() {
    let workspace = Workspace::with_admin().await;
    let service = Service::on(&workspace).await;
    let mut wrong = Vec::new();
    for target in [
        format!("{ORIGIN}?{PERIOD}"),
        format!("{TOP_FIVE}?start=never"),
        format!("{CHANNELS}?{PERIOD}&count[]=1"),
        format!("{CHANNELS}?{PERIOD}&offset=-1"),
    ] {
        wrong.extend(difference(&target, &service.get(&target, &[]).await, 401, UNAUTHORIZED));
    }
    service.stop().await;
    assert_all_agree(wrong);
}
