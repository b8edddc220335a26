//! What the page is served with: headers, files, limit, and the order of checks.

use bson::doc;

use super::{CONTEXT, MESSAGES, PAGE, PEOPLE, ask};
use crate::support::{Response, Service, Workspace, answers::body_of, settings, user};

const SECURITY: [(&str, &str); 5] = [
    ("x-frame-options", "DENY"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
];

/// Whether an answer has the headers of the page, and none that lets another page read it.
fn assert_is_protected(what: &str, answer: &Response) {
    for (name, value) in SECURITY {
        assert_eq!(answer.header(name), Some(value), "{what}: {answer:?}");
    }
    assert!(answer.header("permissions-policy").is_some_and(|policy| policy.contains("camera=()")), "{what}");
    assert_eq!(answer.header("x-engagement-version"), Some(env!("CARGO_PKG_VERSION")), "{what}");
    let open = answer.headers.iter().find(|(name, _)| name.starts_with("access-control"));
    assert_eq!(open, None, "{what}");
}

fn nonce(page: &Response) -> String {
    let policy = page.header("content-security-policy").expect("a policy");
    let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).expect("a nonce").to_owned();
    let expected = format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self'; img-src 'self'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    );
    assert_eq!(policy, expected);
    assert!(nonce.len() >= 22 && page.body.contains(&format!("nonce=\"{nonce}\"")), "{nonce}");
    nonce
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_is_for_everybody_with_a_new_nonce_each_time_and_below_the_path_of_rocket_chat() {
    let workspace = Workspace::with_admin().await;
    let values = [("mongo_url", workspace.url()), ("http.root_url", "https://chat.example.org/chat".to_owned())];
    let service = Service::start(settings(&values.each_ref().map(|(key, value)| (*key, value.as_str())))).await;
    let path = "/chat/engagement";
    let page = service.get(path, &[]).await;
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert_eq!(page.header("cache-control"), Some("no-store"));
    assert!(page.body.contains("data-page=\"/chat/engagement\" data-root=\"/chat\""), "{}", page.body);
    let again = service.get(path, &[]).await;
    assert_ne!(nonce(&page), nonce(&again));
    assert_is_protected("page", &page);

    // All that it names is there.
    let mut names: Vec<_> = page.body.split('"').filter(|text| text.contains("/assets/")).collect();
    names.sort_unstable();
    names.dedup();
    assert!(names.len() > 3, "{names:?}");
    for name in names {
        let plain = service.get(name, &[]).await;
        assert_eq!(plain.status, 200, "{name}");
        assert_eq!(plain.header("cache-control"), Some("public, max-age=31536000, immutable"));
        let tag = plain.header("etag").expect("a tag").to_owned();
        let head = service.request("HEAD", name, &[]).await;
        assert_eq!((head.status, head.header("content-length")), (200, plain.header("content-length")));
        let known = service.get(name, &[("If-None-Match", &tag)]).await;
        assert_eq!((known.status, known.body.as_str()), (304, ""), "{name}");
        assert_is_protected(name, &plain);
    }

    let slash = service.get("/chat/engagement/?compare=year", &[]).await;
    assert_eq!((slash.status, slash.header("location")), (308, Some("/chat/engagement?compare=year")));
    for (method, path, status) in [
        ("HEAD", path, 200),
        ("POST", path, 405),
        ("OPTIONS", "/chat/engagement/api/context", 405),
        ("GET", "/chat/engagement/api", 404),
        ("GET", "/chat/engagement/assets/page.html", 404),
        ("GET", "/chat/engagement/assets/0123456789abcdef/style.css", 404),
        ("GET", "/chat/engagement/assets/../../engagement", 404),
    ] {
        let headers = [("Origin", "https://evil.example"), ("Access-Control-Request-Method", "GET")];
        let answer = service.request(method, path, &headers).await;
        assert_eq!(answer.status, status, "{method} {path}");
        assert_is_protected(path, &answer);
    }
    for path in ["/engagement", "/chat/engagementx", "/chat/Engagement"] {
        let answer = service.get(path, &[]).await;
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (404, Some("*")), "{path}");
    }
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_page_there_is_none() {
    let workspace = Workspace::with_admin().await;
    let service = Service::start(settings(&[("mongo_url", &workspace.url()), ("page.enabled", "false")])).await;
    for path in [PAGE, CONTEXT, "/engagement/"] {
        assert_eq!(ask(&service, path).await.status, 404, "{path}");
    }
    let description = service.get("/openapi.json", &[]).await;
    assert!(!description.body.contains("/engagement/api"));
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_data_has_the_checks_of_the_endpoints_and_a_limit_of_its_own() {
    let workspace = Workspace::with_admin().await;
    workspace.add_auditor().await;
    workspace.insert("users", [user("somebody", &["user"], "the-token-of-somebody")]).await;
    workspace.insert("rocketchat_settings", [doc! { "_id": "API_Enable_Rate_Limiter", "value": false }]).await;
    let values = [("mongo_url", workspace.url()), ("page.calls_per_minute", "4".to_owned())];
    let service = Service::start(settings(&values.each_ref().map(|(key, value)| (*key, value.as_str())))).await;
    let good = format!("{MESSAGES}?start=2026-11-01&end=2026-11-02");
    let bad = format!("{PEOPLE}?start=2026-11-01&end=never");
    let somebody = [("X-User-Id", "somebody"), ("X-Auth-Token", "the-token-of-somebody")];
    let auditor = &Workspace::AUDITOR[..];
    let reason = r#"{"success":false,"error":"end: write one day of the years 1970 to 9999, such as 2026-11-30"}"#;
    for (method, target, headers, status, remaining) in [
        ("GET", bad.as_str(), &[][..], 401, None),
        ("GET", &bad, &somebody[..], 403, None),
        ("GET", &good, auditor, 200, Some("3")),
        ("GET", &bad, auditor, 400, Some("2")),
        ("HEAD", CONTEXT, auditor, 200, Some("1")),
        ("GET", CONTEXT, auditor, 200, Some("0")),
        ("GET", &good, auditor, 429, Some("0")),
        ("GET", &bad, auditor, 429, Some("0")),
        ("GET", &bad, &[][..], 401, None),
        ("GET", &bad, &Workspace::admin()[..], 400, None),
        ("POST", &good, auditor, 405, None),
    ] {
        let answer = service.request(method, target, headers).await;
        let got = (answer.status, answer.header("x-ratelimit-remaining"));
        assert_eq!(got, (status, remaining), "{method} {target}: {answer:?}");
        assert_is_protected(target, &answer);
        match status {
            401 | 403 => assert_eq!(answer.body, body_of(status)),
            400 => assert_eq!(answer.body, reason),
            _ => {}
        }
    }
    // The endpoints have their own: here, none.
    let endpoint = service.get(&format!("{}?start=x", crate::support::PATH), auditor).await;
    assert_eq!((endpoint.status, endpoint.header("x-ratelimit-limit")), (400, None));
    service.stop().await;
}
