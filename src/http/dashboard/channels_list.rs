//! `GET /api/v1/engagement-dashboard/channels/list`: the rooms with messages, in pages (contract section 12).

use actix_web::{HttpResponse, web::Data};

use super::{Endpoint, Question};
use crate::{
    dashboard::channels_list::{ChannelsList, ChannelsQuestion},
    http::{
        error::Error,
        json::json,
        openapi::{examples, parameters, schemas_of},
    },
    mongo::Mongo,
    room_look_up::look_up,
    tally::Tally,
    workspace_settings::WorkspaceSettings,
};

/// The row.
pub const ENDPOINT: Endpoint = Endpoint {
    path: "/api/v1/engagement-dashboard/channels/list",
    label: "channels_list",
    name: "ChannelsList",
    summary: "Rooms with messages",
    description: "\
The rooms of any counted type that have messages on the days of a period, or on the days before it that it is compared with: \
as many as lie between `start` and `end`, rounded down, and two. In pages.",
    parameters: parameters::of_a_page,
    schemas: schemas_of::<ChannelsList>,
    answer: || examples::of::<ChannelsList>("A part of the rooms.", EXAMPLE),
    handler: |route| route.to(answer),
};

/// An answer.
const EXAMPLE: &str = r#"{"channels":[{"room":{"_id":"r2","ts":"2023-01-02T00:00:00.000Z","t":"d",
"_updatedAt":"2023-05-02T00:00:00.000Z","usernames":["b","a"]},"messages":9,"lastWeekMessages":0,"diffFromLastWeek":9},
{"room":{"_id":"r3","name":"Fn","ts":"2023-01-03T00:00:00.000Z","t":"p"},"messages":0,"lastWeekMessages":4,
"diffFromLastWeek":-4}],"total":2,"offset":0,"count":2,"success":true}"#;

async fn answer(
    question: Question<ChannelsQuestion>,
    tally: Data<Tally>,
    settings: Data<WorkspaceSettings>,
    mongo: Data<Mongo>,
) -> Result<HttpResponse, Error> {
    let ChannelsQuestion { windows, paging } = question.parameters;
    let page = paging.page(&settings.values().page_limits)?;
    let sums = tally.rooms(windows, page.end(), question.deadline).await?;
    let rooms = ChannelsList::rooms(&sums, &page);
    let ids: Vec<_> = rooms.iter().map(|room| room.id).collect();
    let details = look_up(&mongo, &ids, question.deadline).await?;
    let answer = ChannelsList::new(&rooms, |id| details.get(id), &page, sums.len());
    Ok(json(&mut HttpResponse::Ok(), &answer))
}
