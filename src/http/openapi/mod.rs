//! `/openapi.json`: the description of all this in OpenAPI 3.1, for programs that make clients, tests and pages of it.
//!
//! Bodies are described by the types that are sent, errors by the answers that [`Error`](super::error::Error) makes, so
//! what is said cannot drift from what is done; that real answers are as described is a test (`tests/api/openapi`).

pub mod examples;
mod headers;
pub mod parameters;
mod responses;

use std::iter;

use actix_web::{
    HttpResponse,
    web::{Bytes, Data},
};
use utoipa::{
    ToSchema,
    openapi::{
        ComponentsBuilder, HttpMethod, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, PathItem, PathsBuilder,
        RefOr, Responses, Schema, Server, ServerBuilder,
        path::{OperationBuilder, PathItemBuilder},
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
        tag::TagBuilder,
    },
};

use super::{
    dashboard::{ENDPOINTS, Endpoint},
    json::{json_text, to_json},
    page,
    site::Site,
};

/// The path of the description. Like all paths of our own it has no prefix.
pub const PATH: &str = "/openapi.json";

const ENGAGEMENT: &str = "Engagement dashboard";
const PAGE: &str = "Page";
const SERVICE: &str = "Service";

const USER_ID: &str = "userId";
const AUTH_TOKEN: &str = "authToken";
const OAUTH: &str = "oauth";
const ACCESS_TOKEN: &str = "accessToken";

const ABOUT: &str = "\
Endpoints of Rocket.Chat's engagement dashboard, answered in Rocket.Chat's place: counted exactly, from the messages themselves. \
Paths, credentials, answers and errors are those of Rocket.Chat. `/healthz`, `/readyz` and this description are the service's own.

Any other path is answered with 404 `{\"success\":false,\"error\":\"Resource not found\"}`, any other method on these paths with \
405 `{\"success\":false,\"error\":\"Method not allowed\"}` and `Allow`.";

/// What holds for every endpoint of the dashboard.
const ABOUT_ENDPOINTS: &str = "\
Needs the permission `view-engagement-dashboard`. What is wrong is told in this order: credentials, permission, rate limit, \
parameters. Parameters beyond these are ignored.";

const ABOUT_PREFLIGHT: &str = "\
What a browser asks beforehand (CORS), answered as the settings `API_Enable_CORS` and `API_CORS_Origin` of the workspace say. \
Without both headers `OPTIONS` is a method that is not allowed.";

/// The description, made once.
pub struct Description(Bytes);

impl Description {
    /// Of a service whose endpoints are below a path, and of its page.
    pub fn new(base_path: &str, page: Option<&Site>) -> Self {
        Self(to_json(&document(base_path, page)))
    }
}

/// Answers with the description.
pub async fn answer(description: Data<Description>) -> HttpResponse {
    json_text(&mut HttpResponse::Ok(), description.0.clone())
}

fn document(base_path: &str, page: Option<&Site>) -> OpenApi {
    let license = env!("CARGO_PKG_LICENSE");
    let info = InfoBuilder::new()
        .title("Rocket.Chat engagement dashboard")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(ABOUT))
        .license(Some(LicenseBuilder::new().name(license).identifier(Some(license)).build()));
    let tag = |name, about| TagBuilder::new().name(name).description(Some(about)).build();
    let health = "Answers while the process runs, whatever MongoDB does.";
    let readiness =
        "Answers 200 while MongoDB answers and lets the account read. Takes little more than a second at the most.";
    let endpoints = ENDPOINTS.iter();
    let paths = endpoints.fold(PathsBuilder::new(), |paths, each| paths.path(each.path, endpoint(each)));
    let data =
        page.into_iter().flat_map(|page| page::DATA.map(|data| (format!("{}{}", page.below_root(), data.path), data)));
    let paths = data.fold(paths, |paths, (path, data)| paths.path(path, page_data(data)));
    let paths = paths
        .path("/healthz", own_path("Health", "The process runs", health, responses::of_health))
        .path("/readyz", own_path("Readiness", "MongoDB can be used", readiness, responses::of_readiness))
        .path(PATH, own_path("Description", "This description", "OpenAPI 3.1.", responses::of_the_description));
    let components = ComponentsBuilder::new();
    let components = security_schemes().into_iter().fold(components, |all, (name, it)| all.security_scheme(name, it));
    let components = responses::components(components).build();
    let mut paths = paths.build();
    for head in paths.paths.values_mut().filter_map(|item| item.head.as_mut()) {
        responses::leave_bodies_out(&mut head.responses, &components);
    }
    OpenApiBuilder::new()
        .info(info)
        .servers(Some([server(base_path)]))
        .tags(Some([
            tag(ENGAGEMENT, "As in Rocket.Chat, below the path of its `ROOT_URL`"),
            tag(PAGE, "What our own page shows. Only pages of the same origin may read it"),
            tag(SERVICE, "The service itself: at the root, without credentials, for those who operate it"),
        ]))
        .paths(paths)
        .components(Some(components))
        .build()
}

