//! The commands for MongoDB that give an account what it lacks. Pure.

use bson::{Document, doc};

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

/// The commands for mongosh that give an account what is missing: to its own role if it has one, else to a new one.
///
/// They are written as `runCommand`, whose argument is JSON, so that no name can be more than a name.
pub fn commands(missing: &Missing, account: &Account, database: &str) -> Vec<String> {
    let privilege = |(collection, actions): &(&str, Vec<&str>)| {
        doc! { "resource": { "db": database, "collection": *collection }, "actions": actions }
    };
    let privileges: Vec<_> = missing.iter().map(privilege).collect();
    let can_be_given = |(role, kept_in): &&(String, String)| {
        !BUILT_IN.contains(&role.as_str()) && (kept_in == database || kept_in == "admin")
    };
    let commands = match account.roles.iter().find(can_be_given) {
        Some((role, kept_in)) => {
            vec![(kept_in.as_str(), doc! { "grantPrivilegesToRole": role, "privileges": privileges })]
        }
        None => {
            let no_roles: [&str; 0] = [];
            let role = doc! { "createRole": ROLE, "privileges": privileges, "roles": no_roles.to_vec() };
            let roles = vec![doc! { "role": ROLE, "db": database }];
            let grant = doc! { "grantRolesToUser": &account.user, "roles": roles };
            vec![(database, role), (account.database.as_str(), grant)]
        }
    };
    commands.iter().map(|(kept_in, command)| shell(kept_in, command)).collect()
}

fn shell(database: &str, command: &Document) -> String {
    // Neither texts nor documents of texts can fail to be written.
    let database = serde_json::to_string(database).unwrap_or_default();
    let command = serde_json::to_string(command).unwrap_or_default();
    format!("db.getSiblingDB({database}).runCommand({command})")
}
