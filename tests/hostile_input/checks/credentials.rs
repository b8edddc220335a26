//! Contract section 3: which credentials a request presents, if any.

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use rocketchat_engagement::{
    auth::credentials::{Credentials, Token},
    http::guards::viewer::credentials,
    query_string::QueryString,
};

const NAMES: [&str; 4] = ["x-user-id", "x-auth-token", "authorization", "x-other"];

/// Lines: the first byte of each says which header it is, or that it is the query.
pub fn check(bytes: &[u8]) {
    let mut headers = HeaderMap::new();
    let mut sent: Vec<(&str, &[u8])> = Vec::new();
    let mut query = String::new();
    for line in bytes.split(|byte| *byte == b'\n') {
        let Some((which, value)) = line.split_first() else { continue };
        let Some(name) = NAMES.get(usize::from(*which) % (NAMES.len() + 1)) else {
            // Brackets are the query string's own matter.
            query = String::from_utf8_lossy(value).replace(['[', ']', '%'], "");
            continue;
        };
        let value = value.trim_ascii();
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.append(HeaderName::from_static(name), value);
            sent.push((name, line[1..].trim_ascii()));
        }
    }

    let found = credentials(&headers, &QueryString::parse(&query));

    assert_eq!(found.as_ref().ok(), plainly(&sent, &query).as_ref(), "{sent:?} {query:?}");
    let shown = format!("{found:?}");
    if let Ok(Credentials::OAuth(token) | Credentials::Login { token, .. }) = &found {
        assert!(token.expose().len() < 4 || shown.contains("Token(***)"), "{shown}");
    }
}

fn plainly(sent: &[(&str, &[u8])], query: &str) -> Option<Credentials> {
    let all = |name| sent.iter().filter(move |header| header.0 == name).map(|header| header.1);
    let joined = |name| all(name).collect::<Vec<_>>().join(b", ".as_slice());
    let usable = |value: Vec<u8>| String::from_utf8(value).ok().filter(|value| value.len() <= 512);
    let (user_id, token) = (joined("x-user-id"), joined("x-auth-token"));
    if !user_id.is_empty() && !token.is_empty() {
        return Some(Credentials::Login { user_id: usable(user_id)?, token: Token::from(usable(token)?.as_str()) });
    }
    let authorization = all("authorization").next().unwrap_or_default();
    let token = if authorization.is_empty() {
        let mut tokens = query.split('&').filter_map(|part| match part.split_once('=') {
            None => (part == "access_token").then_some(""),
            Some((name, value)) => (name == "access_token").then_some(value),
        });
        let only = tokens.next().filter(|_| tokens.next().is_none())?;
        if query.split('&').count() > 1000 || only.len() > 512 {
            return None;
        }
        only.replace('+', " ")
    } else {
        let value = usable(authorization.to_vec())?;
        value.strip_prefix("Bearer ").map_or(value.clone(), str::to_owned)
    };
    (!token.is_empty()).then(|| Credentials::OAuth(Token::from(token.as_str())))
}
