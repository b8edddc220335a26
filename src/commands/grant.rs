//! The commands for MongoDB that give an account what it lacks. Pure.

use bson::{Document, doc};
use serde::Serialize;

use crate::mongo::Account;

/// MongoDB's own roles, whose rights cannot be changed (MongoDB manual: built-in roles).
const BUILT_IN: [&str; 21] = [
    "read",
    "readWrite",
    "dbAdmin",
    "userAdmin",
    "dbOwner",
    "readAnyDatabase",
    "readWriteAnyDatabase",
    "userAdminAnyDatabase",
    "dbAdminAnyDatabase",
    "clusterAdmin",
    "clusterManager",
    "clusterMonitor",
    "enableSharding",
    "directShardOperations",
    "hostManager",
    "backup",
    "restore",
    "root",
    "searchCoordinator",
    "__queryableBackup",
    "__system",
];

/// The role that deploy/mongodb-role.js makes as well.
const ROLE: &str = "engagement";

/// A collection, and what may not be done with it.
pub type Missing = Vec<(&'static str, Vec<&'static str>)>;

/// The commands for mongosh that give an account what is missing: to its own role if it has one, else to `engagement`, which
/// is made unless it is there.
///
/// They are written as `runCommand`, whose argument is JSON, so that no name can be more than a name. mongosh stops at one
/// that fails, so none may fail because it has been run before.
pub fn commands(missing: &Missing, account: &Account, database: &str) -> Vec<String> {
    let privilege = |(collection, actions): &(&str, Vec<&str>)| {
        doc! { "resource": { "db": database, "collection": *collection }, "actions": actions }
    };
    let privileges: Vec<_> = missing.iter().map(privilege).collect();
    let can_be_given = |(role, kept_in): &&(String, String)| {
        !BUILT_IN.contains(&role.as_str()) && (kept_in == database || kept_in == "admin")
    };
    let grant = |role: &str| doc! { "grantPrivilegesToRole": role, "privileges": &privileges };
    match account.roles.iter().find(can_be_given) {
        Some((role, kept_in)) => vec![run(kept_in, &grant(role))],
        None => {
            let nothing: [&str; 0] = [];
            let role = doc! { "createRole": ROLE, "privileges": nothing.to_vec(), "roles": nothing.to_vec() };
            let roles = vec![doc! { "role": ROLE, "db": database }];
            let to_user = doc! { "grantRolesToUser": &account.user, "roles": roles };
            vec![
                format!("{}.getRole({}) || {}", sibling(database), json(&ROLE), run(database, &role)),
                run(database, &grant(ROLE)),
                run(&account.database, &to_user),
            ]
        }
    }
}

/// A command of MongoDB on a database, for mongosh.
fn run(database: &str, command: &Document) -> String {
    format!("{}.runCommand({})", sibling(database), json(command))
}

/// A database, for mongosh, whose own is another one at first.
pub fn sibling(database: &str) -> String {
    format!("db.getSiblingDB({})", json(&database))
}

fn json(value: &impl Serialize) -> String {
    // Neither texts nor documents of texts can fail to be written.
    serde_json::to_string(value).unwrap_or_default()
}
