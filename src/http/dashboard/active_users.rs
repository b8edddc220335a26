//! `GET /api/v1/engagement-dashboard/users/active-users`: who was active, per day (contract section 14).

use actix_web::{HttpResponse, web::Data};

use super::{Endpoint, Question};
use crate::{
    dashboard::{active_users::ActiveUsersBody, period::DayRange},
    http::{
        error::Error,
        json::json_in_pieces,
        openapi::{examples, parameters, schemas_of},
    },
    people::People,
};

/// The row.
pub const ENDPOINT: Endpoint = Endpoint {
    path: "/api/v1/engagement-dashboard/users/active-users",
    label: "active_users",
    name: "ActiveUsers",
    summary: "Active users per day",
    description: "\
Who was active on each day of a period, as Rocket.Chat has noted it in the night after the day.",
    parameters: parameters::of_days,
    schemas: schemas_of::<ActiveUsersBody>,
    answer: || examples::of::<ActiveUsersBody>("The days of the period.", EXAMPLE),
    handler: |route| route.to(answer),
};

/// An answer.
const EXAMPLE: &str = r#"{"month":[{"usersList":["9iN96PXnDK7XAYESA","rbAXPnMktTFbNpwtJ"],"users":2,"day":17,"month":4,"year":2023}],
"success":true}"#;

async fn answer(question: Question<DayRange>, people: Data<People>) -> Result<HttpResponse, Error> {
    let active = people.active(question.parameters, question.deadline).await?;
    Ok(json_in_pieces(&mut HttpResponse::Ok(), active.length(), active.into_pieces()))
}
