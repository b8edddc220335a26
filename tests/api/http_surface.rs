//! What the server answers to which method on which path, and with which headers (contract sections 1 and 9).

use std::time::{Duration, Instant};

use crate::support::{
    Connection, PATH, Response, Service, Workspace,
    answers::{
        METHOD_NOT_ALLOWED, NO_MESSAGES, NOT_FOUND, PERIOD, UNAUTHORIZED, UNAVAILABLE, asking, assert_all_agree,
        difference, lacking_header,
    },
    send, settings,
};

async fn workspace() -> Workspace {
    Workspace::with_admin().await.without_rate_limit().await
}

/// The server for people who open Rocket.Chat at `root_url`.
async fn service_at(root_url: &str, workspace: &Workspace) -> Service {
    Service::start(settings(&[("mongo_url", &workspace.url()), ("http.root_url", root_url)])).await
}

const OTHER_METHODS: [&str; 9] = ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW", "get", "PROPFIND"];

#[tokio::test(flavor = "multi_thread")]
async fn any_other_method_is_not_allowed_whoever_asks_and_whatever_for() {
    let workspace = workspace().await;
    let service = Service::on(&workspace).await;

    let mut differences = Vec::new();
    for method in OTHER_METHODS {
        for (target, headers) in [(asking(PERIOD), &Workspace::admin()[..]), (PATH.to_owned(), &[])] {
            let row = format!("{method} {target}");
            let answer = service.request(method, &target, headers).await;
            differences.extend(difference(&row, &answer, 405, METHOD_NOT_ALLOWED));
            differences
                .extend((answer.header("allow") != Some("GET, HEAD, OPTIONS")).then(|| format!("{row}: {answer:?}")));
        }
    }

    service.stop().await;
    assert_all_agree(differences);
}

