//! A description as it was fetched, and how an answer is held against it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::support::{Response, Service};

/// Headers of the transport, which a description leaves out.
const TRANSPORT: [&str; 4] = ["connection", "content-length", "content-type", "date"];

/// The statuses with which the HTTP parser refuses.
const BY_THE_PARSER: [u16; 2] = [400, 431];

/// An answer to an operation: method, path, status, and the type of the body if there is one.
pub type Kind = (String, String, u16, Option<String>);

/// What `/openapi.json` says.
pub struct Description(pub Value);

impl Description {
    /// Fetches it.
    pub async fn of(service: &Service) -> Self {
        let answer = service.get("/openapi.json", &[]).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        Self(answer.json())
    }

    /// What stands at a place, wherever it is.
    fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str() {
            Some(reference) => self.0.pointer(reference.trim_start_matches('#')).expect("what is referred to"),
            None => value,
        }
    }

    /// All operations: path, method, and what is said of it.
    pub fn operations(&self) -> impl Iterator<Item = (&str, String, &Value)> {
        let paths = self.0["paths"].as_object().expect("paths");
        paths.iter().flat_map(|(path, item)| {
            let methods = item.as_object().expect("methods").iter().filter(|(name, _)| *name != "servers");
            methods.map(move |(method, operation)| (path.as_str(), method.to_uppercase(), operation))
        })
    }

    /// All answers that are described.
    pub fn kinds(&self) -> BTreeSet<Kind> {
        let mut kinds = BTreeSet::new();
        for (path, method, operation) in self.operations() {
            for (status, response) in operation["responses"].as_object().expect("responses") {
                let status = status.parse().expect("a status");
                let media = self.resolve(response)["content"].as_object();
                let media: Vec<_> =
                    media.map(|media| media.keys().map(|kind| Some(kind.clone())).collect()).unwrap_or_default();
                let media = if media.is_empty() { vec![None] } else { media };
                kinds.extend(media.into_iter().map(|media| (method.clone(), path.to_owned(), status, media)));
            }
        }
        kinds
    }

    /// Holds an answer against the description: which of the described answers it is, or how it differs from them.
    pub fn check(&self, method: &str, path: &str, answer: &Response) -> Result<Kind, String> {
        let responses = &self.0["paths"][path][method.to_lowercase()]["responses"];
        let response = self.resolve(&responses[answer.status.to_string()]);
        let media = match response.is_null() {
            true => Err("the status is not described".to_owned()),
            false => self.check_headers(response, answer).and_then(|()| self.check_body(response, answer, method)),
        };
        match media {
            Ok(media) => Ok((method.to_owned(), path.to_owned(), answer.status, media)),
            Err(difference) => Err(format!("{method} {path}: {difference}: {answer:?}")),
        }
    }

    /// What is required is there, what is there is described, and has a described value.
    fn check_headers(&self, response: &Value, answer: &Response) -> Result<(), String> {
        let headers = response["headers"].as_object().into_iter().flatten();
        let headers: BTreeMap<_, _> = headers.map(|(name, header)| (name.to_lowercase(), header)).collect();
        for (name, header) in &headers {
            let text = answer.header(name);
            if text.is_none() && header["required"] == true {
                return Err(format!("{name} is missing"));
            }
            let value = text.map(|text| match header["schema"]["type"] == "integer" {
                true => text.parse::<u64>().map_or(Value::Null, Value::from),
                false => Value::from(text),
            });
            if let Some(error) = value.and_then(|value| self.error(&header["schema"], &value)) {
                return Err(format!("{name}: {error}"));
            }
        }
        let is_unknown = |name: &String| !headers.contains_key(name) && !TRANSPORT.contains(&name.as_str());
        match answer.headers.iter().find(|(name, _)| is_unknown(name)) {
            Some((name, _)) => Err(format!("{name} is not described")),
            None => Ok(()),
        }
    }

    /// There is a body of a described type, if there should be one. Gives the type.
    fn check_body(&self, response: &Value, answer: &Response, method: &str) -> Result<Option<String>, String> {
        let (media, is_head) = (answer.header("content-type"), method == "HEAD");
        let content = media.map_or(&Value::Null, |media| &response["content"][media]);
        // What the HTTP parser itself refuses has no body, whatever else its status is for.
        let may_lack_it = is_head || response["content"].is_null() || BY_THE_PARSER.contains(&answer.status);
        match media {
            None if !may_lack_it => Err("there is no type of a body".to_owned()),
            Some(_) if content.is_null() && !is_head => Err("the type of the body is not described".to_owned()),
            Some(media) if !is_head => {
                let json = || serde_json::from_str(&answer.body).unwrap_or_default();
                let body = if media == "application/json" { json() } else { Value::from(answer.body.as_str()) };
                self.error(&content["schema"], &body).map_or_else(|| Ok(Some(media.to_owned())), Err)
            }
            _ if answer.body.is_empty() => Ok(None),
            _ => Err("there is a body".to_owned()),
        }
    }

    /// Why a value is not as a schema says. Nothing beyond what the schema names may be there.
    pub fn error(&self, schema: &Value, value: &Value) -> Option<String> {
        let mut components = self.0["components"]["schemas"].clone();
        close(&mut components);
        let schema = json!({ "allOf": [schema], "components": { "schemas": components } });
        let validator = jsonschema::options().should_validate_formats(true).build(&schema).expect("a schema");
        validator.iter_errors(value).next().map(|error| format!("{}: {error}", error.instance_path()))
    }
}

/// Makes every object of schemas take its own properties only, and those that it says.
fn close(schema: &mut Value) {
    // Where a description says what others may be there, that holds.
    if schema["properties"].is_object() && schema.get("additionalProperties").is_none() {
        schema["additionalProperties"] = false.into();
    }
    schema.as_object_mut().into_iter().flatten().for_each(|(_, inner)| close(inner));
}
