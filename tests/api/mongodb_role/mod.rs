//! `deploy/mongodb-role.js`, run by the real mongosh on a MongoDB with access control: the account that it makes is enough,
//! needs every right that it has, and can do nothing else.

mod forbidden;
mod upgrade;

use std::{
    io::Write,
    path::Path,
    process::{Command, Output, Stdio},
};

use bson::{Bson, Document, doc};
use rocketchat_engagement::http::dashboard::ENDPOINTS;
use serde_json::Value;
use yaml_rust2::{Yaml, YamlLoader};

use crate::{
    commands::run,
    support::{
        GuardedMongod, PATH, ROOT, Service, Workspace, keep_secret, node_is_missing, node_modules, settings, utc,
    },
};

/// The last version that runs with Debian 12's Node.js 18.
const MONGOSH: &str = "mongosh@2.1.5";

/// The account that the script makes, as the beginning of a connection string.
const ACCOUNT: &str = "engagement:engagementpassword@";

const DATABASE: &str = "rocketchat";

const QUERY: &str = "?start=2023-05-20T00:00:00.000Z&end=2023-05-20T00:00:00.000Z";

/// Runs the script as the administrator does, who types the new account's password.
fn run_script(guarded: &GuardedMongod, environment: &[(&str, &str)], typed: &str) -> Output {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/mongodb-role.js");
    mongosh(guarded, &[script.to_str().expect("UTF-8")], environment, typed)
}

/// Runs mongosh as the administrator does.
fn mongosh(guarded: &GuardedMongod, arguments: &[&str], environment: &[(&str, &str)], typed: &str) -> Output {
    let home = tempfile::tempdir().expect("a directory");
    // Should it wait for more than is typed, it does not wait for long.
    let mut mongosh = Command::new("timeout")
        .arg("60")
        .arg(node_modules(MONGOSH).join(".bin/mongosh"))
        .args(["--quiet", &guarded.url(ROOT, "admin", "admin")])
        .args(arguments)
        .envs(environment.iter().copied())
        .env("HOME", home.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("mongosh starts");
    mongosh.stdin.take().expect("a pipe").write_all(format!("{typed}\n").as_bytes()).expect("mongosh reads");
    let output = mongosh.wait_with_output().expect("mongosh ends");
    // Neither the screen nor what mongosh notes of its work has the password.
    let notes = Command::new("grep").args(["-r", "password"]).arg(home.path()).output().expect("grep runs");
    for text in [&output.stdout, &output.stderr, &notes.stdout] {
        assert!(!String::from_utf8_lossy(text).contains("engagementpassword"), "{}", String::from_utf8_lossy(text));
    }
    output
}

/// What the script says, if it does its work.
fn done(output: &Output) -> String {
    let said = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text).into_owned()).concat();
    assert!(output.status.success(), "{said}");
    said
}

/// A MongoDB with a workspace and the account.
async fn prepared() -> GuardedMongod {
    keep_secret("engagementpassword");
    keep_secret("oauth-access-token");
    let guarded = GuardedMongod::start().await;
    let workspace = guarded.workspace(DATABASE).await;
    workspace.add_admin().await;
    let token = doc! { "accessToken": "oauth-access-token", "userId": "admin" };
    workspace.insert("rocketchat_oauth_access_tokens", [token]).await;
    let message = doc! { "rid": "channel", "ts": utc("2023-05-20T12:00:00.000Z") };
    workspace.insert("rocketchat_message", std::iter::repeat_n(message, 3)).await;
    done(&run_script(&guarded, &[("ENGAGEMENT_PASSWORD", "engagementpassword")], ""));
    guarded
}

fn url(guarded: &GuardedMongod) -> String {
    guarded.url(ACCOUNT, DATABASE, DATABASE)
}

/// Asks with login headers and with an OAuth token; whether both are answered right.
async fn answers(service: &Service) -> bool {
    for headers in [&Workspace::admin()[..], &[("Authorization", "Bearer oauth-access-token")]] {
        let answer = service.get(&format!("{PATH}{QUERY}"), headers).await;
        match answer.status {
            200 => assert_eq!(answer.json()["period"]["count"], 3),
            503 => return false,
            _ => panic!("{answer:?}"),
        }
    }
    for endpoint in ENDPOINTS {
        let answer = service.get(&format!("{}{QUERY}", endpoint.path), &Workspace::admin()).await;
        match answer.status {
            200 => {}
            503 => return false,
            _ => panic!("{answer:?}"),
        }
    }
    true
}

