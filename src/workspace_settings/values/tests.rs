//! What values of every kind are read as.

use bson::{Bson, bson};

use super::*;

fn read(settings: &[(&str, Bson)]) -> (Values, Vec<String>) {
    let raw = |value: &Bson| RawBson::try_from(value.clone()).expect("a value");
    Values::read(&settings.iter().map(|(id, value)| ((*id).to_owned(), raw(value))).collect())
}

/// The calls and milliseconds in effect.
fn limit(settings: &[(&str, Bson)]) -> Option<(u64, u64)> {
    read(settings).0.rate_limit.map(|limit| (limit.calls.get(), limit.milliseconds.get()))
}

fn decimal(text: &str) -> Bson {
    Bson::Decimal128(text.parse().expect("a decimal"))
}

/// What a number is read as where the default is 10, and whether that is odd.
fn numbers() -> Vec<(Bson, Option<u64>, bool)> {
    vec![
        (bson!(7), Some(7), false),
        (bson!(7_i64), Some(7), false),
        (bson!(7.0), Some(7), false),
        (bson!(7.9), Some(7), false),
        (decimal("7.9"), Some(7), false),
        (bson!(1e300), Some(u64::MAX), false),
        (bson!(i64::MAX), Some(1 << 63), false),
        (bson!(0), None, false),
        (bson!(-0.0), None, false),
        (bson!(0.9), None, false),
        (bson!(-0.1), Some(10), true),
        (bson!(-1), Some(10), true),
        (bson!(i64::MIN), Some(10), true),
        (decimal("-7"), Some(10), true),
        (bson!(f64::NAN), Some(10), true),
        (bson!(f64::INFINITY), Some(10), true),
        (decimal("NaN"), Some(10), true),
        (decimal("Infinity"), Some(10), true),
        (bson!("7"), Some(10), true),
        (bson!(""), Some(10), true),
        (bson!(true), Some(10), true),
        (Bson::Null, Some(10), true),
        (bson!([7]), Some(10), true),
        (bson!({ "value": 7 }), Some(10), true),
        (Bson::DateTime(bson::DateTime::from_millis(7)), Some(10), true),
    ]
}

#[test]
fn numbers_are_finite_and_not_negative_or_have_their_default() {
    for (value, expected, is_odd) in numbers() {
        let settings = [(LIMITER_CALLS, value.clone())];
        assert_eq!(limit(&settings), expected.map(|calls| (calls, 60_000)), "{value:?}");
        let told = read(&settings).1.iter().any(|oddity| oddity.contains("Calls_Default is "));
        assert_eq!(told, is_odd, "{value:?}: {:?}", read(&settings).1);

        let expected = if is_odd { Some(60_000) } else { expected };
        let of_time = limit(&[(LIMITER_TIME, value.clone())]);
        assert_eq!(of_time, expected.map(|milliseconds| (10, milliseconds)), "{value:?}");
    }
}

#[test]
fn without_any_setting_the_defaults_apply_and_each_is_told_to_be_missing() {
    let (values, oddities) = read(&[]);
    assert_eq!(limit(&[]), Some((10, 60_000)));
    assert_eq!(values.cors, Cors::Off);
    assert_eq!(oddities.len(), 8);
    assert!(oddities.iter().all(|oddity| oddity.contains(" is missing, so ")), "{oddities:?}");
}

#[test]
fn settings_as_rocket_chat_writes_them_are_not_odd() {
    let (values, oddities) = read(&[
        (LIMITER, bson!(true)),
        (LIMITER_CALLS, bson!(10)),
        (LIMITER_TIME, bson!(60_000)),
        (CORS, bson!(false)),
        (CORS_ORIGIN, bson!("*")),
        (DEFAULT_COUNT, bson!(50)),
        (UPPER_COUNT_LIMIT, bson!(100)),
        (ALLOW_INFINITE_COUNT, bson!(true)),
    ]);
    assert_eq!((values, oddities), (Values::default(), vec![]));
}

#[test]
fn only_true_and_false_switch_the_limit() {
    for (value, is_limited) in [
        (bson!(false), false),
        (bson!(true), true),
        (bson!("false"), true),
        (bson!(0), true),
        (Bson::Null, true),
        (bson!([]), true),
    ] {
        assert_eq!(limit(&[(LIMITER, value.clone())]).is_some(), is_limited, "{value:?}");
    }
}

#[test]
fn only_true_switches_cors_on_and_origins_are_a_star_or_a_list() {
    let list = |origins: &[&str]| Cors::Origins(origins.iter().map(|origin| (*origin).to_owned()).collect());
    for (switch, origin, expected) in [
        (bson!(true), bson!("*"), Cors::AnyOrigin),
        (bson!(true), bson!(" * "), Cors::AnyOrigin),
        (bson!(true), bson!("https://a.example"), list(&["https://a.example"])),
        (bson!(true), bson!("https://a.example, http://b:1 ,"), list(&["https://a.example", "http://b:1"])),
        (bson!(true), bson!("https://a.example,*"), list(&["https://a.example", "*"])),
        (bson!(true), bson!(""), list(&[])),
        (bson!(true), bson!(5), Cors::AnyOrigin),
        (bson!(true), bson!(["https://a.example"]), Cors::AnyOrigin),
        (bson!(true), Bson::Null, Cors::AnyOrigin),
        (bson!(false), bson!("*"), Cors::Off),
        (bson!("true"), bson!("*"), Cors::Off),
        (bson!(1), bson!("*"), Cors::Off),
    ] {
        let (values, _) = read(&[(CORS, switch.clone()), (CORS_ORIGIN, origin.clone())]);
        assert_eq!(values.cors, expected, "{switch:?} {origin:?}");
    }
}

#[test]
fn an_odd_value_is_told_in_one_short_line_of_printable_text() {
    let (_, oddities) = read(&[(LIMITER_CALLS, bson!(format!("\n\u{1b}[2J{}", "x".repeat(10_000))))]);
    let oddity = oddities.iter().find(|oddity| oddity.starts_with(LIMITER_CALLS)).expect("an oddity");
    assert!(oddity.len() < 250 && oddity.chars().all(|c| !c.is_control()), "{oddity}");

    let (_, oddities) = read(&[(LIMITER_CALLS, bson!("ten"))]);
    let told = format!("{LIMITER_CALLS} is \"ten\" and not a finite number of 0 or more, so 10 applies");
    assert!(oddities.contains(&told), "{oddities:?}");
}
