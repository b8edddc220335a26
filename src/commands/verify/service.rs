//! A running service as a client sees it: asked over HTTP with somebody's token, which no error and no log ever shows.

use std::{collections::HashMap, path::PathBuf, time::Duration};

use chrono::{NaiveDate, TimeDelta, Utc};
use clap::Args;
use serde::{Deserialize, de::DeserializeOwned};
use ureq::{Agent, http::HeaderValue};

use crate::{
    auth::credentials::Token,
    commands::{
        failure::Failure,
        remote::{address, advice, agent, refusal},
        verify::{
            Counted,
            compare::{Counts, Kind, Subject},
        },
    },
    dashboard::{instant::iso_string, period::DayRange},
    http::dashboard::{Endpoint, channels_list, messages_sent, origin, top_five},
    time_zone::TimeZone,
};

/// How long an answer may take; a service without counts in memory has to count.
const PATIENCE: Duration = Duration::from_secs(300);

/// Far more than the widest period needs that has a message every day.
const MOST_BYTES: u64 = 256 << 20;

/// More than any refusal says.
const MOST_BYTES_OF_REFUSAL: u64 = 64 << 10;

/// Where the user's id is, if not on the command line. Not read by `clap`, which would not tell the two apart.
const USER_ID: &str = "ENGAGEMENT_USER_ID";

/// Where the token is, if not in a file.
const TOKEN: &str = "ENGAGEMENT_AUTH_TOKEN";

/// Which service is to be compared, and who asks. Not `Debug`: an address may hold what it should not.
#[derive(Args)]
pub struct ServiceOptions {
    /// Compare with a running service or Rocket.Chat, too: the address that people open, like `https://chat.example.org`.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// With --url: the id of a user who may ask. Without it, it is in the variable ENGAGEMENT_USER_ID.
    #[arg(long, value_name = "ID")]
    user_id: Option<String>,
    /// With --url: a file with one of that user's tokens. Without it, it is in the variable ENGAGEMENT_AUTH_TOKEN.
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
}

/// A running service.
#[derive(Debug, Clone)]
pub struct RemoteService {
    /// Its address, for people.
    pub address: String,
    user_id: String,
    token: Token,
    zone: TimeZone,
    agent: Agent,
}

/// What of the answers is needed.
#[derive(Deserialize)]
struct MessagesSent {
    days: Vec<Day>,
}

#[derive(Deserialize)]
struct Day {
    day: String,
    messages: u64,
}

#[derive(Deserialize)]
struct Origin {
    origins: Vec<OfType>,
}

#[derive(Deserialize)]
struct OfType {
    messages: u64,
    t: String,
}

#[derive(Deserialize)]
struct TopFive {
    channels: Vec<Popular>,
}

#[derive(Deserialize)]
struct Popular {
    messages: u64,
}

#[derive(Deserialize)]
struct Channels {
    channels: Vec<Channel>,
    total: u64,
}

#[derive(Deserialize)]
struct Channel {
    room: Room,
    messages: u64,
}

#[derive(Deserialize)]
struct Room {
    #[serde(rename = "_id")]
    id: String,
}

impl ServiceOptions {
    /// The service, if one is to be compared.
    ///
    /// # Errors
    /// What is needed to ask it is missing or cannot be used.
    pub fn service(&self, zone: TimeZone) -> Result<Option<RemoteService>, Failure> {
        let Some(url) = &self.url else {
            return match (&self.token_file, &self.user_id) {
                (Some(_), _) => {
                    Err(Failure::Usage("--token-file goes with --url: add that, or leave --token-file out"))
                }
                (None, Some(_)) => Err(Failure::Usage("--user-id goes with --url: add that, or leave --user-id out")),
                (None, None) => Ok(None),
            };
        };
        let address = address(url)?;
        let token = match &self.token_file {
            Some(file) => std::fs::read_to_string(file)
                .map_err(|error| Failure::Service(format!("the token file {}: {error}", file.display())))?,
            None => std::env::var(TOKEN).unwrap_or_default(),
        };
        let user_id = self.user_id.clone().or_else(|| std::env::var(USER_ID).ok()).unwrap_or_default();
        if token.trim().is_empty() || user_id.is_empty() {
            return Err(Failure::Usage(
                "--url needs somebody who may ask: --user-id, and a token in ENGAGEMENT_AUTH_TOKEN or --token-file",
            ));
        }
        let is_header = |text: &str| HeaderValue::from_str(text).is_ok();
        if !is_header(token.trim()) || !is_header(&user_id) {
            return Err(Failure::Usage("the user's id or the token has characters that neither can have"));
        }
        let token = Token::from(token.trim());
        let agent = agent(&address, PATIENCE)?;
        Ok(Some(RemoteService { address, user_id, token, zone, agent }))
    }
}

impl RemoteService {
    /// What the service answers about some days: messages per day, room and type of room, and of the busiest rooms.
    ///
    /// # Errors
    /// It does not answer, refuses, or means other days.
    pub async fn count(&self, range: DayRange) -> Result<Counted, Failure> {
        let service = self.clone();
        let asked = tokio::task::spawn_blocking(move || service.ask_all(range)).await;
        asked.unwrap_or_else(|panic| Err(Failure::Service(panic.to_string())))
    }