#[tokio::test(flavor = "multi_thread")]
async fn any_other_path_is_not_found_whoever_asks_and_by_whatever_method() {
    let workspace = workspace().await;
    let service = Service::on(&workspace).await;
    let paths = [
        "/".to_owned(),
        format!("{PATH}/"),
        format!("{PATH}//"),
        format!("{PATH}/x"),
        format!("{PATH};x"),
        format!("{PATH}%20"),
        format!("{PATH}%00"),
        format!("{PATH}%2F"),
        format!("{PATH}%3Fstart=1"),
        format!("/{PATH}"),
        format!("/.{PATH}"),
        format!("/x/..{PATH}"),
        format!("/chat{PATH}"),
        PATH.to_uppercase(),
        PATH.replace("messages-sent", "Messages-Sent"),
        PATH.replace("messages-sent", "messages-sen"),
        PATH.replace("messages-sent", "messages-sent2"),
        PATH.replace("messages-sent", "messages%2Dsent"),
        PATH.replace("messages-sent", "messages%2dsent"),
        PATH.replace("/api", "/%61pi"),
        PATH.replace("/v1", "%2Fv1"),
        PATH.replace("/v1", "//v1"),
        PATH.replace("/v1", "/./v1"),
        PATH.replace("/v1", "/v2"),
        PATH.replace("/v1/", "/v1/v1/"),
        "/api/v1/engagement-dashboard/messages".to_owned(),
        "/api/v1/engagement-dashboard/messages/".to_owned(),
        "/api/v1/engagement-dashboard/users/new-user".to_owned(),
        "/api/v1/engagement-dashboard/channels/list/".to_owned(),
        "/%".to_owned(),
        "/%zz".to_owned(),
        "/%FF%FE".to_owned(),
        "/healthz/".to_owned(),
        "/HEALTHZ".to_owned(),
        "/healthz%20".to_owned(),
    ];

    let mut differences = Vec::new();
    for path in paths {
        let target = format!("{path}?{PERIOD}");
        for (method, headers) in [("GET", &Workspace::admin()[..]), ("GET", &[]), ("POST", &Workspace::admin()[..])] {
            let answer = service.request(method, &target, headers).await;
            differences.extend(difference(&format!("{method} {target}"), &answer, 404, NOT_FOUND));
        }
    }

    service.stop().await;
    assert_all_agree(differences);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rocket_chat_below_a_path_has_the_endpoint_there_and_only_there() {
    let workspace = workspace().await;
    let roots = [
        ("https://host.example/chat", "/chat"),
        ("https://host.example/chat/", "/chat"),
        ("http://localhost:3000/a/b", "/a/b"),
        ("https://host.example/Team-Chat", "/Team-Chat"),
        ("https://host.example/team%20chat", "/team%20chat"),
        // What a router takes for a pattern, and one without its end.
        ("https://host.example/{chat}", "/{chat}"),
        ("https://host.example/{chat", "/{chat"),
        ("https://host.example", ""),
        ("https://host.example/", ""),
    ];

    let mut differences = Vec::new();
    for (root_url, prefix) in roots {
        let service = service_at(root_url, &workspace).await;
        for place in ["", "/chat", "/a/b", "/a", "/Team-Chat", "/CHAT", "/team-chat", "/chat/", "/chat/chat", "/ch%61t"]
        {
            let target = format!("{place}{}", asking(PERIOD));
            let (status, body) = if place == prefix { (200, NO_MESSAGES) } else { (404, NOT_FOUND) };
            let answer = service.get(&target, &Workspace::admin()).await;
            differences.extend(difference(&format!("{root_url}: {target}"), &answer, status, body));
        }
        let answer = service.request("POST", &format!("{prefix}{PATH}"), &[]).await;
        differences.extend(difference(&format!("{root_url}: POST"), &answer, 405, METHOD_NOT_ALLOWED));
        for own in ["/healthz", "/readyz"] {
            let answer = service.get(own, &[]).await;
            differences.extend((answer.status != 200).then(|| format!("{root_url}: {own}: {answer:?}")));
            if !prefix.is_empty() {
                let answer = service.get(&format!("{prefix}{own}"), &[]).await;
                differences.extend(difference(&format!("{root_url}: {prefix}{own}"), &answer, 404, NOT_FOUND));
            }
        }
        service.stop().await;
    }
    assert_all_agree(differences);
}

#[tokio::test(flavor = "multi_thread")]
async fn head_is_answered_like_get_without_the_body() {
    let workspace = workspace().await;
    let service = Service::on(&workspace).await;
    let admin = Workspace::admin();
    let requests = [
        ("200", asking(PERIOD), &admin[..]),
        ("400", asking("start=never"), &admin),
        ("401", asking(PERIOD), &[]),
        ("404", "/nowhere".to_owned(), &admin),
        ("200 of our own", "/healthz".to_owned(), &[]),
    ];

    let mut differences = Vec::new();
    for (row, target, headers) in requests {
        let (get, head) = (service.get(&target, headers).await, service.request("HEAD", &target, headers).await);
        let expected = Response { body: String::new(), ..without_date(get) };
        let answered = without_date(head);
        differences
            .extend((answered != expected).then(|| format!("{row}\n expected {expected:?}\n answered {answered:?}")));
        differences.extend(lacking_header(row, &answered));
    }

    service.stop().await;
    assert_all_agree(differences);
}

fn without_date(mut response: Response) -> Response {
    response.headers.retain(|header| header.0 != "date");
    response.headers.sort();
    response
}

#[tokio::test(flavor = "multi_thread")]
async fn the_body_of_a_request_is_ignored() {
    let workspace = workspace().await;
    let service = Service::on(&workspace).await;
    let admin = Workspace::admin().map(|(name, value)| (name, value.as_bytes()));
    let megabyte = vec![b'x'; 1 << 20];
    let bodies: [(&str, &[u8]); 4] = [
        ("one megabyte", &megabyte),
        ("one byte", b"x"),
        ("parameters", b"start=never&end=never"),
        ("a request", b"GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    ];

    let mut differences = Vec::new();
    for (row, body) in bodies {
        let get = send(service.address, "GET", &asking(PERIOD), &admin, body).await;
        differences.extend(difference(&format!("GET with {row}"), &get, 200, NO_MESSAGES));
        let nobody = send(service.address, "GET", &asking(PERIOD), &[], body).await;
        differences.extend(difference(&format!("GET of nobody with {row}"), &nobody, 401, UNAUTHORIZED));
        let post = send(service.address, "POST", &asking(PERIOD), &admin, body).await;
        differences.extend(difference(&format!("POST with {row}"), &post, 405, METHOD_NOT_ALLOWED));
        let elsewhere = send(service.address, "GET", "/nowhere", &admin, body).await;
        differences.extend(difference(&format!("GET elsewhere with {row}"), &elsewhere, 404, NOT_FOUND));
    }

    service.stop().await;
    assert_all_agree(differences);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_in_chunks_is_ignored_as_well() {
    let workspace = workspace().await;
    let service = Service::on(&workspace).await;
    let mut connection = Connection::open(service.address).await;
    let [(id, id_value), (token, token_value)] = Workspace::admin();
    let head =
        format!("GET {} HTTP/1.1\r\nHost: localhost\r\n{id}: {id_value}\r\n{token}: {token_value}\r\n", asking(PERIOD));

    let body = "Transfer-Encoding: chunked\r\n\r\n5\r\nstart\r\n0\r\n\r\n";
    connection.send_bytes(format!("{head}{body}").as_bytes()).await;

    assert_all_agree(difference("a body in chunks", &connection.receive(false).await, 200, NO_MESSAGES));
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_serves_one_answer_after_the_other_whatever_they_are() {
    let workspace = workspace().await;
    let service = Service::on(&workspace).await;
    let admin = Workspace::admin().map(|(name, value)| (name, value.as_bytes()));
    let mut connection = Connection::open(service.address).await;
    let requests: [(&str, String, u16, &str); 5] = [
        ("GET", asking(PERIOD), 200, NO_MESSAGES),
        ("GET", "/nowhere".to_owned(), 404, NOT_FOUND),
        ("HEAD", asking(PERIOD), 200, ""),
        ("POST", asking(PERIOD), 405, METHOD_NOT_ALLOWED),
        ("GET", asking(PERIOD), 200, NO_MESSAGES),
    ];

    let mut differences = Vec::new();
    for (method, target, status, body) in requests {
        connection.send(method, &target, &admin, b"").await;
        let answer = connection.receive(method == "HEAD").await;
        differences.extend(difference(&format!("{method} {target}"), &answer, status, body));
    }

    service.stop().await;
    assert_all_agree(differences);
}

#[tokio::test(flavor = "multi_thread")]
async fn health_and_readiness_are_200_while_mongodb_answers() {
    let workspace = workspace().await;
    let service = Service::on(&workspace).await;

    for path in ["/healthz", "/readyz"] {
        let answer = service.get(path, &[]).await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        assert!(answer.json().is_object(), "{path}: {answer:?}");
        assert_eq!(lacking_header(path, &answer), None);
    }
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_mongodb_the_process_is_healthy_and_everything_else_unavailable_within_the_deadline() {
    let service = Service::start(settings(&[("mongo_url", "mongodb://127.0.0.1:1/rocketchat")])).await;
    let too_long = "x".repeat(513);
    let hopeless = [("X-User-Id", "admin"), ("X-Auth-Token", too_long.as_str())];

    let begun = Instant::now();
    let answer = service.get(&asking(PERIOD), &Workspace::admin()).await;
    let took = begun.elapsed();
    let ready = service.get("/readyz", &[]).await;
    let healthy = service.get("/healthz", &[]).await;
    let refused = service.get(&asking(PERIOD), &hopeless).await;
    let elsewhere = service.get("/nowhere", &[]).await;

    assert_all_agree(difference("the endpoint", &answer, 503, UNAVAILABLE));
    let wait = answer.header("retry-after").and_then(|seconds| seconds.parse::<u32>().ok());
    assert!(wait.is_some_and(|seconds| seconds > 0), "Retry-After is in seconds: {answer:?}");
    assert!(took < Duration::from_secs(11), "the deadline is 10 s, and it took {took:?}");
    assert_eq!((ready.status, lacking_header("/readyz", &ready)), (503, None), "{ready:?}");
    assert!(ready.json().is_object(), "{ready:?}");
    assert_eq!((healthy.status, lacking_header("/healthz", &healthy)), (200, None), "{healthy:?}");
    assert_all_agree(difference("a token that needs no query", &refused, 401, UNAUTHORIZED));
    assert_all_agree(difference("another path", &elsewhere, 404, NOT_FOUND));
    service.stop().await;
}
