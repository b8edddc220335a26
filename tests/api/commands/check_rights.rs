//! `check`: the rights of the account, and that what it prints does mend what is missing.

use bson::{Document, doc};
use chrono::Utc;
use rocketchat_engagement::commands::demo::workspace;
use serde_json::Value;

use super::{
    check::{check, find},
    pasted,
};
use crate::support::{GuardedMongod, ROOT, keep_secret};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_printed_for_missing_rights_is_what_mends_them() {
    let guarded = GuardedMongod::start().await;
    keep_secret("accountpassword");
    let root = guarded.workspace("rocketchat").await;
    workspace::fill(&root.database, Utc::now()).await.expect("the demonstration's workspace");
    let privilege = |collection: &str, actions: &[&str]| {
        doc! { "resource": { "db": "rocketchat", "collection": collection }, "actions": actions.to_vec() }
    };
    let no_roles: [&str; 0] = [];
    let role = |name: &str, privileges: Vec<Document>| {
        doc! { "createRole": name, "privileges": privileges, "roles": no_roles.to_vec() }
    };
    guarded
        .run("rocketchat", role("some", vec![privilege("users", &["find"]), privilege("rocketchat_room", &["find"])]))
        .await;
    guarded.run("admin", role("every find", vec![privilege("", &["find"])])).await;
    guarded.run("rocketchat", role("nothing", vec![])).await;
    // Where the account is kept, its role, what it will not do without, and how many commands mend it.
    for (number, (kept_in, role, code, commands)) in [
        ("rocketchat", doc! { "role": "some", "db": "rocketchat" }, 2, 1),
        ("admin", doc! { "role": "every find", "db": "admin" }, 1, 1),
        ("admin", doc! { "role": "nothing", "db": "rocketchat" }, 2, 1),
        ("admin", doc! { "role": "clusterMonitor", "db": "admin" }, 2, 3),
        // Those that can do much, but not this, and cannot be given more.
        ("admin", doc! { "role": "dbOwner", "db": "elsewhere" }, 2, 3),
        ("admin", doc! { "role": "userAdminAnyDatabase", "db": "admin" }, 2, 3),
        ("admin", doc! { "role": "dbAdminAnyDatabase", "db": "admin" }, 2, 3),
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("account \"{number}\"");
        let user = doc! { "createUser": &name, "pwd": "accountpassword", "roles": [role.clone()] };
        guarded.run(kept_in, user).await;
        let url = guarded.url(&format!("account%20%22{number}%22:accountpassword@"), "rocketchat", kept_in);
        let (before, found) = check(&url, &[]);
        assert_eq!(before, Some(code), "{role}: {found:?}");
        let rights = find(&found, "rights");
        assert_eq!(rights["status"], if code == 2 { "fails" } else { "limits" }, "{rights}");
        assert_eq!(rights["account"]["user"], name, "{rights}");
        assert_eq!(find(&found, "change_streams")["status"], "limits");
        for finding in found.iter().filter(|finding| finding["status"] != "ok" && finding["id"] != "rights") {
            assert!(finding["remedy"].as_str().is_some_and(|remedy| remedy.contains("(rights)")), "{finding}");
        }
        let grant: Vec<_> = rights["grant"]
            .as_array()
            .expect("commands")
            .iter()
            .map(|command| command.as_str().expect("a text"))
            .collect();
        assert_eq!(grant.len(), commands, "{rights}");
        assert!(rights["remedy"].as_str().expect("a remedy").ends_with(&grant.join("; ")), "{rights}");

        for command in grant {
            let (database, command) = pasted(command);
            guarded.run(&database, command).await;
        }
        let (after, found) = check(&url, &[]);
        assert_eq!(after, Some(0), "{role}: {found:?}");
        let can_write = find(&found, "rights")["can_write"].clone();
        assert_eq!(can_write, false, "{role}");
        if commands == 3 {
            // The next account's commands make it as well.
            guarded.run("rocketchat", doc! { "dropRole": "engagement" }).await;
        }
    }
    let elsewhere = guarded.url("account%20%220%22:accountpassword@", "rocketchatt", "rocketchat");
    let (_, found) = check(&elsewhere, &[]);
    let remedy = find(&found, "rights")["remedy"].as_str().expect("a remedy");
    assert!(
        remedy.starts_with(
            "is rocketchatt, the path of MONGO_URL, the right database, although there are messages in: rocketchat? If so, in \
             mongosh"
        ),
        "{remedy}"
    );

    let (code, found) = check(&guarded.url(ROOT, "rocketchat", "admin"), &[]);
    assert_eq!((code, &find(&found, "rights")["can_write"]), (Some(0), &Value::Bool(true)));
    for (role, kept_in) in [
        ("read", "rocketchat"),
        ("readAnyDatabase", "admin"),
        ("readWriteAnyDatabase", "admin"),
        ("dbOwner", "rocketchat"),
    ] {
        let roles = vec![doc! { "role": role, "db": kept_in }];
        guarded.run("admin", doc! { "createUser": role, "pwd": "accountpassword", "roles": roles }).await;
        let (code, found) = check(&guarded.url(&format!("{role}:accountpassword@"), "rocketchat", "admin"), &[]);
        let can_write = Value::Bool(!role.starts_with("read") || role.starts_with("readWrite"));
        assert_eq!((code, &find(&found, "rights")["can_write"]), (Some(0), &can_write), "{role}: {found:?}");
    }

    for account in ["root:wrongpassword@", ""] {
        let (code, found) = check(&guarded.url(account, "rocketchat", "admin"), &[]);
        let remedies: Vec<_> = found.iter().filter_map(|finding| finding["remedy"].as_str()).collect();
        assert_eq!(code, Some(2));
        assert!(remedies.iter().any(|remedy| remedy.contains("into MONGO_URL; deploy/mongodb-role.js")), "{found:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn in_atlas_missing_rights_are_given_by_clicks_and_not_by_commands() {
    let guarded = GuardedMongod::start().await;
    keep_secret("accountpassword");
    let root = guarded.workspace("rocketchat").await;
    workspace::fill(&root.database, Utc::now()).await.expect("the demonstration's workspace");
    let finds = doc! { "resource": { "db": "rocketchat", "collection": "" }, "actions": ["find"] };
    let no_roles: [&str; 0] = [];
    let role = doc! { "createRole": "atlasAdmin", "privileges": [finds], "roles": no_roles.to_vec() };
    guarded.run("admin", role).await;
    let user =
        doc! { "createUser": "me", "pwd": "accountpassword", "roles": [{ "role": "atlasAdmin", "db": "admin" }] };
    guarded.run("admin", user).await;

    let (code, found) = check(&guarded.url("me:accountpassword@", "rocketchat", "admin"), &[]);

    let rights = find(&found, "rights");
    let remedy = rights["remedy"].as_str().expect("a remedy");
    assert_eq!((code, &rights["grant"]), (Some(1), &Value::Null), "{rights}");
    let rooms_and_messages = "changeStream on rocketchat.rocketchat_room, rocketchat.rocketchat_message";
    assert!(remedy.starts_with("in Atlas, at Database Access") && remedy.contains(rooms_and_messages), "{remedy}");
    assert!(!remedy.contains("runCommand") && !remedy.contains("find on"), "{remedy}");
}
