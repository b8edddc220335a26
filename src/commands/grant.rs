//! What gives an account the rights that it lacks: commands for mongosh, or what to do in Atlas. Pure.

use bson::{Document, doc};
use serde::Serialize;

use mongodb::options::{HostInfo, ServerAddress};

use crate::{mongo::Account, mongo_url::MongoUrl};

/// The role of those who administer a cluster of Atlas.
const ATLAS_ADMIN: &str = "atlasAdmin";

/// The domain of Atlas' servers.
const ATLAS: &str = ".mongodb.net";

/// MongoDB's own roles and those of Atlas, whose rights cannot be changed (MongoDB manual: built-in roles; Atlas manual: database users).
const BUILT_IN: [&str; 23] = [
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
    ATLAS_ADMIN,
    "killOpSession",
];

/// The role that deploy/mongodb-role.js makes as well.
const ROLE: &str = "engagement";

/// A collection, and what may not be done with it.
pub type Missing = Vec<(&'static str, Vec<&'static str>)>;

/// What mends missing rights.
pub struct Remedy {
    /// What an administrator is to do.
    pub text: String,
    /// The commands in it, for machines. None in Atlas, which takes back what commands do to roles and accounts.
    pub commands: Vec<String>,
}

/// What an administrator does to give an account what is missing.
pub fn remedy(missing: &Missing, account: &Account, url: &MongoUrl) -> Remedy {
    let database = url.database();
    if is_in_atlas(account, url) {
        let of = |action: &str| {
            let having = missing.iter().filter(|(_, actions)| actions.contains(&action));
            let names: Vec<_> = having.map(|(collection, _)| format!("{database}.{collection}")).collect();
            (!names.is_empty()).then(|| format!("{action} on {}", names.join(", ")))
        };
        let rights: Vec<_> = ["find", "changeStream"].into_iter().filter_map(of).collect();
        let text = format!(
            "in Atlas, at Database Access, where alone roles and users can be changed: give a custom role the collection actions {}, \
             and the user {} that role",
            rights.join(", and "),
            account.user
        );
        return Remedy { text, commands: Vec::new() };
    }
    let commands = commands(missing, account, database);
    Remedy { text: format!("in mongosh, as an administrator: {}", commands.join("; ")), commands }
}

/// Whether the account is one of MongoDB Atlas.
fn is_in_atlas(account: &Account, url: &MongoUrl) -> bool {
    let of_atlas = |host: &str| host.trim_end_matches('.').to_ascii_lowercase().ends_with(ATLAS);
    let is_atlas_server = match &url.connection_string().host_info {
        HostInfo::HostIdentifiers(servers) => {
            servers.iter().any(|server| matches!(server, ServerAddress::Tcp { host, .. } if of_atlas(host)))
        }
        HostInfo::DnsRecord(name) => of_atlas(name),
        _ => false,
    };
    is_atlas_server || account.roles.iter().any(|(role, _)| role == ATLAS_ADMIN)
}

/// The commands for mongosh that give an account what is missing: to its own role if it has one, else to `engagement`, which
/// is made unless it is there.
///
/// They are written as `runCommand`, whose argument is JSON, so that no name can be more than a name. mongosh stops at one
/// that fails, so none may fail because it has been run before.
fn commands(missing: &Missing, account: &Account, database: &str) -> Vec<String> {
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
