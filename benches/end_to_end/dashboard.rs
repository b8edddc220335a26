//! The endpoints about rooms, and the look-up of who asks.

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use bson::{Document, doc};
use chrono::{Days, Utc};
use mongodb::Database;
use rocketchat_engagement::{
    commands::demo::mongod::PrivateMongod,
    http::dashboard::{Endpoint, channels_list, origin, top_five},
};

use crate::{
    CONNECTIONS, Failure, REQUESTS, ROUNDS,
    client::{Client, at_once, median},
    delay, serve_live,
    table::Table,
    workspace::{PERMITTED, REFUSED, Workload},
};

/// Days of the period, today included.
const DAYS: u64 = 91;

/// How often each look-up runs.
const LOOK_UPS: usize = 2_000;

/// Measures the endpoints with the workspace there is, then with many rooms, and the look-up.
pub async fn measure(
    table: &mut Table,
    workload: Workload,
    mongod: &PrivateMongod,
    client: &mongodb::Client,
) -> Result<(), Failure> {
    let database = client.database("rocketchat");
    look_up(table, mongod, client).await?;
    {
        let (_process, address) = serve_live(&mongod.url("rocketchat"))?;
        let goals =
            [(&origin::ENDPOINT, "<= 1.2"), (&top_five::ENDPOINT, "<= 2"), (&channels_list::ENDPOINT, "<= 2.5")];
        endpoints(table, address, "", &goals)?;
        let worst = while_asked(&workload, &database, address).await?;
        table.ratio(
            "a message inserted → in the answer while 8 ask channels/list, ms",
            "delay_beside_lists_ms",
            worst.as_secs_f64() * 1000.0,
            "<= 300",
        );
    }
    let many = Workload { rooms: 50_000, ..workload };
    eprintln!("making {} messages in {} rooms", many.messages, many.rooms);
    many.fill(&client.database("many_rooms")).await?;
    let (_process, address) = serve_live(&mongod.url("many_rooms"))?;
    endpoints(table, address, " of 50,000 rooms", &[(&channels_list::ENDPOINT, "<= 4")])
}

/// A question about the last days, as the stock page asks it.
fn target(endpoint: &Endpoint) -> String {
    let today = Utc::now().date_naive();
    let start = today - Days::new(DAYS - 1);
    format!("{}?start={start}T00:00:00.000Z&end={today}T23:59:59.999Z", endpoint.path)
}

/// Answers against refusals, one connection, in turn.
fn endpoints(
    table: &mut Table,
    address: SocketAddr,
    of_what: &str,
    goals: &[(&Endpoint, &str)],
) -> Result<(), Failure> {
    let refused = target(goals[0].0);
    let mut refusals = Vec::new();
    let mut answers = vec![Vec::new(); goals.len()];
    for _ in 0..ROUNDS {
        refusals.extend(at_once(1, REQUESTS, address, &refused, REFUSED, 403)?);
        for ((endpoint, _), answers) in goals.iter().zip(&mut answers) {
            answers.extend(at_once(1, REQUESTS, address, &target(endpoint), PERMITTED, 200)?);
        }
    }
    let refusal = median(refusals);
    table.time(&format!("p50 of a 403, one connection{of_what}"), &format!("refused_alone{}", key(of_what)), refusal);
    for ((endpoint, goal), answers) in goals.iter().zip(answers) {
        let ratio = median(answers).as_secs_f64() / refusal.as_secs_f64();
        let label = endpoint.label;
        table.ratio(&format!("p50 of {label}{of_what} ÷ of a 403"), &format!("{label}{}", key(of_what)), ratio, goal);
    }
    Ok(())
}

fn key(of_what: &str) -> &'static str {
    if of_what.is_empty() { "" } else { "_many_rooms" }
}

/// The delay of a message while others ask for the list of rooms.
async fn while_asked(workload: &Workload, database: &Database, address: SocketAddr) -> Result<Duration, Failure> {
    static DONE: AtomicBool = AtomicBool::new(false);
    let list = target(&channels_list::ENDPOINT);
    let threads: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            let list = list.clone();
            thread::spawn(move || {
                let mut client = Client::connect(address).expect("a connection");
                while !DONE.load(Ordering::Relaxed) {
                    client.ask(&list, PERMITTED, 200).expect("an answer");
                }
            })
        })
        .collect();
    let worst = delay(workload, database, address).await;
    DONE.store(true, Ordering::Relaxed);
    for thread in threads {
        thread.join().map_err(|_| "a client failed")?;
    }
    worst
}

