//! Which path goes where, and how it arrives there.

use std::{
    fs,
    net::{IpAddr, SocketAddr},
    thread::available_parallelism,
    time::Duration,
};

use crate::{
    guarded::until,
    paths::{DASHBOARD, PATHS},
    site::{Answering, Kind, Site},
    stand_in::{Arrived, method_of},
    support::{
        PATH, Response, Workspace,
        answers::{METHOD_NOT_ALLOWED, NO_MESSAGES, NOT_FOUND, PERIOD, assert_all_agree, difference},
    },
};

async fn workspace() -> Workspace {
    Workspace::with_admin().await.without_rate_limit().await
}

/// A complaint if it is not the service that answered, as it does without a proxy. It need not know the path.
fn not_answered_by_the_service(row: &str, through: &Response, directly: &Response) -> Option<String> {
    assert_eq!(method_of(directly), None, "{row}: {directly:?}");
    let is_the_services = method_of(through).is_none() && !through.body.is_empty();
    (!is_the_services || (through.status, &through.body) != (directly.status, &directly.body)).then(|| {
        format!(
            "{row} should be the service's, {} {}: {} {}",
            directly.status, directly.body, through.status, through.body
        )
    })
}

/// A complaint if it is not the stand-in for Rocket.Chat that answered, and to just this.
fn not_passed_on(row: &str, method: &str, target: &str, answer: &Response) -> Option<String> {
    let is_the_same = method_of(answer) == Some(method)
        && (method == "HEAD" || Arrived::told_by(answer).target == target && Arrived::told_by(answer).method == method);
    (!is_the_same)
        .then(|| format!("{row}: {method} {target} should be Rocket.Chat's: {} {}", answer.status, answer.body))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_dashboards_paths_go_to_the_service_and_all_others_to_rocket_chat() {
    let workspace = workspace().await;
    for kind in Kind::all() {
        for root in ["", "/chat"] {
            let site = Site::start_below(kind, root).await;
            let service = site.start_service(&workspace.url()).await;
            site.noticed(Answering::Service).await;
            let row = format!("{kind:?} {root}");
            let (admin, good) = (&Workspace::admin(), site.asking(PERIOD));

            let mut wrong: Vec<_> =
                difference(&row, &site.get(&good, admin).await, 200, NO_MESSAGES).into_iter().collect();
            wrong.extend(difference(&row, &site.request("HEAD", &good, admin).await, 200, ""));
            let preflight = site.request("OPTIONS", &good, &[("Origin", "https://example.org")]).await;
            assert!(preflight.body.starts_with("CORS not enabled."), "{row}: {preflight:?}");
            wrong.extend(difference(&row, &site.request("POST", &good, admin).await, 405, METHOD_NOT_ALLOWED));

            for path in PATHS {
                let target = site.target(path, PERIOD);
                for method in ["GET", "OPTIONS", "POST"] {
                    let through = site.request(method, &target, admin).await;
                    let directly = service.request(method, &target, admin).await;
                    let row = format!("{row}: {method} {path}");
                    wrong.extend(not_answered_by_the_service(&row, &through, &directly));
                }
                let below = path.strip_prefix(DASHBOARD).expect("a path of the dashboard");
                let near_misses = [
                    format!("{root}{path}/"),
                    format!("{root}{path}/x"),
                    format!("{root}{path}2"),
                    format!("{root}{path}%0A"),
                    format!("{root}{path}%3Fx"),
                    format!("{root}{path};x"),
                    format!("{root}{}", path.to_uppercase()),
                    format!("{root}{DASHBOARD}{}", below.to_uppercase()),
                    format!("{root}{DASHBOARD}x/{below}"),
                    format!("{root}{DASHBOARD}{}", below.rsplit('/').next().expect("a name")),
                    format!("/x{root}{path}"),
                    format!("{}{path}", if root.is_empty() { "/chat" } else { "" }),
                ];
                for target in near_misses.map(|path| format!("{path}?{PERIOD}")) {
                    wrong.extend(not_passed_on(&row, "GET", &target, &site.get(&target, admin).await));
                }
            }

            let endpoint = format!("{root}{PATH}");
            let others = [
                format!("{endpoint}/"),
                format!("{endpoint}/x"),
                format!("{endpoint}2?{PERIOD}"),
                format!("{root}{}", PATH.replace("/api", "/API")),
                endpoint.replace("sent", "Sent"),
                format!("{}{PATH}", if root.is_empty() { "/chat" } else { "" }),
                format!("/x{endpoint}"),
                format!("{root}/api/v1/engagement-dashboard"),
                format!("{root}/api/v1/engagement-dashboard/"),
                format!("{root}/api/v1/engagement-dashboard/other?{PERIOD}"),
                format!("{root}/api/v1/engagement-dashboard/messages"),
                format!("{root}/api/v1/engagement-dashboard/users/"),
                format!("{root}/api/v1/engagement-dashboard/users/chat-busier"),
                format!("{root}/api/v1/info"),
                format!("/?x={endpoint}"),
                "/readyz".to_owned(),
                "/metrics".to_owned(),
                "/%61?%zz&&;=+%7e".to_owned(),
            ];
            for target in others {
                for method in ["GET", "HEAD", "OPTIONS", "DELETE"] {
                    let answer = site.request(method, &target, admin).await;
                    wrong.extend(not_passed_on(&row, method, &kind.arriving(&target), &answer));
                }
            }
            // Apache warns of a path that it cannot send on as it came, for each request.
            let log = site.log();
            let mismatches = log.lines().filter(|line| line.contains("nocanon"));
            wrong.extend(mismatches.map(|line| format!("{row}: {line}")));
            service.stop().await;
            assert_all_agree(wrong);
        }
    }
}

// What proxies take for the same path is sent on as it came, and the service compares it as it is; or it is sent on as the path.
// HAProxy does not take it for the same.
#[tokio::test(flavor = "multi_thread")]
async fn other_spellings_of_the_path_are_answered_by_the_service_with_404_unless_they_are_rewritten() {
    let workspace = workspace().await;
    for kind in Kind::all() {
        let (site, service) = Site::on(kind, &workspace).await;
        let other_spellings =
            |path| [str::replace(path, "-", "%2D"), str::replace(path, "s", "%73"), format!("/x/..{path}")];
        for (plain, path) in PATHS.into_iter().flat_map(|path| other_spellings(path).map(|spelling| (path, spelling))) {
            let target = format!("{path}?{PERIOD}");
            let answer = site.get(&target, &Workspace::admin()).await;
            let row = format!("{kind:?} {path}");
            match kind {
                Kind::Haproxy => assert_all_agree(not_passed_on(&row, "GET", &target, &answer)),
                _ if kind.rewrites_the_endpoint() => {
                    let directly = service.get(&site.target(plain, PERIOD), &Workspace::admin()).await;
                    assert_all_agree(not_answered_by_the_service(&row, &answer, &directly));
                }
                _ => assert_all_agree(difference(&row, &answer, 404, NOT_FOUND)),
            }
        }
        service.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_query_arrives_byte_for_byte_or_means_the_same() {
    let workspace = workspace().await;
    for kind in Kind::all() {
        let (site, service) = Site::on(kind, &workspace).await;
        let admin = Workspace::admin();
        let queries = [
            "start=2023-05-20T00%3A00%3A00.000Z&end=2023-05-30T00%3A00%3A00.000Z",
            "end=2023-05-30T00:00:00.000Z&&=;x&start=2023-05-20T00:00:00.000Z&%zz",
            "start=2023-05-20T00:00:00.000Z&end=2023-05-30T00:00:00.000Z%",
            "start=2023-05-20T00:00:00.000Z&end=2023-05-30T00:00:00.000Z&start[]=",
            "start=a;b&end=never",
            "start=+&end=%2B",
            "access_token=x&start",
            "",
        ];
        for query in queries {
            let target = site.asking(query);
            let (through, directly) = (site.get(&target, &admin).await, service.get(&target, &admin).await);
            assert_eq!((through.status, &through.body), (directly.status, &directly.body), "{kind:?} {query:?}");
        }
        // The stand-in tells what it saw.
        service.stop().await;
        site.noticed(Answering::RocketChat).await;
        for query in queries {
            let target = site.asking(query);
            let arrived = Arrived::told_by(&site.get(&target, &admin).await);
            assert_eq!(arrived.target, kind.arriving(&target), "{kind:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_requests_share_one_connection_to_the_service() {
    let workspace = workspace().await;
    for kind in Kind::all().into_iter().filter(|kind| kind.keeps_connections()) {
        let (site, service) = Site::on(kind, &workspace).await;
        for _ in 0..50 {
            assert_eq!(site.get(&site.asking(PERIOD), &Workspace::admin()).await.status, 200);
        }
        // HAProxy keeps one for each of its threads.
        let most = if kind == Kind::Haproxy { available_parallelism().expect("a number").get() } else { 1 };
        let few_are_idle = async || (1..=most).contains(&connections_to(service.address)).then_some(());
        until(&format!("{kind:?}: one idle connection"), Duration::from_secs(10), few_are_idle).await;
        service.stop().await;
    }
}

/// How many ends of connections to an address there are.
fn connections_to(address: SocketAddr) -> usize {
    let IpAddr::V4(ip) = address.ip() else { panic!("an IPv4 address") };
    let remote = format!("{:08X}:{:04X}", u32::from(ip).swap_bytes(), address.port());
    let table = fs::read_to_string("/proc/net/tcp").expect("the table of connections");
    table.lines().filter(|line| line.split_whitespace().nth(2) == Some(&remote)).count()
}