#[tokio::test(flavor = "multi_thread")]
async fn the_account_is_enough_and_needs_every_right_that_it_has() {
    if node_is_missing() {
        return;
    }
    let guarded = prepared().await;
    let service = Service::start_live(&[("mongo_url", &url(&guarded))]).await;
    assert!(answers(&service).await);
    assert!(service.answers_from_memory() > 0);
    service.until_ready().await;
    service.stop().await;

    let role = role(&guarded).await;
    let rights = rights(&role);
    assert_eq!(rights.len(), 10, "{role}");
    for left_out in 0..rights.len() {
        let mut fewer = rights.clone();
        let missing = fewer.remove(left_out);
        guarded.run(DATABASE, doc! { "updateRole": "engagement", "privileges": fewer }).await;
        let live = [("mongo_url", url(&guarded)), ("tally.mode", "auto".to_owned())];
        let service = Service::start(settings(&live.each_ref().map(|(key, value)| (*key, value.as_str())))).await;
        // Whatever it has not failed to answer, it has not got into memory.
        if answers(&service).await {
            service.until_counting("pipeline").await;
            assert!(answers(&service).await && service.answers_from_memory() == 0, "without {missing}");
        }
        service.stop().await;
    }
}

/// The role as MongoDB has it.
async fn role(guarded: &GuardedMongod) -> Document {
    guarded.run(DATABASE, doc! { "rolesInfo": "engagement", "showPrivileges": true }).await
}

