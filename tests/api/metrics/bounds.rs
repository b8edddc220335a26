//! Nothing that a client sends makes a series, and nothing that it sends is told.

use super::scrape::Scrape;
use crate::support::{
    Service, Workspace,
    answers::{PERIOD, asking},
    keep_secret, reveals_a_secret, send,
};

#[tokio::test(flavor = "multi_thread")]
async fn odd_requests_make_no_series() {
    let workspace = Workspace::with_admin().await;
    let service = Service::on_live(&workspace).await;
    service.catch_up().await;
    let before = Scrape::of(&service).await;

    for number in 0..50 {
        let method = format!("METHOD{number}");
        service.request(&method, &asking(PERIOD), &Workspace::admin()).await;
        service.request(&method, &format!("/path/{number}"), &[]).await;
        service.get(&format!("/%{number:02x}\"{{}}"), &[]).await;
        service.get(&asking(&format!("access_token=token-{number}")), &[]).await;
        let origin = format!("https://{number}.example");
        service.request("OPTIONS", &asking(""), &[("Origin", &origin)]).await;
        let id = format!("user-{number}");
        service.get(&asking(PERIOD), &[("X-User-Id", &id), ("X-Auth-Token", "token")]).await;
        send(service.metrics_address, &method, &format!("/metrics/{number}"), &[], b"").await;
    }

    let after = Scrape::of(&service).await;
    assert_eq!(after.shape(), before.shape());
    assert!(after.sum("http_requests_total") - before.sum("http_requests_total") >= 300.0);
    let unforeseen = |each: &&super::scrape::Series| each.labels.get("status").is_some_and(|status| status == "other");
    for series in after.series.iter().filter(unforeseen) {
        assert_eq!(series.value, 0.0, "{series:?}");
    }
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_and_nobodys_name_is_told() {
    let workspace = Workspace::with_admin().await;
    keep_secret("query-secret-token");
    let service = Service::on_live(&workspace).await;
    assert_eq!(service.get(&asking(PERIOD), &Workspace::admin()).await.status, 200);
    let target = asking(&format!("{PERIOD}&access_token=query-secret-token"));
    assert_eq!(service.get(&target, &[]).await.status, 401);

    let text = Scrape::of(&service).await.text;
    assert!(!reveals_a_secret(&text), "{text}");
    // Names of endpoints are none of rooms.
    let text = text.replace("channels_list", "").replace("popular_channels", "");
    for word in ["admin", "127.0.0.1", "mongodb://", "channel", "workspace"] {
        assert!(!text.contains(word), "{word} in\n{text}");
    }
    service.stop().await;
}
