//! Who may ask the endpoint: the permission, its roles, and how many users hold each, by the service's own rule.

use std::collections::BTreeMap;

use bson::{RawArray, RawDocument, doc};

use crate::{
    auth::permission::{Grant, KnownRoles, VIEW_ENGAGEMENT_DASHBOARD, permits},
    mongo::{self, Deadline, Mongo, MongoError, Operation, Query},
};

/// Who may ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewers {
    /// What the database says.
    pub grant: Grant,
    /// The roles that have the permission, with how many active users have each; none if there is no such role.
    pub roles: BTreeMap<String, Option<u64>>,
    /// How many users may ask.
    pub users: u64,
}

impl Viewers {
    /// Finds them.
    ///
    /// # Errors
    /// MongoDB does not tell.
    pub async fn find(mongo: &Mongo, default_roles: &[String], deadline: Deadline) -> Result<Self, MongoError> {
        let query = |collection, pipeline| Query { collection, pipeline, hint: None, operation: Operation::Inspect };
        let by_id = vec![doc! { "$match": { "_id": VIEW_ENGAGEMENT_DASHBOARD } }, doc! { "$project": { "roles": 1 } }];
        let take = |grant: &mut Grant, row: &RawDocument| {
            *grant = Grant::Roles(row.get_array("roles").ok().and_then(strings).unwrap_or_default());
        };
        let grant = mongo.aggregate(query(mongo::PERMISSIONS, by_id), deadline, Grant::Default, take).await?;
        let holders = match &grant {
            Grant::Default => default_roles.to_vec(),
            Grant::Roles(roles) => roles.clone(),
        };
        let take = |known: &mut Vec<String>, row: &RawDocument| known.extend(row.get_str("_id").map(str::to_owned));
        let existing = vec![doc! { "$project": { "_id": 1 } }];
        let existing = mongo.aggregate(query(mongo::ROLES, existing), deadline, Vec::new(), take).await?;
        let known = if existing.is_empty() { KnownRoles::Unrecorded } else { KnownRoles::Recorded(existing) };
        let exists = |role: &String| match &known {
            KnownRoles::Unrecorded => true,
            KnownRoles::Recorded(known) => known.contains(role),
        };
        let roles = holders.iter().map(|role| (role.clone(), exists(role).then_some(0))).collect();

        let pipeline = vec![
            doc! { "$match": { "roles": { "$in": &holders }, "active": { "$ne": false } } },
            doc! { "$project": { "roles": 1 } },
        ];
        let begin = Self { grant: grant.clone(), roles, users: 0 };
        let default_roles = default_roles.to_vec();
        let take = move |viewers: &mut Self, row: &RawDocument| {
            let has: Vec<_> = row
                .get_array("roles")
                .into_iter()
                .flatten()
                .flatten()
                .filter_map(|role| role.as_str())
                .map(str::to_owned)
                .collect();
            viewers.users += u64::from(permits(&has, &known, &grant, &default_roles));
            for role in &has {
                if let Some(Some(users)) = viewers.roles.get_mut(role) {
                    *users += 1;
                }
            }
        };
        mongo.aggregate(query(mongo::USERS, pipeline), deadline, begin, take).await
    }
}

/// An array of strings and nothing else.
fn strings(array: &RawArray) -> Option<Vec<String>> {
    array.into_iter().map(|item| Some(item.ok()?.as_str()?.to_owned())).collect()
}
