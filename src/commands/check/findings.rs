//! From facts to findings: what each means for the service, and what mends it. Pure.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{
    Finding,
    facts::{Facts, Known},
};
use crate::{
    auth::permission::{Grant, VIEW_ENGAGEMENT_DASHBOARD},
    commands::{
        console::{counted, grouped},
        failure::remedy,
        grant,
        verdict::Status,
    },
    config::{Settings, TallyMode},
    http::dashboard::OF_SESSIONS,
    mongo::{HistoryKept, MESSAGES, MongoError, SESSIONS, Topology, USERS},
    tally::counter::{FEW_MESSAGES, REFUSED_DAYS},
    time_zone::{Tables, TimeZone},
    workspace_settings::Values,
};

/// The oldest MongoDB that will do.
const LEAST_VERSION: i32 = 5;

/// How far clocks may be apart: more, and logins end early or late, and days begin so.
const MOST_APART: TimeDelta = TimeDelta::seconds(5);

/// A shorter history, in seconds, is over before a busy service or MongoDB has read it.
const LEAST_HISTORY: u64 = 30;

/// All findings, in the order in which they are told.
pub fn all(facts: &Facts, settings: &Settings, is_zone_chosen: bool) -> Vec<Finding> {
    let mut findings = vec![server(facts, settings), rights(facts, settings)];
    findings.extend(facts.collections.iter().map(|(name, size)| collection(name, size, &facts.elsewhere)));
    findings.extend([index(facts, settings.mongo_url.database()), following(facts, settings)]);
    // What cannot be found out is no failure.
    findings.extend(facts.history.iter().flatten().map(|kept| history(*kept)));
    findings.extend([
        permission(facts),
        zone(&settings.time_zone, facts.machine_zone.as_ref().filter(|_| !is_zone_chosen), facts.now),
        workspace(facts),
        clock(facts.server.clock_ahead),
    ]);
    findings
}

/// What of the environment and the connection string does nothing, although somebody might think that it does.
pub fn passed_over(settings: &Settings) -> Vec<Finding> {
    let told = |id, what: &str, key, names: &[String]| {
        let finding = || Finding::ok(id, format!("{what}: {}", names.join(", "))).with(key, names);
        (!names.is_empty()).then(finding)
    };
    let (url, unread) = (&settings.mongo_url, &settings.unread);
    let links = "passed over, since Kubernetes sets them for its Services";
    let needless = "options of MONGO_URL that do nothing here, and need not";
    let repeated = "options of MONGO_URL that are there more than once, of which the first counts";
    let options = unread.mongo_options.as_ref().map(|remedy| {
        Finding::new("environment", Status::Limits, "MONGO_OPTIONS is set, but not read").remedy(remedy.as_str())
    });
    let findings = [
        told("environment", links, "service_links", &unread.service_links),
        told("mongo_url", needless, "needless", url.needless_options()),
        told("mongo_url", repeated, "repeated", url.repeated_options()),
        options,
    ];
    findings.into_iter().flatten().collect()
}

/// What mends a right that is missing. The command is told once, with all rights.
const GRANT: &str = "grant the missing right: the finding about the account (rights) says how";

/// What could not be found out.
fn unknown(id: &'static str, what: &str, error: &MongoError) -> Finding {
    let finding = Finding::new(id, Status::Fails, format!("{what}: {error}"));
    finding.remedy(match error {
        MongoError::Refused(_) => GRANT,
        other => remedy(other),
    })
}

fn server(facts: &Facts, settings: &Settings) -> Finding {
    let (server, url) = (&facts.server, &settings.mongo_url);
    let (topology, status, hint) = match &server.topology {
        Topology::ReplicaSet { name, members, primary: Some(primary) } => {
            (format!("replica set {name} of {}, primary {primary}", members.len()), Status::Ok, None)
        }
        Topology::ReplicaSet { name, .. } => {
            let hint = "wait for an election, or see rs.status() in mongosh";
            (format!("replica set {name} without a primary at present"), Status::Limits, Some(hint))
        }
        Topology::Standalone => ("a standalone server".to_owned(), Status::Ok, None),
        Topology::Sharded => ("a sharded cluster".to_owned(), Status::Ok, None),
    };
    let mut finding = Finding::new("server", status, format!("MongoDB {} at {url}, {topology}", server.version))
        .with("version", server.version.as_str())
        .with(
            "topology",
            match &server.topology {
                Topology::Standalone => "standalone",
                Topology::ReplicaSet { .. } => "replica set",
                Topology::Sharded => "sharded cluster",
            },
        );
    if let Topology::ReplicaSet { name, members, primary } = &server.topology {
        finding = finding.with("replica_set", name.as_str()).with("members", members.clone());
        finding = finding.with("primary", primary.clone());
    }
    if server.major < LEAST_VERSION {
        finding.status = Status::Fails;
        return finding.remedy("upgrade MongoDB to 5.0 or later");
    }
    finding.remedy = hint.map(str::to_owned);
    finding
}

