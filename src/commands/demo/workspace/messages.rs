//! The messages of the workspace.

use bson::{DateTime, Document, doc};
use chrono::{DateTime as Instant, Datelike, Days, NaiveDate, TimeDelta, Utc, Weekday};

use super::rooms::{ANNA_AND_BEN, DELETED, ENCRYPTED, LIVECHAT, ROOMS_THERE, SPIKE_CHANNEL, SUPPORT, VOIP, start_of};

/// Messages a day that count, in May 2023: those of the documented answer, and 44 in the period before.
const DOCUMENTED_DAYS: [(u32, u32); 20] = [
    (9, 4),
    (10, 4),
    (11, 4),
    (12, 4),
    (13, 4),
    (14, 4),
    (15, 4),
    (16, 4),
    (17, 4),
    (18, 4),
    (19, 4),
    (21, 5),
    (22, 22),
    (23, 129),
    (24, 126),
    (25, 79),
    (26, 114),
    (27, 1),
    (29, 101),
    (30, 183),
];

/// How many days of history there are, today included: as many as the service keeps in memory.
const HISTORY_DAYS: u64 = 400;

/// The rooms of the documented messages, the busiest first.
const COUNTING_ROOMS: [&str; 6] =
    ["GENERAL", "eXb7mQ2nTzWc4kLpA", "hT5vRw9sJdNq3yKmB", ENCRYPTED, ANNA_AND_BEN, "kD8rMultiple3User"];

const SENTENCES: [&str; 6] = [
    "Good morning!",
    "The build is green again.",
    "Could somebody look at my merge request?",
    "Lunch at half past twelve?",
    "Thank you, that was it.",
    "I will be in the other room.",
];

pub(super) fn messages(now: Instant<Utc>) -> Vec<Document> {
    let mut writer = Writer { messages: Vec::new(), random: 2023 };
    for (day, count) in DOCUMENTED_DAYS {
        if let Some(day) = NaiveDate::from_ymd_opt(2023, 5, day) {
            writer.write_day(day, count, Instant::<Utc>::MAX_UTC);
        }
    }
    let today = now.date_naive();
    for age in (0..HISTORY_DAYS).rev() {
        let day = today - Days::new(age);
        writer.write_usual_day(day, age, now);
        if day == spike_day(today) {
            writer.write_spike(day, now);
        }
    }
    writer.messages
}

/// The day of the last ten with three times the messages of a usual one: a Wednesday that is over.
pub fn spike_day(today: NaiveDate) -> NaiveDate {
    let days = (2..9).map(|age| today - Days::new(age));
    days.into_iter().find(|day| day.weekday() == Weekday::Wed).unwrap_or(today)
}

struct Writer {
    messages: Vec<Document>,
    random: u64,
}

impl Writer {
    /// A number below `bound`, from Knuth's linear congruential generator: it need only look like life.
    fn below(&mut self, bound: u32) -> u32 {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let high = self.random >> 33;
        u32::try_from(high % u64::from(bound)).unwrap_or_default()
    }

    /// A documented day with `count` messages that count and a few that do not.
    fn write_day(&mut self, day: NaiveDate, count: u32, now: Instant<Utc>) {
        for _ in 0..count {
            // The first rooms are the busiest.
            let room = COUNTING_ROOMS[(self.below(6) * self.below(6) / 5).min(5) as usize];
            self.write_counting(day, room, now);
        }
        self.write_others(day, now);
    }

    /// A day of the history, `age` days ago, with messages that count and a few that do not, none later than `now`.
    fn write_usual_day(&mut self, day: NaiveDate, age: u64, now: Instant<Utc>) {
        // More each month, most on Tuesdays.
        let usual = 160 - u32::try_from(age * 110 / HISTORY_DAYS).unwrap_or_default();
        let count = match day.weekday() {
            Weekday::Sat | Weekday::Sun => self.below(12),
            weekday => {
                let percent = [108, 116, 102, 98, 76, 0, 0][weekday.num_days_from_monday() as usize];
                usual * percent / 100 + self.below(usual / 5)
            }
        };
        let weights = ROOMS_THERE.map(|room| room.weight_on(day, age));
        for _ in 0..count {
            let mut place = self.below(weights.iter().sum());
            let drawn = ROOMS_THERE.iter().zip(weights).find(|(_, weight)| match place.checked_sub(*weight) {
                Some(rest) => {
                    place = rest;
                    false
                }
                None => true,
            });
            if let Some((room, _)) = drawn {
                self.write_counting(day, room.id, now);
            }
        }
        self.write_others(day, now);
    }

    /// What makes a usual day one with three times the messages: almost all in one channel.
    fn write_spike(&mut self, day: NaiveDate, now: Instant<Utc>) {
        for number in 0..330 {
            let room = if number % 11 == 0 { SUPPORT } else { SPIKE_CHANNEL };
            self.write_counting(day, room, now);
        }
    }

    /// A message that counts.
    fn write_counting(&mut self, day: NaiveDate, room: &str, now: Instant<Utc>) {
        let mut message = self.message(day, room);
        if room == ENCRYPTED {
            message.extend(doc! { "t": "e2e", "msg": "U2FsdGVkX1+not-for-our-eyes" });
        } else if self.below(8) == 0 {
            message.insert("tmid", format!("thread{day}"));
        }
        self.add(message, now);
    }

    /// Messages of a day that do not count.
    fn write_others(&mut self, day: NaiveDate, now: Instant<Utc>) {
        for kind in ["uj", "ul", "rm", "room_changed_topic"] {
            let message = self.message(day, "GENERAL");
            self.add_with(message, doc! { "t": kind }, now);
        }
        let original = self.message(day, "GENERAL");
        self.add_with(original, doc! { "_hidden": true, "parent": "an edited message" }, now);
        for room in [LIVECHAT, VOIP, DELETED] {
            let message = self.message(day, room);
            self.add(message, now);
        }
    }

    fn message(&mut self, day: NaiveDate, room: &str) -> Document {
        // Office hours, and a little after.
        let time = TimeDelta::milliseconds(i64::from(7 * 3_600_000 + self.below(14 * 3_600_000)));
        let at = DateTime::from_chrono(start_of(day) + time);
        let (user, name) = [("AnnaUser111111111", "anna"), ("BenUser2222222222", "ben")][self.below(2) as usize];
        doc! {
            "_id": format!("demo{:013}", self.messages.len()),
            "rid": room,
            "msg": SENTENCES[self.below(6) as usize],
            "ts": at,
            "u": { "_id": user, "username": name },
            "_updatedAt": at,
        }
    }

    fn add_with(&mut self, mut message: Document, fields: Document, now: Instant<Utc>) {
        message.extend(fields);
        self.add(message, now);
    }

    fn add(&mut self, message: Document, now: Instant<Utc>) {
        if message.get_datetime("ts").is_ok_and(|at| at.to_chrono() <= now) {
            self.messages.push(message);
        }
    }
}
