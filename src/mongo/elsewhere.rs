//! Where Rocket.Chat's messages are if they are not in the database that the connection string names.

use std::time::Duration;

use bson::{Document, doc};
use log::debug;

use super::{Asked, Deadline, MESSAGES, Mongo, MongoError, Operation, Query, one};

/// So many databases are looked into at the most.
const MOST_DATABASES: usize = 100;

/// So many are told at the most.
const MOST_TOLD: usize = 5;

/// MongoDB's own.
const ITS_OWN: [&str; 3] = ["admin", "config", "local"];

impl Mongo {
    /// The names of other databases that have a collection of messages, if ours has no message; some of them, if there are
    /// many. None if it has, or if the account may not see any, or MongoDB does not tell: this is a hint and never fails.
    pub async fn workspaces_elsewhere(&self, deadline: Deadline) -> Vec<String> {
        let query = Query { collection: MESSAGES, pipeline: one(), hint: None, operation: Operation::Inspect };
        match self.aggregate(query, deadline, false, |found, _| *found = true).await {
            // Whoever may not read here may be meant to read elsewhere.
            Ok(false) | Err(MongoError::Refused(_)) => {}
            Ok(true) | Err(_) => return Vec::new(),
        }
        let search =
            self.run(Operation::Inspect, deadline, async move |Asked { database, selection }, time: Duration| {
                let (client, ours) = (database.client(), database.name());
                let time = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
                let ask = async |database: &str, command: Document| {
                    let reply =
                        client.database(database).run_command(command).selection_criteria(selection.clone()).await;
                    // What is refused here says nothing about what the service needs.
                    reply
                        .inspect_err(|_| debug!("the databases that hold {MESSAGES} cannot be listed"))
                        .unwrap_or_default()
                };
                let all = ask("admin", doc! { "listDatabases": 1, "nameOnly": true, "maxTimeMS": time }).await;
                let all = all.get_array("databases").into_iter().flatten().filter_map(|entry| entry.as_document());
                let names = all.filter_map(|entry| entry.get_str("name").ok());
                let names = names.filter(|name| *name != ours && !ITS_OWN.contains(name)).take(MOST_DATABASES);
                let mut found = Vec::new();
                for name in names {
                    let filter = doc! { "name": MESSAGES, "type": "collection" };
                    let list = doc! {
                        "listCollections": 1, "filter": filter, "nameOnly": true, "authorizedCollections": true,
                        "maxTimeMS": time,
                    };
                    let reply = ask(name, list).await;
                    let first = reply.get_document("cursor").and_then(|cursor| cursor.get_array("firstBatch"));
                    if first.is_ok_and(|collections| !collections.is_empty()) {
                        found.push(name.to_owned());
                    }
                    if found.len() == MOST_TOLD {
                        break;
                    }
                }
                Ok(found)
            });
        search.await.unwrap_or_default()
    }
}
