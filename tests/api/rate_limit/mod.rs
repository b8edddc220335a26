//! How often a client may ask (contract section 5): from tables, status, headers and whole body.

mod addresses;
mod bypass;
mod calls;
mod settings;

use std::time::{SystemTime, UNIX_EPOCH};

use bson::{Bson, Document, doc};

use crate::support::{Response, Workspace};

const AUDITOR: [(&str, &str); 2] = Workspace::AUDITOR;

const SWITCH: &str = "API_Enable_Rate_Limiter";
const CALLS: &str = "API_Enable_Rate_Limiter_Limit_Calls_Default";
const TIME: &str = "API_Enable_Rate_Limiter_Limit_Time_Default";

/// What a setting is set to.
type Setting = (&'static str, Bson);

/// Limit and remaining calls, if an answer tells.
type Remaining = Option<(u64, u64)>;

/// A workspace in which the auditor may ask, but not as often as they like.
async fn workspace(values: &[Setting]) -> Workspace {
    let workspace = Workspace::with_admin().await;
    workspace.add_auditor().await;
    set(&workspace, values).await;
    workspace
}

/// Writes settings as Rocket.Chat does.
async fn set(workspace: &Workspace, values: &[Setting]) {
    let settings = workspace.database.collection::<Document>("rocketchat_settings");
    for (id, value) in values {
        let update = doc! { "$set": { "value": value.clone() } };
        settings.update_one(doc! { "_id": *id }, update).upsert(true).await.expect("a setting");
    }
}

/// `X-RateLimit-Limit`, `-Remaining` and `-Reset`, if they are there.
fn standing(answer: &Response) -> Option<[u64; 3]> {
    let names = ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"];
    let values = names.map(|name| answer.header(name).map(|value| value.parse().expect("a whole number")));
    assert!(values.iter().all(Option::is_some) || values.iter().all(Option::is_none), "{answer:?}");
    values[0].map(|_| values.map(|value| value.expect("all of them")))
}

/// What an answer tells.
fn remaining(answer: &Response) -> Remaining {
    standing(answer).map(|[limit, remaining, _]| (limit, remaining))
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    u64::try_from(since.as_millis()).expect("milliseconds")
}
