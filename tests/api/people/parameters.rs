//! The five paths: parameters, methods, who may ask, how often, and the form of the answers (contract sections 1 to 6 and
//! 8).

use std::collections::BTreeSet;

use bson::doc;

use super::{ACTIVE, BY_TIME, HOURLY, NEW, PATHS, SESSIONS, WEEKLY, ask, period};
use crate::{
    parameters::{Answer, Row, table},
    support::{
        Response, Service, Workspace,
        answers::{
            FORBIDDEN, METHOD_NOT_ALLOWED, NO_MESSAGES, NOT_FOUND, PERIOD, UNAUTHORIZED, assert_all_agree, difference,
            lacking_header, no_json_error,
        },
        settings, user, utc,
    },
};

const START: &str = "start=2023-05-20T00:00:00.000Z";
const END: &str = "end=2023-05-30T00:00:00.000Z";

/// The body of a path's answer when nobody is there.
fn nothing(path: &str) -> String {
    let list = match path {
        NEW => return NO_MESSAGES.to_owned(),
        ACTIVE | WEEKLY => "month",
        HOURLY => "hours",
        BY_TIME => "week",
        other => panic!("no path: {other}"),
    };
    format!(r#"{{"{list}":[],"success":true}}"#)
}

fn target(path: &str, query: &str) -> String {
    format!("/api/v1/engagement-dashboard/users/{path}?{query}")
}

fn not_a_date(name: &str) -> String {
    format!(r#"{{"success":false,"error":"Match error: Failed Match.Where validation in field {name}"}}"#)
}

fn missing(name: &str) -> String {
    format!(r#"{{"success":false,"error":"Match error: Missing key '{name}'"}}"#)
}

/// Users and sessions of the period, so that no answer is empty.
async fn workspace_with_people() -> Workspace {
    let workspace = Workspace::with_admin().await;
    let at = utc("2023-05-19T14:10:00.000Z");
    let date = doc! { "year": 2023, "month": 5, "day": 20, "userId": "ann" };
    let mut daily = doc! { "type": "user_daily" };
    daily.extend(date.clone());
    let mut computed = doc! { "type": "computed-session", "loginAt": at };
    computed.extend(date.clone());
    let mut later = doc! { "type": "computed-session", "loginAt": utc("2023-05-20T14:10:00.000Z") };
    later.extend(date);
    workspace.insert(SESSIONS, [daily, computed, later]).await;
    workspace.insert("users", [doc! { "username": "ann", "createdAt": utc("2023-05-20T14:10:00.000Z") }]).await;
    workspace
}

/// What an answer of a path that knows only `start` is, by the values of `start` in a query of the table without escapes.
fn without_end(query: &str) -> (u16, String) {
    let is_start = |part: &&str| {
        part.strip_prefix("start").is_some_and(|rest| rest.is_empty() || rest.starts_with('=') || rest.starts_with('['))
    };
    let starts: Vec<_> = query.split('&').filter(is_start).collect();
    match starts[..] {
        [] => (400, missing("start")),
        [one] if one.len() == START.len() && one.starts_with("start=") => (200, String::new()),
        _ => (400, not_a_date("start")),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_query_string_of_the_table_is_read_as_for_messages_sent_where_there_are_two_parameters() {
    let workspace = Workspace::with_admin().await.without_rate_limit().await;
    let service = Service::on(&workspace).await;
    let mut wrong = Vec::new();
    for path in [NEW, ACTIVE, BY_TIME] {
        for Row { query, answer: expected } in table() {
            let row = format!("{path}?{query}");
            let answer = ask(&service, path, &query).await;
            wrong.extend(match expected {
                Answer::Accepted => difference(&row, &answer, 200, &nothing(path)),
                Answer::NoPeriod if path == NEW => no_json_error(&row, &answer, 400),
                Answer::NoPeriod => difference(&row, &answer, 200, &nothing(path)),
                Answer::NotADate(name) => difference(&row, &answer, 400, &not_a_date(name)),
                Answer::Missing(name) => difference(&row, &answer, 400, &missing(name)),
            });
        }
    }
    service.stop().await;
    assert_all_agree(wrong);
}

#[tokio::test(flavor = "multi_thread")]
async fn hourly_and_weekly_data_read_the_same_table_as_if_nobody_knew_end() {
    let workspace = Workspace::with_admin().await.without_rate_limit().await;
    let service = Service::on(&workspace).await;
    let mut wrong = Vec::new();
    for path in [HOURLY, WEEKLY] {
        for Row { query, answer: expected } in table() {
            let (status, body) = match expected {
                Answer::Accepted | Answer::NoPeriod | Answer::Missing("end") => (200, String::new()),
                Answer::Missing(name) => (400, missing(name)),
                Answer::NotADate("start") => (400, not_a_date("start")),
                Answer::NotADate(_) => without_end(&query),
            };
            let body = if status == 200 { nothing(path) } else { body };
            let row = format!("{path}?{query}");
            wrong.extend(difference(&row, &ask(&service, path, &query).await, status, &body));
        }
    }
    service.stop().await;
    assert_all_agree(wrong);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_is_unknown_to_hourly_and_weekly_data() {
    let workspace = workspace_with_people().await.without_rate_limit().await;
    let service = Service::on(&workspace).await;
    let mut wrong = Vec::new();
    let never = "0000-00-00";
    for path in [HOURLY, WEEKLY] {
        let expected = ask(&service, path, START).await;
        assert_ne!((expected.status, &expected.body), (200, &nothing(path)));
        for query in [
            format!("{START}&{END}"),
            format!("{END}&{START}"),
            format!("{START}&end={never}"),
            format!("end={never}&{START}"),
            format!("end&{START}"),
            format!("end[]=1&{START}&end[x]=2"),
            format!("{START}&{END}&{END}"),
            format!("{START}&end=2022-01-01T00:00:00.000Z"),
            format!("{START}&offset=-1&count[]=1&%zz=1"),
        ] {
            let row = format!("{path}?{query}");
            wrong.extend(difference(&row, &ask(&service, path, &query).await, 200, &expected.body));
        }
        for (query, body) in [
            ("", missing("start")),
            (END, missing("start")),
            ("end=never", missing("start")),
            ("end[]=1", missing("start")),
            ("end=never&start=never", not_a_date("start")),
            ("end=never&start", not_a_date("start")),
            (&format!("{START}&{START}"), not_a_date("start")),
            (&format!("end=never&{START}&end=never&start[]=1"), not_a_date("start")),
        ] {
            let row = format!("{path}?{query}");
            wrong.extend(difference(&row, &ask(&service, path, query).await, 400, &body));
        }
    }
    for path in PATHS {
        let bare = service.get(target(path, "").trim_end_matches('?'), &Workspace::admin()).await;
        wrong.extend(difference(path, &bare, 400, &missing("start")));
    }
    service.stop().await;
    assert_all_agree(wrong);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_period_that_ends_before_it_starts_finds_nothing_and_is_no_period_for_new_users() {
    let workspace = workspace_with_people().await.without_rate_limit().await;
    let service = Service::on(&workspace).await;
    let mut wrong = Vec::new();
    for (start, end, is_period) in [
        ("2023-05-22T00:00:00.000Z", "2023-05-19T00:00:00.000Z", false),
        ("2023-05-21T14:00:00.000Z", "2023-05-19T14:00:00.000Z", false),
        ("2023-05-21T00:00:00.000Z", "2023-05-19T23:59:59.999Z", true),
        ("2023-05-21T13:59:59.999Z", "2023-05-19T14:00:00.000Z", true),
    ] {
        for path in [ACTIVE, BY_TIME] {
            let query = period(start, end);
            wrong.extend(difference(&query, &ask(&service, path, &query).await, 200, &nothing(path)));
        }
        let answer = ask(&service, NEW, &period(start, end)).await;
        if is_period {
            // The only user was created on the day before the start.
            let minus =
                NO_MESSAGES.replace(r#""period":{"count":0,"variation":0}"#, r#""period":{"count":0,"variation":-1}"#);
            wrong.extend(difference(start, &answer, 200, &minus));
        } else {
            wrong.extend(no_json_error(start, &answer, 400));
        }
    }
    // Parameters that are wrong come before a period that is.
    let query = "end=2000-01-01T00:00:00.000Z&start=never";
    wrong.extend(difference(query, &ask(&service, NEW, query).await, 400, &not_a_date("start")));
    service.stop().await;
    assert_all_agree(wrong);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_methods_are_not_allowed_and_paths_that_are_almost_theirs_are_not_found() {
    let workspace = Workspace::with_admin().await.without_rate_limit().await;
    let service = Service::on(&workspace).await;
    let mut wrong = Vec::new();
    for path in PATHS {
        for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "get"] {
            let row = format!("{method} {path}");
            let answer = service.request(method, &target(path, PERIOD), &Workspace::admin()).await;
            wrong.extend(difference(&row, &answer, 405, METHOD_NOT_ALLOWED));
            wrong.extend((answer.header("allow") != Some("GET, HEAD, OPTIONS")).then(|| format!("{row}: {answer:?}")));
        }
        let exact = target(path, PERIOD);
        for almost in [
            target(&format!("{path}/"), PERIOD),
            target(&path.to_uppercase(), PERIOD),
            target(&path.replace('-', "%2D"), PERIOD),
            target(&format!("/{path}"), PERIOD),
            target(path.rsplit('/').next().filter(|last| *last != path).unwrap_or("x"), PERIOD),
            exact.replace("/users/", "/"),
            exact.replace("/users/", "/messages/"),
            exact.replace("/v1", "/v2"),
        ] {
            let answer = service.get(&almost, &Workspace::admin()).await;
            wrong.extend(difference(&almost, &answer, 404, NOT_FOUND));
        }
    }
    for none in ["", "chat-busier", "chat-busier/", "chat-busier/hourly", "chat-busier/active-users"] {
        wrong.extend(difference(none, &ask(&service, none, PERIOD).await, 404, NOT_FOUND));
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
        let below = format!("/chat{}", target(path, PERIOD));
        wrong.extend(difference(&below, &service.get(&below, &Workspace::admin()).await, 200, &nothing(path)));
        wrong.extend(difference(path, &ask(&service, path, PERIOD).await, 404, NOT_FOUND));
    }
    service.stop().await;
    assert_all_agree(wrong);
}

/// All headers but the date, in whatever order they come.
fn headers(answer: &Response) -> BTreeSet<&(String, String)> {
    answer.headers.iter().filter(|(name, _)| name != "date").collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn head_has_the_headers_of_get_and_no_body() {
    let workspace = workspace_with_people().await.without_rate_limit().await;
    let service = Service::on(&workspace).await;
    let somebody = [("X-User-Id", "nobody"), ("X-Auth-Token", "no-token-of-anybody")];
    let mut wrong = Vec::new();
    for path in PATHS {
        for (query, who, status) in [
            (PERIOD, &Workspace::admin()[..], 200),
            ("start=never", &Workspace::admin()[..], 400),
            (PERIOD, &somebody[..], 401),
        ] {
            let get = service.get(&target(path, query), who).await;
            let head = service.request("HEAD", &target(path, query), who).await;
            let length = get.body.len().to_string();
            wrong.extend(lacking_header(path, &get));
            if (get.status, head.status, head.body.as_str()) != (status, status, "")
                || headers(&get) != headers(&head)
                || head.header("content-length") != Some(length.as_str())
                || head.header("access-control-allow-origin") != Some("*")
                || status == 200 && get.body == nothing(path)
            {
                wrong.push(format!("{path}?{query}\n    {get:?}\n    {head:?}"));
            }
        }
    }
    service.stop().await;
    assert_all_agree(wrong);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browsers_question_is_answered_by_the_settings_of_cors() {
    const NOT_ENABLED: &str = r#"CORS not enabled. Go to "Admin > General > REST Api" to enable it."#;
    const HERE: &str = "https://a.example";
    let mut wrong = Vec::new();
    for (settings, origin, status, body, allowed) in [
        (None, HERE, 405, NOT_ENABLED, None),
        (Some("*"), HERE, 200, "OK", Some("*")),
        (Some("https://b.example, https://a.example"), HERE, 200, "OK", Some(HERE)),
        (Some("https://b.example"), HERE, 403, "Invalid origin", None),
    ] {
        let workspace = Workspace::with_admin().await;
        if let Some(origins) = settings {
            let settings =
                [doc! { "_id": "API_Enable_CORS", "value": true }, doc! { "_id": "API_CORS_Origin", "value": origins }];
            workspace.insert("rocketchat_settings", settings).await;
        }
        let service = Service::on(&workspace).await;
        for path in PATHS {
            let asked = [("Origin", origin), ("Access-Control-Request-Method", "GET")];
            let answer = service.request("OPTIONS", &target(path, "start=never"), &asked).await;
            let is_right = (answer.status, answer.body.as_str()) == (status, body)
                && answer.header("content-type") == Some("text/plain")
                && answer.header("access-control-allow-origin") == allowed
                && answer.header("x-ratelimit-limit").is_none();
            wrong.extend((!is_right).then(|| format!("{settings:?} {path}: {answer:?}")));
        }
        service.stop().await;
    }
    assert_all_agree(wrong);
}

const LIMIT: usize = 5;

#[tokio::test(flavor = "multi_thread")]
async fn each_path_counts_its_calls_for_itself_after_who_may_ask_and_before_the_parameters() {
    let workspace = workspace_with_people().await;
    workspace.add_auditor().await;
    workspace.insert("users", [user("somebody", &["user"], "the-token-of-somebody")]).await;
    workspace.insert("users", [user("a guest", &["admin", "guest"], "the-token-of-a-guest")]).await;
    let settings = [
        doc! { "_id": "API_Enable_Rate_Limiter_Limit_Calls_Default", "value": LIMIT as i32 },
        doc! { "_id": "API_Enable_Rate_Limiter_Limit_Time_Default", "value": 600_000 },
    ];
    workspace.insert("rocketchat_settings", settings).await;
    let service = Service::on(&workspace).await;
    let somebody = [("X-User-Id", "somebody"), ("X-Auth-Token", "the-token-of-somebody")];
    let guest = [("X-User-Id", "a guest"), ("X-Auth-Token", "the-token-of-a-guest")];

    let mut wrong = Vec::new();
    for path in PATHS {
        let (good, bad) = (target(path, PERIOD), target(path, "start=never"));
        let auditor = &Workspace::AUDITOR[..];
        let rows = [
            ("GET", &bad, &[][..], 401, None),
            ("GET", &bad, &somebody[..], 403, None),
            ("GET", &good, &guest[..], 403, None),
            ("GET", &good, auditor, 200, Some("4")),
            ("HEAD", &good, auditor, 200, Some("3")),
            ("POST", &good, auditor, 405, None),
            ("GET", &bad, auditor, 400, Some("2")),
            ("HEAD", &bad, auditor, 400, Some("1")),
            ("GET", &good, auditor, 200, Some("0")),
            ("GET", &good, auditor, 429, Some("0")),
            ("HEAD", &good, auditor, 429, Some("0")),
            ("GET", &bad, auditor, 429, Some("0")),
            ("GET", &bad, &[][..], 401, None),
            ("GET", &bad, &somebody[..], 403, None),
            ("GET", &good, &Workspace::admin()[..], 200, None),
        ];
        for (number, (method, target, who, status, remaining)) in rows.into_iter().enumerate() {
            let row = format!("{number}: {method} {target}");
            let answer = service.request(method, target, who).await;
            let limit = remaining.map(|_| LIMIT.to_string());
            if (answer.status, answer.header("x-ratelimit-remaining")) != (status, remaining)
                || answer.header("x-ratelimit-limit") != limit.as_deref()
                || answer.header("x-ratelimit-reset").is_some() != remaining.is_some()
            {
                wrong.push(format!("{row}: {answer:?}"));
            }
            match (method, status) {
                ("GET", 401) => wrong.extend(difference(&row, &answer, 401, UNAUTHORIZED)),
                ("GET", 403) => wrong.extend(difference(&row, &answer, 403, FORBIDDEN)),
                ("GET", 429) => wrong.extend(no_json_error(&row, &answer, 429)),
                _ => {}
            }
            let words = ["Error, too many requests. Please slow down. You must wait ", "[error-too-many-requests]"];
            if method == "GET" && status == 429 && !words.iter().all(|words| answer.body.contains(words)) {
                wrong.push(format!("{row}: {answer:?}"));
            }
        }
    }
    service.stop().await;
    assert_all_agree(wrong);
}
