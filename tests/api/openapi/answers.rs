//! Every answer that there is, held against the description.

use std::collections::BTreeSet;

use actix_web::{
    App, HttpResponse,
    body::to_bytes,
    middleware::from_fn,
    test::{TestRequest, call_service, init_service},
    web,
};
use bson::{Bson, Document, bson, doc};
use futures::future::join_all;
use rocketchat_engagement::http::{
    dashboard::{ENDPOINTS, channels_list},
    error::Error,
    guards::cors::allow_any_origin,
    page::policy::protect_page,
    site::Site,
};
use serde_json::Value;

use super::description::{Description, Kind};
use crate::support::{
    Connection, PATH, Response, Service, Workspace,
    answers::{PERIOD, asking, assert_all_agree},
    hashed, send, settings, user,
};

/// What a request has.
type Headers<'a> = &'a [(&'a str, &'a str)];

/// Holds answers against a description, and keeps count of them.
struct Ledger<'a> {
    description: &'a Description,
    seen: BTreeSet<Kind>,
    differences: Vec<String>,
}

impl Ledger<'_> {
    /// Takes notice of an answer, which must have this status.
    fn note(&mut self, method: &str, path: &str, status: u16, answer: &Response) {
        match self.description.check(method, path, answer) {
            Ok(kind) if answer.status == status => drop(self.seen.insert(kind)),
            Ok(_) => self.differences.push(format!("{method} {path}: expected {status}: {answer:?}")),
            Err(difference) => self.differences.push(difference),
        }
    }

    /// Asks by GET and by HEAD.
    async fn ask(&mut self, service: &Service, target: &str, headers: Headers<'_>, status: u16) {
        for method in ["GET", "HEAD"] {
            self.request(service, method, target, headers, status).await;
        }
    }

    async fn request(&mut self, service: &Service, method: &str, target: &str, headers: Headers<'_>, status: u16) {
        let answer = service.request(method, target, headers).await;
        let path = target.split('?').next().unwrap_or_default();
        self.note(method, path, status, &answer);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_is_as_described_and_every_described_answer_exists() {
    let workspace = Workspace::with_admin().await;
    let service = Service::start(settings(&[("mongo_url", &workspace.url()), ("http.head_timeout", "1")])).await;
    let description = Description::of(&service).await;
    let mut ledger = Ledger { description: &description, seen: BTreeSet::new(), differences: Vec::new() };

    answers_to_questions(&mut ledger, &service, &workspace).await;
    answers_of_the_page(&mut ledger, &workspace).await;
    answers_to_browsers(&mut ledger).await;
    answers_to_anything(&mut ledger, &service).await;
    answers_without_mongodb(&mut ledger).await;
    answers_to_the_unforeseen(&mut ledger).await;

    let Ledger { seen, mut differences, .. } = ledger;
    differences.extend(description.kinds().difference(&seen).map(|kind| format!("described and never seen: {kind:?}")));
    service.stop().await;
    assert_all_agree(differences);
}

/// Of the order of checks: credentials, permission, rate limit, parameters, counting.
async fn answers_to_questions(ledger: &mut Ledger<'_>, service: &Service, workspace: &Workspace) {
    let auditor = [("X-User-Id", "auditor"), ("X-Auth-Token", "the-auditors-token")];
    let somebody = [("X-User-Id", "somebody"), ("X-Auth-Token", "the-token-of-somebody")];
    workspace.insert("rocketchat_roles", [doc! { "_id": "auditor" }]).await;
    let roles = doc! { "$set": { "roles": ["admin", "auditor"] } };
    workspace.update("rocketchat_permissions", "view-engagement-dashboard", roles).await;
    let users = [user("auditor", &["auditor"], auditor[1].1), user("somebody", &["user"], somebody[1].1)];
    workspace.insert("users", users).await;
    let ts = bson::DateTime::parse_rfc3339_str("2023-05-30T12:00:00.000Z").expect("an instant");
    workspace.insert("rocketchat_message", [doc! { "rid": "channel", "ts": ts }]).await;
    let day = |start: &str, end: &str| format!("start={start}T00:00:00.000Z&end={end}T00:00:00.000Z");
    let presented = credentials(ledger.description, workspace).await;
    for path in ENDPOINTS.map(|endpoint| endpoint.path) {
        let question = format!("{path}?{PERIOD}");
        ledger.ask(service, path, &[], 401).await;
        ledger.ask(service, &question, &somebody, 403).await;
        for credentials in &presented {
            let query = credentials.query.as_ref().map(|(name, value)| format!("&{name}={value}")).unwrap_or_default();
            let headers: Vec<_> =
                credentials.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            ledger.ask(service, &format!("{question}{query}"), &headers, 200).await;
        }
        for invalid in [String::new(), "start=never".to_owned(), day("2023-02-30", "2023-03-30")] {
            ledger.ask(service, &format!("{path}?{invalid}"), &Workspace::admin(), 400).await;
        }
        // Ten calls pass in a minute, and nobody calls from here but the auditor, who does not bypass the limit.
        ledger.ask(service, &question, &auditor, 200).await;
        ledger.ask(service, path, &auditor, 400).await;
        for _ in 0..6 {
            service.get(&question, &auditor).await;
        }
        ledger.ask(service, &question, &auditor, 429).await;
    }
    let reversed = asking(&day("2023-05-20", "2023-05-18"));
    ledger.ask(service, &reversed, &Workspace::admin(), 400).await;
    for (parameter, status) in [("count=0", 200), ("offset=none", 200), ("count[]=1", 400), ("offset=-1", 400)] {
        let target = format!("{}?{PERIOD}&{parameter}", channels_list::ENDPOINT.path);
        ledger.ask(service, &target, &Workspace::admin(), status).await;
    }
}

const PAGE: [&str; 3] = ["/engagement/api/context", "/engagement/api/messages", "/engagement/api/people"];
const DAYS: &str = "start=2023-05-29&end=2023-05-30&compare=previous";

/// The same of the page's data, with a limit for each path.
async fn answers_of_the_page(ledger: &mut Ledger<'_>, workspace: &Workspace) {
    let auditor = [("X-User-Id", "auditor"), ("X-Auth-Token", "the-auditors-token")];
    let somebody = [("X-User-Id", "somebody"), ("X-Auth-Token", "the-token-of-somebody")];
    for path in PAGE {
        let values = [("mongo_url", workspace.url()), ("page.calls_per_minute", "2".to_owned())];
        let service = Service::start(settings(&values.each_ref().map(|(key, value)| (*key, value.as_str())))).await;
        let question = format!("{path}?{DAYS}");
        ledger.ask(&service, &question, &[], 401).await;
        ledger.ask(&service, &question, &somebody, 403).await;
        ledger.ask(&service, &question, &auditor, 200).await;
        ledger.ask(&service, &question, &auditor, 429).await;
        ledger.ask(&service, &question, &Workspace::admin(), 200).await;
        if path != PAGE[0] {
            ledger.ask(&service, &format!("{path}?start=2023-02-29&end=2023-03-30"), &Workspace::admin(), 400).await;
        }
        service.stop().await;
    }
}

/// What shows who asks, as the description says.
#[derive(Default)]
struct Presented {
    headers: Vec<(String, String)>,
    query: Option<(String, String)>,
}

/// Valid credentials of every kind that the description names.
async fn credentials(description: &Description, workspace: &Workspace) -> Vec<Presented> {
    const OAUTH_TOKEN: &str = "an-oauth-access-token";
    // Kept out of the log like any other.
    hashed(OAUTH_TOKEN);
    workspace.insert("rocketchat_oauth_access_tokens", [doc! { "accessToken": OAUTH_TOKEN, "userId": "admin" }]).await;
    let schemes = &description.0["components"]["securitySchemes"];
    let alternatives = description.0["paths"][PATH]["get"]["security"].as_array().expect("security");
    let present = |alternative: &Value| {
        let mut presented = Presented::default();
        for scheme in alternative.as_object().expect("schemes").keys().map(|name| &schemes[name]) {
            let text = |key: &str| scheme[key].as_str().unwrap_or_default().to_owned();
            let login = Workspace::admin().into_iter().find(|(name, _)| *name == text("name"));
            let value = login.map_or(OAUTH_TOKEN, |(_, value)| value).to_owned();
            match (text("type").as_str(), text("in").as_str(), text("scheme").as_str()) {
                ("apiKey", "header", _) => presented.headers.push((text("name"), value)),
                ("apiKey", "query", _) => presented.query = Some((text("name"), value)),
                ("http", _, "bearer") => {
                    presented.headers.push(("Authorization".to_owned(), format!("Bearer {value}")))
                }
                _ => panic!("an unknown scheme: {scheme}"),
            }
        }
        presented
    };
    assert_eq!(alternatives.len(), 3);
    alternatives.iter().map(present).collect()
}

/// With CORS off, on for all, and on for some.
async fn answers_to_browsers(ledger: &mut Ledger<'_>) {
    let (listed, other) = (("Origin", "https://a.example"), ("Origin", "https://b.example"));
    let rows: [(Bson, &str, Headers<'_>, u16); 7] = [
        (bson!(false), "*", &[listed], 405),
        (bson!(true), "*", &[], 405),
        (bson!(true), "*", &[listed], 200),
        (bson!(true), "*", &[("Access-Control-Request-Method", "GET")], 200),
        (bson!(true), listed.1, &[listed], 200),
        (bson!(true), listed.1, &[other], 403),
        (bson!(true), listed.1, &[], 405),
    ];
    let workspace = Workspace::with_admin().await;
    let settings = workspace.database.collection::<Document>("rocketchat_settings");
    for (switch, origins, headers, status) in rows {
        for (id, value) in [("API_Enable_CORS", switch), ("API_CORS_Origin", bson!(origins))] {
            let update = doc! { "$set": { "value": value } };
            settings.update_one(doc! { "_id": id }, update).upsert(true).await.expect("a setting");
        }
        let service = Service::on(&workspace).await;
        for endpoint in ENDPOINTS {
            ledger.request(&service, "OPTIONS", endpoint.path, headers, status).await;
        }
        service.stop().await;
    }
}

/// What every operation answers: when all is well, when the request is too large, is none, or does not come.
async fn answers_to_anything(ledger: &mut Ledger<'_>, service: &Service) {
    for own in ["/healthz", "/readyz", "/openapi.json"] {
        ledger.ask(service, own, &[], 200).await;
    }
    let operations: Vec<_> =
        ledger.description.operations().map(|(path, method, _)| (path.to_owned(), method)).collect();
    let (large, small) = (("X-Large", "x".repeat(33 * 1024)), vec![("X-Small", b"x".as_slice()); 97]);
    for (path, method) in &operations {
        let long = format!("{path}?{}", "x".repeat(9000));
        ledger.request(service, method, &long, &[], 414).await;
        ledger.request(service, method, path, &[(large.0, &large.1)], 431).await;
        let answer = send(service.address, method, path, &small, b"").await;
        ledger.note(method, path, 431, &answer);
    }
    let late = join_all(
        operations.iter().map(|(path, method)| answer_to_bytes(service, method, format!("{method} {path} H"))),
    );
    let none = join_all(
        operations
            .iter()
            .map(|(path, method)| answer_to_bytes(service, method, format!("{method} {path}?\" HTTP/1.1\r\n\r\n"))),
    );
    for (status, answers) in [(408, late.await), (400, none.await)] {
        for ((path, method), answer) in operations.iter().zip(&answers) {
            ledger.note(method, path, status, answer);
        }
    }
}

async fn answer_to_bytes(service: &Service, method: &str, bytes: String) -> Response {
    let mut connection = Connection::open(service.address).await;
    connection.send_bytes(bytes.as_bytes()).await;
    connection.receive(method == "HEAD").await
}

async fn answers_without_mongodb(ledger: &mut Ledger<'_>) {
    let away = Service::start(settings(&[("mongo_url", "mongodb://127.0.0.1:1/rocketchat")])).await;
    for endpoint in ENDPOINTS {
        ledger.ask(&away, &format!("{}?{PERIOD}", endpoint.path), &Workspace::admin(), 503).await;
    }
    for path in PAGE {
        ledger.ask(&away, &format!("{path}?{DAYS}"), &Workspace::admin(), 503).await;
    }
    ledger.ask(&away, "/readyz", &[], 503).await;
    away.stop().await;
}

/// No request can bring about what is unforeseen, so the error is answered by an application that does nothing else.
async fn answers_to_the_unforeseen(ledger: &mut Ledger<'_>) {
    let fail = || async { HttpResponse::from_error(Error::Internal) };
    let page = rocketchat_engagement::config::Page { path: "/engagement".to_owned(), calls_per_minute: 1 };
    let app = App::new().app_data(web::Data::new(Site::new("", &page))).default_service(web::to(fail));
    let app = app.wrap(from_fn(allow_any_origin)).wrap(from_fn(protect_page));
    let app = init_service(app).await;
    let paths = ENDPOINTS.map(|endpoint| endpoint.path).into_iter().chain(PAGE);
    for (path, method) in paths.flat_map(|path| ["GET", "HEAD"].map(|method| (path, method))) {
        let request = TestRequest::with_uri(path).method(method.parse().expect("a method")).to_request();
        let answer = call_service(&app, request).await;
        let text = |value: &[u8]| String::from_utf8(value.to_vec()).expect("UTF-8");
        let headers = answer.headers().iter().map(|(name, value)| (name.to_string(), text(value.as_bytes())));
        let (status, headers) = (answer.status().as_u16(), headers.collect());
        let body = to_bytes(answer.into_body()).await.unwrap_or_else(|_| panic!("a body"));
        // The listener leaves the body of an answer to HEAD out.
        let body = if method == "HEAD" { String::new() } else { text(&body) };
        ledger.note(method, path, 500, &Response { status, headers, body });
    }
}
