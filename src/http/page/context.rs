//! `GET {page}/api/context`: what the page must know before it asks for a period.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use chrono::Utc;
use futures::future::try_join3;
use log::debug;

use super::{LABEL, PageCache, compressed};
use crate::{
    dashboard::page::{
        context::{Context, ContextDays, CountingStatus},
        question::NoParameters,
    },
    http::{
        dashboard::{Endpoint, Question},
        error::Error,
        json::{to_json, with_headers},
        openapi::{examples, schemas_of},
    },
    mongo::Mongo,
    people::People,
    room_look_up,
    tally::{Source, Tally},
    time_zone::TimeZone,
    workspace_settings::WorkspaceSettings,
};

/// The types of rooms that are channels.
const CHANNELS: [&str; 2] = ["c", "p"];

/// The row.
pub const DATA: Endpoint = Endpoint {
    path: "/api/context",
    label: LABEL,
    name: "PageContext",
    summary: "The workspace, its days, and how the service stands",
    description: "What the page must know before it asks for a period.",
    parameters: Vec::new,
    schemas: schemas_of::<Context<'_>>,
    answer: || examples::of::<Context<'_>>("The context.", EXAMPLE),
    handler: |route| route.to(answer),
};

/// An answer.
const EXAMPLE: &str = r#"{"workspace":"Example","zone":"Europe/Berlin","today":"2026-11-25","firstMessageDay":"2023-05-09",
"firstActivityDay":"2026-10-12","counting":{"source":"live","loadedDays":400,"historyDays":400},"roomTypes":["c","p","d"],
"channels":57,"version":"0.2.0"}"#;

#[expect(clippy::too_many_arguments, reason = "a handler's parameters say what it uses")]
async fn answer(
    request: HttpRequest,
    question: Question<NoParameters>,
    workspace: Data<WorkspaceSettings>,
    tally: Data<Tally>,
    people: Data<People>,
    mongo: Data<Mongo>,
    zone: Data<TimeZone>,
    cache: Data<PageCache>,
) -> Result<HttpResponse, Error> {
    let (now, deadline) = (Utc::now(), question.deadline);
    let (first_message, first_activity, channels) = try_join3(
        cache.first_message.get(deadline, async || tally.first_day(deadline).await),
        async {
            // Nobody should miss the messages because the account must not read sessions, or because they are slow.
            Ok(people.active_since(now, deadline).await.unwrap_or_else(|error| {
                debug!("who was active is not known: {error}");
                None
            }))
        },
        cache.channels.get(deadline, async || room_look_up::count(&mongo, &CHANNELS, deadline).await),
    )
    .await?;
    let status = tally.status();
    let source = match status.source {
        Source::Live => "live",
        Source::Loading => "loading",
        Source::Pipeline => "pipeline",
    };
    let values = workspace.values();
    let context = Context::new(
        &values.site_name,
        zone.to_string(),
        ContextDays { today: zone.date(now), first_message, first_activity },
        CountingStatus { source, loaded_days: status.loaded_days, history_days: tally.history_days() },
        tally.room_types(),
        channels,
    );
    Ok(compressed::with_body(&request, with_headers(&mut HttpResponse::Ok()), to_json(&context)))
}
