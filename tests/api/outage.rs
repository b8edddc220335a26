//! MongoDB away, frozen, back again, or refusing us (contract section 9): status, body, time, recovery.

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use crate::support::{
    PATH, PATIENT, Process, Response, Service, Stopwatch, Workspace, keep_secret, launch_mongod, settings, signal,
    start_mongod,
};

const QUERY: &str = "?start=2023-05-20T00:00:00.000Z&end=2023-05-30T00:00:00.000Z";
const UNAVAILABLE: &str = r#"{"success":false,"error":"Service Unavailable"}"#;

/// The default of 10 s, which tests have not else.
const DEADLINE: (&str, &str) = ("http.request_deadline", "10");

/// Sends the same question until it is answered as wanted; on the way there may be 503, in time, and nothing else.
async fn until(wanted: u16, service: &Service, deadline: Duration) -> Response {
    let began = Instant::now();
    loop {
        let response = ask(service, deadline).await;
        if response.status == wanted {
            return response;
        }
        assert_eq!((response.status, response.body.as_str()), (503, UNAVAILABLE));
        assert!(began.elapsed() < Duration::from_secs(60), "no {wanted} within a minute");
    }
}

/// Asks, and checks that the answer comes within the deadline.
async fn ask(service: &Service, deadline: Duration) -> Response {
    let began = Stopwatch::start();
    let response = service.get(&format!("{PATH}{QUERY}"), &Workspace::admin()).await;
    assert!(began.elapsed() <= deadline, "answered {} after {:?}", response.status, began.elapsed());
    response
}

fn assert_unavailable(response: &Response) {
    assert_eq!((response.status, response.body.as_str()), (503, UNAVAILABLE));
    let seconds = response.header("retry-after").expect("Retry-After").parse::<u32>().expect("seconds");
    assert!(seconds > 0);
    assert_eq!(response.header("content-type"), Some("application/json"));
}

