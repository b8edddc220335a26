//! What the service's account must not be able to do: everything that writes, and reading anything else.

use bson::{Document, doc};
use mongodb::error::ErrorKind;

use super::DATABASE;
use crate::support::{GuardedMongod, Workspace, answers::assert_all_agree};

/// MongoDB's code for what an account may not do: Unauthorized.
const UNAUTHORIZED: i32 = 13;

/// What the account may read.
const READABLE: [&str; 8] = [
    "users",
    "rocketchat_roles",
    "rocketchat_permissions",
    "rocketchat_settings",
    "rocketchat_oauth_access_tokens",
    "rocketchat_room",
    "rocketchat_message",
    "rocketchat_sessions",
];

/// What there may be beside it.
const OTHERS: [&str; 4] = ["rocketchat__trash", "rocketchat_uploads", "rocketchat_new", "system.profile"];

/// Tries everything, and sees that all is refused and nothing has changed.
pub async fn assert_refused(guarded: &GuardedMongod, url: &str) {
    let workspace = guarded.workspace(DATABASE).await;
    for collection in ["rocketchat__trash", "rocketchat_uploads"] {
        workspace.insert(collection, [doc! { "_id": "a file" }]).await;
    }
    let before = contents(guarded).await;
    let account = Workspace::at(url, DATABASE).await.database.client().clone();

    let mut allowed = Vec::new();
    for (database, command) in commands() {
        let result = account.database(database).run_command(command.clone()).await;
        match result.as_ref().map_err(|error| error.kind.as_ref()) {
            Err(ErrorKind::Command(reply)) if reply.code == UNAUTHORIZED => {}
            _ => allowed.push(format!("{database}: {command}: {result:?}")),
        }
    }

    assert_all_agree(allowed);
    assert_eq!(contents(guarded).await, before);
    // What is tried above is not refused for want of a connection.
    for collection in READABLE {
        let found = account.database(DATABASE).collection::<Document>(collection).find_one(doc! {}).await;
        assert!(found.is_ok(), "{collection}: {found:?}");
    }
}

/// Hashes of all documents, and of all accounts and roles.
async fn contents(guarded: &GuardedMongod) -> Vec<Document> {
    let mut hashes = Vec::new();
    for database in [DATABASE, "admin"] {
        let hash = guarded.run(database, doc! { "dbHash": 1 }).await;
        hashes.push(hash.get_document("collections").expect("hashes").clone());
    }
    hashes
}

/// Every command, with the database that it goes to.
fn commands() -> Vec<(&'static str, Document)> {
    let on_collections = READABLE.into_iter().chain(OTHERS).flat_map(writes).map(|command| (DATABASE, command));
    let elsewhere = ["admin", "local", "config", "another"];
    let mut all: Vec<_> = on_collections.collect();
    all.extend(OTHERS.into_iter().flat_map(reads).map(|command| (DATABASE, command)));
    all.extend(
        elsewhere.into_iter().flat_map(|database| writes("users").into_iter().map(move |command| (database, command))),
    );
    for (database, collection) in [
        ("admin", "system.users"),
        ("admin", "system.roles"),
        ("admin", "system.version"),
        ("local", "oplog.rs"),
        ("local", "startup_log"),
        ("config", "transactions"),
        ("another", "users"),
    ] {
        all.extend(reads(collection).into_iter().map(|command| (database, command)));
    }
    // A look-up is as good as a find.
    let look_up = |from: &str| vec![doc! { "$lookup": { "from": from, "pipeline": [], "as": "found" } }];
    let unite = |with: &str| vec![doc! { "$unionWith": with }];
    all.extend(OTHERS.map(|other| (DATABASE, aggregate("users", look_up(other)))));
    all.extend(OTHERS.map(|other| (DATABASE, aggregate("users", unite(other)))));
    all.extend(READABLE[..5].iter().map(|collection| (DATABASE, follow(collection))));
    all.push((DATABASE, doc! { "aggregate": 1, "pipeline": [{ "$changeStream": {} }], "cursor": {} }));
    let everywhere = doc! { "$changeStream": { "allChangesForCluster": true } };
    all.push(("admin", doc! { "aggregate": 1, "pipeline": [everywhere], "cursor": {} }));
    all.extend(administration());
    all
}

