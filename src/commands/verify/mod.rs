//! `verify`: counts by hand, message by message, and compares that with the other ways there are to count.

mod by_hand;
mod compare;
mod counters;
mod service;

use std::{process::ExitCode, sync::Arc, time::Duration};

use chrono::Utc;
use clap::Args;
use tokio::time::sleep;
use unicode_width::UnicodeWidthStr;

use crate::{
    commands::{
        console::{self, counted, grouped, printable, signed},
        database,
        days::Range,
        failure::Failure,
        progress::Progress,
        verdict::{Look, Status},
        verify::{
            by_hand::ByHand,
            compare::{Counts, Difference, Differences, Kind, Subject},
            counters::Counters,
            service::{RemoteService, ServiceOptions},
        },
    },
    config::Settings,
    dashboard::{messages_sent::DayCounts, period::DayRange, top_five::TopFive},
    mongo::{self, MongoError, Patience},
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
enum Way {
    /// The aggregations, as the service has them.
    Pipeline(Box<Counter>),
    /// A running service.
    Service(Box<RemoteService>),
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
    let mut ways = vec![Way::Pipeline(Box::new(Counter::new(mongo, settings.counting.clone(), zone.clone())))];
    ways.extend(service.map(|service| Way::Service(Box::new(service))));
    ways.extend(options.against_rocketchat.then_some(Way::Counters));

    let by_hand = verifier.by_hand.count(range).await?;
    if by_hand.is_empty() {
        database::expect_workspace(&verifier.by_hand.mongo, settings, "messages").await?;
    } else if options.against_rocketchat {
        verifier.expect_counters(range).await?;
    }
    let of_day = |(subject, messages): (&Subject, &u64)| (subject.kind() == Kind::Day).then_some(*messages);
    let messages = by_hand.iter().filter_map(of_day).sum();
    let days = range.first.iter_days().take_while(|day| *day <= range.last).filter(|day| zone.has(*day)).count();
    let days = counted(days as u64, "day");
    let counted = counted(messages, "message");
    let mut text = format!("{} to {} ({zone}): {days}, {counted} counted by hand\n", range.first, range.last);
    let mut differs = false;
    for way in &ways {
        let (lines, way_differs) = verifier.compare(way, range, &by_hand).await?;
        text += &lines;
        differs |= way_differs;
    }
    console::print(&text)?;
    Ok(ExitCode::from(u8::from(differs)))
}

/// What a way of counting comes to.
struct Counted {
    counts: Counts,
    /// What it counts at all.
    kinds: Vec<Kind>,
    /// What is to be said about it.
    notes: Vec<String>,
}

/// The kinds of numbers: what they are called, one of them, and at the head of a table.
const KINDS: [(Kind, &str, &str); 4] = [
    (Kind::Day, "day", "Day"),
    (Kind::Room, "room", "Room"),
    (Kind::Type, "room type", "Type"),
    (Kind::Place, "busiest room", "Place"),
];

/// So many lines of a table are shown at most, if they are not days.
const MOST_LINES: usize = 20;

struct Verifier<'a> {
    by_hand: ByHand,
    settings: &'a Settings,
    look: Look,
}

