//! Users as Rocket.Chat never writes them: whoever they are, the service does not fail.

use bson::{Bson, bson};

use super::{ACCEPTED, EITHER, NOT_PERMITTED, REFUSED, Row, account, days_ago, login, personal, with, without};

/// Users as Rocket.Chat never writes them.
pub fn rows() -> Vec<Row> {
    let roles = |name, expected, roles: Bson| {
        account(name, expected, |person, hash| with(person.user(bson!([personal(hash)])), "roles", roles))
    };
    let services =
        |name, services: Bson| account(name, REFUSED, |person, _| with(person.user(bson!([])), "services", services));
    vec![
        login("login tokens are one object", EITHER, |hash| bson!({ "when": days_ago(0), "hashedToken": hash })),
        login("login tokens are a text", REFUSED, |hash| bson!(hash)),
        login("login tokens are a number", REFUSED, |_| bson!(5)),
        login("login tokens are null", REFUSED, |_| Bson::Null),
        login(
            "login tokens are odd things",
            REFUSED,
            |hash| bson!(["odd", 5, null, true, [], {}, { "hashedToken": 7 }, { "hashedToken": null }, hash]),
        ),
        login(
            "odd things and a token",
            ACCEPTED,
            |hash| bson!(["odd", 5, null, true, [], {}, { "hashedToken": 7 }, personal(hash)]),
        ),
        login(
            "a token and odd things",
            ACCEPTED,
            |hash| bson!([personal(hash), { "hashedToken": null, "when": {} }, [], null, "odd"]),
        ),
        login("login tokens are an array in an array", EITHER, |hash| bson!([[personal(hash)]])),
        login("a hash is an array", EITHER, |hash| bson!([{ "hashedToken": [hash], "type": "personalAccessToken" }])),
        login(
            "a type is an object",
            ACCEPTED,
            |hash| bson!([{ "hashedToken": hash, "type": { "odd": 1 }, "when": days_ago(0) }]),
        ),
        login(
            "a type is null and the token expired",
            REFUSED,
            |hash| bson!([{ "hashedToken": hash, "type": null, "when": days_ago(400) }]),
        ),
        login("a when is an array", ACCEPTED, |hash| bson!([{ "hashedToken": hash, "when": [1, 2] }])),
        services("services are a text", bson!("odd")),
        services("services are null", Bson::Null),
        services("resume is an array", bson!({ "resume": [5, "odd"] })),
        services("resume is a number", bson!({ "resume": 5 })),
        account("services are absent", REFUSED, |person, _| without(person.user(bson!([])), "services")),
        roles("roles are a text", NOT_PERMITTED, bson!("admin")),
        roles("roles are a number", NOT_PERMITTED, bson!(5)),
        roles("roles are null", NOT_PERMITTED, Bson::Null),
        roles("roles are an object", NOT_PERMITTED, bson!({ "0": "admin" })),
        roles("roles are empty", NOT_PERMITTED, bson!([])),
        roles("roles are an array in an array", NOT_PERMITTED, bson!([["admin"]])),
        roles("roles are no texts", NOT_PERMITTED, bson!([5, null, {}, true])),
        roles("roles are mixed", &[200, 403], bson!([5, null, "admin", {}])),
        account("roles are absent", NOT_PERMITTED, |person, hash| {
            without(person.user(bson!([personal(hash)])), "roles")
        }),
    ]
}
