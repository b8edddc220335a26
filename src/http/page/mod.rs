//! The page that shows all of this, and the three data paths below it. One proxy rule serves all.
//!
//! Where that is, a [`Site`] says. Its answers have headers of their own, stricter than the API's: [`policy`].

mod assets;
mod compressed;
mod context;
mod document;
mod messages;
mod people;
pub mod policy;

use std::num::NonZeroU64;

use actix_web::{
    HttpResponse,
    middleware::from_fn,
    web::{self, Data, ServiceConfig},
};
use chrono::NaiveDate;

use super::{
    dashboard::{ENDPOINTS, Endpoint},
    error::Error,
    guards::{
        limits,
        rate_limit::{self, Allowance, Counted},
    },
    resource::{below, own},
    site::Site,
};
use crate::{cached::Cached, room_look_up::RoomNames, workspace_settings::RateLimit};

/// The time over which calls are counted.
const MINUTE: NonZeroU64 = NonZeroU64::MIN.saturating_add(60_000 - 1);

/// The page's data. The paths of these rows are below that of the page, and one limit holds for all of them.
pub const DATA: [&Endpoint; 3] = [&context::DATA, &messages::DATA, &people::DATA];

/// The label of all of it in the metrics.
const LABEL: &str = "page";

/// What the page's data is made of and takes a while to read.
#[derive(Debug, Default)]
pub struct PageCache {
    first_message: Cached<Option<NaiveDate>>,
    channels: Cached<u64>,
    names: RoomNames,
}

/// Registers the page and what is below it.
pub fn routes(site: &Site) -> impl FnOnce(&mut ServiceConfig) + use<> {
    let site = site.clone();
    if !cfg!(debug_assertions) {
        drop(assets::Assets::last());
    }
    move |config| {
        let document = own(&site.path).route(web::get().to(document::answer)).route(web::head().to(document::answer));
        config.service(document.wrap(from_fn(limits::catch_panics)));
        // Who types a slash too many.
        let slash = format!("{}/", site.path);
        config.service(own(&slash).route(web::get().to(document::moved)).route(web::head().to(document::moved)));
        let calls = NonZeroU64::new(site.calls_per_minute.into());
        let limit = calls.map(|calls| RateLimit { calls, milliseconds: MINUTE });
        for data in DATA {
            let resource = own(&format!("{}{}", site.path, data.path))
                .app_data(Counted { place: ENDPOINTS.len(), allowance: Allowance::Own(limit) })
                .route((data.handler)(web::get()))
                .route((data.handler)(web::head()));
            config.service(resource.wrap(from_fn(limits::catch_panics)).wrap(from_fn(rate_limit::add_headers)));
        }
        let files = below(format!("{}/assets/", site.path));
        config.service(files.route(web::get().to(assets::answer)).route(web::head().to(assets::answer)));
        config.app_data(Data::new(site)).app_data(Data::new(PageCache::default()));
    }
}

/// What there is not.
async fn not_found() -> HttpResponse {
    HttpResponse::from_error(Error::NotFound)
}
