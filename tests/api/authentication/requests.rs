//! Which of the things that a request presents decides.

use super::{ACCEPTED, REFUSED, Row, authorization, bearer, pair, presents};
use crate::support::hashed;

/// Headers, their absence, and the query string.
pub fn rows() -> Vec<Row> {
    let none = String::new;
    let no_headers = Vec::<(&str, String)>::new;
    vec![
        presents("nothing at all", REFUSED, |_| (no_headers(), none())),
        presents("both headers in their usual case", ACCEPTED, |p| (pair(&p.id, &p.token), none())),
        presents("both headers in lower case", ACCEPTED, |p| {
            (vec![("x-user-id", p.id.clone()), ("x-auth-token", p.token.clone())], none())
        }),
        presents("both headers in upper case", ACCEPTED, |p| {
            (vec![("X-AUTH-TOKEN", p.token.clone()), ("X-USER-ID", p.id.clone())], none())
        }),
        presents("only the user id", REFUSED, |p| (vec![("X-User-Id", p.id.clone())], none())),
        presents("only the token", REFUSED, |p| (vec![("X-Auth-Token", p.token.clone())], none())),
        presents("an empty token", REFUSED, |p| (pair(&p.id, ""), none())),
        presents("an empty user id", REFUSED, |p| (pair("", &p.token), none())),
        presents("somebody else's id", REFUSED, |p| (pair("nobody-at-all", &p.token), none())),
        presents("a wrong token", REFUSED, |p| (pair(&p.id, "a-wrong-token"), none())),
        presents("the id in another case", REFUSED, |p| (pair(&p.id.to_uppercase(), &p.token), none())),
        presents("the token in another case", REFUSED, |p| (pair(&p.id, &p.token.to_uppercase()), none())),
        presents("the hash in place of the token", REFUSED, |p| (pair(&p.id, &hashed(&p.token)), none())),
        presents("the OAuth token in place of the token", REFUSED, |p| (pair(&p.id, &p.access_token), none())),
        presents("the token in quotes as JSON", REFUSED, |p| {
            (pair(&format!("{:?}", p.id), &format!("{:?}", p.token)), none())
        }),
        presents("the token twice", REFUSED, |p| {
            ([pair(&p.id, &p.token), vec![("X-Auth-Token", p.token.clone())]].concat(), none())
        }),
        presents("the id twice", REFUSED, |p| {
            ([pair(&p.id, &p.token), vec![("X-User-Id", p.id.clone())]].concat(), none())
        }),
        presents("the token and an empty one", REFUSED, |p| {
            ([pair(&p.id, &p.token), vec![("X-Auth-Token", none())]].concat(), none())
        }),
        presents("wrong headers and a valid Authorization", REFUSED, |p| {
            ([pair(&p.id, "a-wrong-token"), bearer(&p.access_token)].concat(), none())
        }),
        presents("wrong headers and a valid access_token", REFUSED, |p| {
            (pair("nobody-at-all", &p.token), format!("access_token={}", p.access_token))
        }),
        presents("valid headers and a wrong Authorization", ACCEPTED, |p| {
            ([pair(&p.id, &p.token), bearer("a-wrong-token")].concat(), none())
        }),
        presents("valid headers and a wrong access_token", ACCEPTED, |p| {
            (pair(&p.id, &p.token), "access_token=wrong".into())
        }),
        presents("no token header and a valid Authorization", ACCEPTED, |p| {
            ([vec![("X-User-Id", p.id.clone())], bearer(&p.access_token)].concat(), none())
        }),
        presents("an empty token header and a valid Authorization", ACCEPTED, |p| {
            ([pair(&p.id, ""), bearer(&p.access_token)].concat(), none())
        }),
        presents("an empty id header and a valid access_token", ACCEPTED, |p| {
            (pair("", "a-wrong-token"), format!("access_token={}", p.access_token))
        }),
        presents("a header of spaces and a valid access_token", ACCEPTED, |p| {
            (pair("   ", "a-wrong-token"), format!("access_token={}", p.access_token))
        }),
        presents("Authorization with Bearer", ACCEPTED, |p| (bearer(&p.access_token), none())),
        presents("Authorization without Bearer", ACCEPTED, |p| (authorization(&p.access_token), none())),
        presents("Authorization with bearer in lower case", REFUSED, |p| {
            (authorization(&format!("bearer {}", p.access_token)), none())
        }),
        presents("Authorization with BEARER in upper case", REFUSED, |p| {
            (authorization(&format!("BEARER {}", p.access_token)), none())
        }),
        presents("Authorization with Basic", REFUSED, |p| {
            (authorization(&format!("Basic {}", p.access_token)), none())
        }),
        presents("Authorization with Bearer and two spaces", REFUSED, |p| {
            (authorization(&format!("Bearer  {}", p.access_token)), none())
        }),
        presents("Authorization with two Bearers", REFUSED, |p| {
            (authorization(&format!("Bearer Bearer {}", p.access_token)), none())
        }),
        presents("Authorization with Bearer and nothing", REFUSED, |_| (authorization("Bearer "), none())),
        presents("a wrong Authorization and a valid access_token", REFUSED, |p| {
            (bearer("a-wrong-token"), format!("access_token={}", p.access_token))
        }),
        presents("an empty Authorization and a valid access_token", ACCEPTED, |p| {
            (authorization(""), format!("access_token={}", p.access_token))
        }),
        // Node keeps the first of two Authorization headers.
        presents("a valid Authorization and then a wrong one", ACCEPTED, |p| {
            ([bearer(&p.access_token), bearer("a-wrong-token")].concat(), none())
        }),
        presents("a wrong Authorization and then a valid one", REFUSED, |p| {
            ([bearer("a-wrong-token"), bearer(&p.access_token)].concat(), none())
        }),
        presents("the login token as an OAuth token", REFUSED, |p| (bearer(&p.token), none())),
        presents("access_token in the query", ACCEPTED, |p| (no_headers(), format!("access_token={}", p.access_token))),
        presents("access_token under an escaped name", ACCEPTED, |p| {
            (no_headers(), format!("%61ccess%5Ftoken={}", p.access_token))
        }),
        presents("access_token with an escape", ACCEPTED, |p| {
            (no_headers(), format!("access_token={}", p.access_token.replace('-', "%2D")))
        }),
        presents("access_token twice", REFUSED, |p| {
            (no_headers(), format!("access_token={0}&access_token={0}", p.access_token))
        }),
        presents("access_token as an array", REFUSED, |p| (no_headers(), format!("access_token[]={}", p.access_token))),
        presents("access_token as an object", REFUSED, |p| {
            (no_headers(), format!("access_token[token]={}", p.access_token))
        }),
        presents("access_token as an operator", REFUSED, |_| (no_headers(), "access_token[$ne]=1".into())),
        presents("access_token is empty", REFUSED, |_| (no_headers(), "access_token=".into())),
        presents("access_token without a value", REFUSED, |_| (no_headers(), "access_token".into())),
        presents("access_token in another case", REFUSED, |p| {
            (no_headers(), format!("Access_Token={}", p.access_token))
        }),
        presents("access_token with a zero byte", REFUSED, |p| {
            (no_headers(), format!("access_token={}%00", p.access_token))
        }),
    ]
}
