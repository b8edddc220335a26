//! `GET /api/v1/engagement-dashboard/messages/top-five-popular-channels`: the busiest rooms (contract section 11).

use actix_web::{HttpResponse, web::Data};

use super::{Endpoint, Question};
use crate::{
    dashboard::{
        period::DayRange,
        top_five::{MOST, TopFive},
    },
    http::{
        error::Error,
        json::json,
        openapi::{examples, parameters, schemas_of},
    },
    mongo::Mongo,
    room_look_up::look_up,
    tally::Tally,
};

/// The row.
pub const ENDPOINT: Endpoint = Endpoint {
    path: "/api/v1/engagement-dashboard/messages/top-five-popular-channels",
    label: "top_five_popular_channels",
    name: "PopularChannels",
    summary: "The five busiest rooms",
    description: "\
The rooms of any counted type with the most messages on the days of a period. All days count, from that of `start` to that of \
`end`; a period that ends before it starts has none.",
    parameters: parameters::of_days,
    schemas: schemas_of::<TopFive>,
    answer: || examples::of::<TopFive>("The busiest rooms of the period.", DOCUMENTED),
    handler: |route| route.to(answer),
};

/// From the answer of Rocket.Chat's documentation.
const DOCUMENTED: &str = r#"{"channels":[{"messages":727,"t":"d","usernames":["google-calendar.bot","pavi.kim"]},
{"messages":26,"t":"c","name":"general","usernames":[]}],"success":true}"#;

async fn answer(question: Question<DayRange>, tally: Data<Tally>, mongo: Data<Mongo>) -> Result<HttpResponse, Error> {
    let sums = tally.rooms([question.parameters], MOST, question.deadline).await?;
    let rooms = TopFive::rooms(&sums);
    let ids: Vec<_> = rooms.iter().map(|room| room.id).collect();
    let details = look_up(&mongo, &ids, question.deadline).await?;
    Ok(json(&mut HttpResponse::Ok(), &TopFive::new(&rooms, |id| details.get(id))))
}
