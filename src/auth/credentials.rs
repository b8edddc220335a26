//! What a client presents to say who it is (contract section 3). Nothing is looked up here.

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

use crate::query_string::Value;

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
    /// Chooses from what a request presents: `X-User-Id` and `X-Auth-Token` (empty where there is none), `Authorization`, and
    /// `access_token` in the query.
    ///
    /// # Errors
    /// There is nothing, or what counts cannot be anybody's.
    pub fn presented(
        user_id: &[u8],
        token: &[u8],
        authorization: Option<&[u8]>,
        access_token: Option<&Value<'_>>,
    ) -> Result<Self, Refusal> {
        if !user_id.is_empty() && !token.is_empty() {
            let (user_id, token) = (text(user_id)?, text(token)?);
            return Ok(Self::Login { user_id: user_id.to_owned(), token: token.into() });
        }
        let token = match authorization.filter(|value| !value.is_empty()) {
            Some(value) => {
                let value = text(value)?;
                value.strip_prefix("Bearer ").unwrap_or(value)
            }
            None => match access_token.ok_or(Refusal::Missing)? {
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

/// A value that may be used: UTF-8, and not too long.
fn text(value: &[u8]) -> Result<&str, Refusal> {
    std::str::from_utf8(value).ok().filter(|value| value.len() <= MOST_BYTES).ok_or(Refusal::Malformed)
}
