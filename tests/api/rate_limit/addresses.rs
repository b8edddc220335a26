//! Whose calls are counted: the client's address, directly and behind proxies.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use bson::bson;

use super::{AUDITOR, CALLS, TIME, workspace};
use crate::support::{
    Process, Response, Service,
    answers::{PERIOD, asking, assert_all_agree},
    send, send_from, settings,
};

/// A client's own address of those that loop back.
async fn get_from(client: [u8; 4], service: SocketAddr, headers: &[(&str, &str)]) -> Response {
    let local: IpAddr = Ipv4Addr::from(client).into();
    let headers: Vec<_> = AUDITOR.iter().chain(headers).map(|(name, value)| (*name, value.as_bytes())).collect();
    send_from(local, service, "GET", &asking(PERIOD), &headers).await
}

#[tokio::test(flavor = "multi_thread")]
async fn without_proxies_the_peer_counts_and_a_header_changes_nothing() {
    let workspace = workspace(&[(CALLS, bson!(2)), (TIME, bson!(600_000))]).await;
    let url = workspace.url();
    let service = Service::start(settings(&[("mongo_url", url.as_str()), ("http.forwarded_count", "0")])).await;

    for (client, forged, status) in [
        ([127, 0, 0, 1], "198.51.100.1", 200),
        ([127, 0, 0, 1], "198.51.100.2", 200),
        ([127, 0, 0, 1], "198.51.100.3", 429),
        ([127, 0, 0, 2], "127.0.0.1", 200),
    ] {
        let answer = get_from(client, service.address, &[("X-Forwarded-For", forged)]).await;
        assert_eq!(answer.status, status, "{client:?} as {forged}: {answer:?}");
    }
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unless_told_otherwise_there_is_one_proxy() {
    let workspace = workspace(&[(CALLS, bson!(1)), (TIME, bson!(600_000))]).await;
    let service = Service::on(&workspace).await;
    let proxy = [127, 0, 0, 1];

    for (list, status) in [
        (Some("198.51.100.1"), 200),
        (Some("198.51.100.2"), 200),
        (Some("198.51.100.3, 198.51.100.1"), 429),
        (Some("198.51.100.2, 198.51.100.3"), 200),
        (None, 200),
        (None, 429),
    ] {
        let list: Vec<_> = list.map(|list| ("X-Forwarded-For", list)).into_iter().collect();
        let answer = get_from(proxy, service.address, &list).await;
        assert_eq!(answer.status, status, "{list:?}: {answer:?}");
    }
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_proxy_its_clients_count_and_forging_helps_nobody() {
    let workspace = workspace(&[(CALLS, bson!(1)), (TIME, bson!(600_000))]).await;
    let url = workspace.url();
    let values = [("mongo_url", url.as_str()), ("http.forwarded_count", "1"), ("http.trusted_proxies", "127.0.0.2/31")];
    let service = Service::start(settings(&values)).await;
    let (proxy, stranger) = ([127, 0, 0, 2], [127, 0, 0, 9]);

    let mut differences = Vec::new();
    for (number, (from, lists, status)) in [
        (proxy, vec!["198.51.100.1"], 200),
        (proxy, vec!["198.51.100.1"], 429),
        (proxy, vec!["198.51.100.2"], 200),
        (proxy, vec!["203.0.113.1, 198.51.100.1"], 429),
        (proxy, vec!["203.0.113.2", "198.51.100.1"], 429),
        (proxy, vec!["::ffff:198.51.100.1"], 429),
        (proxy, vec!["2001:db8::1"], 200),
        (proxy, vec!["2001:db8:0::1"], 429),
        (proxy, vec!["198.51.100.1:51008"], 429),
        (proxy, vec!["[2001:db8::1]:443"], 429),
        (proxy, vec!["[2001:db8::1]"], 429),
        // What is no address is the proxy's own.
        (proxy, vec!["198.51.100.3:http"], 200),
        (proxy, vec![], 429),
        (proxy, vec!["nonsense"], 429),
        // A stranger is nobody's proxy.
        (stranger, vec!["198.51.100.4"], 200),
        (stranger, vec!["198.51.100.5"], 429),
        (proxy, vec!["198.51.100.4"], 200),
        (proxy, vec!["127.0.0.9"], 429),
    ]
    .into_iter()
    .enumerate()
    {
        let headers: Vec<_> = lists.iter().map(|list| ("X-Forwarded-For", *list)).collect();
        let answer = get_from(from, service.address, &headers).await;
        differences.extend((answer.status != status).then(|| format!("{number}: {from:?} {lists:?}: {answer:?}")));
    }

    service.stop().await;
    assert_all_agree(differences);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_has_the_same_address() {
    let environment = [("HTTP_FORWARDED_COUNT", "2"), ("ENGAGEMENT_HTTP_TRUSTED_PROXIES", "127.0.0.1")];
    let workspace = workspace(&[]).await;
    let (process, address) = Process::serve(&workspace.url(), &environment);
    let list: [(&str, &[u8]); 1] = [("X-Forwarded-For", b"203.0.113.9, 198.51.100.7, 192.0.2.1")];

    assert_eq!(send(address, "GET", "/healthz", &list, b"").await.status, 200);

    let line = process.wait_for_line("/healthz");
    assert!(line.contains("client=198.51.100.7 "), "{line}");
}
