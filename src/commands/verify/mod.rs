//! `verify`: counts by hand, message by message, and compares that with the other ways there are to count.

mod by_hand;
mod compare;
mod counters;
mod service;
mod trouble;

use std::{collections::BTreeMap, process::ExitCode, sync::Arc, time::Duration};

use chrono::{NaiveDate, Utc};
use clap::Args;
use tokio::time::sleep;

use crate::{
    commands::{
        console::{self, counted, grouped, printable, signed},
        database,
        days::Range,
        failure::Failure,
        grant,
        progress::Progress,
        verdict::{Look, Status},
        verify::{
            by_hand::ByHand,
            compare::{Difference, Differences},
            counters::Counters,
            service::{Service, ServiceOptions},
        },
    },
    config::Settings,
    dashboard::messages_sent::DayCounts,
    dashboard::period::DayRange,
    mongo::{self, Mongo, MongoError, Patience},
    tally::counter::Counter,
};

/// How often a day that differs is looked at again.
const ATTEMPTS: usize = 3;

/// How long a change may take to be seen everywhere: replication, and a service's `tally.max_staleness_ms`.
const SETTLING: Duration = Duration::from_secs(3);

/// What is verified. Not `Debug`, as `ServiceOptions` is not.
#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    range: Range,
    #[command(flatten)]
    service: ServiceOptions,
    /// Compare with Rocket.Chat's own counters, too, to see how far they have drifted.
    #[arg(long)]
    against_rocketchat: bool,
    /// Write ASCII only.
    #[arg(long)]
    ascii: bool,
}

/// A way to count that is held against counting by hand.
enum Subject {
    /// The aggregations, as the service has them.
    Pipeline(Box<Counter>),
    /// A running service.
    Service(Box<Service>),
    /// Rocket.Chat's own counters.
    Counters,
}

/// Counts by hand, compares, and tells on standard output. The exit code is 0 if there is no difference, else 1.
///
/// # Errors
/// The command line makes no sense, or somebody does not give the counts.
pub async fn run(options: &Options, settings: &Settings) -> Result<ExitCode, Failure> {
    let zone = &settings.time_zone;
    let range = options.range.period(zone, Utc::now())?.current;
    let service = options.service.service(zone.clone())?;
    let mongo = database::connect(settings, Patience::OF_LONG_WORK).await?;
    let verifier = Verifier {
        by_hand: ByHand { mongo: Arc::clone(&mongo), counting: settings.counting.clone(), zone: zone.clone() },
        settings,
        look: Look::new(options.ascii),
    };
    let mut subjects = vec![Subject::Pipeline(Box::new(Counter::new(mongo, settings.counting.clone(), zone.clone())))];
    subjects.extend(service.map(|service| Subject::Service(Box::new(service))));
    subjects.extend(options.against_rocketchat.then_some(Subject::Counters));

    let by_hand = verifier.by_hand.days(range).await?;
    if by_hand.is_empty() {
        database::expect_workspace(&verifier.by_hand.mongo, settings).await?;
    } else if options.against_rocketchat {
        verifier.expect_counters(range).await?;
    }
    let messages = by_hand.values().sum();
    let days = range.first.iter_days().take_while(|day| *day <= range.last).filter(|day| zone.has(*day)).count();
    let days = counted(days as u64, "day");
    let counted = counted(messages, "message");
    let mut text = format!("{} to {} ({zone}): {days}, {counted} counted by hand\n", range.first, range.last);
    let mut differs = false;
    for subject in &subjects {
        let (lines, subject_differs) = verifier.compare(subject, range, &by_hand).await?;
        text += &lines;
        differs |= subject_differs;
    }
    console::print(&text)?;
    Ok(ExitCode::from(u8::from(differs)))
}

struct Verifier<'a> {
    by_hand: ByHand,
    settings: &'a Settings,
    look: Look,
}

