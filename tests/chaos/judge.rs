//! Asks all the time and judges every answer: its status, how long it took, and whether its counts can be right.
//!
//! An answer is right if each of its counts is one that the database may have given at some moment from `max_staleness`
//! before the question to the end of the answer, by the [`Book`]. Only while members may know less than has been
//! written (a primary that is frozen, dead or deposed, until the others have agreed on a new one) an answer may be older, but
//! never older than that time: the service cannot know more than the members that are there. While the majority stands still
//! nothing is forgiven: what the primary has acknowledged by itself must be counted in time.

use std::{
    net::SocketAddr,
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    task::JoinHandle,
    time::{sleep, timeout},
};

use crate::{
    book::{Book, Moment, Range},
    random::Random,
    service::{GUEST, REGULAR, Viewer, ask, readiness},
    truth::{Answer, DAY, Truth, Window},
};

/// How old an answer may be (contract of issue 3), and how late a waiting process may be given the processor.
pub const STALENESS: Duration = Duration::from_millis(2_000 + 250);

/// Within what time every question is answered, and how late the answer may come to be seen.
const DEADLINE: Duration = Duration::from_millis(10_000 + 500);

const UNAVAILABLE: &str = r#"{"success":false,"error":"Service Unavailable"}"#;

/// What has been seen.
#[derive(Debug, Default)]
pub struct Seen {
    /// What must not have been seen.
    pub wrong: Vec<String>,
    /// What was done and seen, with its time.
    pub story: Vec<String>,
    pub right: u64,
    /// Right for the members that were there, but older than usual.
    pub lagging: u64,
    pub unavailable: u64,
    pub slowest: Duration,
}

/// See the module. Cheap to clone.
#[derive(Clone)]
pub struct Judge {
    pub book: Book,
    pub address: SocketAddr,
    /// Milliseconds that the time zone is ahead of UTC.
    pub ahead: i64,
    pub seen: Arc<Mutex<Seen>>,
}

