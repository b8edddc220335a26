//! `GET {page}/api/messages`: messages by day and type, and by room.

use actix_web::{HttpRequest, HttpResponse, web::Data};

use super::{LABEL, PageCache, compressed};
use crate::{
    dashboard::page::{
        messages::{DIRECT, Messages},
        question::MessagesQuestion,
    },
    http::{
        dashboard::{Endpoint, Question},
        error::Error,
        json::with_headers,
        openapi::{examples, parameters, schemas_of},
    },
    mongo::Mongo,
    tally::Tally,
};

/// The row.
pub const DATA: Endpoint = Endpoint {
    path: "/api/messages",
    label: LABEL,
    name: "PageMessages",
    summary: "Messages by day and type of room, and by room",
    description: "\
The messages of a period, and of the days that it is compared with: of each day by type of room, and of each room with its trend. All \
of it is of one moment where it comes from memory, so the sums are the same.",
    parameters: parameters::of_page_messages,
    schemas: schemas_of::<Messages<'_>>,
    answer: || examples::of::<Messages<'_>>("The messages of the period.", EXAMPLE),
    handler: |route| route.to(answer),
};

/// An answer.
const EXAMPLE: &str = r#"{"start":"2026-11-01","end":"2026-11-02","compare":{"start":"2026-10-30","end":"2026-10-31"},
"days":[{"day":"2026-11-01","c":10,"p":3,"d":1},{"day":"2026-11-02","c":4,"p":0,"d":2}],
"compareDays":[{"day":"2026-10-30","c":9,"p":3,"d":0},{"day":"2026-10-31","c":0,"p":0,"d":1}],
"rooms":[{"id":"GENERAL","name":"general","type":"c","messages":14,"before":9,"lastDay":"2026-11-02","trend":[10,4]},
{"id":"r2","name":"board","type":"p","messages":3,"before":3,"lastDay":"2026-11-01","trend":[3,0]}],
"direct":{"conversations":2,"messages":3,"before":1,"trend":[1,2]}}"#;

async fn answer(
    request: HttpRequest,
    question: Question<MessagesQuestion>,
    tally: Data<Tally>,
    mongo: Data<Mongo>,
    cache: Data<PageCache>,
) -> Result<HttpResponse, Error> {
    let Question { parameters: MessagesQuestion { days, room }, deadline, .. } = question;
    let breakdown = tally.breakdown(days, room.as_deref(), deadline).await?;
    let named = breakdown.rooms.iter().filter(|room| room.kind != DIRECT);
    let (numbers, ids): (Vec<_>, Vec<_>) = named.map(|room| (room.number, room.id)).unzip();
    let found = cache.names.of(&mongo, &ids, deadline).await?;
    let mut names = vec![""; breakdown.last_days.len()];
    for (number, name) in numbers.into_iter().zip(&*found) {
        if let Some(slot) = names.get_mut(number) {
            *slot = name;
        }
    }
    let messages = Messages::new(days, &breakdown, tally.room_types(), &names);
    Ok(compressed::with_body(&request, with_headers(&mut HttpResponse::Ok()), messages.to_json().into()))
}