impl Verifier<'_> {
    /// Compares, and says in lines whether there is a difference.
    async fn compare(
        &self,
        subject: &Subject,
        range: DayRange,
        by_hand: &DayCounts,
    ) -> Result<(String, bool), Failure> {
        let (other, notes) = self.count(subject, range).await?;
        let mut differences = Differences::at_first_sight(by_hand, &other);
        for _ in 0..ATTEMPTS {
            let Some(days) = differences.doubtful_days() else { break };
            let before = self.by_hand.days(days).await?;
            sleep(SETTLING).await;
            let (other, _) = self.count(subject, days).await?;
            let after = self.by_hand.days(days).await?;
            differences.settle(&before, &other, &after);
        }
        let differences = differences.all();
        let name = subject.name();
        let mut text = match differences.len() {
            0 => self.look.line(Status::Ok, &format!("{name}: no difference")),
            days => {
                let days = counted(days as u64, "day");
                self.look.line(Status::Fails, &format!("{name}: {days} with a difference")) + &table(&differences)
            }
        };
        for note in notes {
            text += &self.look.below(&note);
        }
        Ok((text, !differences.is_empty()))
    }

    /// Messages per day, and what is to be said about them.
    async fn count(&self, subject: &Subject, range: DayRange) -> Result<(DayCounts, Vec<String>), Failure> {
        let mongo = &self.by_hand.mongo;
        match subject {
            Subject::Pipeline(counter) => {
                let (from, to) = self.by_hand.zone.span(range.first, range.last);
                let progress = Progress::new("counting by the pipeline", from, to);
                let reached = |at| progress.reached(at);
                Ok((counter.count(range, [], database::deadline(), &reached).await?.days(), Vec::new()))
            }
            Subject::Service(service) => Ok((service.days(range).await?, Vec::new())),
            Subject::Counters => {
                let rooms = self.by_hand.rooms().await?;
                let types = &self.settings.counting.room_types;
                let counters = self.read_counters(counters::read(mongo, range, types, rooms).await).await?;
                let notes = notes(&counters);
                Ok((counters.days, notes))
            }
        }
    }

    /// Where messages were counted by hand: that there is something to compare them with.
    async fn expect_counters(&self, range: DayRange) -> Result<(), Failure> {
        let mongo = &self.by_hand.mongo;
        if self.read_counters(counters::exist(mongo, Some(range)).await).await? {
            return Ok(());
        }
        let of_what = match self.read_counters(counters::exist(mongo, None).await).await? {
            true => "of messages on these days, though it has some of others",
            false => "of messages at all",
        };
        Err(Failure::Service(format!(
            "{} holds no counters {of_what}: there is nothing to compare with; leave --against-rocketchat out",
            mongo::ANALYTICS
        )))
    }

    /// What was read of the counters, or why the account may not.
    async fn read_counters<T>(&self, result: Result<T, MongoError>) -> Result<T, Failure> {
        match result {
            Err(MongoError::Refused(reason)) => Err(self.may_not_read_counters(&self.by_hand.mongo, &reason).await),
            result => Ok(result?),
        }
    }

    /// What is missing, and what grants it.
    async fn may_not_read_counters(&self, mongo: &Mongo, reason: &str) -> Failure {
        let missing = vec![(mongo::ANALYTICS, vec!["find"])];
        let account = mongo.account(database::deadline()).await.ok().flatten();
        let remedy = account.map(|account| grant::remedy(&missing, &account, &self.settings.mongo_url).text);
        Failure::Service(format!(
            "--against-rocketchat reads {}, which the account may not ({reason}); {}",
            mongo::ANALYTICS,
            remedy.as_deref().unwrap_or("put user and password into MONGO_URL")
        ))
    }
}

impl Subject {
    fn name(&self) -> String {
        match self {
            Self::Pipeline(_) => "pipeline".to_owned(),
            Self::Service(service) => printable(&service.address),
            Self::Counters => "Rocket.Chat's counters".to_owned(),
        }
    }
}

/// What there is to know about counters beside the numbers.
fn notes(counters: &Counters) -> Vec<String> {
    let mut notes = Vec::new();
    if counters.in_rooms_gone > 0 {
        let messages = counted(counters.in_rooms_gone, "message");
        notes.push(format!(
            "{messages} of the counters were in rooms that are gone, where nothing can be counted by hand"
        ));
    }
    if counters.unreadable > 0 {
        let unreadable = counted(counters.unreadable, "document");
        notes.push(format!("{unreadable} of {} left out: not of the shape that is known", mongo::ANALYTICS));
    }
    notes
}

/// A line for each day.
fn table(differences: &BTreeMap<NaiveDate, Difference>) -> String {
    let mut table = format!("  {:<14}  {:>12}  {:>12}  {:>12}\n", "Day", "By hand", "There", "Difference");
    for (day, Difference { by_hand, other, is_moving }) in differences {
        let difference = other.cast_signed() - by_hand.cast_signed();
        let moving = if *is_moving { "  changes while it is counted" } else { "" };
        let day = day.format("%Y-%m-%d %a").to_string();
        let (by_hand, other, difference) = (grouped(*by_hand), grouped(*other), signed(difference));
        table += &format!("  {day:<14}  {by_hand:>12}  {other:>12}  {difference:>12}{moving}\n");
    }
    table
}
