//! The viewer: who asks, authenticated and permitted. Found out by one aggregation per request, so that a revoked
//! token or a changed role counts from the next request on (contract sections 3 and 4).

use bson::{Document, RawBsonRef, RawDocument, RawDocumentBuf, doc};
use chrono::{DateTime, Utc};

use super::{
    credentials::{Credentials, Refusal, Token},
    permission::{BYPASS_DEFAULT_ROLES, BYPASS_RATE_LIMIT, Grant, KnownRoles, VIEW_ENGAGEMENT_DASHBOARD, permits},
};
use crate::{
    mongo::{self, Deadline, Mongo, MongoError, Operation, Query},
    workspace_settings::LoginExpiration,
};

/// Somebody who may see the engagement dashboard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    id: String,
    bypasses_rate_limit: bool,
}

/// Why nobody may see it.
#[derive(Debug, Clone)]
pub enum Denied {
    /// Nobody known is asking.
    Unauthenticated(Refusal),
    /// Who asks may not.
    Forbidden {
        /// `_id` of the user.
        id: String,
    },
    /// MongoDB does not tell.
    Unavailable(MongoError),
}

impl Viewer {
    /// Recognises who presents `credentials` and checks that they may ask.
    ///
    /// # Errors
    /// Why not; or what MongoDB came to.
    pub async fn look_up(
        credentials: &Credentials,
        now: DateTime<Utc>,
        expiration: LoginExpiration,
        mongo: &Mongo,
        default_roles: &[String],
        deadline: Deadline,
    ) -> Result<Self, Denied> {
        let (collection, pipeline) = match credentials {
            Credentials::Login { user_id, token } => (mongo::USERS, login_pipeline(user_id, &token.hashed())),
            Credentials::OAuth(token) => (mongo::OAUTH_ACCESS_TOKENS, oauth_pipeline(token)),
        };
        let take = |found: &mut Option<RawDocumentBuf>, row: &RawDocument| *found = Some(row.to_owned());
        let query = Query { collection, pipeline, hint: None, operation: Operation::Viewer };
        let found = mongo.aggregate_on_primary(query, deadline, None, take).await.map_err(Denied::Unavailable)?;
        let Some(row) = found else { return Err(Denied::Unauthenticated(Refusal::Unknown)) };
        let decide = |has_roles| Self::decide(&row, now, expiration, has_roles, default_roles);
        // Most users have a role that exists. Only for the others it matters whether the workspace has any.
        match (decide(true), decide(false)) {
            (Err(Denied::Forbidden { .. }), Ok(viewer)) => match has_roles(mongo, deadline).await? {
                true => decide(true),
                false => Ok(viewer),
            },
            (decision, _) => decision,
        }
    }

    /// Decides on what a look-up has found: the document that one of the pipelines below gives. `has_roles` is whether the
    /// workspace has any role; it does not matter where one of the user's exists. Pure.
    ///
    /// # Errors
    /// As [`Viewer::look_up`].
    pub fn decide(
        row: &RawDocument,
        now: DateTime<Utc>,
        expiration: LoginExpiration,
        has_roles: bool,
        default_roles: &[String],
    ) -> Result<Self, Denied> {
        let found = Found::read(row, now, expiration, has_roles).map_err(Denied::Unauthenticated)?;
        if !permits(&found.roles, &found.known, &found.view, default_roles) {
            return Err(Denied::Forbidden { id: found.id });
        }
        let bypasses_rate_limit = permits(&found.roles, &found.known, &found.bypass, &BYPASS_DEFAULT_ROLES);
        Ok(Self { id: found.id, bypasses_rate_limit })
    }

    /// `_id` of the user.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether this viewer's calls are not counted for the rate limit.
    pub fn bypasses_rate_limit(&self) -> bool {
        self.bypasses_rate_limit
    }
}