impl Judge {
    /// Does something with what has been seen.
    pub fn with<T>(&self, act: impl FnOnce(&mut Seen) -> T) -> T {
        act(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Adds a line to the story.
    pub fn note(&self, line: &str) {
        let now = self.book.now().as_secs_f64();
        self.with(|seen| seen.story.push(format!("{now:8.3} {line}")));
    }

    /// Notes what must not be.
    pub fn wrong(&self, line: &str) {
        self.note(&format!("WRONG {line}"));
        self.with(|seen| seen.wrong.push(line.to_owned()));
    }

    /// Periods that people ask about: today, with yesterday, up to tomorrow, 30 and 90 days, a month that is over, one that
    /// reaches back beyond what is kept in memory.
    pub fn windows(&self) -> [Window; 7] {
        let today = (bson::DateTime::now().timestamp_millis() + self.ahead).div_euclid(DAY);
        [(0, 0), (-1, 0), (-6, 1), (-29, 0), (-89, 0), (-75, -46), (-430, -395)]
            .map(|(first, last)| Window { first: today + first, last: today + last })
    }

    /// Asks about a window and judges the answer, if there is one.
    pub async fn ask(&self, window: Window) -> Option<Answer> {
        self.ask_as(REGULAR, window).await
    }

    /// The same, as somebody in particular who may ask.
    pub async fn ask_as(&self, viewer: Viewer, window: Window) -> Option<Answer> {
        let asked = self.book.now();
        let query = window.query(self.ahead);
        let mut answer = pin!(ask(self.address, viewer, &query));
        let response = loop {
            match timeout(Duration::from_secs(1), answer.as_mut()).await {
                Ok(response) => break response,
                Err(_) if self.took(asked) > DEADLINE + Duration::from_secs(5) => {
                    self.wrong(&format!("no answer at all to {window:?}, asked at {asked:?}"));
                    return None;
                }
                Err(_) => {}
            }
        };
        let (answered, took) = (self.book.now(), self.took(asked));
        self.with(|seen| seen.slowest = seen.slowest.max(took));
        if took > DEADLINE {
            self.wrong(&format!("{} after {took:?}: {}", response.status, response.body));
        }
        match response.status {
            200 => match Answer::read(&response.body, window, self.ahead) {
                Ok(answer) => {
                    self.check(window, &answer, asked, answered);
                    return Some(answer);
                }
                Err(error) => self.wrong(&format!("{error}: {}", response.body)),
            },
            503 if response.body == UNAVAILABLE && response.header("retry-after").is_some() => {
                self.with(|seen| seen.unavailable += 1);
            }
            _ => self.wrong(&format!("answered {response:?}")),
        }
        None
    }

    /// Asks as the guest, whose token has been revoked. Whether that was refused: while much fails, 503 may come instead.
    pub async fn refused(&self, window: Window) -> bool {
        let response = ask(self.address, GUEST, &window.query(self.ahead)).await;
        match response.status {
            401 => true,
            503 if response.body == UNAVAILABLE => false,
            _ => {
                self.wrong(&format!("a revoked token was answered {response:?}"));
                true
            }
        }
    }

    /// How long the service has had for a question.
    fn took(&self, asked: Moment) -> Duration {
        let now = self.book.now();
        (now - asked).saturating_sub(self.book.frozen_between(asked, now))
    }

    /// Whether an answer can be right.
    fn check(&self, window: Window, answer: &Answer, asked: Moment, answered: Moment) {
        let difference = |from: Moment| {
            let ranges = self.book.ranges(window.before(), window.last, self.ahead, from, answered);
            difference(window, answer, &ranges)
        };
        let from = asked.saturating_sub(STALENESS);
        let Some(strict) = difference(from) else {
            self.with(|seen| seen.right += 1);
            return;
        };
        if let Some(lag) = self.book.lag_before(from, answered)
            && difference(lag.saturating_sub(STALENESS)).is_none()
        {
            self.with(|seen| seen.lagging += 1);
            return;
        }
        let older = (1..=240_u32).map(|step| STALENESS + step * Duration::from_millis(250));
        let age = older.into_iter().find(|age| difference(asked.saturating_sub(*age)).is_none());
        let age = age.map_or("never right in the last minute".to_owned(), |age| format!("right if {age:?} old"));
        let (asked, took) = (asked.as_secs_f64(), answered - asked);
        self.wrong(&format!("{strict}; {age}; {window:?} asked at {asked:.3}, answered after {took:?}"));
    }

    /// Asks about every window while nobody writes; each answer must be the count by hand. Complains of 503.
    pub async fn exact(&self, truth: &Truth, when: &str) {
        for window in self.windows() {
            let expected = truth.answer(window, self.ahead);
            match self.ask(window).await {
                None => self.wrong(&format!("no answer {when}, while all is well")),
                Some(answer) if answer != expected => {
                    let days = expected.days.keys().chain(answer.days.keys());
                    let differs = |day: &&i64| expected.days.get(day) != answer.days.get(day);
                    let differing: Vec<_> =
                        days.filter(differs).map(|day| (day, expected.days.get(day), answer.days.get(day))).collect();
                    let sums = (expected.count, expected.variation, answer.count, answer.variation);
                    self.wrong(&format!("{when} {window:?}: (day, expected, answered) {differing:?}; sums {sums:?}"));
                }
                Some(_) => {}
            }
        }
    }

    /// Asks about one window after another until it is stopped.
    pub fn run(self, seed: u64) -> JoinHandle<()> {
        let mut random = Random::new(seed);
        tokio::spawn(async move {
            loop {
                let windows = self.windows();
                self.ask(windows[random.below(windows.len())]).await;
                sleep(Duration::from_millis(random.between(5, 50))).await;
            }
        })
    }

    /// Notes every change of `/readyz` until it is stopped.
    pub fn watch(self) -> JoinHandle<()> {
        let mut last = None;
        tokio::spawn(async move {
            loop {
                let readiness = readiness(self.address).await;
                let state = (readiness.counting.clone(), readiness.mongodb.clone());
                if last.as_ref() != Some(&state) {
                    self.note(&format!("{readiness:?}"));
                    last = Some(state);
                }
                sleep(Duration::from_millis(100)).await;
            }
        })
    }
}

/// The first count that lies outside of its range. The ranges begin with the previous window.
fn difference(window: Window, answer: &Answer, ranges: &[Range]) -> Option<String> {
    let (previous, current) = ranges.split_at(ranges.len() - usize::try_from(window.days()).ok()?);
    for (day, (least, most)) in (window.first..).zip(current) {
        let count = answer.days.get(&day).copied().unwrap_or(0);
        if !(least..=most).contains(&&count) {
            return Some(format!("{count} messages on day {day}, not {least} to {most}"));
        }
    }
    // The previous window has a day more than is taken: the oldest is left out unless another is empty.
    let (oldest, newer) = previous.split_first()?;
    let least: i64 = newer.iter().map(|range| range.0).sum();
    let most: i64 = newer.iter().map(|range| range.1).sum();
    let least = least + if newer.iter().any(|range| range.1 == 0) { oldest.0 } else { 0 };
    let most = most + if newer.iter().any(|range| range.0 == 0) { oldest.1 } else { 0 };
    let count = answer.count - answer.variation;
    (!(least..=most).contains(&count))
        .then(|| format!("{count} messages in the previous window, not {least} to {most}"))
}