fn rights(facts: &Facts, settings: &Settings) -> Finding {
    let missing = facts.missing();
    let account = facts.account.as_ref().ok().and_then(Option::as_ref);
    let who =
        account.map_or("no account".to_owned(), |account| format!("account {}@{}", account.user, account.database));
    let finding = |status, message: String| {
        let name = account.map(|account| json!({ "user": account.user, "database": account.database }));
        Finding::new("rights", status, message).with("account", name.unwrap_or_default())
    };
    if missing.is_empty() {
        let can_write = account.is_some_and(|account| account.can_write);
        let more = if can_write { "; it may write as well, which is not needed" } else { "" };
        if account.is_none() {
            return finding(Status::Ok, "no account, and MongoDB asks for none".to_owned());
        }
        return finding(Status::Ok, format!("{who}: has all rights that are needed{more}"))
            .with("can_write", can_write);
    }
    // Without sessions, only some paths do not answer.
    let lacks_find = missing.iter().any(|(name, actions)| *name != SESSIONS && actions.contains(&"find"));
    let status = if lacks_find { Status::Fails } else { Status::Limits };
    let list = missing.iter().map(|(name, actions)| format!("{} on {name}", actions.join(" and ")));
    let finding = finding(status, format!("{who}: lacks {}", list.collect::<Vec<_>>().join(", "))).with(
        "missing",
        json!(
            missing.iter().map(|(name, actions)| json!({ "collection": name, "actions": actions })).collect::<Vec<_>>()
        ),
    );
    match account {
        Some(account) => {
            let grant::Remedy { text, commands } = grant::remedy(&missing, account, &settings.mongo_url);
            // Whoever may read nothing may have been sent to the wrong place.
            let text = match facts.collections.iter().all(|(_, size)| matches!(size, Err(MongoError::Refused(_)))) {
                true => format!(
                    "is {}, the path of MONGO_URL, the right database{}? If so, {text}",
                    settings.mongo_url.database(),
                    although(&facts.elsewhere)
                ),
                false => text,
            };
            match commands.is_empty() {
                true => finding.remedy(text),
                false => finding.remedy(text).with("grant", commands),
            }
        }
        None => finding.remedy("put user and password into MONGO_URL; deploy/mongodb-role.js makes an account"),
    }
}

/// Where the right database may be.
fn hint(elsewhere: &[String]) -> String {
    if elsewhere.is_empty() { String::new() } else { format!("; there is a {MESSAGES} in: {}", elsewhere.join(", ")) }
}

/// The same within a question.
fn although(elsewhere: &[String]) -> String {
    if elsewhere.is_empty() {
        String::new()
    } else {
        format!(", although there are messages in: {}", elsewhere.join(", "))
    }
}

fn collection(name: &'static str, size: &Known<u64>, elsewhere: &[String]) -> Finding {
    let path =
        format!("is the database's name right? It is the path of MONGO_URL, test without one{}", hint(elsewhere));
    match size {
        Ok(0) if name == USERS => {
            Finding::new("collection", Status::Fails, format!("{name}: empty, so nobody can log in"))
                .remedy(path)
                .with("documents", 0)
        }
        Ok(0) if name == MESSAGES && !elsewhere.is_empty() => {
            Finding::new("collection", Status::Limits, format!("{name}: empty, and not so in other databases"))
                .remedy(path)
                .with("documents", 0)
                .with("elsewhere", elsewhere)
        }
        Ok(size) => {
            Finding::ok("collection", format!("{name}: about {}", counted(*size, "document"))).with("documents", *size)
        }
        Err(MongoError::Refused(_)) if name == SESSIONS => {
            let paths = OF_SESSIONS.map(|endpoint| endpoint.path.rsplit('/').next().unwrap_or_default()).join(", ");
            let what = format!("{name}: may not be read, so {paths} answer 503");
            Finding::new("collection", Status::Limits, what).remedy(GRANT)
        }
        Err(MongoError::Refused(_)) => {
            Finding::new("collection", Status::Fails, format!("{name}: may not be read")).remedy(GRANT)
        }
        Err(error) => unknown("collection", name, error),
    }
    .with("collection", name)
}

