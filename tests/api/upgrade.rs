//! The settings as version 0.1.0's guide had them: what of them means something else now is told, and how it is set right.

use crate::support::{Process, Workspace, send};

/// Asks for what needs no database, as a proxy does for a client.
async fn client_in_log(settings: &[(&str, &str)]) -> String {
    let (process, address) = Process::serve("mongodb://127.0.0.1:1/rocketchat", settings);
    let headers = [("X-Forwarded-For", b"198.51.100.1, 203.0.113.9".as_slice())];
    assert_eq!(send(address, "GET", "/healthz", &headers, b"").await.status, 200);
    let line = process.wait_for_line("GET /healthz 200");
    line.split("client=").nth(1).and_then(|rest| rest.split(' ').next()).expect("a client").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unset_count_of_proxies_is_one_and_zero_is_as_before() {
    assert_eq!(client_in_log(&[]).await, "203.0.113.9");
    assert_eq!(client_in_log(&[("HTTP_FORWARDED_COUNT", "")]).await, "203.0.113.9");
    assert_eq!(client_in_log(&[("HTTP_FORWARDED_COUNT", "0")]).await, "127.0.0.1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_url_without_a_database_means_test_and_the_log_says_what_is_not_there() {
    let workspace = Workspace::demonstration().await;
    let url = workspace.url();
    let (server, rest) = url.rsplit_once('/').expect("a path");
    let options = rest.split_once('?').map(|(_, options)| format!("?{options}")).unwrap_or_default();
    let (process, _) = Process::serve(&format!("{server}/{options}"), &[]);
    let line = process.wait_for_line("so nobody can log in");
    assert!(line.contains("the database test has no users"), "{line}");

    let (process, _) = Process::serve(&url, &[("ROOT_URL", "https://chat.example.org"), ("TZ", "UTC")]);
    process.wait_for_line("MongoDB answers");
}
