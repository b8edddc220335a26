//! `check`: what it finds, and the exit code.

use bson::{Document, doc};
use chrono::Utc;
use mongodb::IndexModel;
use rocketchat_engagement::commands::demo::workspace;
use serde_json::Value;

use super::{Ran, run, run_on_a_terminal};
use crate::support::{GuardedMongod, PATIENCE, ROOT, Standalone, Workspace, keep_secret, reveals_a_secret, utc};

/// The findings of `check --json`, after the exit code has been compared with the status.
fn findings(ran: &Ran) -> Vec<Value> {
    let outcome: Value = serde_json::from_str(&ran.output).unwrap_or_else(|error| panic!("{error}: {ran:?}"));
    let code = match outcome["status"].as_str() {
        Some("ok") => 0,
        Some("limits") => 1,
        Some("fails") => 2,
        _ => panic!("{outcome}"),
    };
    assert_eq!(ran.code, Some(code), "{ran:?}");
    assert_eq!(ran.errors.lines().count(), usize::from(code == 2), "{ran:?}");
    assert!(!reveals_a_secret(&ran.output) && !reveals_a_secret(&ran.errors), "{ran:?}");
    outcome["findings"].as_array().expect("findings").clone()
}

pub fn check(url: &str, environment: &[(&str, &str)]) -> (Option<i32>, Vec<Value>) {
    let ran = run(&["check", "--json"], &[&[("MONGO_URL", url), ("TZ", "UTC")], environment].concat());
    (ran.code, findings(&ran))
}

