//! What the rate limit and CORS cost.

use std::{
    thread,
    time::{Duration, Instant},
};

use actix_web::{App, HttpResponse, middleware::from_fn, rt::System, test, web};
use bson::doc;
use rocketchat_engagement::{commands::demo::mongod::PrivateMongod, http::guards::cors::allow_any_origin};

use crate::{
    CONNECTIONS, Failure, REQUESTS, ROUNDS,
    client::{at_once, median},
    serve_live,
    table::Table,
    workspace::{LIMITED, Workload},
};

/// Measures both as parts of an answer's p50: the limit by two workspaces of which one has it switched off, CORS, which
/// has no switch, by its part of the process alone.
pub async fn measure(table: &mut Table, mongod: &PrivateMongod, client: &mongodb::Client) -> Result<(), Failure> {
    let workload = Workload { messages: 20_000, rooms: 100, days: 181 };
    let mut services = Vec::new();
    for (name, is_limited) in [("limited", true), ("unlimited", false)] {
        let database = client.database(name);
        workload.fill(&database).await?;
        let settings = vec![
            doc! { "_id": "API_Enable_Rate_Limiter", "value": is_limited },
            doc! { "_id": "API_Enable_Rate_Limiter_Limit_Calls_Default", "value": 1_000_000_000 },
        ];
        database.collection("rocketchat_settings").insert_many(settings).await?;
        services.push(serve_live(&mongod.url(name))?);
    }
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..2 * ROUNDS {
        for (times, (_, address)) in times.iter_mut().zip(&services) {
            times.extend(at_once(CONNECTIONS, REQUESTS, *address, &workload.target(), LIMITED, 200)?);
        }
    }
    let [limited, unlimited] = times.map(median).map(|time| time.as_secs_f64());
    let cors = thread::spawn(cors).join().map_err(|_| "the measurement of CORS failed")?;
    table.ratio("p50 with the rate limit ÷ without", "limited_to_unlimited", limited / unlimited, "");
    table.ratio("CORS, µs of each answer", "cors_us", cors.as_secs_f64() * 1e6, "");
    let part = limited / unlimited - 1.0 + cors.as_secs_f64() / unlimited;
    table.ratio("rate limit and CORS, part of p50", "overhead", part, "<= 0.03");
    Ok(())
}

/// How much longer the process takes for an answer with the headers for pages of other origins than for one without.
fn cors() -> Duration {
    const CALLS: u32 = 20_000;
    System::new().block_on(async {
        let route = || web::get().to(HttpResponse::Ok);
        let bare = test::init_service(App::new().route("/", route())).await;
        let open = test::init_service(App::new().wrap(from_fn(allow_any_origin)).route("/", route())).await;
        let mut differences = Vec::new();
        for _ in 0..11 {
            let began = Instant::now();
            for _ in 0..CALLS {
                test::call_service(&bare, test::TestRequest::get().uri("/").to_request()).await;
            }
            let bare = began.elapsed();
            let began = Instant::now();
            for _ in 0..CALLS {
                test::call_service(&open, test::TestRequest::get().uri("/").to_request()).await;
            }
            differences.push(began.elapsed().saturating_sub(bare) / CALLS);
        }
        median(differences)
    })
}
