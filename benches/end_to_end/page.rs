//! The page's data about messages. (About people: `people`, where they are.)

use std::net::SocketAddr;

use chrono::{Days, Utc};
use flate2::{Compression, write::GzEncoder};
use rocketchat_engagement::commands::demo::mongod::PrivateMongod;

use crate::{
    Failure, REQUESTS, ROUNDS,
    client::{Client, at_once, median},
    serve_live,
    table::Table,
    workspace::{PERMITTED, REFUSED, Workload},
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
        let [mut answers, mut refusals] = [Vec::new(), Vec::new()];
        for _ in 0..ROUNDS {
            refusals.extend(at_once(1, REQUESTS, address, &target(), REFUSED, 403)?);
            answers.extend(at_once(1, REQUESTS, address, &target(), PERMITTED, 200)?);
        }
        let answer = median(answers);
        let ratio = answer.as_secs_f64() / median(refusals).as_secs_f64();
        table.time(&format!("the page's messages of {} rooms, p50", workload.rooms), "page_messages_ms", answer);
        table.ratio("the same ÷ p50 of a 403", "page_messages", ratio, "<= 3");
    }
    let many = Workload { rooms: 5_000, messages: workload.messages / 2, ..workload };
    eprintln!("making {} messages in {} rooms", many.messages, many.rooms);
    many.fill(&client.database("page_rooms")).await?;
    let (_process, address) = serve_live(&mongod.url("page_rooms"))?;
    let kilobytes = gzipped(address)? as f64 / 1e3;
    table.ratio("the page's messages of 5,000 rooms, gzipped, kB", "page_messages_kb", kilobytes, "<= 300");
    Ok(())
}

/// The last days up to yesterday, and those before them.
fn target() -> String {
    let today = Utc::now().date_naive();
    let (start, end) = (today - Days::new(DAYS), today - Days::new(1));
    format!("/engagement/api/messages?start={start}&end={end}&compare=previous")
}

/// How large an answer is that is compressed as the service does it.
fn gzipped(address: SocketAddr) -> Result<usize, Failure> {
    let body = Client::connect(address)?.body(&target(), &PERMITTED.headers(), Some(200))?;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    std::io::Write::write_all(&mut encoder, body.as_bytes())?;
    Ok(encoder.finish()?.len())
}
