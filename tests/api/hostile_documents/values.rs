//! Values of every type that BSON has, and what may stand where a right value belongs. Whether such a value is wrong
//! there is the rule's business: some are right by chance.

use bson::{
    Binary, Bson, DateTime, Decimal128, Document, JavaScriptCodeWithScope, Regex, Timestamp, doc, oid::ObjectId,
    spec::BinarySubtype,
};

use crate::random::Random;

/// Milliseconds of a day.
pub const DAY: i64 = 86_400_000;

/// One of some.
pub fn one_of<T: Clone>(random: &mut Random, all: &[T]) -> T {
    all[random.below(all.len())].clone()
}

/// A right value, or with this probability nothing or something else in its place.
pub fn perhaps(random: &mut Random, percent: u64, right: impl Into<Bson>) -> Option<Bson> {
    let right = right.into();
    if !random.chance(percent) {
        return Some(right);
    }
    (!random.chance(20)).then(|| odd(random, &right))
}

/// Puts a value into a document, if there is one.
pub fn put(document: &mut Document, name: &str, value: Option<Bson>) {
    if let Some(value) = value {
        document.insert(name, value);
    }
}

/// Something else than a right value, often close to it.
pub fn odd(random: &mut Random, right: &Bson) -> Bson {
    match random.below(6) {
        0 => wrapped(random, right),
        1 => akin(random, right),
        _ => of_any_type(random),
    }
}

/// A right value within something.
fn wrapped(random: &mut Random, right: &Bson) -> Bson {
    let right = right.clone();
    match random.below(9) {
        0 | 1 => Bson::Array(vec![right]),
        2 => Bson::Array(vec![Bson::Array(vec![right])]),
        3 => Bson::Array(vec![Bson::Null, of_any_type(random), right]),
        4 => Bson::Array(vec![right.clone(), right, of_any_type(random)]),
        5 => doc! { "0": right }.into(),
        6 => doc! { "_id": right }.into(),
        7 => doc! { "value": right, "$eq": 1 }.into(),
        _ => doc! { one_of(random, &["hashedToken", "resume", "loginTokens", "$date", ""]): right }.into(),
    }
}

/// A value that a comparison without types, or a program without types, might take for the right one.
fn akin(random: &mut Random, right: &Bson) -> Bson {
    match right {
        Bson::String(text) => match random.below(8) {
            0 | 1 => Bson::Symbol(text.clone()),
            2 => Bson::Binary(Binary { subtype: BinarySubtype::Generic, bytes: text.clone().into_bytes() }),
            3 => regex(text),
            4 => Bson::JavaScriptCode(text.clone()),
            5 => format!("{text} ").into(),
            6 => text.to_uppercase().into(),
            _ => format!("${text}").into(),
        },
        Bson::DateTime(at) => match random.below(5) {
            0 => at.timestamp_millis().into(),
            1 => (at.timestamp_millis() as f64).into(),
            2 => Bson::Timestamp(Timestamp { time: (at.timestamp_millis() / 1000) as u32, increment: 1 }),
            3 => at.try_to_rfc3339_string().unwrap_or_default().into(),
            _ => Bson::DateTime(extreme_date(random)),
        },
        Bson::Boolean(truth) => match random.below(7) {
            0 => i32::from(*truth).into(),
            1 => i64::from(*truth).into(),
            2 => f64::from(*truth).into(),
            3 => truth.to_string().into(),
            4 => Bson::Symbol(truth.to_string()),
            5 => decimal(if *truth { "1" } else { "0" }),
            _ => Bson::Boolean(!truth),
        },
        Bson::Array(items) => match random.below(5) {
            0 => items.first().cloned().unwrap_or(Bson::Null),
            1 => items.iter().enumerate().map(|(at, item)| (at.to_string(), item.clone())).collect::<Document>().into(),
            // Some items are something else, or something else is there as well.
            2 => Bson::Array(items.iter().map(|item| odd(random, item)).collect()),
            3 => Bson::Array(items.iter().cloned().chain([of_any_type(random)]).collect()),
            _ => Bson::Array([of_any_type(random)].into_iter().chain(items.iter().cloned()).collect()),
        },
        Bson::Int32(_) | Bson::Int64(_) | Bson::Double(_) | Bson::Decimal128(_) => number(random),
        _ => of_any_type(random),
    }
}

