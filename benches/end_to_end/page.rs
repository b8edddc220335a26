//! The page's data about messages. (About people: `people`, where they are.)

use std::time::Duration;

use chrono::{Days, Utc};
use rocketchat_engagement::commands::demo::mongod::PrivateMongod;

use crate::{
    Failure, REQUESTS, ROUNDS,
    client::{Client, at_once, median},
    serve_live,
    table::Table,
    workspace::{BROWSER, PERMITTED, REFUSED, Workload},
};

/// Days of the period, up to yesterday.
const DAYS: u64 = 91;

/// Measures both sizes.
pub async fn measure(
    table: &mut Table,
    workload: Workload,
    mongod: &PrivateMongod,
    client: &mongodb::Client,
) -> Result<(), Failure> {
    {
        let (_process, address) = serve_live(&mongod.url("rocketchat"))?;
        let [mut answers, mut compressed, mut refusals] = [Vec::new(), Vec::new(), Vec::new()];
        for _ in 0..ROUNDS {
            refusals.extend(at_once(1, REQUESTS, address, &target(), REFUSED, 403)?);
            answers.extend(at_once(1, REQUESTS, address, &target(), PERMITTED, 200)?);
            compressed.extend(at_once(1, REQUESTS, address, &target(), BROWSER, 200)?);
        }
        let [answer, compressed, refusal] = [answers, compressed, refusals].map(median);
        let ratio = |time: Duration| time.as_secs_f64() / refusal.as_secs_f64();
        table.time(&format!("the page's messages of {} rooms, p50", workload.rooms), "page_messages_ms", answer);
        table.ratio("the same ÷ p50 of a 403", "page_messages", ratio(answer), "<= 3");
        table.number("the same, gzipped, ÷ p50 of a 403", "page_messages_gzipped", ratio(compressed));
    }
    let many = Workload { rooms: 5_000, messages: workload.messages / 2, ..workload };
    eprintln!("making {} messages in {} rooms", many.messages, many.rooms);
    many.fill(&client.database("page_rooms")).await?;
    let (_process, address) = serve_live(&mongod.url("page_rooms"))?;
    let body = Client::connect(address)?.bytes(&target(), &BROWSER.headers(), Some(200))?;
    let kilobytes = body.len() as f64 / 1e3;
    table.ratio("the page's messages of 5,000 rooms, gzipped, kB", "page_messages_kb", kilobytes, "<= 300");
    Ok(())
}

/// The last days up to yesterday, and those before them.
fn target() -> String {
    let today = Utc::now().date_naive();
    let (start, end) = (today - Days::new(DAYS), today - Days::new(1));
    format!("/engagement/api/messages?start={start}&end={end}&compare=previous")
}
