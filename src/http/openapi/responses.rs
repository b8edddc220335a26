//! Which answers there are: of every operation, by status, with their bodies and examples.
//!
//! GET and HEAD have the same ones; those to HEAD lack the body ([`leave_bodies_out`]).

use actix_web::{ResponseError, body::MessageBody};
use serde_json::json;
use utoipa::{
    ToSchema,
    openapi::{
        Components, ComponentsBuilder, ContentBuilder, ObjectBuilder, Ref, RefOr, Response, ResponseBuilder, Responses,
        ResponsesBuilder, Type, example::ExampleBuilder,
    },
};

use super::examples;
use super::headers::{
    Presence::{Always, Sometimes},
    counted, header, json_headers, number, only, open, text,
};
use crate::{
    auth::credentials::Refusal,
    dashboard::parameters::{InvalidParameters, InvalidQuestion},
    http::{
        dashboard::{ENDPOINTS, Endpoint},
        error::{Error, ErrorBody, RETRY_AFTER_SECONDS, UnauthenticatedBody},
        guards::cors::{self, METHODS},
        health,
        page::{self, policy},
    },
};

const INVALID_PARAMETERS: &str = "\
The parameters make no period. Of several reasons the first is told: what is no valid instant, in the order of the query; then what \
is missing, `start` first. What is no HTTP request, or has an unescaped `\"`, `<` or `>` in the query, gets 400 without a body and \
without these headers.";

const HEADERS_TOO_LARGE: &str = "\
The headers have more than 32 KiB. More than 96 headers, or more than 128 KiB of them, get 431 without a body and without these headers.";

const UNAUTHENTICATED: &str = "\
Nobody known asks: there are no credentials, or they are nobody's, have been revoked, have expired (a login after the days of \
`Accounts_LoginExpiration`, an OAuth access token at its `expires`), or are those of somebody who has been deactivated.";

const UNAVAILABLE: &str =
    "MongoDB cannot be reached, is too slow, refuses the service's account, or fails in any other way.";

/// Adds what several operations answer, and the schemas of all bodies.
pub fn components(components: ComponentsBuilder) -> ComponentsBuilder {
    let components = ENDPOINTS.iter().fold(components, |components, endpoint| {
        let answer = counted(open((endpoint.answer)(), Always), Sometimes);
        (endpoint.schemas)(components).response(endpoint.name, answer)
    });
    let components = page::DATA.iter().fold(components, |components, data| (data.schemas)(components));
    components
        .schema_from::<ErrorBody>()
        .schema_from::<UnauthenticatedBody>()
        .schema_from::<health::Alive>()
        .schema_from::<health::Readiness>()
        .response("InvalidParameters", counted(open(invalid_parameters(), Sometimes), Sometimes))
        .response("Unauthenticated", open(unauthenticated(), Always))
        .response("Forbidden", open(failure("Who asks lacks the permission.", &[Error::Forbidden]), Always))
        .response("TooManyRequests", counted(open(too_many_requests(), Always), Always))
        .response("InternalError", counted(open(internal_error(), Always), Sometimes))
        .response("Unavailable", counted(open(unavailable(), Always), Sometimes))
        .response("NoRequest", ResponseBuilder::new().description("What was sent is no HTTP request. Without a body."))
        .response("RequestTimeout", late())
        .response("TargetTooLong", open(target_too_long(), Always))
        .response("HeadersTooLarge", open(headers_too_large(), Sometimes))
}

/// Those of the endpoint of this name.
pub fn of_a_question(name: &str) -> Responses {
    let answers = ResponsesBuilder::new()
        .response("200", shared(name))
        .response("400", shared("InvalidParameters"))
        .response("401", shared("Unauthenticated"))
        .response("403", shared("Forbidden"))
        .response("408", shared("RequestTimeout"))
        .response("414", shared("TargetTooLong"))
        .response("429", shared("TooManyRequests"))
        .response("431", shared("HeadersTooLarge"))
        .response("500", shared("InternalError"))
        .response("503", shared("Unavailable"));
    answers.build()
}