/// Each single right of a role: one action on one collection.
fn rights(role: &Document) -> Vec<Document> {
    let privileges =
        role.get_array("roles").ok().and_then(|roles| roles.first()?.as_document()?.get_array("privileges").ok());
    let privileges = privileges.expect("privileges").iter().filter_map(Bson::as_document);
    let actions = |privilege: &Document| privilege.get_array("actions").expect("actions").clone();
    let rights = privileges.flat_map(|privilege| {
        let resource = privilege.get_document("resource").expect("a resource").clone();
        actions(privilege).into_iter().map(move |action| doc! { "resource": resource.clone(), "actions": [action] })
    });
    rights.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_role_that_the_guide_shows_for_kubernetes_is_the_scripts() {
    if node_is_missing() {
        return;
    }
    let guarded = prepared().await;
    let role = role(&guarded).await;
    let guide = include_str!("../../../docs/operations.md");
    let (_, shown) = guide.split_once("### MongoDB's Kubernetes operator").expect("the section");
    let (shown, _) = shown.split_once("```yaml\n").and_then(|(_, shown)| shown.split_once("```")).expect("YAML");
    let spec = &YamlLoader::load_from_str(shown).expect("YAML")[0]["spec"];

    let [shown] = &spec["security"]["roles"].as_vec().expect("roles")[..] else { panic!("one role") };
    let [user] = &spec["users"].as_vec().expect("users")[..] else { panic!("one user") };
    let text = |yaml: &Yaml| yaml.as_str().expect("a text").to_owned();
    let texts = |yaml: &Yaml| yaml.as_vec().expect("a list").iter().map(text).collect::<Vec<_>>();
    let privileges = shown["privileges"].as_vec().expect("privileges").iter().map(|privilege| {
        let resource = &privilege["resource"];
        let resource = doc! { "db": text(&resource["db"]), "collection": text(&resource["collection"]) };
        doc! { "resource": resource, "actions": texts(&privilege["actions"]) }
    });
    // MongoDB tells them in an order of its own.
    let sorted = |role: &Document| {
        let mut rights: Vec<_> = rights(role).iter().map(Document::to_string).collect();
        rights.sort_unstable();
        rights
    };
    let privileges = privileges.collect::<Vec<_>>();
    assert_eq!(sorted(&doc! { "roles": [{ "privileges": privileges }] }), sorted(&role));
    for named in [shown, &user["roles"][0]] {
        let name = if named["role"].is_badvalue() { &named["name"] } else { &named["role"] };
        assert_eq!((name.as_str(), named["db"].as_str()), (Some("engagement"), Some(DATABASE)));
    }
    assert_eq!((user["name"].as_str(), user["db"].as_str()), (Some("engagement"), Some(DATABASE)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_account_can_write_nothing_and_read_nothing_else() {
    if node_is_missing() {
        return;
    }
    let guarded = prepared().await;
    forbidden::assert_refused(&guarded, &url(&guarded)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn run_again_the_script_sets_right_what_has_been_changed() {
    if node_is_missing() {
        return;
    }
    let guarded = prepared().await;
    let account = || async {
        let role = role(&guarded).await;
        let user = guarded.run(DATABASE, doc! { "usersInfo": "engagement", "showCredentials": true }).await;
        [role.get_array("roles"), user.get_array("users")].map(|found| found.expect("what was asked for").clone())
    };
    let before = account().await;
    let everything = doc! { "resource": { "db": DATABASE, "collection": "" }, "actions": ["insert", "find"] };
    guarded.run(DATABASE, doc! { "grantPrivilegesToRole": "engagement", "privileges": [everything] }).await;
    guarded.run(DATABASE, doc! { "grantRolesToRole": "engagement", "roles": ["dbAdmin"] }).await;
    guarded.run(DATABASE, doc! { "grantRolesToUser": "engagement", "roles": ["dbOwner"] }).await;
    assert_ne!(account().await, before);

    let said = done(&run_script(&guarded, &[], ""));

    assert!(said.contains("Updated the account engagement in the database rocketchat"), "{said}");
    assert_eq!(account().await, before, "the password as well");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_script_takes_no_rights_from_rocket_chats_own_account() {
    if node_is_missing() {
        return;
    }
    let guarded = prepared().await;
    guarded.run(DATABASE, doc! { "updateRole": "engagement", "privileges": [] }).await;
    let own = doc! { "createUser": "rocketchat", "pwd": "engagementpassword", "roles": ["readWrite"] };
    guarded.run(DATABASE, own).await;

    let ran = run_script(&guarded, &[("ENGAGEMENT_USER", "rocketchat")], "");

    assert!(!ran.status.success(), "{ran:?}");
    let said = String::from_utf8_lossy(&[ran.stdout, ran.stderr].concat()).into_owned();
    assert!(said.contains("the account rocketchat in rocketchat is somebody else's: it has readWrite"), "{said}");
    let found = guarded.run(DATABASE, doc! { "usersInfo": "rocketchat" }).await;
    assert!(found.to_string().contains("readWrite"), "{found}");
    assert!(rights(&role(&guarded).await).is_empty(), "the role is as it was");

    // One that may only read loses nothing that it needs.
    guarded.run(DATABASE, doc! { "updateUser": "rocketchat", "roles": ["read"] }).await;
    let said = done(&run_script(&guarded, &[("ENGAGEMENT_USER", "rocketchat")], ""));
    assert!(said.contains("Updated the account rocketchat"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_check_prints_can_be_pasted_though_the_role_is_there_already() {
    if node_is_missing() {
        return;
    }
    let guarded = prepared().await;
    let nothing: [&str; 0] = [];
    guarded.run(DATABASE, doc! { "updateRole": "engagement", "privileges": nothing.to_vec() }).await;
    keep_secret("otherpassword");
    let other = doc! { "createUser": "other", "pwd": "otherpassword", "roles": nothing.to_vec() };
    guarded.run("admin", other).await;
    let check = || {
        let url = guarded.url("other:otherpassword@", DATABASE, "admin");
        let ran = run(&["check", "--json"], &[("MONGO_URL", &url), ("TZ", "UTC")]);
        let outcome: Value = serde_json::from_str(&ran.output).expect("JSON");
        outcome["findings"].as_array().and_then(|findings| findings.iter().find(|it| it["id"] == "rights")).cloned()
    };
    let rights = check().expect("the rights");
    assert_eq!(rights["status"], "fails", "{rights}");
    let (_, line) = rights["remedy"].as_str().and_then(|text| text.split_once("administrator: ")).expect("a remedy");

    // Twice: by then it is there, and has them.
    for _ in 0..2 {
        done(&mongosh(&guarded, &["--eval", line], &[], ""));
    }

    let rights = check().expect("the rights");
    assert_eq!(rights["status"], "ok", "{rights}");
}

#[tokio::test(flavor = "multi_thread")]
async fn database_and_account_may_have_other_names_and_the_password_is_asked_for() {
    if node_is_missing() {
        return;
    }
    keep_secret("engagementpassword");
    let guarded = GuardedMongod::start().await;
    guarded.workspace("chat").await.add_admin().await;
    let names = [("ENGAGEMENT_DATABASE", "chat"), ("ENGAGEMENT_USER", "reader")];

    let said = done(&run_script(&guarded, &names, "engagementpassword"));

    assert!(said.contains("Created the account reader in the database chat"), "{said}");
    let service =
        Service::start_live(&[("mongo_url", &guarded.url("reader:engagementpassword@", "chat", "chat"))]).await;
    service.stop().await;
}