/// What the look-up found: a user whose credentials hold.
#[derive(Debug)]
struct Found {
    id: String,
    roles: Vec<String>,
    known: KnownRoles,
    /// Who may see the engagement dashboard.
    view: Grant,
    /// Who bypasses the rate limit.
    bypass: Grant,
}

impl Found {
    /// Reads the document that the pipelines below give. An error if the credentials do not hold after all.
    ///
    /// Whatever has an unexpected type is as if it were not there: no document of the database can do harm here.
    fn read(
        row: &RawDocument,
        now: DateTime<Utc>,
        expiration: LoginExpiration,
        has_roles: bool,
    ) -> Result<Self, Refusal> {
        let id = row.get_str("_id").map_err(|_| Refusal::Unknown)?.to_owned();
        let is_active = !matches!(row.get("active"), Ok(Some(RawBsonRef::Boolean(false))));
        // Only one of the two fields is there, by the pipeline.
        let holds = match row.get_array("tokens") {
            Ok(tokens) => {
                let mut tokens = tokens.into_iter().flatten().filter_map(|token| token.as_document()).peekable();
                if tokens.peek().is_none() {
                    return Err(Refusal::Unknown);
                }
                tokens.any(|token| !is_expired_login(token, expiration.days(), now))
            }
            Err(_) => match row.get_document("oauth").map(|oauth| oauth.get("expires")) {
                Ok(Ok(Some(RawBsonRef::DateTime(expires)))) => expires.timestamp_millis() > now.timestamp_millis(),
                Ok(Ok(None | Some(RawBsonRef::Null | RawBsonRef::Undefined))) => true,
                _ => false,
            },
        };
        match (is_active, holds) {
            (false, _) => return Err(Refusal::Inactive),
            (true, false) => return Err(Refusal::Expired),
            (true, true) => {}
        }
        let known: Vec<_> =
            documents(row, "knownRoles").filter_map(|role| Some(role.get_str("_id").ok()?.to_owned())).collect();
        let is_of = |id| move |document: &&RawDocument| document.get_str("_id").is_ok_and(|found| found == id);
        let grant = |id| match documents(row, "permissions").find(is_of(id)) {
            None => Grant::Default,
            Some(permission) => Grant::Roles(only_strings(permission, "roles").unwrap_or_default()),
        };
        Ok(Self {
            id,
            roles: strings(row, "roles").flatten().collect(),
            known: match has_roles || !known.is_empty() {
                true => KnownRoles::Recorded(known),
                false => KnownRoles::Unrecorded,
            },
            view: grant(VIEW_ENGAGEMENT_DASHBOARD),
            bypass: grant(BYPASS_RATE_LIMIT),
        })
    }
}

/// Whether a token is a login token from longer ago than `days`. Personal access tokens never expire.
fn is_expired_login(token: &RawDocument, days: f64, now: DateTime<Utc>) -> bool {
    const MILLISECONDS_A_DAY: f64 = 86_400_000.0;
    let is_personal = token.get_str("type").is_ok_and(|kind| kind == "personalAccessToken");
    match token.get("when") {
        Ok(Some(RawBsonRef::DateTime(when))) if !is_personal => {
            (now.timestamp_millis().saturating_sub(when.timestamp_millis())) as f64 > days * MILLISECONDS_A_DAY
        }
        _ => false,
    }
}

/// The documents in an array.
fn documents<'a>(row: &'a RawDocument, name: &str) -> impl Iterator<Item = &'a RawDocument> {
    row.get_array(name).into_iter().flatten().flatten().filter_map(|item| item.as_document())
}

/// The items of an array, `None` for those that are no strings. Empty if it is no array.
fn strings(row: &RawDocument, name: &str) -> impl Iterator<Item = Option<String>> {
    let items = row.get_array(name).into_iter().flatten();
    items.map(|item| Some(item.ok()?.as_str()?.to_owned()))
}

/// An array of strings and nothing else.
fn only_strings(row: &RawDocument, name: &str) -> Option<Vec<String>> {
    strings(row, name).collect()
}