fn aggregate(collection: &str, pipeline: Vec<Document>) -> Document {
    doc! { "aggregate": collection, "pipeline": pipeline, "cursor": {} }
}

fn follow(collection: &str) -> Document {
    aggregate(collection, vec![doc! { "$changeStream": {} }])
}

fn reads(collection: &str) -> Vec<Document> {
    vec![
        doc! { "find": collection },
        doc! { "count": collection },
        doc! { "distinct": collection, "key": "_id" },
        aggregate(collection, vec![]),
        follow(collection),
        doc! { "listIndexes": collection },
    ]
}

/// Whatever changes a collection.
fn writes(collection: &str) -> Vec<Document> {
    let namespace = format!("{DATABASE}.{collection}");
    vec![
        doc! { "insert": collection, "documents": [{ "_id": "new" }] },
        doc! { "update": collection, "updates": [{ "q": {}, "u": { "$set": { "changed": true } }, "multi": true }] },
        doc! { "update": collection, "updates": [{ "q": { "_id": "new" }, "u": { "_id": "new" }, "upsert": true }] },
        doc! { "delete": collection, "deletes": [{ "q": {}, "limit": 0 }] },
        doc! { "findAndModify": collection, "query": {}, "update": { "$set": { "changed": true } } },
        doc! { "findAndModify": collection, "query": {}, "remove": true },
        aggregate("users", vec![doc! { "$out": collection }]),
        aggregate("users", vec![doc! { "$merge": { "into": collection } }]),
        doc! { "mapReduce": "users", "map": "function() {}", "reduce": "function() {}", "out": collection },
        doc! { "create": collection },
        doc! { "create": "a_view", "viewOn": collection },
        doc! { "drop": collection },
        doc! { "collMod": collection, "validator": { "changed": true } },
        doc! { "convertToCapped": collection, "size": 4096 },
        doc! { "compact": collection },
        doc! { "createIndexes": collection, "indexes": [{ "key": { "changed": 1 }, "name": "new" }] },
        doc! { "dropIndexes": collection, "index": "*" },
        doc! { "applyOps": [{ "op": "i", "ns": namespace, "o": { "_id": "new" } }] },
    ]
}

/// Whatever changes or reveals accounts, databases or the server.
fn administration() -> Vec<(&'static str, Document)> {
    let here = [
        doc! { "dropDatabase": 1 },
        doc! { "listCollections": 1 },
        doc! { "dbStats": 1 },
        doc! { "profile": 2 },
        doc! { "createUser": "new", "pwd": "new", "roles": [] },
        doc! { "updateUser": "engagement", "pwd": "changed" },
        doc! { "dropUser": "engagement" },
        doc! { "grantRolesToUser": "engagement", "roles": ["dbOwner"] },
        doc! { "createRole": "new", "privileges": [], "roles": [] },
        doc! { "updateRole": "engagement", "roles": ["dbOwner"] },
        doc! { "dropRole": "engagement" },
        doc! { "usersInfo": 1 },
    ];
    let rename =
        doc! { "renameCollection": "rocketchat.users", "to": "rocketchat.rocketchat_message", "dropTarget": true };
    let there = [
        rename,
        doc! { "shutdown": 1 },
        doc! { "fsync": 1, "lock": true },
        doc! { "setParameter": 1, "logLevel": 5 },
        doc! { "getParameter": "*" },
        doc! { "serverStatus": 1 },
        doc! { "currentOp": 1 },
        doc! { "killOp": 1, "op": 1 },
        doc! { "killAllSessions": [] },
        doc! { "getLog": "global" },
        doc! { "getCmdLineOpts": 1 },
        doc! { "replSetGetStatus": 1 },
        doc! { "replSetGetConfig": 1 },
        doc! { "replSetStepDown": 1 },
        doc! { "replSetReconfig": { "_id": "rs0", "version": 2, "members": [] } },
        doc! { "setFeatureCompatibilityVersion": "5.0" },
    ];
    here.map(|command| (DATABASE, command)).into_iter().chain(there.map(|command| ("admin", command))).collect()
}
