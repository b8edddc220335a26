//! Values of every type of BSON.

use bson::{Binary, Bson, JavaScriptCodeWithScope, Regex, Timestamp, doc, oid::ObjectId, spec::BinarySubtype};

use crate::support::utc;

/// A date, as a text and as itself.
const DATE: &str = "2023-05-25T08:10:00.000Z";

/// A value of every type, and arrays and objects around the right one. Undefined, symbols and pointers, which nothing
/// writes any more, are in [`extinct`].
pub fn of_every_type(right: &Bson) -> Vec<Bson> {
    let regex = Regex { pattern: ".*".try_into().expect("a pattern"), options: "s".try_into().expect("an option") };
    let scoped = JavaScriptCodeWithScope { code: "this".to_owned(), scope: doc! { "a": 1 } };
    vec![
        right.clone(),
        Bson::Null,
        Bson::Double(2.5),
        Bson::Double(f64::NAN),
        Bson::Double(f64::INFINITY),
        Bson::Double(f64::NEG_INFINITY),
        Bson::String(String::new()),
        Bson::String("2023".to_owned()),
        Bson::String(DATE.to_owned()),
        Bson::Array(vec![right.clone()]),
        Bson::Array(vec![]),
        Bson::Array(vec![Bson::Array(vec![right.clone()])]),
        Bson::Array(vec![Bson::Null, right.clone()]),
        Bson::Document(doc! {}),
        Bson::Document(doc! { "$eq": right.clone() }),
        Bson::Document(doc! { "$date": DATE }),
        Bson::Boolean(true),
        Bson::Boolean(false),
        Bson::RegularExpression(regex),
        Bson::JavaScriptCode("1".to_owned()),
        Bson::JavaScriptCodeWithScope(scoped),
        Bson::Timestamp(Timestamp { time: 1_685_002_200, increment: 1 }),
        Bson::Binary(Binary { subtype: BinarySubtype::Generic, bytes: b"ann".to_vec() }),
        Bson::Binary(Binary { subtype: BinarySubtype::Uuid, bytes: vec![7; 16] }),
        Bson::ObjectId(ObjectId::from_bytes([7; 12])),
        Bson::Decimal128("2023".parse().expect("a decimal")),
        Bson::Decimal128("5".parse().expect("a decimal")),
        Bson::Decimal128("25.0".parse().expect("a decimal")),
        Bson::Decimal128("NaN".parse().expect("a decimal")),
        Bson::MinKey,
        Bson::MaxKey,
        Bson::DateTime(utc(DATE)),
        Bson::Int64(1_685_002_200_000),
    ]
}

/// Types of which the contract says nothing: they must not be the end of an answer.
pub fn extinct(right: &str) -> Vec<Bson> {
    let pointer: Bson = serde_json::from_value(
        serde_json::json!({ "$dbPointer": { "$ref": "a", "$id": { "$oid": "07".repeat(12) } } }),
    )
    .expect("a pointer");
    vec![Bson::Undefined, Bson::Symbol(right.to_owned()), Bson::Symbol("anonymous".to_owned()), pointer]
}

/// A whole number in every type that may hold one.
pub fn numbers(number: i64) -> Vec<Bson> {
    let mut all = vec![Bson::Int64(number)];
    all.extend(i32::try_from(number).ok().map(Bson::Int32));
    // Beyond, a double is another number.
    all.extend((number.unsigned_abs() < 1 << 53).then_some(Bson::Double(number as f64)));
    all
}
