//! The endpoints of the engagement dashboard, a file for each: question → counts → answer.
//!
//! Each file has a row, its [`Endpoint`]. Authentication, the order of the checks, the rate limit, CORS, errors, the label in the
//! metrics and the entry in `/openapi.json` follow from the row. How to add one: docs/architecture.md.

pub mod active_users;
pub mod channels_list;
pub mod hourly_data;
pub mod messages_sent;
pub mod new_users;
pub mod origin;
pub mod time_of_day;
pub mod top_five;
pub mod weekly_data;

use actix_web::{FromRequest, HttpMessage, HttpRequest, Route, dev::Payload, web::Data};
use chrono::Utc;
use futures::future::LocalBoxFuture;
use utoipa::openapi::{ComponentsBuilder, ResponseBuilder, path::Parameter};

use super::{
    error::Error,
    guards::{rate_limit, viewer::Viewer},
};
use crate::{
    dashboard::{
        busy_times::{Instants, UpTo},
        channels_list::ChannelsQuestion,
        page::question::{MessagesQuestion, NoParameters, PageQuestion},
        parameters::InvalidParameters,
        period::{DayRange, Period},
    },
    mongo::Deadline,
    query_string::QueryString,
    time_zone::TimeZone,
};

/// All endpoints. A place in this list is that of the endpoint's windows in the rate limiter.
pub const ENDPOINTS: [&Endpoint; 9] = [
    &messages_sent::ENDPOINT,
    &origin::ENDPOINT,
    &top_five::ENDPOINT,
    &channels_list::ENDPOINT,
    &new_users::ENDPOINT,
    &active_users::ENDPOINT,
    &hourly_data::ENDPOINT,
    &weekly_data::ENDPOINT,
    &time_of_day::ENDPOINT,
];

/// Those that need the sessions that Rocket.Chat keeps.
pub const OF_SESSIONS: [&Endpoint; 4] =
    [&active_users::ENDPOINT, &hourly_data::ENDPOINT, &weekly_data::ENDPOINT, &time_of_day::ENDPOINT];

/// All that differs from one endpoint to another.
#[derive(Debug)]
pub struct Endpoint {
    /// Its path below the path of `ROOT_URL`.
    pub path: &'static str,
    /// Its name in the metrics (label `route`).
    pub label: &'static str,
    /// Its name in the description, of which the ids of operations are made.
    pub name: &'static str,
    /// A few words about it, for the description.
    pub summary: &'static str,
    /// What it answers, for the description.
    pub description: &'static str,
    /// Its parameters, for the description.
    pub parameters: fn() -> Vec<Parameter>,
    /// Adds the schemas of its answer to the description.
    pub schemas: fn(ComponentsBuilder) -> ComponentsBuilder,
    /// Its answer with an example, for the description.
    pub answer: fn() -> ResponseBuilder,
    /// Adds what answers it to a route.
    pub handler: fn(Route) -> Route,
}

/// What the parameters of an endpoint say.
pub trait Parameters: Sized {
    /// Reads them from a query string.
    ///
    /// # Errors
    /// The first thing that is wrong with them (contract section 6).
    fn from_query(query: &QueryString<'_>, zone: &TimeZone) -> Result<Self, InvalidParameters>;
}

macro_rules! parameters {
    ($($kind:ty),* $(,)?) => { $(
        impl Parameters for $kind {
            fn from_query(query: &QueryString<'_>, zone: &TimeZone) -> Result<Self, InvalidParameters> {
                Self::from_query(query, zone)
            }
        }
    )* };
}

parameters![Period, DayRange, ChannelsQuestion, UpTo, Instants, PageQuestion, MessagesQuestion, NoParameters];

/// What a viewer wants to know. Extracted in the order of contract section 2, which actix' own tuples would not keep:
/// nobody learns what is wrong with their parameters before it is known that they may ask.
pub struct Question<P> {
    /// What is asked.
    pub parameters: P,
    /// By when the answer must be there.
    pub deadline: Deadline,
    /// The proof that this may be answered.
    _viewer: Viewer,
}

impl<P: Parameters> FromRequest for Question<P> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let viewer = Viewer::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move {
            let viewer = viewer.await?;
            rate_limit::count_call(&request, &viewer, Utc::now())?;
            let zone = request.app_data::<Data<TimeZone>>().ok_or(Error::Internal)?;
            let parameters = P::from_query(&QueryString::parse(request.query_string()), zone)?;
            let deadline = request.extensions().get().copied().ok_or(Error::Internal)?;
            Ok(Self { parameters, deadline, _viewer: viewer })
        })
    }
}