fn index(facts: &Facts, database: &str) -> Finding {
    match &facts.has_index {
        // A collection that is not there has every index.
        Ok(_) if facts.collections.iter().any(|(name, size)| *name == MESSAGES && matches!(size, Ok(0))) => {
            Finding::ok("index", format!("index on ts of {MESSAGES}: not needed yet"))
        }
        Ok(true) => Finding::ok("index", format!("index on ts of {MESSAGES}: there")),
        Ok(false) => {
            let mut message = format!("index on ts of {MESSAGES}: missing, so counting reads every message");
            let is_many = |(name, size): &(_, Known<u64>)| {
                *name == MESSAGES && size.as_ref().is_ok_and(|size| *size >= FEW_MESSAGES)
            };
            if facts.collections.iter().any(is_many) {
                message += &format!(", and periods of {REFUSED_DAYS} days and more get 503 unless they are in memory");
            }
            let database = grant::sibling(database);
            Finding::new("index", Status::Limits, message).remedy(format!(
                "restart Rocket.Chat, which makes it; or, in mongosh: {database}.{MESSAGES}.createIndex({{ ts: 1 }})"
            ))
        }
        Err(error) => unknown("index", &format!("index on ts of {MESSAGES}"), error),
    }
}

fn following(facts: &Facts, settings: &Settings) -> Finding {
    let id = "change_streams";
    if settings.tally.mode == TallyMode::Pipeline {
        return Finding::ok(id, "change streams: not used (tally.mode = pipeline); each answer is counted by MongoDB");
    }
    let slower = "so each answer is counted by MongoDB, which takes longer";
    match facts.following.iter().find_map(|(name, followed)| Some((name, followed.as_ref().err()?))) {
        None => Finding::ok(id, "change streams: possible, so counts are kept in memory"),
        Some((name, MongoError::Refused(_))) => {
            Finding::new(id, Status::Limits, format!("change streams: not permitted on {name}, {slower}")).remedy(GRANT)
        }
        Some((_, MongoError::Unsupported(reason))) => {
            Finding::new(id, Status::Limits, format!("change streams: {reason}, {slower}"))
                .remedy("make the server a replica set, which Rocket.Chat needs as well")
        }
        Some((name, error)) => Finding::new(id, Status::Limits, format!("change streams on {name}: {error}, {slower}"))
            .remedy(remedy(error)),
    }
}

/// For how long MongoDB keeps what documents were like before: to follow an edit, that is read.
fn history(kept: HistoryKept) -> Finding {
    let found = |status, text: String| Finding::new("history", status, format!("history of MongoDB: kept for {text}"));
    let finding = match kept {
        HistoryKept::Seconds(seconds) if seconds < LEAST_HISTORY => {
            found(Status::Limits, format!("{seconds} s only, so edits may make everything load again"))
                .with("seconds", seconds)
        }
        HistoryKept::Seconds(seconds) => found(Status::Ok, format!("{seconds} s")).with("seconds", seconds),
        HistoryKept::AtLeast(seconds) => found(Status::Ok, format!("{seconds} s at least")),
        HistoryKept::LessThan(seconds) => {
            found(Status::Limits, format!("less than {seconds} s, so edits may make everything load again"))
        }
    };
    match finding.status {
        Status::Ok => finding,
        _ => finding.remedy(
            "in mongosh, on every member: db.adminCommand({ setParameter: 1, minSnapshotHistoryWindowInSeconds: 300 }); \
             and the same below setParameter: in mongod.conf",
        ),
    }
}

