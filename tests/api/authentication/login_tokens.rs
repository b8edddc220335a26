//! Tokens that users have who are logged in by `X-User-Id` and `X-Auth-Token`.

use bson::{Bson, bson};

use super::{ACCEPTED, REFUSED, Row, account, days_ago, login, made, personal, with, without};
use crate::support::{hashed, millis};

/// Login tokens and personal access tokens.
pub fn rows() -> Vec<Row> {
    vec![
        login("a login token of today", ACCEPTED, |hash| bson!([made(0, hash)])),
        login("a login token of 89 days ago", ACCEPTED, |hash| bson!([made(89, hash)])),
        login("a login token of 91 days ago", REFUSED, |hash| bson!([made(91, hash)])),
        login("a login token of 1970", REFUSED, |hash| bson!([{ "when": millis(0), "hashedToken": hash }])),
        login("a login token before 1970", REFUSED, |hash| bson!([{ "when": millis(-1), "hashedToken": hash }])),
        login("a token of tomorrow", ACCEPTED, |hash| bson!([made(-1, hash)])),
        login(
            "a token of the farthest future",
            ACCEPTED,
            |hash| bson!([{ "when": millis(i64::MAX), "hashedToken": hash }]),
        ),
        login(
            "a token of the farthest past",
            REFUSED,
            |hash| bson!([{ "when": millis(i64::MIN), "hashedToken": hash }]),
        ),
        login("a token without when", ACCEPTED, |hash| bson!([{ "hashedToken": hash }])),
        login(
            "a token with a text in when",
            ACCEPTED,
            |hash| bson!([{ "when": "2001-01-01T00:00:00.000Z", "hashedToken": hash }]),
        ),
        login("a token with null in when", ACCEPTED, |hash| bson!([{ "when": null, "hashedToken": hash }])),
        login("a token with a number in when", ACCEPTED, |hash| bson!([{ "when": 5, "hashedToken": hash }])),
        login("a personal token", ACCEPTED, |hash| bson!([personal(hash)])),
        login(
            "a personal token with an old when",
            ACCEPTED,
            |hash| bson!([{ "type": "personalAccessToken", "when": days_ago(900), "hashedToken": hash }]),
        ),
        login("the last of several tokens", ACCEPTED, |hash| {
            bson!([
                made(0, hashed("another-1")),
                made(400, hashed("another-2")),
                personal(&hashed("another-3")),
                made(0, hash)
            ])
        }),
        login("the expired one of several tokens", REFUSED, |hash| {
            bson!([made(0, hashed("another-1")), made(400, hash), personal(&hashed("another-3"))])
        }),
        login("the same hash expired and then valid", ACCEPTED, |hash| bson!([made(400, hash), made(0, hash)])),
        login("the same hash valid and then expired", ACCEPTED, |hash| bson!([made(0, hash), made(400, hash)])),
        login("the same hash expired and as a personal token", ACCEPTED, |hash| {
            bson!([made(400, hash), personal(hash)])
        }),
        login("no tokens", REFUSED, |_| bson!([])),
        login("only tokens of others", REFUSED, |_| bson!([personal(&hashed("another-4"))])),
        login("a token that was stored as it is", REFUSED, |_| {
            bson!([personal("a-token-that-was-stored-as-it-is-token")])
        }),
        account("active is false", REFUSED, |person, hash| with(person.user(bson!([personal(hash)])), "active", false)),
        account("active is absent", ACCEPTED, |person, hash| without(person.user(bson!([personal(hash)])), "active")),
        account("active is null", ACCEPTED, |person, hash| {
            with(person.user(bson!([personal(hash)])), "active", Bson::Null)
        }),
        account("active is a text", ACCEPTED, |person, hash| {
            with(person.user(bson!([personal(hash)])), "active", "false")
        }),
    ]
}
