//! `GET /api/v1/engagement-dashboard/users/chat-busier/weekly-data`: people by day of one week (contract section 14).

use actix_web::{HttpResponse, web::Data};

use super::{Endpoint, Question};
use crate::{
    dashboard::busy_times::{UpTo, WeeklyData},
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
    path: "/api/v1/engagement-dashboard/users/chat-busier/weekly-data",
    label: "weekly_data",
    name: "WeeklyData",
    summary: "People by day",
    description: "\
How many people were active on the day of an instant and on each of the seven days before it, as Rocket.Chat has noted it in \
the night after each.",
    parameters: parameters::up_to_an_instant,
    schemas: schemas_of::<WeeklyData>,
    answer: || examples::of::<WeeklyData>("The days.", EXAMPLE),
    handler: |route| route.to(answer),
};

/// An answer.
const EXAMPLE: &str = r#"{"month":[{"users":3,"day":9,"month":2,"year":2023}],"success":true}"#;

async fn answer(question: Question<UpTo>, people: Data<People>, zone: Data<TimeZone>) -> Result<HttpResponse, Error> {
    let days = people.daily_counts(question.parameters.eight_days(&zone), question.deadline).await?;
    Ok(json(&mut HttpResponse::Ok(), &WeeklyData::new(days)))
}
