//! `GET /api/v1/engagement-dashboard/users/new-users`: users created per day (contract section 13).

use actix_web::{HttpResponse, web::Data};

use super::{Endpoint, Question};
use crate::{
    dashboard::{new_users::NewUsers, period::Period},
    http::{
        error::Error,
        json::json,
        openapi::{examples, parameters, schemas_of},
    },
    people::People,
    time_zone::TimeZone,
};

/// The row.
pub const ENDPOINT: Endpoint = Endpoint {
    path: "/api/v1/engagement-dashboard/users/new-users",
    label: "new_users",
    name: "NewUsers",
    summary: "New users per day",
    description: "\
How many of the users that there are now were created on each day of a period, how many in all, and how that compares with the \
period before. Bots, apps, visitors and anonymous users do not count.",
    parameters: parameters::of_a_period,
    schemas: schemas_of::<NewUsers>,
    answer: || examples::of::<NewUsers>("The users of the period.", EXAMPLE),
    handler: |route| route.to(answer),
};

/// An answer.
const EXAMPLE: &str = r#"{"days":[{"day":"2023-02-09T00:00:00.000Z","users":1},{"day":"2023-02-06T00:00:00.000Z","users":6}],
"period":{"count":7,"variation":7},"yesterday":{"count":0,"variation":0},"success":true}"#;

async fn answer(question: Question<Period>, people: Data<People>, zone: Data<TimeZone>) -> Result<HttpResponse, Error> {
    let counts = people.new_users(question.deadline).await?;
    Ok(json(&mut HttpResponse::Ok(), &NewUsers::new(&question.parameters, &counts, &zone)))
}
