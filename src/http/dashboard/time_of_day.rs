//! `GET /api/v1/engagement-dashboard/users/users-by-time-of-the-day-in-a-week`: people by hour and day (contract section 14).

use actix_web::{HttpResponse, web::Data};

use super::{Endpoint, Question};
use crate::{
    dashboard::busy_times::{Instants, TimeOfDay},
    http::{
        error::Error,
        json::json,
        openapi::{examples, parameters, schemas_of},
    },
    people::People,
};

/// The row.
pub const ENDPOINT: Endpoint = Endpoint {
    path: "/api/v1/engagement-dashboard/users/users-by-time-of-the-day-in-a-week",
    label: "users_by_time_of_the_day",
    name: "UsersByTimeOfTheDay",
    summary: "People by hour and day",
    description: "\
How many people were there in each hour (UTC), by the sessions that began between two instants and that Rocket.Chat has looked \
at in the night after. The date is the one that Rocket.Chat has noted, in its own time zone.",
    parameters: parameters::of_instants,
    schemas: schemas_of::<TimeOfDay>,
    answer: || examples::of::<TimeOfDay>("The hours.", EXAMPLE),
    handler: |route| route.to(answer),
};

/// An answer.
const EXAMPLE: &str = r#"{"week":[{"users":1,"hour":23,"day":2,"month":5,"year":2023}],"success":true}"#;

async fn answer(question: Question<Instants>, people: Data<People>) -> Result<HttpResponse, Error> {
    let Instants { start, end } = question.parameters;
    let hours = people.hours(start, end, question.deadline).await?;
    Ok(json(&mut HttpResponse::Ok(), &TimeOfDay::new(hours)))
}