/// The look-up of who asks as it is, against the same with the two look-ups that it had before: the setting of how long logins
/// last, and whether there is any role. The aggregation is taken from MongoDB's profiler.
async fn look_up(table: &mut Table, mongod: &PrivateMongod, client: &mongodb::Client) -> Result<(), Failure> {
    let database = client.database("look_up");
    Workload { messages: 1_000, rooms: 10, days: 10 }.fill(&database).await?;
    let (_process, address) = serve_live(&mongod.url("look_up"))?;
    database.run_command(doc! { "profile": 2 }).await?;
    Client::connect(address)?.ask(&target(&origin::ENDPOINT), REFUSED, 403)?;
    database.run_command(doc! { "profile": 0 }).await?;
    // Nobody else asks for users meanwhile.
    let asked = doc! { "command.aggregate": "users", "appName": "rocketchat-engagement" };
    let profiled = database.collection::<Document>("system.profile").find_one(asked).await?;
    let profiled = profiled.ok_or("the look-up was not profiled")?;
    let pipeline = profiled.get_document("command")?.get_array("pipeline")?;
    let after: Vec<_> = pipeline.iter().filter_map(|stage| stage.as_document().cloned()).collect();
    let before = before(&after)?;

    let mut times: [Vec<Duration>; 3] = Default::default();
    let users = database.collection::<Document>("users");
    for _ in 0..LOOK_UPS {
        let began = Instant::now();
        database.run_command(doc! { "ping": 1 }).await?;
        times[0].push(began.elapsed());
        for (times, pipeline) in times[1..].iter_mut().zip([&before, &after]) {
            let began = Instant::now();
            let mut cursor = users.aggregate(pipeline.clone()).await?;
            while cursor.advance().await? {}
            times.push(began.elapsed());
        }
    }
    let [ping, before, after] = times.map(|times| median(times).as_secs_f64() * 1000.0);
    table.number("ping, ms", "ping_ms", ping);
    table.number("the look-up as it was, less a ping, ms", "look_up_before_ms", before - ping);
    table.number("the look-up, less a ping, ms", "look_up_ms", after - ping);
    let ratio = (after - ping) / (before - ping);
    table.ratio("the look-up of who asks ÷ as it was", "look_up_ratio", ratio, "<= 0.7");
    Ok(())
}

/// The look-up as it was: the user was found by the token as well, each look-up had stages of its own, and there were two more, of
/// how long logins last and of whether there is any role.
fn before(after: &[Document]) -> Result<Vec<Document>, Failure> {
    let look_up = |from: &str, pipeline: Vec<Document>, name: &str| {
        doc! { "$lookup": { "from": from, "pipeline": pipeline, "as": name } }
    };
    let some = |ids: &[&str], field: &str| {
        vec![doc! { "$match": { "_id": { "$in": ids.to_vec() } } }, doc! { "$project": { field: 1 } }]
    };
    let [user, project, ..] = after else { return Err("the look-up has other stages".into()) };
    let id = user.get_document("$match")?.get_str("_id")?;
    let mut project = project.get_document("$project")?.clone();
    project.remove("permissionIds");
    let permissions = some(&["view-engagement-dashboard", "api-bypass-rate-limit"], "roles");
    let ids = vec![doc! { "$project": { "_id": 1 } }];
    let mut known = look_up("rocketchat_roles", ids.clone(), "knownRoles");
    known.get_document_mut("$lookup")?.extend(doc! { "localField": "roles", "foreignField": "_id" });
    Ok(vec![
        doc! { "$match": { "_id": id, "services.resume.loginTokens.hashedToken": REFUSED.hashed() } },
        doc! { "$limit": 1 },
        doc! { "$project": project },
        look_up("rocketchat_settings", some(&["Accounts_LoginExpiration"], "value"), "loginExpiration"),
        look_up("rocketchat_permissions", permissions, "permissions"),
        known,
        look_up("rocketchat_roles", [vec![doc! { "$limit": 1 }], ids].concat(), "anyRole"),
    ])
}
