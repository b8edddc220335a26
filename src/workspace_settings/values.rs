//! What the settings' values mean. Pure.

use std::{collections::HashMap, fmt, num::NonZeroU64};

use bson::{Bson, RawBson, RawBsonRef};

use crate::dashboard::paging::PageLimits;

const LIMITER: &str = "API_Enable_Rate_Limiter";
const LIMITER_CALLS: &str = "API_Enable_Rate_Limiter_Limit_Calls_Default";
const LIMITER_TIME: &str = "API_Enable_Rate_Limiter_Limit_Time_Default";
const CORS: &str = "API_Enable_CORS";
const CORS_ORIGIN: &str = "API_CORS_Origin";
const DEFAULT_COUNT: &str = "API_Default_Count";
const UPPER_COUNT_LIMIT: &str = "API_Upper_Count_Limit";
const ALLOW_INFINITE_COUNT: &str = "API_Allow_Infinite_Count";

/// The setting with the workspace's name.
const SITE_NAME: &str = "Site_Name";

/// The setting that says after how many days login tokens expire.
pub const LOGIN_EXPIRATION: &str = "Accounts_LoginExpiration";

/// What it is if the database does not say.
const DEFAULT_LOGIN_EXPIRATION: f64 = 90.0;

/// Longer values are cut in the log.
const MOST_LOGGED_CHARACTERS: usize = 60;

/// So many calls in a window of so many milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// The calls that pass.
    pub calls: NonZeroU64,
    /// The length of the window in milliseconds.
    pub milliseconds: NonZeroU64,
}

/// What a browser is told that asks whether a page of another origin may call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cors {
    /// No page may.
    Off,
    /// Every page may.
    AnyOrigin,
    /// The pages of these origins may.
    Origins(Vec<String>),
}

/// The settings in effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Values {
    /// The rate limit, if there is one.
    pub rate_limit: Option<RateLimit>,
    /// Cross-origin requests.
    pub cors: Cors,
    /// How much of a list can be had at once.
    pub page_limits: PageLimits,
    /// How long login tokens last.
    pub login_expiration: LoginExpiration,
    /// The workspace's name; empty if it has none.
    pub site_name: String,
}

/// `Accounts_LoginExpiration`: after how many days login tokens expire. A fraction counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LoginExpiration(f64);

impl LoginExpiration {
    /// Of the setting's value, if that is a positive finite number; else the default.
    pub fn of(value: Option<RawBsonRef<'_>>) -> Self {
        let days = value.and_then(number).unwrap_or(f64::NAN);
        Self(if days.is_finite() && days > 0.0 { days } else { DEFAULT_LOGIN_EXPIRATION })
    }

    /// The days.
    pub fn days(self) -> f64 {
        self.0
    }
}

// No value is NaN.
impl Eq for LoginExpiration {}

impl Values {
    /// Reads them from what each setting's `value` is. What is missing or of the wrong kind has its default; a text
    /// about each of those, for the log, is returned as well.
    pub fn read(found: &HashMap<String, RawBson>) -> (Self, Vec<String>) {
        let mut reader = Reader { found, oddities: Vec::new() };
        let is_limited = reader.flag(LIMITER, true);
        let (calls, milliseconds) = (reader.whole_number(LIMITER_CALLS, 10), reader.whole_number(LIMITER_TIME, 60_000));
        let is_cors_on = reader.flag(CORS, false);
        let origins = reader.text(CORS_ORIGIN, "*");
        let rate_limit = match (NonZeroU64::new(calls), NonZeroU64::new(milliseconds)) {
            (Some(calls), Some(milliseconds)) if is_limited => Some(RateLimit { calls, milliseconds }),
            _ => None,
        };
        let cors = match origins.trim() {
            _ if !is_cors_on => Cors::Off,
            "*" => Cors::AnyOrigin,
            list => {
                let origins = list.split(',').map(str::trim).filter(|origin| !origin.is_empty());
                Cors::Origins(origins.map(str::to_owned).collect())
            }
        };
        let page_limits = PageLimits {
            default_count: reader.whole_number(DEFAULT_COUNT, 50),
            upper_count_limit: reader.whole_number(UPPER_COUNT_LIMIT, 100),
            allow_infinite_count: reader.flag(ALLOW_INFINITE_COUNT, true),
        };
        let site_name = found.get(SITE_NAME).and_then(RawBson::as_str).unwrap_or_default().to_owned();
        let login_expiration = LoginExpiration::of(found.get(LOGIN_EXPIRATION).map(RawBson::as_raw_bson_ref));
        (Self { rate_limit, cors, page_limits, login_expiration, site_name }, reader.oddities)
    }
}

