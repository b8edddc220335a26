//! What clients get while the service cannot answer: the answer of Rocket.Chat's own endpoint, whatever that is. And that
//! nothing else that the service says is taken away from them.

use std::time::Duration;

use bson::doc;
use futures::future::join_all;
use rocketchat_engagement::http::dashboard::ENDPOINTS;
use tokio::time::timeout;

use crate::{
    paths::PATHS,
    site::{Answering, Kind, Site},
    stand_in::{Arrived, WANTED_STATUS, method_of},
    support::{
        PATH, Response, Service, Workspace,
        answers::{FORBIDDEN, METHOD_NOT_ALLOWED, NO_MESSAGES, PERIOD, UNAUTHORIZED, assert_all_agree, difference},
        signal, start_mongod, user,
    },
};

/// Method, target and headers; status and body.
type Row<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)], u16, &'a str);

/// The methods that the endpoint takes.
const ALL: [&str; 3] = ["GET", "HEAD", "OPTIONS"];

/// Before nginx's own default would give the service up.
const MOST: Duration = Duration::from_secs(45);

/// Fails if it is not Rocket.Chat that answers these paths to these methods, and just what was asked.
async fn assert_rocket_chat_answers_all(row: &str, site: &Site, paths: &[&str], methods: &[&str]) {
    for path in paths {
        assert_rocket_chat_answers(&format!("{row}, {path}"), site, path, methods).await;
    }
}

/// Fails if it is not Rocket.Chat that answers a path to these methods, and just what was asked.
async fn assert_rocket_chat_answers(row: &str, site: &Site, path: &str, methods: &[&str]) {
    let target = site.target(path, &format!("{PERIOD}&x=%zz;+%2B&&"));
    for method in methods.iter().copied() {
        let sent = [("X-User-Id", "admin"), ("X-Auth-Token", "admin-secret-token"), ("Origin", "https://example.org")];
        let answer = site.request(method, &target, &sent).await;
        assert_eq!((answer.status, method_of(&answer)), (200, Some(method)), "{row}: {answer:?}");
        // Nothing of the service's own answer is left.
        for name in ["retry-after", "access-control-allow-origin", "pragma"] {
            assert_eq!(answer.header(name), None, "{row} {method}");
        }
        if method != "HEAD" {
            let arrived = Arrived::told_by(&answer);
            assert_eq!((arrived.method.as_str(), &arrived.target), (method, &site.kind.arriving(&target)), "{row}");
            for (name, value) in sent {
                assert_eq!(arrived.header(&name.to_lowercase()), [value], "{row} {method}");
            }
        }
    }
}

