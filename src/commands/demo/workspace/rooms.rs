//! The rooms of the workspace.

use bson::{DateTime, Document, doc};
use chrono::{DateTime as Instant, Datelike, Days, NaiveDate, Utc};

use crate::commands::demo::people::chance;

/// When the workspace was made.
pub(super) const FOUNDED: Instant<Utc> = Instant::from_timestamp(1_672_560_000, 0).expect("an instant");

/// `_id` of the channel in which most messages of the day with the most were sent.
pub const SPIKE_CHANNEL: &str = "oP3rAt1oNsRoom4Xy";
/// `_id` of the channel that has many messages, the last ones 34 days ago.
pub const QUIET_CHANNEL: &str = "aTl4sPr0jEctRm8Qz";
const QUIET_SINCE: u64 = 34;
/// `_id` of the channel that was made 16 days ago.
pub const NEW_CHANNEL: &str = "rEl3aSe50RoomK7Wd";
const NEW_SINCE: u64 = 16;

/// A room of the workspace.
#[derive(Clone, Copy)]
pub(super) struct Room {
    pub(super) id: &'static str,
    /// `t`.
    kind: &'static str,
    /// What identifies it; rooms of direct messages have no name.
    name: Option<&'static str>,
    /// The name that people gave it, where that is another one.
    friendly_name: Option<&'static str>,
    /// Who is in it, of direct messages.
    usernames: &'static [&'static str],
    /// The room that a discussion belongs to.
    parent: Option<&'static str>,
    /// Its part of the history's messages, against the other rooms.
    weight: u32,
    /// How many days ago it was made, if not in the beginning.
    made: Option<u64>,
    /// How many days ago its last message was sent.
    last: u64,
}

impl Room {
    /// The same with a part of the history's messages.
    const fn weighing(self, weight: u32) -> Self {
        Self { weight, ..self }
    }

    /// When it was made.
    fn made(&self, today: NaiveDate) -> Instant<Utc> {
        self.made.map_or(FOUNDED, |age| start_of(today - Days::new(age)))
    }

    /// Its part of the messages of a day that long ago. It has better and worse weeks.
    pub(super) fn weight_on(&self, day: NaiveDate, age: u64) -> u32 {
        if age < self.last || self.made.is_some_and(|made| age > made) {
            return 0;
        }
        let monday = day - Days::new(u64::from(day.weekday().num_days_from_monday()));
        let percent = 70 + chance(self.id, monday, 0) % 61;
        self.weight * u32::try_from(percent).unwrap_or(100)
    }
}

const fn named(id: &'static str, kind: &'static str, name: &'static str, friendly_name: Option<&'static str>) -> Room {
    Room { id, kind, name: Some(name), friendly_name, usernames: &[], parent: None, weight: 0, made: None, last: 0 }
}