/// Finds a user by a login token, with all that the decision needs. At most one document.
fn login_pipeline(user_id: &str, hashed: &Token) -> Vec<Document> {
    const HASH: &str = "$$this.hashedToken";
    let is_equal = doc! { "$eq": [HASH, { "$literal": hashed.expose() }] };
    let is_presented = doc! { "$and": [is_equal, has_type(HASH, "string")] };
    // A path looks into arrays of objects as well.
    let is_whole = has_type("$services.resume", "object");
    let presented = filtered("$services.resume.loginTokens", doc! { "$and": [is_whole, is_presented] });
    let mut pipeline = vec![
        // The user alone: that the token is theirs is seen below, and MongoDB need not choose between two indexes.
        doc! { "$match": { "_id": user_id } },
        // No hash leaves the database, neither this token's nor another's.
        doc! { "$project": {
            "roles": text_roles(),
            "active": 1,
            "permissionIds": permission_ids(),
            "tokens": { "$map": { "input": presented, "in": { "when": "$$this.when", "type": "$$this.type" } } },
        } },
    ];
    pipeline.extend(permission_stages());
    pipeline
}

/// Finds a user by an OAuth access token, with all that the decision needs. At most one document.
fn oauth_pipeline(token: &Token) -> Vec<Document> {
    let mut pipeline = vec![
        // What is no text would match, or find users, in ways nobody meant.
        doc! { "$match": {
            "accessToken": token.expose(),
            "$expr": { "$and": [has_type("$accessToken", "string"), has_type("$userId", "string")] },
        } },
        doc! { "$limit": 1 },
        doc! { "$lookup": {
            "from": mongo::USERS,
            "localField": "userId",
            "foreignField": "_id",
            "pipeline": [{ "$project": { "roles": text_roles(), "active": 1 } }],
            "as": "user",
        } },
        doc! { "$unwind": "$user" },
        doc! { "$project": { "_id": "$user._id", "roles": "$user.roles", "active": "$user.active", "oauth": { "expires": "$expires" }, "permissionIds": permission_ids() } },
    ];
    pipeline.extend(permission_stages());
    pipeline
}

/// The roles that are texts. MongoDB refuses to look up some other types, and fails with the whole aggregation.
fn text_roles() -> Document {
    filtered("$roles", has_type("$$this", "string"))
}

/// The items of an array that are so. None if it is no array, which `$filter` would refuse.
fn filtered(array: &str, condition: Document) -> Document {
    doc! { "$filter": { "input": { "$cond": [{ "$isArray": array }, array, []] }, "cond": condition } }
}

fn has_type(value: &str, name: &str) -> Document {
    doc! { "$eq": [{ "$type": value }, name] }
}

/// Adds what the permission check needs to the document of a user.
///
/// Whole documents: they are small, and a look-up without stages of its own costs MongoDB less.
fn permission_stages() -> [Document; 2] {
    let look_up = |name: &str, from: &str, local: &str| {
        doc! { "$lookup": { "from": from, "localField": local, "foreignField": "_id", "as": name } }
    };
    [look_up("permissions", mongo::PERMISSIONS, "permissionIds"), look_up("knownRoles", mongo::ROLES, "roles")]
}

fn permission_ids() -> Document {
    doc! { "$literal": [VIEW_ENGAGEMENT_DASHBOARD, BYPASS_RATE_LIMIT] }
}

/// Whether the workspace has any role.
async fn has_roles(mongo: &Mongo, deadline: Deadline) -> Result<bool, Denied> {
    let pipeline = vec![doc! { "$limit": 1 }, doc! { "$project": { "_id": 1 } }];
    let query = Query { collection: mongo::ROLES, pipeline, hint: None, operation: Operation::Viewer };
    let found = mongo.aggregate_on_primary(query, deadline, false, |found, _| *found = true).await;
    found.map_err(Denied::Unavailable)
}
