//! `GET /api/v1/engagement-dashboard/messages/origin`: messages by type of room (contract section 10).

use actix_web::{HttpResponse, web::Data};

use super::{Endpoint, Question};
use crate::{
    dashboard::{origin::Origin, period::DayRange},
    http::{
        error::Error,
        json::json,
        openapi::{examples, parameters, schemas_of},
    },
    tally::Tally,
};

/// The row.
pub const ENDPOINT: Endpoint = Endpoint {
    path: "/api/v1/engagement-dashboard/messages/origin",
    label: "messages_origin",
    name: "MessagesOrigin",
    summary: "Messages by type of room",
    description: "\
How many messages were sent on the days of a period in channels, in private groups and in direct messages, by the type that \
each room has now. All days count, from that of `start` to that of `end`; a period that ends before it starts has none.",
    parameters: parameters::of_days,
    schemas: schemas_of::<Origin>,
    answer: || examples::of::<Origin>("The messages of the period.", DOCUMENTED),
    handler: |route| route.to(answer),
};

/// The answer of Rocket.Chat's documentation.
const DOCUMENTED: &str = r#"{"origins":[{"messages":7302,"t":"c"},{"messages":1147,"t":"d"},{"messages":122,"t":"p"}],
"success":true}"#;

async fn answer(question: Question<DayRange>, tally: Data<Tally>) -> Result<HttpResponse, Error> {
    let sums = tally.types(question.parameters, question.deadline).await?;
    Ok(json(&mut HttpResponse::Ok(), &Origin::new(sums)))
}
