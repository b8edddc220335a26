//! `GET /api/v1/engagement-dashboard/users/chat-busier/hourly-data`: people by hour of one day (contract section 14).

use actix_web::{HttpResponse, web::Data};

use super::{Endpoint, Question};
use crate::{
    dashboard::busy_times::{Slots, UpTo},
    http::{
        error::Error,
        json::json,
        openapi::{examples, parameters, schemas_of},
    },
    people::People,
};

/// The row.
pub const ENDPOINT: Endpoint = Endpoint {
    path: "/api/v1/engagement-dashboard/users/chat-busier/hourly-data",
    label: "hourly_data",
    name: "HourlyData",
    summary: "People by hour",
    description: "\
How many people were there at every second hour (UTC) of the 24 hours up to an instant, by the sessions that began in them and \
that Rocket.Chat has looked at in the night after.",
    parameters: parameters::up_to_an_instant,
    schemas: schemas_of::<Slots>,
    answer: || examples::of::<Slots>("The hours.", EXAMPLE),
    handler: |route| route.to(answer),
};

/// An answer.
const EXAMPLE: &str = r#"{"hours":[{"users":1,"hour":22},{"users":0,"hour":20},{"users":0,"hour":18},{"users":0,"hour":16},
{"users":0,"hour":14},{"users":0,"hour":12},{"users":0,"hour":10},{"users":0,"hour":8},{"users":0,"hour":6},{"users":0,"hour":4},
{"users":0,"hour":2},{"users":0,"hour":0}],"success":true}"#;

async fn answer(question: Question<UpTo>, people: Data<People>) -> Result<HttpResponse, Error> {
    let slots = people.slots(question.parameters.0, question.deadline).await?;
    Ok(json(&mut HttpResponse::Ok(), &slots))
}
