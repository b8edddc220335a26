//! The plain rule, written from the words of the contract (sections 3, 4, 5 and 7), and in a world of texts, dates and
//! objects only: what MongoDB's comparisons would make of an array or of a symbol does not matter.

use bson::{Bson, DateTime, Document};

use super::values::DAY;

/// What somebody is answered who asks about nothing much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// 401.
    Unauthorized,
    /// 403.
    Forbidden,
    /// 200, and the rate limit counts the call and says so.
    Counted,
    /// 200 to somebody whom the rate limit does not concern.
    Bypasses,
}

/// What somebody presents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// `X-User-Id` and `X-Auth-Token`.
    Login,
    /// These with a token that nobody has, and a good OAuth token, which must not help.
    WrongLogin,
    /// `Authorization: Bearer`.
    Bearer,
    /// `Authorization` with the bare token.
    Bare,
    /// `access_token` in the query, and login headers of which one is empty.
    Query,
    /// No credentials.
    Nothing,
}

/// What a workspace holds besides users and OAuth tokens.
#[derive(Debug)]
pub struct Workspace {
    pub roles: Vec<Document>,
    pub permissions: Vec<Document>,
    /// `Accounts_LoginExpiration`.
    pub expiration: Option<Document>,
}

/// What concerns one caller.
#[derive(Debug)]
pub struct Caller {
    pub id: String,
    pub token: String,
    /// That token as it is stored.
    pub hash: String,
    pub access_token: String,
    pub user: Option<Document>,
    pub oauth: Option<Document>,
    pub way: Way,
}

fn is_text(value: Option<&Bson>, text: &str) -> bool {
    matches!(value, Some(Bson::String(found)) if found == text)
}

/// Neither there nor null. Undefined is how JavaScript says that something is not there.
fn is_absent(value: Option<&Bson>) -> bool {
    matches!(value, None | Some(Bson::Null | Bson::Undefined))
}

fn documents(value: Option<&Bson>) -> impl Iterator<Item = &Document> {
    value.and_then(Bson::as_array).into_iter().flatten().filter_map(Bson::as_document)
}

/// Section 3, then 4, then who bypasses the limit of section 5.
pub fn who_asks(workspace: &Workspace, caller: &Caller, now: DateTime) -> Outcome {
    let is_known = match caller.way {
        Way::Login => has_login_token(workspace, caller, now),
        Way::Bearer | Way::Bare | Way::Query => has_access_token(caller, now),
        Way::WrongLogin | Way::Nothing => false,
    };
    let user = caller.user.as_ref().filter(|user| user.get("active") != Some(&Bson::Boolean(false)));
    let Some(user) = user.filter(|_| is_known) else { return Outcome::Unauthorized };
    if !has_permission(workspace, user, "view-engagement-dashboard", &["admin"]) {
        return Outcome::Forbidden;
    }
    match has_permission(workspace, user, "api-bypass-rate-limit", &["admin", "bot", "app"]) {
        true => Outcome::Bypasses,
        false => Outcome::Counted,
    }
}

fn has_login_token(workspace: &Workspace, caller: &Caller, now: DateTime) -> bool {
    let days = workspace.expiration.as_ref().and_then(|setting| positive_finite(setting.get("value")?)).unwrap_or(90.0);
    let is_old = |when: &DateTime| {
        let age = now.timestamp_millis() as f64 - when.timestamp_millis() as f64;
        age / DAY as f64 > days
    };
    let services = caller.user.as_ref().and_then(|user| user.get("services")?.as_document());
    let resume = services.and_then(|services| services.get("resume")?.as_document());
    documents(resume.and_then(|resume| resume.get("loginTokens"))).any(|entry| {
        let is_personal = is_text(entry.get("type"), "personalAccessToken");
        let is_expired = entry.get("when").and_then(Bson::as_datetime).is_some_and(is_old);
        is_text(entry.get("hashedToken"), &caller.hash) && (is_personal || !is_expired)
    })
}

/// A positive finite number, where numbers are JavaScript's.
fn positive_finite(value: &Bson) -> Option<f64> {
    let number = match value {
        Bson::Int32(number) => f64::from(*number),
        Bson::Int64(number) => *number as f64,
        Bson::Double(number) => *number,
        Bson::Decimal128(number) => number.to_string().parse().ok()?,
        _ => return None,
    };
    (number.is_finite() && number > 0.0).then_some(number)
}

fn has_access_token(caller: &Caller, now: DateTime) -> bool {
    caller.oauth.as_ref().is_some_and(|grant| {
        let is_valid =
            is_absent(grant.get("expires")) || matches!(grant.get("expires"), Some(Bson::DateTime(at)) if *at > now);
        is_text(grant.get("accessToken"), &caller.access_token) && is_text(grant.get("userId"), &caller.id) && is_valid
    })
}

fn has_permission(workspace: &Workspace, user: &Document, permission: &str, default: &[&str]) -> bool {
    let texts = |document: &Document| -> Vec<Option<String>> {
        let items = document.get("roles").and_then(Bson::as_array).into_iter().flatten();
        items.map(|item| item.as_str().map(str::to_owned)).collect()
    };
    let granted = match workspace.permissions.iter().find(|document| is_text(document.get("_id"), permission)) {
        None => default.iter().map(|role| (*role).to_owned()).collect(),
        Some(document) => texts(document).into_iter().collect::<Option<Vec<_>>>().unwrap_or_default(),
    };
    let roles: Vec<_> = texts(user).into_iter().flatten().collect();
    let exists = |role: &str| {
        workspace.roles.is_empty() || workspace.roles.iter().any(|document| is_text(document.get("_id"), role))
    };
    !roles.iter().any(|role| role == "guest") && roles.iter().any(|role| granted.contains(role) && exists(role))
}

/// Why a message does not count; nothing if it does (section 7, with the types of the defaults).
pub fn why_not_counted(message: &Document, rooms: &[Document]) -> Option<&'static str> {
    let room = rooms.iter().find(|room| message.get_str("rid").is_ok_and(|rid| is_text(room.get("_id"), rid)));
    if message.get_datetime("ts").is_err() {
        Some("ts")
    } else if room.is_none() {
        Some("rid")
    } else if !room.is_some_and(|room| ["c", "p", "d"].iter().any(|kind| is_text(room.get("t"), kind))) {
        Some("type of room")
    } else if !matches!(message.get("t"), None | Some(Bson::Null)) && !is_text(message.get("t"), "e2e") {
        Some("t")
    } else if message.get("_hidden") == Some(&Bson::Boolean(true)) {
        Some("_hidden")
    } else {
        None
    }
}
