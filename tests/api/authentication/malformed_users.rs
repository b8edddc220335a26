//! Users as Rocket.Chat never writes them: whoever they are, the service does not fail.

use bson::{Bson, bson};

use super::{ACCEPTED, NOT_PERMITTED, REFUSED, Row, account, days_ago, login, personal, with, without};

/// Users as Rocket.Chat never writes them.
pub fn rows() -> Vec<Row> {
    let roles = |name, expected, roles: Bson| {
        account(name, expected, |person, hash| with(person.user(bson!([personal(hash)])), "roles", roles))
    };
    let services =
        |name, services: Bson| account(name, REFUSED, |person, _| with(person.user(bson!([])), "services", services));
    vec![
        login("login tokens are one object", REFUSED, |hash| bson!({ "when": days_ago(0), "hashedToken": hash })),
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
        login("login tokens are an array in an array", REFUSED, |hash| bson!([[personal(hash)]])),
        login("a hash is an array", REFUSED, |hash| bson!([{ "hashedToken": [hash], "type": "personalAccessToken" }])),
        login(
            "a hash is a symbol",
            REFUSED,
            |hash| bson!([{ "hashedToken": (Bson::Symbol(hash.to_owned())), "type": "personalAccessToken" }]),
        ),
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
        account("services are in an array", REFUSED, |person, hash| {
            let services = bson!([{ "resume": { "loginTokens": [personal(hash)] } }]);
            with(person.user(bson!([])), "services", services)
        }),
        account("resume is an array of a token each", REFUSED, |person, hash| {
            with(person.user(bson!([])), "services", bson!({ "resume": [{ "loginTokens": (personal(hash)) }] }))
        }),
        account("services are absent", REFUSED, |person, _| without(person.user(bson!([])), "services")),
        roles("roles are a text", NOT_PERMITTED, bson!("admin")),
        roles("roles are a number", NOT_PERMITTED, bson!(5)),
        roles("roles are null", NOT_PERMITTED, Bson::Null),
        roles("roles are an object", NOT_PERMITTED, bson!({ "0": "admin" })),
        roles("roles are empty", NOT_PERMITTED, bson!([])),
        roles("roles are an array in an array", NOT_PERMITTED, bson!([["admin"]])),
        roles("roles are no texts", NOT_PERMITTED, bson!([5, null, {}, true])),
        roles("roles are mixed", ACCEPTED, bson!([5, null, "admin", {}])),
        // MongoDB refuses to look these up.
        roles("roles are undefined", NOT_PERMITTED, Bson::Undefined),
        roles("roles are a pattern", NOT_PERMITTED, pattern()),
        roles("roles hold undefined", ACCEPTED, bson!(["admin", (Bson::Undefined)])),
        roles("roles hold a pattern", ACCEPTED, bson!([(pattern()), "admin"])),
        roles("roles hold undefined and guest", NOT_PERMITTED, bson!([(Bson::Undefined), "admin", "guest"])),
        roles("roles hold a symbol", NOT_PERMITTED, bson!([(Bson::Symbol("admin".to_owned()))])),
        account("roles are absent", NOT_PERMITTED, |person, hash| {
            without(person.user(bson!([personal(hash)])), "roles")
        }),
    ]
}

fn pattern() -> Bson {
    Bson::RegularExpression(bson::Regex { pattern: bson::cstr!(".*").into(), options: bson::cstr!("").into() })
}
