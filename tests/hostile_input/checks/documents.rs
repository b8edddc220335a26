//! Documents of every collection, with anything in every field: contract sections 3, 4, 5 and 7. What MongoDB itself
//! makes of such documents is tried on a real one, in `tests/api/authentication` and `tests/api/counting_property.rs`.

use std::collections::HashMap;

use actix_web::{ResponseError, http::StatusCode};
use bson::{Bson, DateTime, Document, RawBson, RawDocument};
use chrono::{Datelike, TimeDelta, Utc};
use rocketchat_engagement::{
    auth::Viewer,
    config::Layers,
    http::Error,
    tally::{
        chunk::Chunk,
        feed::{Change, Image},
        live::events::{Decoder, decode_id, encode_id},
        pipeline::read_cell,
    },
    time_zone::TimeZone,
    workspace_settings::{Cors, LoginExpiration, Values},
};

use super::byte;

/// The moment of all these requests.
const NOW: i64 = 1_700_000_000_000;

/// A byte that says what the document is, and its BSON.
pub fn check(mut bytes: &[u8]) {
    let which = byte(&mut bytes);
    let Ok(raw) = RawDocument::from_bytes(bytes) else { return };
    // What is malformed further in, or has a field twice, must do no harm; there is no plain rule for it.
    let plain = Document::try_from(raw).ok().filter(|plain| plain.to_vec().is_ok_and(|again| again == bytes));
    match which % 5 {
        0 => viewer(raw, plain.as_ref()),
        1 => settings(raw, plain.as_ref()),
        2 => message(raw, plain.as_ref()),
        3 => event(raw, plain.as_ref()),
        _ => cell(raw),
    }
}

fn viewer(raw: &RawDocument, plain: Option<&Document>) {
    let now = DateTime::from_millis(NOW).to_chrono();
    // What is not in the document of the look-up: a setting, and whether the workspace has any role.
    let setting = raw.get_array("loginExpiration").ok().and_then(|found| {
        found.into_iter().find_map(|item| item.ok()?.as_document()).and_then(|setting| setting.get("value").ok()?)
    });
    let has_roles = raw.get_array("anyRole").is_ok_and(|roles| roles.into_iter().next().is_some());
    let decision = Viewer::decide(raw, now, LoginExpiration::of(setting), has_roles, &["admin".to_owned()]);
    let decision =
        decision.map(|viewer| viewer.bypasses_rate_limit()).map_err(|denied| Error::from(denied).status_code());
    if let Some(plain) = plain {
        assert_eq!(decision, plain_decision(plain), "{plain}");
    }
}

fn items<'a>(document: &'a Document, name: &str) -> &'a [Bson] {
    document.get(name).and_then(Bson::as_array).map_or(&[], Vec::as_slice)
}

fn texts(items: &[Bson]) -> Vec<&str> {
    items.iter().filter_map(Bson::as_str).collect()
}

fn as_number(value: &Bson) -> Option<f64> {
    match value {
        Bson::Int32(number) => Some(f64::from(*number)),
        Bson::Int64(number) => Some(*number as f64),
        Bson::Double(number) => Some(*number),
        Bson::Decimal128(number) => number.to_string().parse().ok(),
        _ => None,
    }
}

fn plain_decision(row: &Document) -> Result<bool, StatusCode> {
    if row.get_str("_id").is_err() || row.get("active") == Some(&Bson::Boolean(false)) {
        return Err(StatusCode::UNAUTHORIZED);
    }
    let holds = match row.get("tokens") {
        Some(Bson::Array(tokens)) => {
            let setting = items(row, "loginExpiration").iter().find_map(Bson::as_document);
            let days = setting.and_then(|setting| as_number(setting.get("value")?));
            let days = days.filter(|days| days.is_finite() && *days > 0.0).unwrap_or(90.0);
            tokens.iter().filter_map(Bson::as_document).any(|token| match token.get("when") {
                _ if token.get("type") == Some(&Bson::from("personalAccessToken")) => true,
                Some(Bson::DateTime(when)) => NOW.saturating_sub(when.timestamp_millis()) as f64 <= days * 86_400_000.0,
                _ => true,
            })
        }
        _ => match row.get("oauth").and_then(Bson::as_document).map(|oauth| oauth.get("expires")) {
            Some(None | Some(Bson::Null | Bson::Undefined)) => true,
            Some(Some(Bson::DateTime(expires))) => expires.timestamp_millis() > NOW,
            _ => false,
        },
    };
    if !holds {
        return Err(StatusCode::UNAUTHORIZED);
    }
    let is_known = |role: &str| {
        let known = items(row, "knownRoles").iter().filter_map(Bson::as_document);
        let known: Vec<_> = known.filter_map(|known| known.get_str("_id").ok()).collect();
        (items(row, "anyRole").is_empty() && known.is_empty()) || known.contains(&role)
    };
    let roles = texts(items(row, "roles"));
    let has = |permission: &str, default: &[&str]| {
        let mut permissions = items(row, "permissions").iter().filter_map(Bson::as_document);
        let granted = match permissions.find(|document| document.get_str("_id").is_ok_and(|id| id == permission)) {
            None => default.to_vec(),
            Some(document) => {
                let granted = items(document, "roles");
                if granted.iter().all(|role| role.as_str().is_some()) { texts(granted) } else { vec![] }
            }
        };
        !roles.contains(&"guest") && roles.iter().any(|role| granted.contains(role) && is_known(role))
    };
    match has("view-engagement-dashboard", &["admin"]) {
        true => Ok(has("api-bypass-rate-limit", &["admin", "bot", "app"])),
        false => Err(StatusCode::FORBIDDEN),
    }
}

