//! The workspace's own settings that this service follows (contract section 5's table).
//!
//! A task reads them every few seconds, so no request does. While MongoDB is away the last known ones stay in effect;
//! until the first read, Rocket.Chat's defaults. Only who asks is never decided by a default that was not read: a token may
//! have expired by the setting.

use std::{
    collections::HashMap,
    fmt,
    num::NonZeroU64,
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::Duration,
};

use bson::{Bson, RawBson, RawBsonRef, RawDocument, doc};
use log::{info, warn};
use tokio::{task::JoinHandle, time::sleep};

use crate::{
    dashboard::paging::PageLimits,
    mongo::{self, Deadline, Mongo, MongoError, Operation, Query},
};

/// What an administrator is promised: a changed setting applies within so long.
const FOLLOWED_WITHIN: Duration = Duration::from_secs(10);

/// The pause between two reads.
const PAUSE: Duration = Duration::from_secs(5);

/// How long a read may take.
const READ_TIME: Duration = Duration::from_secs(3);

const _: () = assert!(PAUSE.as_millis() + READ_TIME.as_millis() < FOLLOWED_WITHIN.as_millis());

/// How long the first read may take, which the start waits for.
const FIRST_READ_TIME: Duration = Duration::from_secs(1);

const LIMITER: &str = "API_Enable_Rate_Limiter";
const LIMITER_CALLS: &str = "API_Enable_Rate_Limiter_Limit_Calls_Default";
const LIMITER_TIME: &str = "API_Enable_Rate_Limiter_Limit_Time_Default";
const CORS: &str = "API_Enable_CORS";
const CORS_ORIGIN: &str = "API_CORS_Origin";
const DEFAULT_COUNT: &str = "API_Default_Count";
const UPPER_COUNT_LIMIT: &str = "API_Upper_Count_Limit";
const ALLOW_INFINITE_COUNT: &str = "API_Allow_Infinite_Count";

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
        let login_expiration = LoginExpiration::of(found.get(LOGIN_EXPIRATION).map(RawBson::as_raw_bson_ref));
        (Self { rate_limit, cors, page_limits, login_expiration }, reader.oddities)
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
pub const FOLLOWED: [&str; 9] = [
    LIMITER,
    LIMITER_CALLS,
    LIMITER_TIME,
    CORS,
    CORS_ORIGIN,
    DEFAULT_COUNT,
    UPPER_COUNT_LIMIT,
    ALLOW_INFINITE_COUNT,
    LOGIN_EXPIRATION,
];

/// Reads the `value` of some settings. What is missing is absent.
///
/// # Errors
/// MongoDB does not give them.
pub async fn find(
    mongo: &Mongo,
    ids: &[&str],
    operation: Operation,
    deadline: Deadline,
) -> Result<HashMap<String, RawBson>, MongoError> {
    let pipeline = vec![doc! { "$match": { "_id": { "$in": ids.to_vec() } } }, doc! { "$project": { "value": 1 } }];
    let query = Query { collection: mongo::SETTINGS, pipeline, hint: None, operation };
    let take = |found: &mut HashMap<_, _>, row: &RawDocument| {
        if let (Ok(id), Ok(Some(value))) = (row.get_str("_id"), row.get("value")) {
            found.insert(id.to_owned(), RawBson::from(value));
        }
    };
    mongo.aggregate(query, deadline, HashMap::new(), take).await
}

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

/// The settings in effect and the task that keeps them current, which ends with this.
#[derive(Debug)]
pub struct WorkspaceSettings {
    poller: Arc<SettingsPoller>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl WorkspaceSettings {
    /// Reads them once, if MongoDB answers at once, and begins to follow them.
    pub async fn start(mongo: Arc<Mongo>) -> Self {
        let poller = Arc::new(SettingsPoller { mongo, current: RwLock::default(), oddities: Mutex::default() });
        // Why a read fails is in the log by then.
        let _ = poller.read(Operation::Settings, Deadline::after(FIRST_READ_TIME)).await;
        let task = tokio::spawn({
            let poller = Arc::clone(&poller);
            async move {
                loop {
                    sleep(PAUSE).await;
                    let _ = poller.read(Operation::Settings, Deadline::after(READ_TIME)).await;
                }
            }
        });
        Self { poller, task: Mutex::new(Some(task)) }
    }

    /// The settings in effect.
    pub fn values(&self) -> Arc<Values> {
        self.poller.current().0
    }

    /// How long login tokens last. Read now if no setting has ever been read.
    ///
    /// # Errors
    /// That is so, and MongoDB does not give it.
    pub async fn login_expiration(&self, deadline: Deadline) -> Result<LoginExpiration, MongoError> {
        let (values, is_read) = self.poller.current();
        if is_read {
            return Ok(values.login_expiration);
        }
        Ok(self.poller.read(Operation::Viewer, deadline).await?.login_expiration)
    }

    /// Stops following them and waits until that is so.
    pub async fn stop(&self) {
        if let Some(task) = self.take_task() {
            // A read that is under way runs in a task of the driver's, which comes to its own end.
            task.abort();
            drop(task.await);
        }
    }

    fn take_task(&self) -> Option<JoinHandle<()>> {
        self.task.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Drop for WorkspaceSettings {
    fn drop(&mut self) {
        if let Some(task) = self.take_task() {
            task.abort();
        }
    }
}

/// Reads the settings again and again.
#[derive(Debug)]
struct SettingsPoller {
    mongo: Arc<Mongo>,
    /// The settings in effect, and whether they have been read.
    current: RwLock<(Arc<Values>, bool)>,
    /// What was odd at the last read: it is told once.
    oddities: Mutex<Vec<String>>,
}

impl SettingsPoller {
    fn current(&self) -> (Arc<Values>, bool) {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// If it fails, what was known before stays in effect.
    async fn read(&self, operation: Operation, deadline: Deadline) -> Result<Arc<Values>, MongoError> {
        let found = find(&self.mongo, &FOLLOWED, operation, deadline).await?;
        let (values, oddities) = Values::read(&found);
        let mut told = self.oddities.lock().unwrap_or_else(PoisonError::into_inner);
        if oddities != *told {
            match oddities.is_empty() {
                true => info!("{}: every setting can be used now", mongo::SETTINGS),
                false => warn!("defaults apply for settings in {}: {}", mongo::SETTINGS, oddities.join("; ")),
            }
            *told = oddities;
        }
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        if *current.0 != values {
            info!("{}: now {values}", mongo::SETTINGS);
        }
        let values = Arc::new(values);
        *current = (Arc::clone(&values), true);
        Ok(values)
    }
}

#[cfg(test)]
mod tests;
