//! The description at `/openapi.json` is true: every answer is as it says, and every answer that it tells of exists.

mod answers;
mod description;
mod tools;

use serde_json::Value;

use crate::{
    documented_example::ANSWER,
    support::{Service, Workspace, answers::METHOD_NOT_ALLOWED, settings},
};
use description::Description;
use rocketchat_engagement::http::dashboard::ENDPOINTS;

#[tokio::test(flavor = "multi_thread")]
async fn it_is_at_the_root_for_everybody_and_names_the_path_of_root_url() {
    let workspace = Workspace::with_admin().await;
    for (root_url, base) in [("https://chat.example", "/"), ("https://host.example/team/chat/", "/team/chat")] {
        let service = Service::start(settings(&[("mongo_url", &workspace.url()), ("http.root_url", root_url)])).await;

        let Description(document) = Description::of(&service).await;

        assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1.")));
        assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
        assert_eq!(document["servers"], serde_json::json!([{ "url": base }]));
        let paths: Vec<_> = document["paths"].as_object().expect("paths").keys().collect();
        let own = ["/healthz", "/openapi.json", "/readyz"];
        let page = ["/engagement/api/context", "/engagement/api/messages", "/engagement/api/people"];
        let mut expected: Vec<_> = ENDPOINTS.iter().map(|endpoint| endpoint.path).chain(own).chain(page).collect();
        expected.sort_unstable();
        assert_eq!(paths, expected);
        for own in own {
            assert_eq!(document["paths"][own]["servers"], serde_json::json!([{ "url": "/" }]), "{own}");
            assert_eq!(service.get(own, &[]).await.status, 200, "{own}");
        }
        for path in ENDPOINTS.map(|endpoint| endpoint.path).into_iter().chain(page) {
            let prefixed = format!("{}{path}", base.trim_end_matches('/'));
            assert_eq!(service.get(&prefixed, &[]).await.status, 401, "{prefixed}");
        }
        let post = service.request("POST", "/openapi.json", &[]).await;
        assert_eq!((post.status, post.body.as_str()), (405, METHOD_NOT_ALLOWED));
        assert_eq!(post.header("allow"), Some("GET, HEAD"));
        service.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn its_examples_are_what_its_schemas_say_and_one_is_the_documented_answer() {
    let service = Service::on(&Workspace::with_admin().await).await;
    let description = Description::of(&service).await;

    let mut examples = Vec::new();
    collect_examples(&description.0, &mut examples);
    for (schema, example) in &examples {
        assert_eq!(description.error(schema, example), None, "{example}");
    }
    let documented: Value = serde_json::from_str(ANSWER).expect("JSON");

    assert!(examples.iter().any(|(_, example)| *example == documented));
    assert!(examples.len() > 15, "{} examples", examples.len());
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_it_says_in_words_is_what_the_contract_has() {
    let service = Service::on(&Workspace::with_admin().await).await;
    let Description(document) = Description::of(&service).await;
    let components = &document["components"];
    for (place, words) in [
        ("/schemas/MessagesSent/properties/period", "one day more than `days` may have"),
        ("/schemas/MessagesSent/properties/yesterday", "The entry in `days` for the day before that of `end`, else 0"),
        ("/responses/Unauthenticated", "have expired"),
        ("/responses/Unavailable", "fails in any other way"),
        ("/securitySchemes/oauth", "`bearer ` would be a part of the token"),
    ] {
        let told = components.pointer(place).unwrap_or_else(|| panic!("nothing at {place}"));
        let told = told["description"].as_str().expect("a description").replace('\n', " ");
        assert!(told.contains(words), "{place}: {told}");
    }
    service.stop().await;
}

/// Finds examples with the schemas beside them.
fn collect_examples(place: &Value, examples: &mut Vec<(Value, Value)>) {
    if place["schema"].is_object() {
        let schema = || place["schema"].clone();
        examples.extend(place.get("example").map(|example| (schema(), example.clone())));
        let named = place["examples"].as_object().into_iter().flatten();
        examples.extend(named.map(|(_, example)| (schema(), example["value"].clone())));
    }
    match place {
        Value::Object(fields) => fields.values().for_each(|inner| collect_examples(inner, examples)),
        Value::Array(items) => items.iter().for_each(|inner| collect_examples(inner, examples)),
        _ => {}
    }
}