/// Each field is a setting: its name the id, its value the value.
fn settings(raw: &RawDocument, plain: Option<&Document>) {
    let fields = raw.iter().filter_map(Result::ok);
    let found: HashMap<_, _> = fields.map(|(id, value)| (id.to_string(), RawBson::from(value))).collect();
    let (values, oddities) = Values::read(&found);
    assert!(oddities.iter().all(|oddity| oddity.len() < 500 && !oddity.contains(char::is_control)), "{oddities:?}");
    let Some(plain) = plain else { return };

    let flag = |id: &str, default: bool| plain.get(id).and_then(Bson::as_bool).unwrap_or(default);
    let whole = |id: &str, default: u64| {
        let number = plain.get(id).and_then(as_number).filter(|number| number.is_finite() && *number >= 0.0);
        number.map_or(default, |number| number.trunc() as u64)
    };
    let limit = (
        whole("API_Enable_Rate_Limiter_Limit_Calls_Default", 10),
        whole("API_Enable_Rate_Limiter_Limit_Time_Default", 60_000),
    );
    let is_limited = flag("API_Enable_Rate_Limiter", true) && limit.0 > 0 && limit.1 > 0;
    let found = values.rate_limit.map(|limit| (limit.calls.get(), limit.milliseconds.get()));
    assert_eq!(found, is_limited.then_some(limit), "{plain}");
    assert_eq!(values.cors != Cors::Off, flag("API_Enable_CORS", false), "{plain}");
    let is_star = plain.get("API_CORS_Origin").and_then(Bson::as_str).is_none_or(|origins| origins.trim() == "*");
    assert!(values.cors == Cors::Off || is_star == (values.cors == Cors::AnyOrigin), "{plain}");
}

fn decoder() -> Decoder {
    Decoder { message_types: vec!["e2e".to_owned()], zone: TimeZone::UTC }
}

fn message(raw: &RawDocument, plain: Option<&Document>) {
    let image = decoder().image(raw);
    if let Some(plain) = plain {
        let found = image.cell().map(|(room, day)| (room.to_owned(), day));
        assert_eq!(found, plain_cell(plain), "{plain}");
    }
}

/// Where a message counts: its room and the days since 1970.
fn plain_cell(message: &Document) -> Option<(String, i32)> {
    let counts = match message.get("t") {
        None | Some(Bson::Null) => true,
        Some(kind) => kind == &Bson::from("e2e"),
    };
    let is_hidden = message.get("_hidden") == Some(&Bson::Boolean(true));
    let at = message.get_datetime("ts").ok()?.to_chrono();
    let room = message.get_str("rid").ok()?;
    let is_of_a_day = (0..=10_000).contains(&at.year());
    let day = at.timestamp().div_euclid(86_400);
    (counts && !is_hidden && is_of_a_day).then(|| (room.to_owned(), i32::try_from(day).expect("a day")))
}

fn event(raw: &RawDocument, plain: Option<&Document>) {
    let _room = decoder().room(raw);
    let change = decoder().message(raw);
    let Some(plain) = plain else { return };
    if let Some(id) = plain.get("_id") {
        let raw_id = raw.get("_id").expect("well formed").expect("there");
        assert_eq!(decode_id(&encode_id(raw_id)).as_ref(), Some(id), "{plain}");
    }
    let operation = plain.get_str("operationType").unwrap_or_default();
    let key = plain.get_document("documentKey").ok().and_then(|key| key.get("_id"));
    let has_envelope = plain.get_timestamp("clusterTime").is_ok()
        && plain.get_document("_id").is_ok_and(|token| token.get_str("_data").is_ok());
    let document = plain.get_document("fullDocument");
    match (operation, key) {
        ("delete", Some(_)) => assert_eq!(change.is_ok(), has_envelope, "{plain}"),
        ("insert" | "replace", Some(_)) => {
            assert_eq!(change.is_ok(), has_envelope && document.is_ok(), "{plain}");
            if let (Ok(change), Ok(document)) = (change, document) {
                let image = image(&change.change.change).expect("a document");
                assert_eq!(image.cell().map(|cell| (cell.0.to_owned(), cell.1)), plain_cell(document), "{plain}");
            }
        }
        ("update", Some(_)) => assert!(has_envelope || change.is_err(), "{plain}"),
        _ => assert!(change.is_err(), "{plain}"),
    }
}

fn image(change: &Change) -> Option<&Image> {
    match change {
        Change::Insert(image) | Change::Replace(image) => Some(image),
        Change::Update(_) | Change::Delete => None,
    }
}

/// What an aggregation may give when rooms and times are malformed.
fn cell(raw: &RawDocument) {
    let counting = Layers::read(None, &HashMap::<&str, &str>::new(), &[]).and_then(|layers| layers.settings());
    let zone = counting.expect("defaults").time_zone;
    let from = DateTime::from_millis(NOW).to_chrono();
    for days in [1, 30] {
        let to: chrono::DateTime<Utc> = from + TimeDelta::days(days);
        let chunk = Chunk { from, to, offset: zone.stretch(from, to).offset };
        if let Some(cell) = read_cell(&chunk, raw) {
            let is_text = |key: &str| raw.get_str(key).is_ok_and(|room| room == cell.room);
            let is_key = raw.get_document("_id").is_ok_and(|key| key.get_str("rid").is_ok_and(|rid| rid == cell.room));
            assert!(is_text("_id") || is_key, "{cell:?}");
        }
    }
}