/// Those of a path of the page's data. Pages of other origins may not read them.
pub fn of_page_data(data: &Endpoint) -> Responses {
    let closed = |response: ResponseBuilder, presence| {
        let about = "No page of another origin may read, frame or open it.";
        let protected =
            policy::HEADERS.into_iter().fold(json_headers(response, presence), |response, (name, value)| {
                response.header(
                    name,
                    header(
                        if name == policy::VERSION { "The version of the service." } else { about },
                        only(value),
                        presence,
                    ),
                )
            });
        protected.header("Vary", header("It is compressed for who takes that.", only("Accept-Encoding"), Sometimes))
    };
    let invalid = [InvalidQuestion::NoDay("start"), InvalidQuestion::EndBeforeStart, InvalidQuestion::NoComparison];
    let invalid = invalid.map(|reason| Error::from(InvalidParameters::from(reason)));
    let invalid = failure("A parameter cannot be used: which one, and what would be right.", &invalid);
    let invalid: RefOr<Response> = match (data.parameters)().is_empty() {
        true => shared("NoRequest").into(),
        false => counted(closed(invalid, Sometimes), Sometimes).build().into(),
    };
    let answers = ResponsesBuilder::new()
        .response("200", counted(closed((data.answer)(), Always), Sometimes))
        .response("400", invalid)
        .response("401", closed(unauthenticated(), Always))
        .response("403", closed(failure("Who asks lacks the permission.", &[Error::Forbidden]), Always))
        .response("408", shared("RequestTimeout"))
        .response("414", closed(target_too_long(), Always))
        .response("429", counted(closed(too_many_requests(), Always), Always))
        .response("431", closed(headers_too_large(), Sometimes))
        .response("500", counted(closed(internal_error(), Always), Sometimes))
        .response("503", counted(closed(unavailable(), Always), Sometimes));
    answers.build()
}

/// Those to `OPTIONS` at an endpoint. They do not say that every page may read them.
pub fn of_a_browser() -> Responses {
    let plain = |response: ResponseBuilder, text: &str| {
        response.content("text/plain", ContentBuilder::new().schema(Some(only(text))).build())
    };
    let allowed = plain(ResponseBuilder::new().description("A page may ask with these methods and headers."), "OK")
        .header("Access-Control-Allow-Origin", header("`*`, or the origin itself if there is a list.", text(), Always))
        .header("Access-Control-Allow-Methods", header("Allowed methods.", only(cors::ALLOWED_METHODS), Always))
        .header("Access-Control-Allow-Headers", header("Allowed headers.", only(cors::ALLOWED_HEADERS), Always))
        .header("Vary", header("Only if there is a list of origins.", only("Origin"), Sometimes));
    let unlisted = ResponseBuilder::new().description("The origin is not in the list `API_CORS_Origin`.");
    let off =
        "Pages of other origins may not ask, since `API_Enable_CORS` is off; or neither of the two headers is there.";
    let not_allowed = plain(failure(off, &[Error::MethodNotAllowed(METHODS)]), cors::NOT_ENABLED);
    let not_allowed = not_allowed.header("Allow", header("The methods of the path.", only(METHODS), Always));
    let answers = ResponsesBuilder::new()
        .response("200", allowed)
        .response("400", shared("NoRequest"))
        .response("403", plain(unlisted, cors::INVALID_ORIGIN))
        .response("405", json_headers(not_allowed, Sometimes))
        .response("408", shared("RequestTimeout"))
        .response("414", json_headers(target_too_long(), Always))
        .response("431", json_headers(headers_too_large(), Sometimes));
    answers.build()
}

/// Those of `/healthz`.
pub fn of_health() -> Responses {
    let alive = examples::of_value::<health::Alive>("The process runs.", json!({ "status": "ok" }));
    limits().response("200", open(alive, Always)).build()
}

/// Those of `/readyz`.
pub fn of_readiness() -> Responses {
    let ready =
        json!({ "status": "ready", "mongodb": "ok", "counting": "live", "loaded_days": 400, "staleness_ms": 64 });
    let unavailable = json!({
        "status": "unavailable", "mongodb": "MongoDB cannot be reached", "counting": "loading", "loaded_days": 0,
        "staleness_ms": null
    });
    limits()
        .response("200", open(examples::of_value::<health::Readiness>("MongoDB can be used.", ready), Always))
        .response(
            "503",
            open(examples::of_value::<health::Readiness>("MongoDB cannot be used, and why.", unavailable), Always),
        )
        .build()
}

