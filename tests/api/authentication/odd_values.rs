//! Values that are long, no UTF-8, or look like something else: opaque strings, all of them.

use bson::{bson, doc};

use super::{ACCEPTED, Person, REFUSED, Row, personal, presents};
use crate::support::{hashed, keep_secret};

/// The longest value that is looked up, in bytes.
const LONGEST: usize = 512;

/// A user with this id and this token, who presents both.
fn named(name: &'static str, expected: u16, id: &str, token: &str) -> Row {
    let stored = vec![(
        "users",
        doc! { "_id": id, "roles": ["admin"], "services": { "resume": { "loginTokens": [personal(&hashed(token))] } } },
    )];
    let headers = vec![("X-User-Id", id.into()), ("X-Auth-Token", token.into())];
    Row { name, stored, headers, query: String::new(), expected }
}

/// A user with this OAuth token, who sends a header and a query string.
fn granted(name: &'static str, expected: u16, access_token: &str, header: Option<&str>, query: Option<&str>) -> Row {
    keep_secret(access_token);
    let id = Person::of(name).id;
    let stored = vec![
        ("users", doc! { "_id": &id, "roles": ["admin"] }),
        ("rocketchat_oauth_access_tokens", doc! { "accessToken": access_token, "userId": id }),
    ];
    let headers = header.map(|value| ("Authorization", value.into())).into_iter().collect();
    Row { name, stored, headers, query: query.unwrap_or_default().to_owned(), expected }
}

/// A text of so many bytes that no other row has.
fn text_of(length: usize, beginning: &str) -> String {
    format!("{beginning}{}", "x".repeat(length - beginning.len()))
}

/// Ids and tokens of every odd kind.
pub fn rows() -> Vec<Row> {
    [lengths(), bytes(), operators(), forms()].concat()
}

fn lengths() -> Vec<Row> {
    let longest = |beginning| text_of(LONGEST, beginning);
    let too_long = |beginning| text_of(LONGEST + 1, beginning);
    let query = |token: String| Some(format!("access_token={token}"));
    let escaped = |count: usize, letters: &str| format!("access_token={}{letters}", "%79".repeat(count));
    vec![
        named("an id of 512 bytes", ACCEPTED, &longest("id-longest-"), "the-token-of-the-longest-id"),
        named("an id of 513 bytes", REFUSED, &too_long("id-too-long-"), "the-token-of-the-id-too-long"),
        named("a token of 512 bytes", ACCEPTED, "longest-token", &longest("token-longest-")),
        named("a token of 513 bytes", REFUSED, "token-too-long", &too_long("token-too-long-")),
        named("a token of 20000 bytes", REFUSED, "token-much-too-long", &text_of(20_000, "token-much-too-long-")),
        granted("Authorization of 512 bytes", ACCEPTED, &longest("auth-"), Some(&longest("auth-")), None),
        granted("Authorization of 513 bytes", REFUSED, &too_long("auth-"), Some(&too_long("auth-")), None),
        granted(
            "Authorization of 512 bytes with Bearer",
            ACCEPTED,
            &text_of(LONGEST - 7, "with-bearer-"),
            Some(&format!("Bearer {}", text_of(LONGEST - 7, "with-bearer-"))),
            None,
        ),
        granted(
            "a token of 513 bytes behind Bearer",
            REFUSED,
            &too_long("with-bearer-"),
            Some(&format!("Bearer {}", too_long("with-bearer-"))),
            None,
        ),
        granted("access_token of 512 bytes", ACCEPTED, &longest("query-"), None, query(longest("query-")).as_deref()),
        granted("access_token of 513 bytes", REFUSED, &too_long("query-"), None, query(too_long("query-")).as_deref()),
        granted(
            "access_token of 512 bytes with escapes",
            ACCEPTED,
            &format!("{}zz", "y".repeat(170)),
            None,
            Some(&escaped(170, "zz")),
        ),
        granted("access_token of 513 bytes with escapes", REFUSED, &"y".repeat(171), None, Some(&escaped(171, ""))),
        granted(
            "a long access_token beside a good Authorization",
            ACCEPTED,
            "beside-a-long-one",
            Some("Bearer beside-a-long-one"),
            query("x".repeat(1_000)).as_deref(),
        ),
    ]
}

