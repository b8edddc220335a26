//! A run: what happens, in which order, and what the feed makes of it.

mod judge;

use std::collections::BTreeMap;

use rocketchat_engagement::tally::feed::{
    Answer, Command, Config, Fault, Feed, Input, Notice, Output, Point, Reason, Request, Stream,
};
use rocketchat_engagement::tally::flaw::{Flaw, Flaws};
use rocketchat_engagement::tally::time::{Day, Millis};

use crate::io::Cursor;
use crate::oracle;
use crate::random::Random;
use crate::server::{DAYS, FIRST_DAY, Server, token};
use crate::workload::Mix;

/// What a run has seen.
#[derive(Default, Debug)]
pub struct Stats {
    pub steps: u64,
    pub claims: u64,
    pub answers: u64,
    pub counts: BTreeMap<&'static str, u64>,
}

impl Stats {
    pub fn add(&mut self, name: &'static str) {
        *self.counts.entry(name).or_default() += 1;
    }

    pub fn merge(&mut self, other: Stats) {
        self.steps += other.steps;
        self.claims += other.claims;
        self.answers += other.answers;
        for (name, count) in other.counts {
            *self.counts.entry(name).or_default() += count;
        }
    }
}

/// A request that has not been answered.
pub struct Pending {
    pub request: Request,
    pub command: Command,
    /// How much was committed when it was made.
    pub committed: usize,
    pub asked: Millis,
    /// What the primary would have answered then.
    pub point: Point,
}

pub struct World {
    pub random: Random,
    mix: Mix,
    /// Weights of what happens next.
    weights: [u64; 12],
    /// Percent of requests that fail; that never come back; of snapshots that are not the newest.
    pub trouble: [u64; 3],
    pub now: Millis,
    /// What the feed is told; the clock may be wrong.
    today: Day,
    /// The day that it is.
    real_today: Day,
    pub server: Server,
    /// The server as it was before it was restored from an older copy, and when that was.
    before: Option<(Server, Millis)>,
    pub feed: Feed,
    config: Config,
    pub pending: Vec<Pending>,
    pub cursors: Vec<Cursor>,
    /// A read behind a drop has found nothing: the feed may say that things do not fit.
    pub blind: bool,
    /// The feed's own suspicions pass for ordinary rebuilds: only the judge counts.
    tolerant: bool,
    pub stats: Stats,
    pub trace: Vec<String>,
    tracing: bool,
}

impl World {
    pub fn new(seed: u64, flaw: Option<Flaw>, tolerant: bool, tracing: bool) -> Self {
        let mut random = Random::new(seed);
        let config = Config {
            history_days: 7,
            span_days: random.between(1, 8) as u32,
            parallelism: random.between(1, 3) as usize,
            load_pause: random.between(0, 1) * 20,
            audit_every: random.between(0, 3) * 400,
            request_timeout: 1_500,
            open_timeout: 1_500,
            load_timeout: 3_000,
            silence: 2_500,
            rest: 1_500,
            min_pause: 20,
            max_pause: 400,
            max_backlog: random.between(2, 200) as usize,
            seed,
            ..Config::default()
        };
        let (now, today) = (1_000_000, FIRST_DAY + 20);
        let feed = match flaw {
            None => Feed::new(config.clone(), today),
            Some(flaw) => Feed::flawed(config.clone(), today, Flaws::only(flaw)),
        };
        let mix = Mix::new(&mut random);
        let mut weights = [20, 16, 20, 8, 20, 16, 2, 2, 2, 1, 1, 2];
        for weight in &mut weights[..6] {
            *weight = (*weight * random.between(2, 10)) / 3;
        }
        for weight in &mut weights[6..] {
            *weight *= random.between(0, 4);
        }
        let trouble = [random.between(0, 2) * 6, random.between(0, 2) * 3, random.between(0, 3) * 15];
        let mut server = Server::new(now);
        for _ in 0..random.below(60) {
            mix.write(&mut random, &mut server, now, today);
        }
        server.commit(usize::MAX);
        let (pending, cursors) = (Vec::new(), Vec::new());
        let (stats, trace) = (Stats::default(), Vec::new());
        Self {
            random,
            mix,
            weights,
            trouble,
            now,
            today,
            real_today: today,
            server,
            before: None,
            feed,
            config,
            pending,
            cursors,
            blind: false,
            tolerant,
            stats,
            trace,
            tracing,
        }
    }

    /// Many steps, with lulls between.
    pub fn run(&mut self, steps: u64) -> Result<(), String> {
        let mut lull = 0;
        while self.stats.steps < steps {
            self.step()?;
            lull += 1;
            if lull > 500 && self.random.below(1000) == 0 {
                lull = 0;
                self.calm()?;
            }
        }
        self.calm()
    }

    /// One thing happens.
    fn step(&mut self) -> Result<(), String> {
        self.stats.steps += 1;
        match self.random.weighted(&self.weights) {
            0 => self.mix.write(&mut self.random, &mut self.server, self.now, self.real_today),
            1 => {
                let entries = self.random.below(10);
                self.server.commit(entries);
            }
            2 => self.deliver(Stream::Messages)?,
            3 => self.deliver(Stream::Rooms)?,
            4 => self.answer()?,
            5 => self.pass(1, 40)?,
            6 => self.break_stream()?,
            7 => {
                if self.random.chance(10) {
                    self.server.roll_back(self.now);
                    self.give(Input::Shaken)?;
                    self.stats.add("rollback");
                }
            }
            8 => {
                if self.random.chance(20) {
                    self.lose_history();
                }
            }
            9 => {
                if self.random.chance(4) {
                    self.restart()?;
                }
            }
            10 => {
                if self.random.chance(4) {
                    self.misset_clock()?;
                }
            }
            _ => {
                if self.random.chance(25) {
                    self.pass(300, 4_000)?;
                }
                if self.random.chance(12) && self.real_today < FIRST_DAY + DAYS as Day - 12 {
                    self.real_today += 1;
                    self.today = self.real_today;
                    self.stats.add("new day");
                    self.pass(1, 40)?;
                }
            }
        }
        self.judge()
    }