/// Asks the endpoint as somebody who may.
async fn ask(site: &Site) -> Response {
    site.get(&site.asking(PERIOD), &Workspace::admin()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_service_is_stopped_rocket_chat_answers_and_afterwards_the_service_at_once() {
    let workspace = Workspace::with_admin().await.without_rate_limit().await;
    for kind in Kind::all() {
        let site = Site::start(kind).await;
        site.noticed(Answering::RocketChat).await;
        assert_rocket_chat_answers_all(&format!("{kind:?}, not started"), &site, &PATHS, &ALL).await;

        let service = site.start_service(&workspace.url()).await;
        site.noticed(Answering::Service).await;
        assert_all_agree(difference(&format!("{kind:?}, started"), &ask(&site).await, 200, NO_MESSAGES));
        service.stop().await;
        site.noticed(Answering::RocketChat).await;
        assert_rocket_chat_answers_all(&format!("{kind:?}, stopped"), &site, &PATHS, &ALL).await;
        // Whatever it says: on a workspace without a licence that is an error.
        for status in ["404", "400", "429", "503"] {
            let answer = site.get(&site.asking(PERIOD), &[(WANTED_STATUS, status)]).await;
            assert_eq!((answer.status.to_string().as_str(), method_of(&answer)), (status, Some("GET")), "{kind:?}");
        }

        let service = site.start_service(&workspace.url()).await;
        site.noticed(Answering::Service).await;
        assert_all_agree(difference(&format!("{kind:?}, started again"), &ask(&site).await, 200, NO_MESSAGES));
        service.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_mongodb_is_away_rocket_chat_answers() {
    let mongod = start_mongod(&[]).await.expect("mongod");
    let url = mongod.url("rocketchat");
    Workspace::at(&url, "rocketchat").await.add_admin().await;
    let mut sites = Vec::new();
    for kind in Kind::all() {
        let site = Site::start(kind).await;
        let service = site.start_service(&url).await;
        site.noticed(Answering::Service).await;
        assert_all_agree(difference(&format!("{kind:?}"), &ask(&site).await, 200, NO_MESSAGES));
        sites.push((site, service));
    }

    signal("KILL", mongod.pid());

    // Each request lasts until the service gives up.
    let fall_back = async |(site, service): (Site, Service)| {
        let directly = service.get(&site.asking(PERIOD), &Workspace::admin()).await;
        assert_eq!(directly.status, 503, "{directly:?}");
        site.noticed(Answering::RocketChat).await;
        // OPTIONS needs no MongoDB.
        let row = format!("{:?}, without MongoDB", site.kind);
        assert_rocket_chat_answers_all(&row, &site, &ENDPOINTS.map(|endpoint| endpoint.path), &["GET", "HEAD"]).await;
        service.stop().await;
    };
    join_all(sites.into_iter().map(fall_back)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_service_hangs_rocket_chat_answers_in_the_end() {
    let ask = async |kind| {
        let site = Site::start(kind).await;
        // Connections are made, and nobody is there.
        let _listener = std::net::TcpListener::bind(site.service).expect("the service's address");
        site.noticed(Answering::RocketChat).await;
        let row = format!("{kind:?}, hanging");
        let answers = timeout(MOST, assert_rocket_chat_answers(&row, &site, PATH, &["GET"])).await;
        answers.unwrap_or_else(|_| panic!("{kind:?} puts up with it"));
    };
    join_all(Kind::all().into_iter().map(ask)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_other_answer_of_the_service_is_its_own() {
    let workspace = Workspace::with_admin().await;
    workspace.insert("users", [user("somebody", &["user"], "the-token-of-somebody")]).await;
    workspace.add_auditor().await;
    let limit = doc! { "_id": "API_Enable_Rate_Limiter_Limit_Calls_Default", "value": 1 };
    workspace.insert("rocketchat_settings", [limit]).await;
    let somebody = [("X-User-Id", "somebody"), ("X-Auth-Token", "the-token-of-somebody")];
    let admin = Workspace::admin();
    let missing = r#"{"success":false,"error":"Match error: Missing key 'start'"}"#;

    for kind in Kind::all() {
        let (site, service) = Site::on(kind, &workspace).await;
        let good = site.asking(PERIOD);
        let rows: [Row<'_>; 5] = [
            ("GET", &good, &[], 401, UNAUTHORIZED),
            ("GET", &good, &somebody, 403, FORBIDDEN),
            ("GET", &site.asking(""), &admin, 400, missing),
            ("DELETE", &good, &admin, 405, METHOD_NOT_ALLOWED),
            ("GET", &good, &Workspace::AUDITOR, 200, NO_MESSAGES),
        ];
        let mut wrong = Vec::new();
        for (method, target, headers, status, body) in rows {
            let answer = site.request(method, target, headers).await;
            wrong.extend(difference(&format!("{kind:?}"), &answer, status, body));
        }
        let refused = site.get(&good, &Workspace::AUDITOR).await;
        assert_eq!((refused.status, method_of(&refused)), (429, None), "{kind:?}: {refused:?}");
        assert!(refused.body.contains("error-too-many-requests"), "{kind:?}: {refused:?}");
        service.stop().await;
        assert_all_agree(wrong);
    }
}
