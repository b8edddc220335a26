//! OAuth tokens in the database.

use bson::{Bson, bson, doc};

use super::{ACCEPTED, NOT_PERMITTED, Person, REFUSED, Row, hours_ahead, oauth, presents};
use crate::support::millis;

/// Whether they have expired, and whose they are.
pub fn rows() -> Vec<Row> {
    vec![
        oauth("an access token that expires later", ACCEPTED, |_| doc! {}),
        oauth("an access token that never expires", ACCEPTED, |_| doc! { "expires": Bson::Undefined }),
        oauth("an access token that expires null", ACCEPTED, |_| doc! { "expires": Bson::Null }),
        stores("an access token that expires undefined", ACCEPTED, "expires", |_| Bson::Undefined),
        stores("an access token in an array", REFUSED, "accessToken", |token| bson!([token])),
        stores("an access token that is a symbol", REFUSED, "accessToken", |token| Bson::Symbol(token.to_owned())),
        oauth("an access token that has expired", REFUSED, |_| doc! { "expires": hours_ahead(-1) }),
        oauth("an access token that expired in 1970", REFUSED, |_| doc! { "expires": millis(0) }),
        oauth("an access token that expires at the end of time", ACCEPTED, |_| doc! { "expires": millis(i64::MAX) }),
        oauth("an access token that expires as a text", REFUSED, |_| doc! { "expires": "2999-01-01T00:00:00.000Z" }),
        oauth("an access token that expires as a number", REFUSED, |_| doc! { "expires": 9_999_999_999_999_i64 }),
        oauth("an access token that expires as an array", REFUSED, |_| doc! { "expires": [hours_ahead(1)] }),
        oauth("an access token of nobody", REFUSED, |_| doc! { "userId": "nobody" }),
        oauth("an access token without a user", REFUSED, |_| doc! { "userId": Bson::Undefined }),
        oauth("an access token of null", REFUSED, |_| doc! { "userId": Bson::Null }),
        oauth("an access token of a number", REFUSED, |_| doc! { "userId": 5 }),
        oauth("an access token of several users", REFUSED, |person| doc! { "userId": [&person.id] }),
        oauth("an access token of an operator", REFUSED, |_| doc! { "userId": { "operator": { "ne": 1 } } }),
        Row {
            stored: vec![
                ("users", doc! { "_id": "oauth-inactive", "active": false, "roles": ["admin"] }),
                (
                    "rocketchat_oauth_access_tokens",
                    doc! { "accessToken": "oauth-inactive-access", "userId": "oauth-inactive" },
                ),
            ],
            ..presents("an access token of an inactive user", REFUSED, |_| {
                (vec![("Authorization", "Bearer oauth-inactive-access")], String::new())
            })
        },
        Row {
            stored: vec![
                ("users", doc! { "_id": "oauth-plain", "roles": ["user"] }),
                (
                    "rocketchat_oauth_access_tokens",
                    doc! { "accessToken": "oauth-plain-access", "userId": "oauth-plain" },
                ),
            ],
            ..presents("an access token of a user without permission", NOT_PERMITTED, |_| {
                (vec![("Authorization", "Bearer oauth-plain-access")], String::new())
            })
        },
    ]
}

/// An OAuth token with one field that is made from the right `accessToken`, which is presented.
fn stores(name: &'static str, expected: u16, field: &str, value: impl FnOnce(&str) -> Bson) -> Row {
    let mut row = oauth(name, expected, |_| doc! {});
    let value = value(&Person::of(name).access_token);
    row.stored[1].1.insert(field, value);
    row
}