fn permission(facts: &Facts) -> Finding {
    let (id, what) = ("permission", format!("permission {VIEW_ENGAGEMENT_DASHBOARD}"));
    let viewers = match &facts.viewers {
        Ok(viewers) => viewers,
        Err(error) => return unknown(id, &what, error),
    };
    let source = match &viewers.grant {
        Grant::Default => "not in the database, so permission.default_roles apply: ",
        Grant::Roles(_) => "",
    };
    let role = |(role, users): (&String, &Option<u64>)| match users {
        None => format!("role {role} (which does not exist)"),
        Some(users) => format!("role {role} ({})", counted(*users, "user")),
    };
    let roles: Vec<_> = viewers.roles.iter().map(role).collect();
    let roles = if roles.is_empty() { "no role".to_owned() } else { roles.join(", ") };
    let message = format!("{what}: {source}{roles}; {} may ask", grouped(viewers.users));
    let finding = Finding::ok(id, message)
        .with(
            "roles",
            viewers
                .roles
                .iter()
                .map(|(role, users)| (role.clone(), Value::from(*users)))
                .collect::<serde_json::Map<_, _>>(),
        )
        .with("users", viewers.users)
        .with("is_default", viewers.grant == Grant::Default);
    match viewers.users {
        0 => Finding { status: Status::Limits, ..finding }
            .remedy("give somebody one of these roles, or a role the permission, in Rocket.Chat's administration"),
        _ => finding,
    }
}

/// `machine` is the zone of this machine if nobody chose one.
pub(super) fn zone(zone: &TimeZone, machine: Option<&TimeZone>, now: DateTime<Utc>) -> Finding {
    let clock = zone.wall_clock(now).format("%Y-%m-%d %H:%M");
    let tables = Tables::of_this_machine();
    let table = zone.table().or(tables.newest()).map(ToString::to_string).unwrap_or_default();
    let finding = Finding::ok("time_zone", format!("time zone {zone}: {clock} now ({table})"))
        .with("time_zone", zone.to_string())
        .with("table", table);
    // Rocket.Chat without TZ has its machine's zone, and this service UTC.
    let seasons = [0, 182].map(|days| now + TimeDelta::days(days));
    let differs = |other: &&TimeZone| seasons.iter().any(|at| other.wall_clock(*at) != zone.wall_clock(*at));
    match machine.filter(differs) {
        Some(other) => Finding { status: Status::Limits, ..finding }
            .remedy(format!(
                "nobody chose it, and this machine has {other}: set TZ to the zone that Rocket.Chat has, or to UTC"
            ))
            .with("machine", other.to_string()),
        None => finding,
    }
}

fn workspace(facts: &Facts) -> Finding {
    let found = match &facts.settings {
        Ok(found) => found,
        Err(error) => return unknown("settings", "settings", error),
    };
    let (values, oddities) = Values::read(found);
    let message = format!("settings of the workspace: {values}");
    let limit = values.rate_limit.map(|limit| json!({ "calls": limit.calls, "milliseconds": limit.milliseconds }));
    let finding = Finding::ok("settings", message)
        .with("rate_limit", limit.unwrap_or_default())
        .with("cors", values.cors.to_string())
        .with("login_expiration_days", values.login_expiration.days());
    match oddities.is_empty() {
        true => finding,
        false => Finding { status: Status::Limits, ..finding }
            .remedy(format!("look at them in Rocket.Chat's administration: {}", oddities.join("; "))),
    }
}

/// Whether our clock and the server's are right, as far as they can tell each other.
pub(super) fn clock(ahead: TimeDelta) -> Finding {
    let milliseconds = ahead.num_milliseconds();
    let seconds = ahead.abs().num_milliseconds() as f64 / 1000.0;
    let finding = |status, text: String| Finding::new("clock", status, text).with("milliseconds_ahead", milliseconds);
    match ahead.abs() <= MOST_APART {
        true => finding(Status::Ok, format!("clock: {seconds:.1} s apart from MongoDB's")),
        false => {
            let side = if milliseconds > 0 { "behind" } else { "ahead of" };
            finding(
                Status::Limits,
                format!("clock: {seconds:.1} s {side} MongoDB's, so days and logins end at the wrong time"),
            )
            .remedy("keep the clocks of both machines right, for example by chrony or systemd-timesyncd")
        }
    }
}