fn bytes() -> Vec<Row> {
    let none = String::new;
    let raw = |id: &[u8], token: &[u8]| vec![("X-User-Id", id.to_vec()), ("X-Auth-Token", token.to_vec())];
    vec![
        presents("a token that is no UTF-8", REFUSED, |person| (raw(person.id.as_bytes(), b"\xff\xfe"), none())),
        presents("an id that is no UTF-8", REFUSED, |person| (raw(b"\xc3", person.token.as_bytes()), none())),
        presents("a token that is no UTF-8 at its end", REFUSED, |person| {
            (raw(person.id.as_bytes(), &[person.token.as_bytes(), b"\x80"].concat()), none())
        }),
        presents("Authorization that is no UTF-8", REFUSED, |_| {
            (vec![("Authorization", b"Bearer \xff\xff".to_vec())], none())
        }),
        presents("Authorization that is no UTF-8 is not passed over", REFUSED, |person| {
            (vec![("Authorization", b"\xff\xff".to_vec())], format!("access_token={}", person.access_token))
        }),
        presents("an id that is no UTF-8 and not used", ACCEPTED, |person| {
            (vec![("X-User-Id", b"\xff".to_vec())], format!("access_token={}", person.access_token))
        }),
        presents("Authorization that is no UTF-8 and not used", ACCEPTED, |person| {
            let headers = raw(person.id.as_bytes(), person.token.as_bytes());
            ([headers, vec![("Authorization", b"\xff".to_vec())]].concat(), none())
        }),
        named("an id and a token with umlauts", ACCEPTED, "jürgen", "das-geheimnis-von-jürgen"),
        granted(
            "access_token with escaped umlauts",
            ACCEPTED,
            "zugriff-für-jürgen",
            None,
            Some("access_token=zugriff-f%C3%BCr-j%c3%bcrgen"),
        ),
        // A value with a bad escape stays as it is (contract section 6), so it is this text that is looked up.
        granted("access_token with a bad escape", ACCEPTED, "access-%zz%41", None, Some("access_token=access-%zz%41")),
        granted(
            "access_token with a plus",
            ACCEPTED,
            "access with spaces",
            None,
            Some("access_token=access+with%20spaces"),
        ),
    ]
}

fn operators() -> Vec<Row> {
    let none = String::new;
    let raw = |id: &str, token: &str| vec![("X-User-Id", id.to_owned()), ("X-Auth-Token", token.to_owned())];
    let texts = |name, text: &'static str| {
        [
            presents(name, REFUSED, |person| (raw(&person.id, text), none())),
            Row { stored: vec![], ..presents(name, REFUSED, |_| (raw(text, "a-token-of-whoever"), none())) },
            Row { stored: vec![], ..presents(name, REFUSED, |_| (vec![("Authorization", text)], none())) },
            Row {
                stored: vec![],
                ..presents(name, REFUSED, |_| {
                    (Vec::<(&str, String)>::new(), format!("access_token={}", percent_encoded(text)))
                })
            },
        ]
    };
    [
        texts("an operator as JSON", r#"{"$ne":null}"#),
        texts("a where", "$where"),
        texts("a where with code", r#"{"$where":"sleep(5000)"}"#),
        texts("a pattern", r#"{"$regex":".*"}"#),
        texts("a field", "$_id"),
        texts("the field of the token", "$accessToken"),
        texts("a variable", "$$ROOT"),
        texts("the variable for nothing", "$$REMOVE"),
        texts("null", "null"),
        texts("an array", r#"["admin"]"#),
        texts("a star", ".*"),
    ]
    .concat()
}

fn percent_encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn forms() -> Vec<Row> {
    vec![
        named("an id that begins with a dollar", ACCEPTED, "$dollar", "$token-that-begins-with-a-dollar"),
        named("an id that is a JSON object", ACCEPTED, r#"{"$ne":1}"#, r#"{"$gt":"a-token"}"#),
        named("an id of digits", ACCEPTED, "12345", "1234567890"),
        named("an id with spaces", ACCEPTED, "an id with spaces", "a token with spaces"),
        granted("the word bearer is part of the token", ACCEPTED, "bearer x-token", Some("bearer x-token"), None),
        granted("a space is part of the token", ACCEPTED, " spaced-token", Some("Bearer  spaced-token"), None),
        granted(
            "only the first Bearer is removed",
            ACCEPTED,
            "Bearer twice-token",
            Some("Bearer Bearer twice-token"),
            None,
        ),
        granted(
            "an access token that begins with a dollar",
            ACCEPTED,
            "$access-token",
            Some("Bearer $access-token"),
            None,
        ),
        Row {
            stored: vec![(
                "users",
                doc! { "_id": 777, "roles": ["admin"], "services": { "resume": {
                "loginTokens": [personal(&hashed("the-token-of-number-777"))] } } },
            )],
            ..presents("a user whose id is a number", REFUSED, |_| {
                (vec![("X-User-Id", "777"), ("X-Auth-Token", "the-token-of-number-777")], String::new())
            })
        },
        Row {
            stored: vec![
                (
                    "users",
                    doc! { "_id": null, "roles": ["admin"], "services": { "resume": { "loginTokens": bson!([]) } } },
                ),
                ("rocketchat_oauth_access_tokens", doc! { "accessToken": "access-token-of-null" }),
            ],
            ..presents("a user whose id is null and a token without a user", REFUSED, |_| {
                (vec![("Authorization", "Bearer access-token-of-null")], String::new())
            })
        },
    ]
}