impl Verifier<'_> {
    /// Compares, and says in lines whether there is a difference.
    async fn compare(&self, way: &Way, range: DayRange, by_hand: &Counts) -> Result<(String, bool), Failure> {
        let Counted { counts, kinds, notes } = self.count(way, range).await?;
        let mut differences = Differences::at_first_sight(by_hand, &counts, &kinds);
        for _ in 0..ATTEMPTS {
            let Some(days) = differences.doubtful_days(range) else { break };
            let before = self.by_hand.count(days).await?;
            sleep(SETTLING).await;
            let other = self.count(way, days).await?;
            let after = self.by_hand.count(days).await?;
            differences.settle(&before, &other.counts, &after);
        }
        let differences = differences.all();
        let name = way.name();
        let mut text = String::new();
        if differences.is_empty() {
            text += &self.look.line(Status::Ok, &format!("{name}: no difference"));
        }
        for (kind, what, head) in KINDS {
            let of_kind: Vec<_> = differences.iter().filter(|(subject, _)| subject.kind() == kind).collect();
            if !of_kind.is_empty() {
                let what = counted(of_kind.len() as u64, what);
                text += &self.look.line(Status::Fails, &format!("{name}: {what} with a difference"));
                text += &table(head, &of_kind);
            }
        }
        for note in notes {
            text += &self.look.below(&note);
        }
        Ok((text, !differences.is_empty()))
    }

    /// What somebody counts, and what is to be said about it.
    async fn count(&self, way: &Way, range: DayRange) -> Result<Counted, Failure> {
        let mongo = &self.by_hand.mongo;
        match way {
            Way::Pipeline(counter) => {
                let (from, to) = self.by_hand.zone.span(range.first, range.last);
                let progress = Progress::new("counting by the pipeline", from, to);
                let reached = |at| progress.reached(at);
                let counted = counter.count(range, [range], database::deadline(), &reached).await?;
                let mut counts = of_days(counted.days());
                for room in counted.rooms.iter() {
                    counts.insert(Subject::Room(room.id.to_owned()), room.messages[0]);
                    *counts.entry(Subject::Type(room.kind.to_owned())).or_default() += room.messages[0];
                }
                let busiest = TopFive::rooms(&counted.rooms).into_iter().zip(1..);
                counts.extend(busiest.map(|(room, place)| (Subject::Place(place), room.messages[0])));
                Ok(Counted { counts, kinds: vec![Kind::Day, Kind::Room, Kind::Type, Kind::Place], notes: Vec::new() })
            }
            Way::Service(service) => service.count(range).await,
            Way::Counters => {
                let rooms = self.by_hand.rooms().await?;
                let types = &self.settings.counting.room_types;
                let counters = self.read_counters(counters::read(mongo, range, types, rooms).await).await?;
                let notes = notes(&counters);
                Ok(Counted { counts: of_days(counters.days), kinds: vec![Kind::Day], notes })
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
    async fn read_counters<T>(&self, read: Result<T, MongoError>) -> Result<T, Failure> {
        database::may_read(read, "--against-rocketchat", mongo::ANALYTICS, &self.by_hand.mongo, self.settings).await
    }
}

impl Way {
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

fn of_days(days: DayCounts) -> Counts {
    days.into_iter().map(|(day, messages)| (Subject::Day(day), messages)).collect()
}

/// A line for each difference.
fn table(head: &str, differences: &[(&Subject, &Difference)]) -> String {
    let name = |subject: &Subject| match subject {
        Subject::Day(day) => day.format("%Y-%m-%d %a").to_string(),
        Subject::Room(name) | Subject::Type(name) => printable(name),
        Subject::Place(place) => place.to_string(),
    };
    let most = if head == "Day" { differences.len() } else { MOST_LINES };
    let rows: Vec<_> = differences.iter().take(most).map(|(subject, difference)| (name(subject), difference)).collect();
    let width = rows.iter().map(|(name, _)| name.width()).max().unwrap_or_default().clamp(14, 40);
    let mut table = format!("  {head:<width$}  {:>12}  {:>12}  {:>12}\n", "By hand", "There", "Difference");
    for (name, Difference { by_hand, other, is_moving }) in rows {
        let difference = other.cast_signed() - by_hand.cast_signed();
        let moving = if *is_moving { "  changes while it is counted" } else { "" };
        let pad = " ".repeat(width.saturating_sub(name.width()));
        let (by_hand, other, difference) = (grouped(*by_hand), grouped(*other), signed(difference));
        table += &format!("  {name}{pad}  {by_hand:>12}  {other:>12}  {difference:>12}{moving}\n");
    }
    match differences.len().saturating_sub(most) {
        0 => table,
        more => table + &format!("  … and {} more\n", grouped(more as u64)),
    }
}