/// What `/readyz` says: status and why.
async fn readiness(service: &Service) -> (u16, String) {
    let response = service.get("/readyz", &[]).await;
    (response.status, response.json()["mongodb"].as_str().expect("a reason").to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn mongodb_that_is_not_there_yet_is_used_as_soon_as_it_comes() {
    let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port").port();
    let url = format!("mongodb://127.0.0.1:{port}/rocketchat?replicaSet=rs0");
    let service = Service::start(settings(&[("mongo_url", &url), DEADLINE])).await;
    let deadline = Duration::from_secs(10);

    assert_unavailable(&ask(&service, deadline).await);
    // A probe has less time than it takes to find that out, and has it from the request.
    assert_eq!(readiness(&service).await, (503, "MongoDB cannot be reached".to_owned()));
    assert_eq!(service.get("/healthz", &[]).await.status, 200);
    assert_eq!(service.get(PATH, &[]).await.status, 401, "without credentials nothing is looked up");

    let mongod = launch_mongod(port, None, &[]).await.expect("mongod");
    Workspace::at(&mongod.url("rocketchat"), "rocketchat").await.add_admin().await;
    until(200, &service, deadline).await;
    assert_eq!(readiness(&service).await, (200, "ok".to_owned()));
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_mongodb_gives_503_until_it_is_back() {
    let mongod = start_mongod(&[]).await.expect("mongod");
    Workspace::at(&mongod.url("rocketchat"), "rocketchat").await.add_admin().await;
    let service = Service::start(settings(&[("mongo_url", &mongod.url("rocketchat")), DEADLINE])).await;
    let deadline = Duration::from_secs(10);
    assert_eq!(ask(&service, deadline).await.status, 200);

    signal("KILL", mongod.pid());
    assert_unavailable(&ask(&service, deadline).await);
    // A probe has less time than it takes to find that out, and has it from the request.
    assert_eq!(readiness(&service).await, (503, "MongoDB cannot be reached".to_owned()));

    let _again = launch_mongod(mongod.port(), Some(&mongod.data()), &[]).await.expect("mongod again");
    until(200, &service, deadline).await;
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_mongodb_gives_503_within_the_deadline_until_it_thaws() {
    let mongod = start_mongod(&[]).await.expect("mongod");
    Workspace::at(&mongod.url("rocketchat"), "rocketchat").await.add_admin().await;
    let values = [("mongo_url", mongod.url("rocketchat"))];
    let mut settings = settings(&values.each_ref().map(|(key, value)| (*key, value.as_str())));
    settings.http.request_deadline = Duration::from_secs(5);
    let service = Service::start(settings).await;
    let deadline = Duration::from_secs(5);
    assert_eq!(ask(&service, deadline).await.status, 200);

    signal("STOP", mongod.pid());
    for _ in 0..2 {
        let many = futures::future::join_all((0..8).map(|_| ask(&service, deadline))).await;
        many.iter().for_each(assert_unavailable);
    }
    assert_eq!(readiness(&service).await.0, 503);

    signal("CONT", mongod.pid());
    until(200, &service, deadline).await;
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_refused_gives_503_and_says_so_to_the_administrator_only() {
    let key = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(key.path(), "a2V5IG9mIHRoZSB0ZXN0cw==").expect("a key");
    let key_file = format!("--keyFile={}", key.path().display());
    let mongod = start_mongod(&["--auth", &key_file]).await.expect("mongod");
    let admin = mongod.client().await.expect("a client").database("admin");
    // The localhost exception: the first user may be made without being one.
    let roles = bson::bson!(["root"]);
    let root = bson::doc! { "createUser": "root", "pwd": "rootpassword", "roles": roles };
    admin.run_command(root).await.expect("the first user");
    let url = |account: &str| format!("mongodb://{account}@127.0.0.1:{}/rocketchat?authSource=admin", mongod.port());
    let root = Workspace::at(&url("root:rootpassword"), "rocketchat").await;
    root.add_admin().await;
    let mut nobody = bson::doc! { "createUser": "nobody", "pwd": "nobodypassword" };
    nobody.insert("roles", bson::Bson::Array(Vec::new()));
    let admin = Workspace::at(&url("root:rootpassword"), "admin").await.database;
    admin.run_command(nobody).await.expect("a user without rights");
    ["rootpassword", "wrongpassword", "nobodypassword"].iter().for_each(|password| keep_secret(password));

    for account in ["root:wrongpassword", "nobody:nobodypassword"] {
        let service = Service::start(settings(&[("mongo_url", &url(account)), DEADLINE])).await;
        assert_unavailable(&ask(&service, Duration::from_secs(10)).await);
        let (status, reason) = readiness(&service).await;
        assert_eq!((status, reason.as_str()), (503, "MongoDB refuses our account"), "{account}");
        service.stop().await;
    }
    let service = Service::start(settings(&[("mongo_url", &url("root:rootpassword"))])).await;
    assert_eq!(ask(&service, Duration::from_secs(10)).await.status, 200);
    service.stop().await;

    // Of an account that is refused nothing is said as if the network were to blame.
    let environment = [("RUST_LOG", "debug,mongodb=off")];
    let (process, _) = Process::serve(&format!("{}&{PATIENT}", url("root:wrongpassword")), &environment);
    process.wait_for_line("MongoDB cannot be used yet");
    let output = process.output();
    assert!(output.contains("MongoDB refuses our account: ") && !output.contains("cannot be reached"), "{output}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_does_not_exist_knows_nobody() {
    let workspace = Workspace::empty().await;
    let service = Service::on(&workspace).await;

    let response = ask(&service, Duration::from_secs(10)).await;

    assert_eq!(response.status, 401);
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_count_of_which_one_part_fails_is_no_answer() {
    let mongod = start_mongod(&[]).await.expect("mongod");
    let workspace = Workspace::at(&mongod.url("rocketchat"), "rocketchat").await;
    workspace.add_admin().await;
    let ts = |at: &str| bson::doc! { "rid": "channel", "ts": crate::support::utc(at) };
    // The clocks change on the 26th, so the days before and after it are counted by two aggregations.
    workspace.insert("rocketchat_message", [ts("2023-03-24T12:00:00.000Z"), ts("2023-03-28T12:00:00.000Z")]).await;
    let url = mongod.url("rocketchat");
    let values = [("mongo_url", url.as_str()), ("time_zone", "Europe/Berlin"), ("counting.parallelism", "1")];
    let service = Service::start(settings(&values)).await;
    let target = format!("{PATH}?start=2023-03-22T00:00:00.000Z&end=2023-03-29T00:00:00.000Z");
    let whole = service.get(&target, &Workspace::admin()).await;
    assert_eq!(whole.json()["period"]["count"], 2);

    // The look-up of the viewer and the first part pass; from then on every aggregation fails.
    let admin = mongod.client().await.expect("a client").database("admin");
    let fail = bson::doc! {
        "configureFailPoint": "failCommand",
        "mode": { "skip": 2 },
        "data": { "failCommands": ["aggregate"], "errorCode": 8, "errorLabels": [] },
    };
    admin.run_command(fail).await.expect("a fail point");
    assert_unavailable(&service.get(&target, &Workspace::admin()).await);

    admin.run_command(bson::doc! { "configureFailPoint": "failCommand", "mode": "off" }).await.expect("no fail point");
    assert_eq!(service.get(&target, &Workspace::admin()).await.body, whole.body);
    service.stop().await;
}