    fn ask_all(&self, range: DayRange) -> Result<Counted, Failure> {
        let days: Option<MessagesSent> = self.ask(&messages_sent::ENDPOINT, range, None)?;
        let days = days.and_then(|answer| self.days(range, answer));
        let mut counts = days.ok_or_else(|| {
            let other = "its days begin at other moments: its time zone is not";
            let what = format!("{other} {}; give it with --timezone", self.zone);
            self.failed(messages_sent::ENDPOINT.path, &what)
        })?;
        let (mut kinds, mut missing) = (vec![Kind::Day], Vec::new());
        let mut add = |kind, path: &str, found: Option<Counts>| match found {
            Some(found) => {
                counts.extend(found);
                kinds.push(kind);
            }
            None => missing.push(path.to_owned()),
        };
        add(Kind::Type, origin::ENDPOINT.path, self.types(range)?);
        add(Kind::Place, top_five::ENDPOINT.path, self.places(range)?);
        add(Kind::Room, channels_list::ENDPOINT.path, self.rooms(range)?);
        let note = (!missing.is_empty()).then(|| format!("not there (404), so not compared: {}", missing.join(", ")));
        Ok(Counted { counts, kinds, notes: note.into_iter().collect() })
    }

    fn types(&self, range: DayRange) -> Result<Option<Counts>, Failure> {
        let answer: Option<Origin> = self.ask(&origin::ENDPOINT, range, None)?;
        Ok(answer.map(|answer| {
            let types = answer.origins.into_iter().filter(|of_type| of_type.messages > 0);
            types.map(|of_type| (Subject::Type(of_type.t), of_type.messages)).collect()
        }))
    }

    fn places(&self, range: DayRange) -> Result<Option<Counts>, Failure> {
        let answer: Option<TopFive> = self.ask(&top_five::ENDPOINT, range, None)?;
        Ok(answer.map(|answer| {
            let places = answer.channels.into_iter().zip(1..);
            places.map(|(channel, place)| (Subject::Place(place), channel.messages)).collect()
        }))
    }

    /// All pages of the list.
    fn rooms(&self, range: DayRange) -> Result<Option<Counts>, Failure> {
        let (mut rooms, mut seen) = (Counts::new(), 0);
        loop {
            let answer: Option<Channels> = self.ask(&channels_list::ENDPOINT, range, Some(seen))?;
            let Some(Channels { channels, total }) = answer else { return Ok(None) };
            seen += channels.len() as u64;
            let is_last = channels.is_empty() || seen >= total;
            for Channel { room, messages } in channels {
                // One that has moved to a later page meanwhile comes again.
                if messages > 0 {
                    rooms.insert(Subject::Room(room.id), messages);
                }
            }
            if is_last {
                return Ok(Some(rooms));
            }
        }
    }

    fn failed(&self, path: &str, what: &str) -> Failure {
        Failure::Service(format!("{}{path}: {what}", self.address))
    }

    /// An answer; none if there is nothing at this path, although there is at that of the messages per day.
    fn ask<T: DeserializeOwned>(
        &self,
        endpoint: &Endpoint,
        range: DayRange,
        offset: Option<u64>,
    ) -> Result<Option<T>, Failure> {
        let path = endpoint.path;
        let failed = |what: &str| self.failed(path, what);
        // In the morning of the first day and in the evening of the last: there are no clock changes that would make a
        // whole day less of that.
        let start = iso_string(self.zone.start_of(range.first) + TimeDelta::hours(6));
        let end = iso_string(self.zone.start_of(range.last) + TimeDelta::hours(18));
        let mut request = self.agent.get(format!("{}{path}", self.address)).query("start", start).query("end", end);
        if let Some(offset) = offset {
            request = request.query("offset", offset.to_string()).query("count", "0");
        }
        let request = request.header("X-User-Id", &self.user_id).header("X-Auth-Token", self.token.expose());
        let unanswered = |error: ureq::Error| failed(&advice(&error, PATIENCE));
        let mut response = request.call().map_err(unanswered)?;
        let status = response.status().as_u16();
        let most = if status == 200 { MOST_BYTES } else { MOST_BYTES_OF_REFUSAL };
        let body = response.body_mut().with_config().limit(most).read_to_string();
        match status {
            200 => {
                let body = body.map_err(unanswered)?;
                Ok(Some(serde_json::from_str(&body).map_err(|_| failed("this is no answer of the endpoint's"))?))
            }
            404 if path != messages_sent::ENDPOINT.path => Ok(None),
            _ => {
                let (body, secret) = (body.unwrap_or_default(), self.token.expose());
                let now = Utc::now().timestamp_millis();
                Err(failed(&refusal(status, response.headers(), &body, secret, now)))
            }
        }
    }

    /// The days of an answer; none if one of them is no day of this zone.
    fn days(&self, range: DayRange, answer: MessagesSent) -> Option<Counts> {
        let days = range.first.iter_days().take_while(|day| *day <= range.last);
        let days: HashMap<String, NaiveDate> = days.map(|day| (iso_string(self.zone.start_of(day)), day)).collect();
        let found = answer.days.into_iter();
        found.map(|Day { day, messages }| Some((Subject::Day(*days.get(&day)?), messages))).collect()
    }
}