impl Default for Values {
    fn default() -> Self {
        Self::read(&HashMap::new()).0
    }
}

impl fmt::Display for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.rate_limit {
            Some(RateLimit { calls, milliseconds }) => write!(f, "{calls} calls in {milliseconds} ms, ")?,
            None => f.write_str("no rate limit, ")?,
        }
        write!(f, "CORS {}, ", self.cors)?;
        let PageLimits { default_count, upper_count_limit, allow_infinite_count } = self.page_limits;
        let all = if allow_infinite_count { ", or all" } else { "" };
        write!(f, "lists of {default_count}, at most {upper_count_limit}{all}; ")?;
        write!(f, "logins expire after {} days", self.login_expiration.days())
    }
}

impl fmt::Display for Cors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("off"),
            Self::AnyOrigin => f.write_str("for any origin"),
            Self::Origins(origins) => write!(f, "for {} origins", origins.len()),
        }
    }
}

/// The settings that [`Values::read`] needs.
pub const FOLLOWED: [&str; 10] = [
    LIMITER,
    LIMITER_CALLS,
    LIMITER_TIME,
    CORS,
    CORS_ORIGIN,
    DEFAULT_COUNT,
    UPPER_COUNT_LIMIT,
    ALLOW_INFINITE_COUNT,
    LOGIN_EXPIRATION,
    SITE_NAME,
];

/// Takes settings out of what was found and notes what is odd about them.
struct Reader<'a> {
    found: &'a HashMap<String, RawBson>,
    oddities: Vec<String>,
}

impl Reader<'_> {
    fn flag(&mut self, id: &str, default: bool) -> bool {
        let value = self.found.get(id).and_then(RawBson::as_bool);
        value.unwrap_or_else(|| self.odd(id, "true or false", default))
    }

    fn whole_number(&mut self, id: &str, default: u64) -> u64 {
        let value = self.found.get(id).and_then(|value| number(value.as_raw_bson_ref()));
        match value.filter(|value| value.is_finite() && *value >= 0.0) {
            // Cuts off the fraction, and what no u64 can hold becomes the largest.
            Some(value) => value as u64,
            None => self.odd(id, "a finite number of 0 or more", default),
        }
    }

    fn text(&mut self, id: &str, default: &str) -> String {
        let value = self.found.get(id).and_then(RawBson::as_str).map(str::to_owned);
        value.unwrap_or_else(|| self.odd(id, "a text", default.to_owned()))
    }

    fn odd<T: fmt::Display>(&mut self, id: &str, expected: &str, default: T) -> T {
        let what = match self.found.get(id) {
            None => "is missing".to_owned(),
            Some(value) => {
                let text = Bson::try_from(value.clone()).map_or_else(|_| "malformed".to_owned(), |v| v.to_string());
                format!("is {} and not {expected}", one_short_line(&text))
            }
        };
        self.oddities.push(format!("{id} {what}, so {default} applies"));
        default
    }
}

/// The beginning of a text, with escapes for what is not printable; quotes stay as they are.
fn one_short_line(text: &str) -> String {
    let mut line = String::new();
    for character in text.chars().take(MOST_LOGGED_CHARACTERS) {
        match character {
            '"' | '\'' => line.push(character),
            other => line.extend(other.escape_debug()),
        }
    }
    line
}

/// A number of any of MongoDB's types.
pub fn number(value: RawBsonRef<'_>) -> Option<f64> {
    match value {
        RawBsonRef::Int32(number) => Some(number.into()),
        RawBsonRef::Int64(number) => Some(number as f64),
        RawBsonRef::Double(number) => Some(number),
        RawBsonRef::Decimal128(number) => number.to_string().parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