/// Numbers of all four types, some at the end of what they can be.
pub fn number(random: &mut Random) -> Bson {
    const DOUBLES: [f64; 12] =
        [0.0, -0.0, 0.5, 30.0, -30.5, 1e-300, 5e-324, 1e300, f64::MAX, f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
    const DECIMALS: [&str; 13] = [
        "0",
        "-0",
        "0E+6000",
        "30",
        "3.05E+1",
        "-1",
        "1E-6000",
        "1E-400",
        "1E+400",
        "9.9E+6000",
        "NaN",
        "Infinity",
        "-Infinity",
    ];
    match random.below(4) {
        0 => Bson::Int32(one_of(random, &[0, 1, -1, 7, 30, i32::MAX, i32::MIN])),
        1 => Bson::Int64(one_of(random, &[0, 1, -1, 30, 1 << 53, i64::MAX, i64::MIN])),
        2 => Bson::Double(one_of(random, &DOUBLES)),
        _ => decimal(one_of(random, &DECIMALS)),
    }
}

fn decimal(text: &str) -> Bson {
    Bson::Decimal128(text.parse::<Decimal128>().expect("a decimal"))
}

/// Dates about now, and at the end of all.
fn extreme_date(random: &mut Random) -> DateTime {
    const DATES: [i64; 9] =
        [0, -1, 1, -62_135_596_800_001, 253_402_300_800_000, 8_640_000_000_000_001, 1 << 60, i64::MIN, i64::MAX];
    DateTime::from_millis(one_of(random, &DATES))
}

fn regex(pattern: &str) -> Bson {
    let pattern = pattern.replace(['+', '/', '='], ".");
    let pattern = pattern.try_into().expect("no zero byte");
    Bson::RegularExpression(Regex { pattern, options: bson::cstr!("i").into() })
}

/// Deprecated, and without a constructor: from its bytes.
pub fn db_pointer() -> Bson {
    let mut bytes = b"\x1c\0\0\0\x0cp\0\x06\0\0\0users\0".to_vec();
    bytes.extend([7; 12]);
    bytes.push(0);
    bytes[0] = u8::try_from(bytes.len()).expect("short");
    Document::from_reader(bytes.as_slice()).expect("BSON").remove("p").expect("the pointer")
}

/// Any value, of each type as often.
pub fn of_any_type(random: &mut Random) -> Bson {
    const TEXTS: [&str; 9] =
        ["", "odd", "$_id", "$$ROOT", "true", "0", "\u{0}", "é\u{202e}", "1970-01-01T00:00:00.000Z"];
    match random.below(22) {
        0..4 => number(random),
        4 => (one_of(random, &TEXTS)).into(),
        5 => match random.below(4) {
            0 => doc! {}.into(),
            1 => doc! { "$ne": Bson::Null }.into(),
            2 => doc! { "length": 1, "0": doc! { "_id": [] } }.into(),
            _ => doc! { "a": of_any_type(random) }.into(),
        },
        6 => match random.below(4) {
            0 => Bson::Array(vec![]),
            1 => Bson::Array(vec![Bson::Null]),
            2 => Bson::Array(vec![Bson::Array(vec![Bson::Array(vec![])])]),
            _ => Bson::Array((0..random.below(4)).map(|_| of_any_type(random)).collect()),
        },
        7 => {
            let subtype =
                one_of(random, &[BinarySubtype::Generic, BinarySubtype::Uuid, BinarySubtype::UserDefined(200)]);
            Bson::Binary(Binary { subtype, bytes: vec![9; 16] })
        }
        8 => Bson::ObjectId(ObjectId::from_bytes([random.next() as u8; 12])),
        9 => Bson::Boolean(random.chance(50)),
        10 => Bson::DateTime(extreme_date(random)),
        11 => {
            let days = random.between(0, 1000) as i64 - 500;
            Bson::DateTime(DateTime::from_millis(DateTime::now().timestamp_millis() + days * DAY + DAY / 4))
        }
        12 => Bson::Null,
        13 => regex(".*"),
        14 => Bson::Timestamp(Timestamp { time: one_of(random, &[1, 1_684_584_000, u32::MAX]), increment: 1 }),
        15 => Bson::MinKey,
        16 => Bson::MaxKey,
        17 => Bson::Undefined,
        18 => Bson::JavaScriptCode("while (true) {}".to_owned()),
        19 => {
            let (code, scope) = ("return true".to_owned(), doc! { "a": 1 });
            Bson::JavaScriptCodeWithScope(JavaScriptCodeWithScope { code, scope })
        }
        20 => Bson::Symbol((one_of(random, &TEXTS)).to_owned()),
        _ => db_pointer(),
    }
}
