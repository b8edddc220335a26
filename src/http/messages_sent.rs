//! `GET /api/v1/engagement-dashboard/messages/messages-sent`: who asks, what is asked, the answer.

use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, dev::Payload, web::Data};
use chrono::Utc;
use futures::future::LocalBoxFuture;

use crate::{
    auth::Viewer,
    error::Error,
    http::{json, rate_limit},
    mongo::Deadline,
    period::Period,
    query_string::QueryString,
    report::MessagesSent,
    server::Service,
};

/// What a viewer wants to know. Extracted in the order of contract section 2, which actix' own tuples would not keep:
/// nobody learns what is wrong with their parameters before it is known that they may ask.
pub struct Question {
    period: Period,
    /// The proof that this may be answered.
    _viewer: Viewer,
    deadline: Deadline,
}

impl FromRequest for Question {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let viewer = Viewer::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move {
            let viewer = viewer.await?;
            let service = request.app_data::<Data<Service>>().ok_or(Error::Internal)?;
            rate_limit::count_call(&request, &viewer, service, Utc::now())?;
            let query = QueryString::parse(request.query_string());
            let period = Period::from_query(&query, &service.settings.time_zone)?;
            let deadline = request.extensions().get().copied().ok_or(Error::Internal)?;
            Ok(Self { period, _viewer: viewer, deadline })
        })
    }
}

/// Answers a question.
pub async fn answer(question: Question, service: Data<Service>) -> Result<HttpResponse, Error> {
    let counts = service.tally.days(question.period.days(), question.deadline).await?;
    let report = MessagesSent::new(&question.period, &counts, &service.settings.time_zone);
    Ok(json(&mut HttpResponse::Ok(), &report))
}
