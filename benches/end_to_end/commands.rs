//! What the commands for administrators take: time and memory of `report`, memory of `verify`.

use std::{
    fs,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use rocketchat_engagement::commands::demo::mongod::PrivateMongod;

use crate::{
    Failure,
    client::{Client, median},
    serve_pipeline,
    table::Table,
    workspace::{PERMITTED, Workload},
};

/// A single run differs from the next by a fifth, which is more than what is to be seen.
const RUNS_OF_REPORT: usize = 20;

/// Measures `report` against the endpoint in pipeline mode, in turn, and `verify` on two sizes of a workspace.
pub async fn measure(
    table: &mut Table,
    workload: Workload,
    mongod: &PrivateMongod,
    client: &mongodb::Client,
) -> Result<(), Failure> {
    let url = mongod.url("rocketchat");
    let report = ["report", "--last", "90d", "--format", "json"];
    {
        let (_process, address) = serve_pipeline(&url)?;
        let report = || -> Result<_, Failure> {
            let began = Instant::now();
            let output = start(&report, &url)?.wait_with_output()?;
            Ok((began.elapsed(), String::from_utf8(output.stdout)?.trim_end().to_owned()))
        };
        let answer = || -> Result<_, Failure> {
            let began = Instant::now();
            let body = Client::connect(address)?.body(&workload.target(), &PERMITTED.headers(), Some(200))?;
            Ok((began.elapsed(), body))
        };
        let mut times: [Vec<Duration>; 2] = Default::default();
        for run in 0..=RUNS_OF_REPORT {
            // Each goes first in turn: whoever follows finds what the other has left in MongoDB's cache.
            let (reported, answered) = if run % 2 == 0 {
                let reported = report()?;
                (reported, answer()?)
            } else {
                let answered = answer()?;
                (report()?, answered)
            };
            if reported.1 != answered.1 {
                return Err("the report is not what the endpoint answers".into());
            }
            // The first round warms the caches.
            if run > 0 {
                times.iter_mut().zip([reported.0, answered.0]).for_each(|(times, time)| times.push(time));
            }
        }
        let [reported, answered] = times.map(median);
        table.time("report --last 90d, the whole process", "report_ms", reported);
        table.ratio(
            "report --last 90d ÷ an answer in pipeline mode",
            "report_to_pipeline_answer",
            reported.as_secs_f64() / answered.as_secs_f64(),
            "<= 1",
        );
    }
    table.ratio("peak memory of report --last 90d, MB", "report_peak_mb", peak(&report, &url)?, "<= 50");

    let small = Workload { messages: workload.messages / 5, ..workload };
    eprintln!("making {} messages", small.messages);
    small.fill(&client.database("small")).await?;
    // All of the messages.
    let days = format!("{}d", workload.days);
    let verify = ["verify", "--last", days.as_str()];
    let [of_small, of_large] = [peak(&verify, &mongod.url("small"))?, peak(&verify, &url)?];
    table.ratio("peak memory of verify, MB", "verify_peak_mb", of_large, "");
    table.ratio(
        &format!("the same ÷ that at {} messages", small.messages),
        "verify_peak_ratio",
        of_large / of_small,
        "<= 1.1",
    );
    Ok(())
}

/// Starts a command on a database.
fn start(arguments: &[&str], url: &str) -> Result<Child, Failure> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rocketchat-engagement"));
    command.args(arguments).env_clear().env("MONGO_URL", url);
    Ok(command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?)
}

/// The most memory that a command had resident, in MB.
fn peak(arguments: &[&str], url: &str) -> Result<f64, Failure> {
    let mut child = start(arguments, url)?;
    let mut kilobytes = 0;
    while child.try_wait()?.is_none() {
        // The kernel keeps the highest value; of one that is ending there is none.
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let value = line.and_then(|line| line.split_whitespace().next()).and_then(|number| number.parse::<u64>().ok());
        kilobytes = value.unwrap_or(kilobytes).max(kilobytes);
        thread::sleep(Duration::from_millis(1));
    }
    let output = child.wait_with_output()?;
    match output.status.success() && kilobytes > 0 {
        true => Ok(kilobytes as f64 * 1024.0 / 1e6),
        false => Err(format!("{arguments:?}: {}", String::from_utf8_lossy(&output.stdout)).into()),
    }
}
