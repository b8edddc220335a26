//! Answers with examples.

use serde_json::Value;
use utoipa::{
    ToSchema,
    openapi::{ContentBuilder, Ref, ResponseBuilder},
};

/// An answer with a JSON body of a type, and an example as it is sent. That it is one is for a test to see.
pub fn of<T: ToSchema>(description: &str, sent: &str) -> ResponseBuilder {
    of_value::<T>(description, serde_json::from_str(sent).unwrap_or_default())
}

/// The same of an example that is no text yet.
pub fn of_value<T: ToSchema>(description: &str, example: Value) -> ResponseBuilder {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(T::name()))).example(Some(example));
    ResponseBuilder::new().description(description).content("application/json", content.build())
}
