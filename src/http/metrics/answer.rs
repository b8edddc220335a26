//! `/metrics`, on its own listener.

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_TYPE},
    web::Data,
};
use chrono::Utc;
use log::error;

use crate::{http::error::Error, metrics::Registry, tally::Tally};

/// Prometheus' text format, which every scraper reads.
const TEXT_FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// All metrics, as they are now.
pub async fn answer(registry: Data<Registry>, tally: Data<Tally>) -> Result<HttpResponse, Error> {
    let text = tally.gauges(Utc::now()).and_then(|gauges| registry.text(gauges)).map_err(|cause| {
        error!("the metrics cannot be written: {cause}");
        Error::Internal
    })?;
    let headers = [(CONTENT_TYPE, TEXT_FORMAT), (CACHE_CONTROL, "no-store")];
    let mut response = HttpResponse::Ok();
    headers.into_iter().for_each(|header| _ = response.insert_header(header));
    Ok(response.body(text))
}
