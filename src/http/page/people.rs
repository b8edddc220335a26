//! `GET {page}/api/people`: new and active people by day, and people by hour.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use chrono::{Days, Utc};
use futures::future::try_join;

use super::{LABEL, compressed};
use crate::{
    dashboard::{
        page::{
            people::{MOST_DAYS_BACK, People as PagePeople},
            question::PageQuestion,
        },
        period::DayRange,
    },
    http::{
        dashboard::{Endpoint, Question},
        error::Error,
        json::{to_json, with_headers},
        openapi::{examples, parameters, schemas_of},
    },
    people::People,
    time_zone::TimeZone,
};

/// The row.
pub const DATA: Endpoint = Endpoint {
    path: "/api/people",
    label: LABEL,
    name: "PagePeople",
    summary: "New and active people by day, and people by hour",
    description: "\
How many users were created on each day, how many different people were active on a day and in the 7 and 30 days that end with it, and \
how many were there in each hour of each weekday. People have no names here.",
    parameters: parameters::of_page_days,
    schemas: schemas_of::<PagePeople>,
    answer: || examples::of::<PagePeople>("The people of the period.", EXAMPLE),
    handler: |route| route.to(answer),
};

/// An answer, for a single day.
const EXAMPLE: &str = r#"{"start":"2026-11-02","end":"2026-11-02","compare":{"start":"2026-11-01","end":"2026-11-01"},
"new":{"days":[{"day":"2026-11-02","people":2}],"compareDays":[{"day":"2026-11-01","people":0}]},
"active":{"since":"2026-10-12","days":[{"day":"2026-11-02","day1":41,"day7":90,"day30":null}],
"compareDays":[{"day":"2026-11-01","day1":12,"day7":88,"day30":null}]},
"hours":{"zone":"Europe/Berlin","since":"2026-10-12","weekdays":[
{"weekday":1,"days":1,"people":[0,0,0,0,0,0,1,7,21,33,35,34,20,31,36,33,30,18,9,4,2,1,0,0]},
{"weekday":2,"days":0,"people":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]},
{"weekday":3,"days":0,"people":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]},
{"weekday":4,"days":0,"people":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]},
{"weekday":5,"days":0,"people":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]},
{"weekday":6,"days":0,"people":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]},
{"weekday":7,"days":0,"people":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]}]}}"#;

async fn answer(
    request: HttpRequest,
    question: Question<PageQuestion>,
    people: Data<People>,
    zone: Data<TimeZone>,
) -> Result<HttpResponse, Error> {
    let Question { parameters: asked, deadline, .. } = question;
    let back = |days: DayRange| DayRange { first: days.first - Days::new(MOST_DAYS_BACK), last: days.last };
    let days: Vec<_> = [Some(asked.window), asked.compare].into_iter().flatten().map(back).collect();
    let activity = people.activity(&days, asked.window, Utc::now(), deadline);
    let (new, (activity, hours)) = try_join(people.new_users(deadline), activity).await?;
    let answer = PagePeople::new(asked, &new, &activity, &hours, zone.to_string());
    Ok(compressed::with_body(&request, with_headers(&mut HttpResponse::Ok()), to_json(&answer)))
}