/// Those of this description.
pub fn of_the_description() -> Responses {
    let schema = ObjectBuilder::new().schema_type(Type::Object).description(Some("An OpenAPI document."));
    let content = ContentBuilder::new().schema(Some(schema)).build();
    let description = ResponseBuilder::new().description("This description.").content("application/json", content);
    limits().response("200", open(description, Always)).build()
}

/// What every request may meet.
fn limits() -> ResponsesBuilder {
    ResponsesBuilder::new()
        .response("400", shared("NoRequest"))
        .response("408", shared("RequestTimeout"))
        .response("414", shared("TargetTooLong"))
        .response("431", shared("HeadersTooLarge"))
}

fn invalid_parameters() -> ResponseBuilder {
    let reasons = [
        InvalidParameters::NoDate("start"),
        InvalidParameters::Missing("end"),
        InvalidParameters::EndBeforeStart,
        InvalidParameters::NoText("count"),
        InvalidParameters::NegativeOffset(-1),
    ];
    failure(INVALID_PARAMETERS, &reasons.map(Error::from))
}

fn unauthenticated() -> ResponseBuilder {
    let response = ResponseBuilder::new().description(UNAUTHENTICATED);
    with_errors::<UnauthenticatedBody>(response, &[Error::Unauthenticated(Refusal::Missing)])
}

fn too_many_requests() -> ResponseBuilder {
    let description = "Too many calls from this client's address, by the workspace's settings of the API's rate limit.";
    failure(description, &[Error::TooManyRequests { seconds: 42 }])
}

fn internal_error() -> ResponseBuilder {
    failure("Something unforeseen. The cause is in the log.", &[Error::Internal])
}

fn unavailable() -> ResponseBuilder {
    let seconds = number(1).examples(RETRY_AFTER_SECONDS.parse::<u32>());
    failure(UNAVAILABLE, &[Error::Unavailable])
        .header("Retry-After", header("After how many seconds to ask again.", seconds, Always))
}

fn late() -> ResponseBuilder {
    let response = ResponseBuilder::new().description("The head of the request did not come in time. Without a body.");
    response.header("Connection", header("The connection is closed.", only("close"), Always))
}

fn target_too_long() -> ResponseBuilder {
    failure("The request target has more than 8 KiB.", &[Error::TargetTooLong])
}

fn headers_too_large() -> ResponseBuilder {
    failure(HEADERS_TOO_LARGE, &[Error::HeadersTooLarge])
}

/// Makes answers those to HEAD: of a GET, without the body.
pub fn leave_bodies_out(answers: &mut Responses, components: &Components) {
    for answer in answers.responses.values_mut() {
        let shared = match answer {
            RefOr::Ref(reference) => {
                reference.ref_location.rsplit('/').next().and_then(|name| components.responses.get(name))
            }
            RefOr::T(_) => None,
        };
        *answer = shared.unwrap_or(answer).clone();
        if let RefOr::T(response) = answer {
            response.content.clear();
        }
    }
}

/// A reference to one of [`components`].
fn shared(name: &str) -> Ref {
    Ref::from_response_name(name)
}

/// An answer with the JSON body of most errors.
fn failure(description: &str, errors: &[Error]) -> ResponseBuilder {
    with_errors::<ErrorBody>(ResponseBuilder::new().description(description), errors)
}

/// Adds a JSON body, with what these errors really answer as examples.
fn with_errors<T: ToSchema>(response: ResponseBuilder, errors: &[Error]) -> ResponseBuilder {
    let examples = errors.iter().map(|error| {
        let body = error.error_response().into_body().try_into_bytes().unwrap_or_default();
        let value = serde_json::from_slice(&body).unwrap_or_default();
        (error.to_string(), ExampleBuilder::new().value(Some(value)).build())
    });
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(T::name()))).examples_from_iter(examples);
    response.content("application/json", content.build())
}
