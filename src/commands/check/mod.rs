//! `check`: looks at the database as the service would, and says what it finds, what is missing, and what mends it.

mod facts;
mod findings;
mod members;
mod page;
#[cfg(test)]
mod tests;
mod viewers;

use std::{collections::BTreeMap, process::ExitCode};

use clap::Args;
use serde::Serialize;
use serde_json::Value;

use crate::{
    commands::{
        check::facts::Facts,
        console::{self, printable_json},
        database,
        failure::{Failure, remedy},
        verdict::{Look, Status},
    },
    config::Settings,
    mongo::{MongoError, Patience},
};

/// How the outcome is told.
#[derive(Debug, Args)]
pub struct Options {
    /// Print JSON, for machines.
    #[arg(long)]
    json: bool,
    /// Write ASCII only.
    #[arg(long)]
    ascii: bool,
    /// Look whether the page can be opened, too: the address that people open Rocket.Chat with, like `https://chat.example.org`.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
}

/// Something that was looked at.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// What was looked at. Stable, for machines.
    id: &'static str,
    status: Status,
    /// What was found.
    message: String,
    /// What would make it better.
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
    /// The same for machines.
    #[serde(flatten)]
    data: BTreeMap<&'static str, Value>,
}

impl Finding {
    fn new(id: &'static str, status: Status, message: impl Into<String>) -> Self {
        Self { id, status, message: message.into(), remedy: None, data: BTreeMap::new() }
    }

    fn ok(id: &'static str, message: impl Into<String>) -> Self {
        Self::new(id, Status::Ok, message)
    }

    fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    fn with(mut self, key: &'static str, value: impl Into<Value>) -> Self {
        self.data.insert(key, value.into());
        self
    }
}

#[derive(Serialize)]
struct Outcome<'a> {
    status: Status,
    findings: &'a [Finding],
}

/// Looks, and tells on standard output. The exit code is 0 if all is well, 1 if it works with limits, 2 if it will not
/// work. `is_zone_chosen` is whether somebody set the time zone.
///
/// # Errors
/// The connection string is refused, or the outcome cannot be written. That MongoDB is away is an outcome.
pub async fn run(options: &Options, settings: &Settings, is_zone_chosen: bool) -> Result<ExitCode, Failure> {
    let mongo = database::connect(settings, Patience::OF_REQUESTS).await?;
    let mut findings = findings::passed_over(settings);
    findings.extend(match Facts::collect(&mongo, settings).await {
        Ok(facts) => findings::all(&facts, settings, is_zone_chosen),
        Err(error) => {
            let message = format!("{}: {error}", settings.mongo_url);
            let otherwise = || match error {
                MongoError::Refused(_) => {
                    "put the right user, password and authSource into MONGO_URL; deploy/mongodb-role.js makes an account"
                }
                // How Atlas refuses addresses that are not in the list.
                MongoError::Unreachable(ref text) if text.contains("fatal alert: InternalError") => {
                    "if it is Atlas, add this machine's public address to the IP access list (Network Access) of the project; \
                     otherwise MongoDB's own log says what went wrong"
                }
                // The driver forgets servers that are not of the replica set.
                MongoError::Unreachable(ref text) if text.contains("Set Name: ") && !text.contains("Address: ") => {
                    "no server there is of this replica set: is replicaSet in MONGO_URL the name in rs.status().set, or is it a \
                     standalone server, which has none?"
                }
                ref other => remedy(other),
            };
            let remedy = members::elsewhere(&error, &settings.mongo_url).unwrap_or_else(|| otherwise().to_owned());
            vec![Finding::new("server", Status::Fails, message).remedy(remedy)]
        }
    });
    if let Some(url) = &options.url {
        findings.push(page::find(url, settings).await?);
    }
    let status = findings.iter().map(|finding| finding.status).max().unwrap_or(Status::Ok);
    let text = match options.json {
        true => {
            let outcome = Outcome { status, findings: &findings };
            printable_json(&serde_json::to_string(&outcome).map_err(std::io::Error::other)?) + "\n"
        }
        false => lines(&findings, status, Look::new(options.ascii)),
    };
    console::print(&text)?;
    if let Some(worst) = findings.iter().find(|finding| finding.status == Status::Fails) {
        let remedy = worst.remedy.as_deref().unwrap_or("see above");
        console::complain(&format!("it will not work: {}; {remedy}", worst.message));
    }
    Ok(ExitCode::from(status as u8))
}

/// A line for each finding, and what mends it below.
fn lines(findings: &[Finding], status: Status, look: Look) -> String {
    let mut lines = String::new();
    for finding in findings {
        lines += &look.line(finding.status, &finding.message);
        if let Some(remedy) = &finding.remedy {
            lines += &look.below(remedy);
        }
    }
    match status {
        Status::Ok => lines + "All is well.\n",
        Status::Limits => lines + "It works, with limits.\n",
        Status::Fails => lines,
    }
}
