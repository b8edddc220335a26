//! What a client presents to say who it is (contract section 3). Nothing is looked up here.

use std::fmt;

use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

use crate::query_string::{QueryString, Value};

/// Longer values, as sent, are refused without a look-up.
const MOST_BYTES: usize = 512;

/// A secret. `Debug` does not show it, and there is no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// Rocket.Chat stores login tokens and personal access tokens so: base64 of SHA-256, standard alphabet, padded.
    pub fn hashed(&self) -> Token {
        Token(STANDARD.encode(Sha256::digest(&self.0)))
    }

    /// The secret itself, for use in a query.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Token {
    fn from(secret: &str) -> Self {
        Self(secret.to_owned())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(***)")
    }
}

/// Why what was presented makes nobody a viewer. Clients are not told; the metrics are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Nothing was presented.
    Missing,
    /// It cannot be anybody's: too long, or no text.
    Malformed,
    /// It is nobody's.
    Unknown,
    /// It is past its time.
    Expired,
    /// It is somebody's who has been deactivated.
    Inactive,
}

/// What was presented.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credentials {
    /// `X-User-Id` and `X-Auth-Token`.
    Login {
        /// `_id` of the user.
        user_id: String,
        /// A login token or a personal access token.
        token: Token,
    },
    /// An OAuth access token.
    OAuth(Token),
}

impl Credentials {
    /// Reads them from a request.
    ///
    /// # Errors
    /// There are none, or those that count cannot be anybody's.
    pub fn from_request(headers: &HeaderMap, query: &QueryString<'_>) -> Result<Self, Refusal> {
        let user_id = joined(headers, "x-user-id");
        let token = joined(headers, "x-auth-token");
        if !user_id.is_empty() && !token.is_empty() {
            let (user_id, token) = (text(&user_id)?, text(&token)?);
            return Ok(Self::Login { user_id: user_id.to_owned(), token: token.into() });
        }
        let authorization = headers.get(AUTHORIZATION).map(|value| value.as_bytes()).filter(|value| !value.is_empty());
        let token = match authorization {
            Some(value) => {
                let value = text(value)?;
                value.strip_prefix("Bearer ").unwrap_or(value)
            }
            None => match query.get("access_token").ok_or(Refusal::Missing)? {
                Value::Text { text, sent_bytes } if *sent_bytes <= MOST_BYTES => text.as_ref(),
                _ => return Err(Refusal::Malformed),
            },
        };
        match token.is_empty() {
            true => Err(Refusal::Missing),
            false => Ok(Self::OAuth(token.into())),
        }
    }
}

/// All values of a header, joined as Node.js joins them for Rocket.Chat. Empty if there is none.
fn joined(headers: &HeaderMap, name: &str) -> Vec<u8> {
    headers.get_all(name).map(|value| value.as_bytes()).collect::<Vec<_>>().join(b", ".as_slice())
}

/// A value that may be used: UTF-8, and not too long.
fn text(value: &[u8]) -> Result<&str, Refusal> {
    std::str::from_utf8(value).ok().filter(|value| value.len() <= MOST_BYTES).ok_or(Refusal::Malformed)
}
