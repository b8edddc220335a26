//! `GET /api/v1/engagement-dashboard/messages/messages-sent`: messages per day (contract section 7).

use actix_web::{HttpResponse, web::Data};

use super::{Endpoint, Question};
use crate::{
    dashboard::{messages_sent::MessagesSent, period::Period},
    http::{
        error::Error,
        json::json,
        openapi::{examples, parameters, schemas_of},
    },
    tally::Tally,
    time_zone::TimeZone,
};

/// The path below the path of `ROOT_URL`.
pub const PATH: &str = "/api/v1/engagement-dashboard/messages/messages-sent";

/// The row.
pub const ENDPOINT: Endpoint = Endpoint {
    path: PATH,
    label: "messages_sent",
    name: "MessagesSent",
    summary: "Messages sent per day",
    description: "\
How many messages were sent on each day of a period, how many in all, and how that compares with the period before.",
    parameters: parameters::of_a_period,
    schemas: schemas_of::<MessagesSent>,
    answer: || examples::of::<MessagesSent>("The messages of the period.", DOCUMENTED),
    handler: |route| route.to(answer),
};

/// The answer of Rocket.Chat's documentation.
const DOCUMENTED: &str = r#"{"days":[{"day":"2023-05-30T00:00:00.000Z","messages":183},
{"day":"2023-05-29T00:00:00.000Z","messages":101},{"day":"2023-05-27T00:00:00.000Z","messages":1},
{"day":"2023-05-26T00:00:00.000Z","messages":114},{"day":"2023-05-25T00:00:00.000Z","messages":79},
{"day":"2023-05-24T00:00:00.000Z","messages":126},{"day":"2023-05-23T00:00:00.000Z","messages":129},
{"day":"2023-05-22T00:00:00.000Z","messages":22},{"day":"2023-05-21T00:00:00.000Z","messages":5}],
"period":{"count":760,"variation":716},"yesterday":{"count":101,"variation":82},"success":true}"#;

async fn answer(question: Question<Period>, tally: Data<Tally>, zone: Data<TimeZone>) -> Result<HttpResponse, Error> {
    let period = question.parameters;
    let counts = tally.days(period.days(), question.deadline).await?;
    Ok(json(&mut HttpResponse::Ok(), &MessagesSent::new(&period, &counts, &zone)))
}