const fn between(id: &'static str, usernames: &'static [&'static str]) -> Room {
    Room { kind: "d", name: None, usernames, ..named(id, "d", "", None) }
}

pub(super) const ROOMS_THERE: [Room; 36] = [
    named("GENERAL", "c", "general", None).weighing(150),
    // It was renamed, and its name has characters that a `name` cannot have.
    named("eXb7mQ2nTzWc4kLpA", "c", "development-berlin", Some("Development (Berlin)")).weighing(170),
    named("hT5vRw9sJdNq3yKmB", "p", "board", None).weighing(25),
    Room {
        parent: Some("hT5vRw9sJdNq3yKmB"),
        ..named(ENCRYPTED, "p", "pEnc7Wx2", Some("Works council: agreement")).weighing(15)
    },
    between(ANNA_AND_BEN, &["anna", "ben"]).weighing(40),
    between("kD8rMultiple3User", &["anna", "ben", "carla"]).weighing(20),
    Room { kind: "l", ..between(LIVECHAT, &[]) },
    Room { kind: "v", ..between(VOIP, &[]) },
    named(SPIKE_CHANNEL, "c", "operations", Some("Operations")).weighing(60),
    Room { last: QUIET_SINCE, ..named(QUIET_CHANNEL, "c", "project-atlas", Some("Project Atlas")).weighing(110) },
    Room { made: Some(NEW_SINCE), ..named(NEW_CHANNEL, "c", "release-5", Some("Release 5.0")).weighing(70) },
    named(SUPPORT, "c", "support", Some("Support")).weighing(130),
    named("sAl3sTeamRoom5Hj7", "c", "sales", Some("Sales")).weighing(80),
    named("mArk3t1ngRoom6Gh2", "c", "marketing", Some("Marketing")).weighing(55),
    named("pR0ductRoomTz8Bn4", "c", "product", Some("Product")).weighing(75),
    named("dEs1gnStudioRm3Vc", "c", "design", Some("Design")).weighing(45),
    named("rAnd0mThingsRm7Fd", "c", "random", None).weighing(60),
    named("nEwsRoom4All9Sx1A", "c", "announcements", Some("Announcements")).weighing(6),
    named("hAmburg0ff1ceRm5E", "c", "office-hamburg", Some("Office Hamburg")).weighing(30),
    named("bErl1n0ff1ceRm6Rt", "c", "office-berlin", Some("Office Berlin")).weighing(25),
    named("lUnchTimeRoom8Yu3", "c", "lunch", None).weighing(22),
    named("bOokClubRoom1Io5P", "c", "book-club", Some("Book club")).weighing(5),
    named("f0otballRoom2Qw4E", "c", "football", Some("Football")).weighing(9),
    named("kN0wledgeRm3Zx6Cv", "c", "questions", Some("Questions and answers")).weighing(35),
    named("sEcur1tyRoom4Bn8M", "p", "security", Some("Security")).weighing(28),
    named("fInanceRoom5Lk2Jh", "p", "finance", Some("Finance")).weighing(26),
    named("pEopleTeamRm6Gf4D", "p", "people-team", Some("People team")).weighing(24),
    named("lEadershipRm7Sa1P", "p", "leadership", Some("Leadership")).weighing(20),
    named("aPprent1cesRm8Oi3", "p", "apprentices", Some("Apprentices")).weighing(12),
    between("CarlaDavidDirect1", &["carla", "david"]).weighing(22),
    between("ElifFaridDirect22", &["elif", "farid"]).weighing(14),
    between("GretaHugoDirect33", &["greta", "hugo"]).weighing(18),
    between("InesJonasDirect44", &["ines", "jonas"]).weighing(11),
    between("KiraLeonDirect555", &["kira", "leon"]).weighing(8),
    between("AnnaMonaDirect666", &["anna", "mona"]).weighing(16),
    between("BenNilsOlgaDirect", &["ben", "nils", "olga"]).weighing(10),
];

pub(super) const SUPPORT: &str = "sUpp0rtDeskRm2Lk9";
pub(super) const ANNA_AND_BEN: &str = "AnnaUser111111111BenUser2222222222";
pub(super) const ENCRYPTED: &str = "pEncryptedRoom77x";
pub(super) const LIVECHAT: &str = "oLiveChat9vWx2Qz1";
pub(super) const VOIP: &str = "vVoipCall5nMb8Yt4";
pub(super) const DELETED: &str = "roomThatIsGone999";

pub(super) fn rooms(now: Instant<Utc>) -> Vec<Document> {
    let room = |room: &Room| {
        let made = DateTime::from_chrono(room.made(now.date_naive()));
        let mut document = doc! { "_id": room.id, "t": room.kind, "ts": made, "_updatedAt": now };
        if let Some(name) = room.name {
            document.extend(doc! { "name": name, "fname": room.friendly_name.unwrap_or(name) });
        }
        if !room.usernames.is_empty() {
            document.extend(doc! { "usernames": room.usernames.to_vec(), "usersCount": room.usernames.len() as i32 });
        }
        document.extend(room.parent.map(|parent| ("prid".to_owned(), parent.into())));
        document
    };
    ROOMS_THERE.iter().map(room).collect()
}

/// The first instant of a day in UTC, the zone of the demonstration.
pub(super) fn start_of(day: NaiveDate) -> Instant<Utc> {
    day.and_time(chrono::NaiveTime::MIN).and_utc()
}