/// The finding about something.
pub fn find<'a>(findings: &'a [Value], id: &str) -> &'a Value {
    findings.iter().find(|finding| finding["id"] == id).unwrap_or_else(|| panic!("{id} is not in {findings:?}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_in_order_is_told_line_by_line() {
    let workspace = Workspace::demonstration().await;
    // Whichever version the tests are run with.
    let build = workspace.database.run_command(doc! { "buildInfo": 1 }).await.expect("a reply");
    let mongodb = format!("MongoDB {}", build.get_str("version").expect("a version"));
    let environment = [("MONGO_URL", workspace.url()), ("TZ", "Asia/Kolkata".to_owned())];
    let environment = environment.each_ref().map(|(name, value)| (*name, value.as_str()));
    let text = run(&["check"], &environment).text();
    let lines: Vec<_> = text.lines().collect();
    for (line, expected) in lines.iter().zip([
        &format!("✔ {mongodb} at mongodb://127.0.0.1:"),
        "✔ no account, and MongoDB asks for none",
        "✔ users: about 64 documents",
        "✔ rocketchat_roles: about 7 documents",
        "✔ rocketchat_permissions: about 2 documents",
        "✔ rocketchat_settings: about 10 documents",
        "✔ rocketchat_oauth_access_tokens: about 1 document",
        "✔ rocketchat_room: about 36 documents",
        "✔ rocketchat_message: about ",
        "✔ rocketchat_sessions: about ",
        "✔ index on ts of rocketchat_message: there",
        "✔ change streams: possible, so counts are kept in memory",
        "✔ history of MongoDB: kept for 300 s",
        "✔ permission view-engagement-dashboard: role admin (1 user); 1 may ask",
        "✔ time zone Asia/Kolkata: ",
        "✔ settings of the workspace: 10 calls in 60000 ms, CORS off, lists of 50, at most 100, or all; logins expire after 90 days",
        "✔ clock: 0.",
        "All is well.",
    ]) {
        assert!(line.starts_with(expected), "{line:?} is not {expected:?}\n{text}");
    }
    assert_eq!(lines.len(), 18, "{text}");

    let ascii = run(&["check", "--ascii"], &environment).text();
    assert!(ascii.is_ascii() && ascii.starts_with(&format!("ok   {mongodb} at ")), "{ascii}");
    let coloured = run_on_a_terminal(&["check"], &environment).text();
    assert!(coloured.starts_with("\u{1b}[32m✔\u{1b}[0m MongoDB"), "{coloured}");
    let plain = run_on_a_terminal(&["check"], &[&environment[..], &[("NO_COLOR", "1")]].concat()).text();
    assert!(plain.starts_with("✔ MongoDB"), "{plain}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_that_has_the_messages_is_named_if_the_account_may_see_it() {
    let guarded = GuardedMongod::start().await;
    keep_secret("accountpassword");
    for database in ["parties", "secluded"] {
        guarded.workspace(database).await.insert("rocketchat_message", [doc! { "rid": "channel" }]).await;
    }
    guarded.workspace("unrelated").await.insert("things", [doc! {}]).await;
    let reader = doc! { "createUser": "reader", "pwd": "accountpassword", "roles": [
        { "role": "read", "db": "parties" }, { "role": "read", "db": "unrelated" },
    ] };
    guarded.run("admin", reader).await;
    // Of an account, what it may see.
    for (account, expected) in
        [(ROOT, "there is a rocketchat_message in: parties, secluded"), ("reader:accountpassword@", "in: parties")]
    {
        let (code, found) = check(&guarded.url(account, "", "admin"), &[]);
        assert_eq!(code, Some(2), "{account}: {found:?}");
        let remedies: Vec<_> = found.iter().filter_map(|finding| finding["remedy"].as_str()).collect();
        let has_hint = |remedy: &&&str| remedy.contains(expected) && remedy.contains("MONGO_URL");
        assert!(remedies.iter().any(|remedy| has_hint(&remedy)), "{account}: {remedies:?}");
        let told = found.iter().any(|finding| finding.to_string().contains("secluded"));
        assert_eq!(told, account == ROOT, "{account}: {found:?}");
    }
    let (_, found) = check(&guarded.url(ROOT, "parties", "admin"), &[]);
    assert!(!found.iter().any(|finding| finding.to_string().contains("secluded")), "{found:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_set_and_does_nothing_is_told() {
    let workspace = Workspace::demonstration().await;
    let url = workspace.url();
    let url = format!(
        "{url}{}family=4&family=6&readConcernLevel=majority&retryReads=true&retryReads=false",
        if url.contains('?') { "&" } else { "?" }
    );
    let links = [("METRICS_PORT", "tcp://10.0.0.2:9459"), ("ENGAGEMENT_METRICS_SERVICE_HOST", "10.0.0.1")];
    let (code, found) = check(&url, &links);
    assert_eq!(code, Some(0), "{found:?}");
    let names = serde_json::json!(["ENGAGEMENT_METRICS_SERVICE_HOST", "METRICS_PORT"]);
    assert_eq!(find(&found, "environment")["service_links"], names);
    assert_eq!(find(&found, "mongo_url")["needless"], serde_json::json!(["family", "readConcernLevel"]));
    let repeated = found.iter().find(|finding| finding.get("repeated").is_some()).expect("what is there twice");
    assert_eq!(repeated["repeated"], serde_json::json!(["retryReads"]));

    let (code, found) = check(&url, &[("MONGO_OPTIONS", r#"{"tls":true,"sslPass":"optionspassword"}"#)]);
    let options = find(&found, "environment");
    assert_eq!((code, &options["status"]), (Some(1), &Value::from("limits")));
    let remedy = options["remedy"].as_str().expect("a remedy");
    assert!(remedy.starts_with("write tls=true into MONGO_URL") && remedy.contains("for sslPass"), "{remedy}");
    assert!(!remedy.contains("optionspassword"), "{remedy}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_slows_it_down_is_a_limit() {
    let mongod = Standalone::start();
    let workspace = Workspace::at(&mongod.url, "rocketchat").await;
    workspace::fill(&workspace.database, Utc::now()).await.expect("the demonstration's workspace");
    let (code, found) = check(&mongod.url, &[]);
    assert_eq!((code, &find(&found, "server")["topology"]), (Some(1), &Value::from("standalone")));
    let following = find(&found, "change_streams");
    assert!(following["message"].as_str().expect("a text").contains("standalone server"), "{following}");
    assert!(following["remedy"].as_str().expect("a remedy").contains("replica set"), "{following}");
    assert_eq!(check(&mongod.url, &[("ENGAGEMENT_TALLY_MODE", "pipeline")]).0, Some(0), "nothing is to be followed");
    let (code, found) = check(&format!("{}?replicaSet=rs0", mongod.url), &[]);
    let server = find(&found, "server");
    let remedy = server["remedy"].as_str().expect("a remedy");
    assert!(code == Some(2) && remedy.contains("is replicaSet in MONGO_URL the name"), "{server}");

    let workspace = Workspace::demonstration().await;
    workspace.database.collection::<Document>("rocketchat_message").drop_index("ts_1").await.expect("no index");
    let (code, found) = check(&workspace.url(), &[]);
    let index = find(&found, "index");
    let command =
        format!("db.getSiblingDB(\"{}\").rocketchat_message.createIndex({{ ts: 1 }})", workspace.database.name());
    assert!(code == Some(1) && index["remedy"].as_str().is_some_and(|remedy| remedy.ends_with(&command)), "{index}");
    assert_eq!(index["message"], "index on ts of rocketchat_message: missing, so counting reads every message");

    // From so many messages on it refuses what would take too long, and that begins at so many days.
    let many = std::iter::repeat_n(doc! { "rid": "channel", "ts": utc("2023-05-20T12:00:00.000Z") }, 30_000);
    workspace.insert("rocketchat_message", many).await;
    let (_, found) = check(&workspace.url(), &[]);
    let message = find(&found, "index")["message"].as_str().expect("a message");
    assert!(message.ends_with("and periods of 200 days and more get 503 unless they are in memory"), "{message}");
    for (end, code) in [("2023-07-18", 0), ("2023-07-19", 1)] {
        let ran = run(&["report", "--start", "2023-01-01", "--end", end], &[("MONGO_URL", &workspace.url())]);
        assert_eq!(ran.code, Some(code), "{end}: {ran:?}");
        assert!(ran.errors.contains("make it as 'rocketchat-engagement check' says"), "{end}: {ran:?}");
        assert!(!ran.errors.contains(" db."), "mongosh's own database is another one: {ran:?}");
    }
    let messages = workspace.database.collection::<Document>("rocketchat_message");
    messages.create_index(IndexModel::builder().keys(doc! { "ts": 1 }).build()).await.expect("an index");
    assert_eq!(check(&workspace.url(), &[]).0, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mongodb_that_keeps_too_little_history_is_a_limit_with_what_mends_it() {
    keep_secret("accountpassword");
    let guarded = GuardedMongod::start_with(&["--setParameter=minSnapshotHistoryWindowInSeconds=5"]).await;
    let root = guarded.workspace("rocketchat").await;
    workspace::fill(&root.database, Utc::now()).await.expect("the demonstration's workspace");
    let roles = vec![doc! { "role": "read", "db": "rocketchat" }];
    guarded.run("admin", doc! { "createUser": "reader", "pwd": "accountpassword", "roles": roles }).await;
    let reader = guarded.url("reader:accountpassword@", "rocketchat", "admin");

    let (code, found) = check(&guarded.url(ROOT, "rocketchat", "admin"), &[]);
    let history = find(&found, "history");
    assert_eq!((code, &history["status"], &history["seconds"]), (Some(1), &"limits".into(), &5.into()), "{history}");
    let mends = "db.adminCommand({ setParameter: 1, minSnapshotHistoryWindowInSeconds: 300 })";
    let is_told = |history: &Value| history["remedy"].as_str().is_some_and(|remedy| remedy.contains(mends));
    assert!(is_told(history), "{history}");
    // Nothing is followed then.
    assert_eq!(check(&guarded.url(ROOT, "rocketchat", "admin"), &[("ENGAGEMENT_TALLY_MODE", "pipeline")]).0, Some(0));

    // An account that may not ask for it finds out by trying, as soon as the messages are older than what is tried.
    let began = std::time::Instant::now();
    loop {
        root.update("users", "rbAXPnMktTFbNpwtJ", doc! { "$inc": { "writes": 1 } }).await;
        let (code, found) = check(&reader, &[]);
        if let Some(history) = found.iter().find(|finding| finding["id"] == "history") {
            assert_eq!((code, &history["status"]), (Some(1), &"limits".into()), "{history}");
            assert!(is_told(history) && history.get("seconds").is_none(), "{history}");
            break;
        }
        assert_eq!(code, Some(0), "{found:?}");
        assert!(began.elapsed() < PATIENCE, "{found:?}");
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    }

    let mended = doc! { "setParameter": 1, "minSnapshotHistoryWindowInSeconds": 300 };
    guarded.run("admin", mended).await;
    let (code, found) = check(&guarded.url(ROOT, "rocketchat", "admin"), &[]);
    assert_eq!((code, &find(&found, "history")["seconds"]), (Some(0), &300.into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_another_name_is_pointed_out() {
    let (code, found) = check(&Workspace::empty().await.url(), &[]);
    let users = found.iter().find(|finding| finding["collection"] == "users").expect("the users");
    assert_eq!((code, &users["status"], &users["documents"]), (Some(2), &Value::from("fails"), &Value::from(0)));
    assert!(users["remedy"].as_str().expect("a remedy").contains("database's name"), "{users}");
    assert_eq!(find(&found, "index")["message"], "index on ts of rocketchat_message: not needed yet");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_ask_is_counted_by_the_services_own_rule() {
    let workspace = Workspace::with_admin().await;
    workspace.insert("rocketchat_roles", [doc! { "_id": "analyst" }]).await;
    let user = |id: &str, roles: &[&str], active: bool| doc! { "_id": id, "roles": roles.to_vec(), "active": active };
    workspace
        .insert(
            "users",
            [
                user("both", &["admin", "analyst"], true),
                user("analyst", &["user", "analyst"], true),
                user("restricted", &["guest", "analyst"], true),
                user("gone", &["admin"], false),
                user("other", &["user"], true),
                doc! { "_id": "odd", "roles": "analyst" },
            ],
        )
        .await;
    let set = async |roles: bson::Bson| {
        workspace
            .update("rocketchat_permissions", "view-engagement-dashboard", doc! { "$set": { "roles": roles } })
            .await;
        let (_, found) = check(&workspace.url(), &[]);
        find(&found, "permission").clone()
    };
    let permission = set(bson::bson!(["admin", "analyst", "vanished\u{1b}[2J"])).await;
    let expected = serde_json::json!({ "admin": 2, "analyst": 3, "vanished\u{1b}[2J": null });
    assert_eq!((&permission["roles"], &permission["users"]), (&expected, &Value::from(3)), "{permission}");
    let text = run(&["check"], &[("MONGO_URL", &workspace.url())]).output;
    assert!(
        text.contains("role analyst (3 users), role vanished\u{fffd}[2J (which does not exist); 3 may ask"),
        "{text}"
    );
    assert!(!text.contains('\u{1b}'), "{text}");

    for roles in [bson::bson!([]), bson::bson!("admin"), bson::bson!([1, "admin"]), bson::Bson::Null] {
        let permission = set(roles.clone()).await;
        assert_eq!(
            (&permission["status"], &permission["users"]),
            (&"limits".into(), &0.into()),
            "{roles}: {permission}"
        );
    }
    workspace.delete("rocketchat_permissions", "view-engagement-dashboard").await;
    let (_, found) = check(&workspace.url(), &[("ENGAGEMENT_PERMISSION_DEFAULT_ROLES", "analyst")]);
    let permission = find(&found, "permission");
    assert_eq!((&permission["is_default"], &permission["users"]), (&true.into(), &2.into()), "{permission}");
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_in_effect_are_told_and_odd_ones_named() {
    let workspace = Workspace::demonstration().await;
    for (id, value) in [
        ("API_Enable_Rate_Limiter_Limit_Calls_Default", bson::bson!(7)),
        ("API_Enable_CORS", bson::bson!(true)),
        ("API_CORS_Origin", bson::bson!("https://a.example,https://b.example")),
        ("Accounts_LoginExpiration", bson::bson!(30)),
    ] {
        workspace.update("rocketchat_settings", id, doc! { "$set": { "value": value } }).await;
    }
    let (code, found) = check(&workspace.url(), &[]);
    let settings = find(&found, "settings");
    let told = "settings of the workspace: 7 calls in 60000 ms, CORS for 2 origins, lists of 50, at most 100, or all; logins expire after 30 days";
    assert_eq!((code, &settings["message"]), (Some(0), &Value::from(told)));
    let limit = serde_json::json!({ "calls": 7, "milliseconds": 60_000 });
    assert_eq!((&settings["rate_limit"], &settings["login_expiration_days"]), (&limit, &Value::from(30.0)));

    workspace.update("rocketchat_settings", "API_Enable_CORS", doc! { "$set": { "value": "\u{1b}[2Jyes" } }).await;
    let (code, found) = check(&workspace.url(), &[]);
    let remedy = find(&found, "settings")["remedy"].as_str().expect("a remedy");
    assert!(code == Some(1) && remedy.contains("API_Enable_CORS is") && !remedy.contains('\u{1b}'), "{remedy:?}");
}
