//! Who is logged in: every row of contract section 3, from one table, status and whole body.
//!
//! All rows are stored in one database and asked of one server, each with a user and tokens of its own.

mod login_tokens;
mod malformed_users;
mod oauth_tokens;
mod odd_values;
mod requests;

use bson::{Bson, Document, bson, doc};

use crate::support::{
    Service, Workspace,
    answers::{PERIOD, asking, assert_all_agree, body_of, difference},
    hashed, keep_secret, millis, send, utc,
};

const ACCEPTED: u16 = 200;
const REFUSED: u16 = 401;
const NOT_PERMITTED: u16 = 403;

/// What is stored, what is presented, and the status of the answer.
#[derive(Clone)]
struct Row {
    name: &'static str,
    stored: Vec<(&'static str, Document)>,
    headers: Vec<(&'static str, Vec<u8>)>,
    query: String,
    expected: u16,
}

/// What a row's user is called and could present. All of it is valid, unless the row says otherwise.
struct Person {
    id: String,
    token: String,
    access_token: String,
}

impl Person {
    fn of(name: &str) -> Self {
        let id = name.replace(|character: char| !character.is_ascii_alphanumeric(), "-");
        Self { token: format!("{id}-token"), access_token: format!("{id}-access"), id }
    }

    fn user(&self, tokens: Bson) -> Document {
        let services = doc! { "resume": { "loginTokens": tokens } };
        doc! { "_id": &self.id, "active": true, "roles": ["admin"], "services": services }
    }
}

/// A user with these `loginTokens`, who presents the token of the given hash.
fn login(name: &'static str, expected: u16, tokens: impl FnOnce(&str) -> Bson) -> Row {
    account(name, expected, |person, hash| person.user(tokens(hash)))
}

/// A user document, made from an id and a hash, whose user presents the token of that hash.
fn account(name: &'static str, expected: u16, user: impl FnOnce(&Person, &str) -> Document) -> Row {
    let person = Person::of(name);
    let stored = vec![("users", user(&person, &hashed(&person.token)))];
    let headers = vec![("X-User-Id", person.id.into_bytes()), ("X-Auth-Token", person.token.into_bytes())];
    Row { name, stored, headers, query: String::new(), expected }
}

/// A user, and an OAuth token with these fields in place of its usual ones, which is presented.
fn oauth(name: &'static str, expected: u16, fields: impl FnOnce(&Person) -> Document) -> Row {
    let person = Person::of(name);
    keep_secret(&person.access_token);
    let mut token = doc! { "accessToken": &person.access_token, "userId": &person.id, "expires": hours_ahead(1) };
    for (key, value) in fields(&person) {
        if value == Bson::Undefined { drop(token.remove(key)) } else { drop(token.insert(key, value)) }
    }
    let stored = vec![("users", person.user(bson!([]))), ("rocketchat_oauth_access_tokens", token)];
    let headers = vec![("Authorization", format!("Bearer {}", person.access_token).into_bytes())];
    Row { name, stored, headers, query: String::new(), expected }
}

/// A user with a valid personal access token and a valid OAuth token, who sends headers and a query string.
fn presents<Sent: Into<Vec<u8>>>(
    name: &'static str,
    expected: u16,
    request: impl FnOnce(&Person) -> (Vec<(&'static str, Sent)>, String),
) -> Row {
    let person = Person::of(name);
    keep_secret(&person.access_token);
    let (headers, query) = request(&person);
    let stored = vec![
        ("users", person.user(bson!([personal(&hashed(&person.token))]))),
        ("rocketchat_oauth_access_tokens", doc! { "accessToken": &person.access_token, "userId": &person.id }),
    ];
    let headers = headers.into_iter().map(|(name, value)| (name, value.into())).collect();
    Row { name, stored, headers, query, expected }
}

fn personal(hash: &str) -> Bson {
    bson!({ "hashedToken": hash, "type": "personalAccessToken", "createdAt": utc("2020-01-01T00:00:00Z"),
        "lastTokenPart": "abcdef", "name": "script", "bypassTwoFactor": false })
}

/// A login token that was made so many days ago.
fn made(days: i64, hash: impl Into<Bson>) -> Bson {
    bson!({ "when": days_ago(days), "hashedToken": hash.into() })
}

fn hours_ahead(hours: i64) -> bson::DateTime {
    millis(bson::DateTime::now().timestamp_millis() + hours * 3_600_000)
}

fn days_ago(days: i64) -> bson::DateTime {
    hours_ahead(days * -24)
}

fn pair(id: &str, token: &str) -> Vec<(&'static str, String)> {
    vec![("X-User-Id", id.to_owned()), ("X-Auth-Token", token.to_owned())]
}

fn bearer(token: &str) -> Vec<(&'static str, String)> {
    authorization(&format!("Bearer {token}"))
}

fn authorization(value: &str) -> Vec<(&'static str, String)> {
    vec![("Authorization", value.to_owned())]
}

fn with(mut document: Document, key: &str, value: impl Into<Bson>) -> Document {
    document.insert(key, value);
    document
}

fn without(mut document: Document, key: &str) -> Document {
    document.remove(key);
    document
}

#[tokio::test(flavor = "multi_thread")]
async fn every_row_of_the_table_is_answered_as_the_contract_says() {
    let rows =
        [login_tokens::rows(), malformed_users::rows(), oauth_tokens::rows(), requests::rows(), odd_values::rows()]
            .concat();
    let workspace = Workspace::with_admin().await.without_rate_limit().await;
    for (collection, document) in rows.iter().flat_map(|row| row.stored.iter()) {
        workspace.insert(collection, [document.clone()]).await;
    }
    let service = Service::on(&workspace).await;

    let mut differences = Vec::new();
    for row in &rows {
        let headers: Vec<_> = row.headers.iter().map(|(name, value)| (*name, value.as_slice())).collect();
        let target = asking(&format!("{PERIOD}&{}", row.query));
        let answer = send(service.address, "GET", &target, &headers, b"").await;
        differences.extend(difference(row.name, &answer, row.expected, body_of(row.expected)));
    }

    service.stop().await;
    assert_all_agree(differences);
}