    fn pass(&mut self, low: Millis, high: Millis) -> Result<(), String> {
        self.now += self.random.between(low, high);
        self.give(Input::Tick { today: self.today })
    }

    /// All members are started again, perhaps on a copy of some time ago. Streams break, or the driver resumes them by itself.
    fn restart(&mut self) -> Result<(), String> {
        self.now += self.random.between(1_000, 3_000);
        let seen = token(self.server.majority_at(), 0);
        if self.random.chance(50) {
            self.before = Some((self.server.clone(), self.now));
            let entries = self.server.majority - self.random.below(self.server.majority.min(40));
            self.server.restore(self.now, entries.max(1).min(self.server.oplog.len() - 1).max(1));
            self.stats.add("restored");
        } else {
            self.server.restart(self.now);
            self.stats.add("restarted");
        }
        self.give(Input::Shaken)?;
        for index in (0..self.cursors.len()).rev() {
            if self.random.chance(50) {
                let request = self.cursors.swap_remove(index).request;
                self.give(Input::Failed { request, fault: Fault::Unreachable })?;
            } else {
                self.cursors[index].next = self.server.oplog.partition_point(|entry| entry.token <= seen);
            }
        }
        Ok(())
    }

    /// The clock jumps ahead, or is set right again.
    fn misset_clock(&mut self) -> Result<(), String> {
        self.today = match self.today == self.real_today {
            true => self.real_today + self.random.between(1, 12) as Day,
            false => self.real_today,
        };
        self.stats.add("clock set");
        self.pass(1, 40)
    }

    /// The oplog rolls over, or the window of snapshots moves on.
    fn lose_history(&mut self) {
        if self.random.chance(50) {
            self.server.oldest = self.server.majority;
            self.stats.add("oplog rolled over");
        } else {
            self.server.window = self.server.window.max(self.server.majority_at());
            self.stats.add("snapshot window moved");
        }
    }

    fn break_stream(&mut self) -> Result<(), String> {
        if self.cursors.is_empty() {
            return Ok(());
        }
        let index = self.random.below(self.cursors.len());
        let request = self.cursors[index].request;
        // One that merely falls silent stays open and is forgotten by the server.
        let silent = self.random.chance(10);
        self.cursors.swap_remove(index);
        if silent {
            return Ok(());
        }
        let fault = [Fault::Unreachable, Fault::Refused, Fault::Refused, Fault::Undecodable]
            [self.random.weighted(&[6, 6, 6, 1])];
        self.stats.add("stream broken");
        self.give(Input::Failed { request, fault })
    }

    pub fn give(&mut self, input: Input) -> Result<(), String> {
        if self.tracing {
            self.trace.push(format!("{} > {input:?}", self.now));
        }
        for output in self.feed.step(self.now, input) {
            if self.tracing {
                self.trace.push(format!("{}   < {output:?}", self.now));
            }
            match output {
                Output::Command(request, command) => {
                    let (committed, asked, point) = (self.server.majority, self.now, self.server.point());
                    self.pending.push(Pending { request, command, committed, asked, point });
                }
                Output::Notice(notice) => self.note(notice)?,
            }
        }
        Ok(())
    }

    fn note(&mut self, notice: Notice) -> Result<(), String> {
        match notice {
            Notice::Opened(_) => self.stats.add("opened"),
            Notice::Broken(..) => self.stats.add("broken"),
            Notice::Loaded(_) => self.stats.add("loaded"),
            Notice::Retry(_) => self.stats.add("tried again"),
            Notice::TooOld => self.stats.add("snapshot too old"),
            Notice::Complete => self.stats.add("complete"),
            Notice::Audited(_) => self.stats.add("audited"),
            Notice::NewPrimary => self.stats.add("proof sought"),
            Notice::Rest(_) => self.stats.add("rested"),
            Notice::Halved(_) => self.stats.add("span halved"),
            Notice::TooLarge(..) => self.stats.add("day too large"),
            Notice::Rebuild(_, Reason::Unproven) => self.stats.add("rebuilt: unproven"),
            Notice::Rebuild(_, Reason::GoneBack) if self.before.is_some() => self.stats.add("rebuilt: gone back"),
            Notice::Rebuild(_, Reason::Stream(fault)) => self.stats.add(match fault {
                Fault::Unreachable => return Err("an outage must not cost a reload".into()),
                Fault::Refused => "rebuilt: refused",
                Fault::HistoryLost => "rebuilt: history lost",
                Fault::Invalidated => "rebuilt: invalidated",
                Fault::Undecodable => "rebuilt: undecodable",
            }),
            Notice::Rebuild(_, Reason::ImagesLost) => self.stats.add("rebuilt: images lost"),
            Notice::Rebuild(_, Reason::Contradiction(_)) if std::mem::take(&mut self.blind) => {
                self.stats.add("rebuilt: read behind a drop");
            }
            Notice::Rebuild(_, Reason::Contradiction(_) | Reason::Audit { .. }) if self.tolerant => {
                self.stats.add("rebuilt: contradiction");
            }
            Notice::Rebuild(_, reason) => return Err(format!("nothing is wrong, but: {reason}")),
        }
        Ok(())
    }
}