/// An operation without parameters.
fn operation(tag: &str, id: &str, summary: &str, description: &str, answers: Responses) -> OperationBuilder {
    OperationBuilder::new()
        .tag(tag)
        .operation_id(Some(id))
        .summary(Some(summary))
        .description(Some(description))
        .responses(answers)
}

/// An endpoint of the dashboard, by its row.
fn endpoint(endpoint: &Endpoint) -> PathItem {
    let Endpoint { name, summary, description, parameters, .. } = endpoint;
    let question = |method: &str, summary: &str, description: &str| {
        operation(ENGAGEMENT, &format!("{method}{name}"), summary, description, responses::of_a_question(name))
            .parameters(Some(parameters()))
            .securities(Some(credentials()))
    };
    let get = question("get", summary, &format!("{description} {ABOUT_ENDPOINTS}"));
    let head = question("head", &format!("{summary} (without the body)"), "As GET, without the body.");
    let preflight = "May a page of another origin ask?";
    let id = format!("options{name}");
    let options = operation(ENGAGEMENT, &id, preflight, ABOUT_PREFLIGHT, responses::of_a_browser())
        .parameters(Some(parameters::of_a_browser()));
    PathItemBuilder::new()
        .operation(HttpMethod::Get, get)
        .operation(HttpMethod::Head, head)
        .operation(HttpMethod::Options, options)
        .build()
}

/// A path of the page's data, by its row.
fn page_data(data: &Endpoint) -> PathItem {
    let Endpoint { name, summary, description, parameters, .. } = data;
    let question = |method: &str, summary: &str, description: &str| {
        operation(PAGE, &format!("{method}{name}"), summary, description, responses::of_page_data(data))
            .parameters(Some(parameters()))
            .securities(Some(credentials()))
    };
    let get = question("get", summary, &format!("{description} {ABOUT_ENDPOINTS}"));
    let head = question("head", &format!("{summary} (without the body)"), "As GET, without the body.");
    PathItemBuilder::new().operation(HttpMethod::Get, get).operation(HttpMethod::Head, head).build()
}

/// A path of our own, which is at the root wherever the endpoint is.
fn own_path(name: &str, summary: &str, description: &str, answers: fn() -> Responses) -> PathItem {
    let get = operation(SERVICE, &format!("get{name}"), summary, description, answers());
    let summary = format!("{summary} (without the body)");
    let head = operation(SERVICE, &format!("head{name}"), &summary, "As GET, without the body.", answers());
    PathItemBuilder::new()
        .servers(Some([server("")]))
        .operation(HttpMethod::Get, get)
        .operation(HttpMethod::Head, head)
        .build()
}

fn server(path: &str) -> Server {
    ServerBuilder::new().url(if path.is_empty() { "/" } else { path }).build()
}

/// What shows who asks: one of these.
fn credentials() -> [SecurityRequirement; 3] {
    let none = || iter::empty::<String>();
    [
        SecurityRequirement::new(USER_ID, none()).add(AUTH_TOKEN, none()),
        SecurityRequirement::new(OAUTH, none()),
        SecurityRequirement::new(ACCESS_TOKEN, none()),
    ]
}

fn security_schemes() -> [(&'static str, SecurityScheme); 4] {
    let key = |name: &str, about: &str| ApiKeyValue::with_description(name, about);
    let user_id = key("X-User-Id", "The id of a user.");
    let about = "A login token or a personal access token of that user. If both headers are there they alone decide.";
    let auth_token = key("X-Auth-Token", about);
    let about = "An OAuth access token. `Bearer ` may be left out, and is not spelt otherwise: `bearer ` would be a part of \
                 the token. Counts where one of the two login headers is missing.";
    let oauth = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(about)).build();
    let access_token = key("access_token", "An OAuth access token. Counts where there is no `Authorization` either.");
    [
        (USER_ID, SecurityScheme::ApiKey(ApiKey::Header(user_id))),
        (AUTH_TOKEN, SecurityScheme::ApiKey(ApiKey::Header(auth_token))),
        (OAUTH, SecurityScheme::Http(oauth)),
        (ACCESS_TOKEN, SecurityScheme::ApiKey(ApiKey::Query(access_token))),
    ]
}

/// Adds the schemas of a type and of what it is made of.
pub fn schemas_of<T: ToSchema>(components: ComponentsBuilder) -> ComponentsBuilder {
    let mut nested: Vec<(String, RefOr<Schema>)> = Vec::new();
    T::schemas(&mut nested);
    components.schemas_from_iter(nested).schema_from::<T>()
}
