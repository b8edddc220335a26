//! Events as MongoDB gives them, and what is understood.

use bson::{Bson, DateTime, RawDocumentBuf, doc, oid::ObjectId};

use super::*;

fn raw(document: &Document) -> RawDocumentBuf {
    RawDocumentBuf::try_from(document).expect("BSON")
}

fn decoder() -> Decoder {
    Decoder { message_types: vec!["e2e".to_owned()], zone: TimeZone::UTC }
}

#[test]
fn a_resume_token_names_its_time() {
    let token = "8266A0B1C20000000A2B0229296E04";
    assert_eq!(token_time(token), Some(Timestamp::new(0x66A0_B1C2, 10)));
    for other in
        ["", "82", "8266A0B1C2000000", "8166A0B1C20000000A2B0229296E04", "82é6A0B1C20000000A", "8266A0B1C2-000000A00"]
    {
        assert_eq!(token_time(other), None, "{other}");
    }
}

#[test]
fn every_id_can_be_had_back_from_its_text() {
    let ids = [
        Bson::from("text"),
        Bson::from(""),
        Bson::from("bytes"),
        Bson::Int32(7),
        ObjectId::new().into(),
        doc! { "a": [1, 2] }.into(),
        Bson::Null,
    ];
    for id in ids {
        let holder = raw(&doc! { "_id": id.clone() });
        let text = encode_id(field(&holder, "_id").expect("an id"));
        assert_eq!(decode_id(&text), Some(id), "{text}");
    }
    assert_eq!(decode_id("what"), None);
    assert_eq!(decode_id("b!"), None);
}

#[test]
fn a_document_counts_as_the_pipeline_counts_it() {
    let at = DateTime::parse_rfc3339_str("2023-05-20T12:00:00Z").expect("an instant");
    let with = |more: Document| {
        let mut document = doc! { "rid": "room", "ts": at };
        document.extend(more);
        document
    };
    for (document, counts) in [
        (with(doc! {}), true),
        (with(doc! { "t": null }), true),
        (with(doc! { "t": "e2e" }), true),
        (with(doc! { "t": "rm" }), false),
        (with(doc! { "t": 5 }), false),
        (with(doc! { "t": ["e2e"] }), false),
        (with(doc! { "_hidden": true }), false),
        (with(doc! { "_hidden": [true] }), true),
        (with(doc! { "_hidden": "true" }), true),
        (with(doc! { "_hidden": 1 }), true),
        (with(doc! { "rid": null }), false),
        (with(doc! { "rid": ["room"] }), false),
        (with(doc! { "ts": [at] }), false),
        (with(doc! { "ts": DateTime::MAX }), false),
        (with(doc! { "ts": DateTime::MIN }), false),
        (doc! { "rid": "room" }, false),
    ] {
        assert_eq!(decoder().image(&raw(&document)).cell().is_some(), counts, "{document}");
    }
}

fn event(operation: &str, more: Document) -> Document {
    let mut event = doc! {
        "_id": { "_data": "82" }, "operationType": operation, "documentKey": { "_id": "one" },
        "clusterTime": bson::Timestamp { time: 100, increment: 3 },
    };
    event.extend(more);
    event
}

#[test]
fn an_update_tells_what_was_set_and_what_was_removed() {
    let update = event(
        "update",
        doc! { "updateDescription": { "updatedFields": { "t": "rm", "_hidden": true }, "removedFields": ["ts", "rid"] } },
    );
    let event = decoder().message(&raw(&update)).expect("an event");
    let expected = Patch { room: Some(None), day: Some(None), counted: Some(false), hidden: Some(true) };
    assert_eq!(event.change, MessageChange { id: "sone".into(), change: Change::Update(expected) });
    assert_eq!(event.at, Timestamp::new(100, 3));

    let only = super::tests::event("update", doc! { "updateDescription": { "removedFields": ["t"] } });
    let event = decoder().message(&raw(&only)).expect("an event");
    assert_eq!(event.change.change, Change::Update(Patch { counted: Some(true), ..Patch::default() }));
}

#[test]
fn what_ends_a_stream_is_told_from_what_is_not_understood() {
    for (operation, fault) in [
        ("drop", Fault::Invalidated),
        ("rename", Fault::Invalidated),
        ("dropDatabase", Fault::Invalidated),
        ("invalidate", Fault::Invalidated),
        ("insert", Fault::Undecodable),
        ("refine", Fault::Undecodable),
    ] {
        let event = raw(&event(operation, doc! {}));
        assert_eq!(decoder().message(&event).err(), Some(fault), "{operation}");
    }
}

#[test]
fn a_room_has_the_type_that_it_has_afterwards() {
    for (event, kind) in [
        (event("insert", doc! { "fullDocument": { "t": "c" } }), Some("c")),
        (event("replace", doc! { "fullDocument": { "t": 5 } }), None),
        (
            event("update", doc! { "updateDescription": { "updatedFields": { "t": "p" }, "removedFields": [] } }),
            Some("p"),
        ),
        (event("update", doc! { "updateDescription": { "updatedFields": {}, "removedFields": ["t"] } }), None),
        (event("delete", doc! {}), None),
    ] {
        let change = decoder().room(&raw(&event)).expect("an event").expect("a room").change;
        assert_eq!(change.kind.as_deref(), kind, "{event}");
    }
    let mut nameless = event("delete", doc! {});
    nameless.insert("documentKey", doc! { "_id": 5 });
    assert!(decoder().room(&raw(&nameless)).expect("no fault").is_none());
}
