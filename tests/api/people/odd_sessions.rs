//! Sessions as nobody writes them: every type of BSON in every field that matters, dates that do not exist, ids
//! of any text. Each is skipped or counted as contract section 14 says, and none spoils what stands beside it.

use bson::{Bson, DateTime, Document, doc};
use chrono_tz::Tz;

use super::{
    ACTIVE, BY_TIME, HOURLY, SESSIONS, WEEKLY, ask, body,
    by_hand::{about_sessions, widest},
    odd_values::{extinct, numbers, of_every_type},
    period,
};
use crate::support::{
    Service, Workspace,
    answers::{assert_all_agree, difference},
    millis, utc,
};

/// What the good documents are about, which all questions include.
const LOGIN: &str = "2023-05-25T08:10:00.000Z";
const CLOSED: &str = "2023-05-25T10:20:00.000Z";
const QUESTION: [&str; 2] = ["2023-05-25T12:00:00.000Z", "2023-05-25T23:00:00.000Z"];

fn good(kind: &str, user: &str) -> Document {
    doc! {
        "type": kind, "userId": user, "year": 2023, "month": 5, "day": 25, "mostImportantRole": "user",
        "loginAt": utc(LOGIN), "closedAt": utc(CLOSED),
    }
}

/// Both documents of a user.
fn both(user: &str) -> [Document; 2] {
    ["user_daily", "computed-session"].map(|kind| good(kind, user))
}

const FIELDS: [&str; 8] = ["type", "userId", "year", "month", "day", "mostImportantRole", "loginAt", "closedAt"];

/// Holds the four answers against those by hand, for a period.
async fn differences(
    service: &Service,
    what: &str,
    documents: &[Document],
    [start, end]: [DateTime; 2],
) -> Vec<String> {
    let mut differences = Vec::new();
    for (path, query, body) in about_sessions(documents, start, end, Tz::UTC) {
        let row = format!("{what}: {path}?{query}");
        differences.extend(difference(&row, &ask(service, path, &query).await, 200, &body));
    }
    differences
}

async fn replace(workspace: &Workspace, documents: &[Document]) {
    let sessions = workspace.database.collection::<Document>(SESSIONS);
    sessions.delete_many(doc! {}).await.expect("a deletion");
    workspace.insert(SESSIONS, documents.to_vec()).await;
}

/// The service, and a workspace whose sessions have their indexes: in those an array is its content.
async fn indexed() -> (Workspace, Service) {
    let workspace = Workspace::with_admin().await.without_rate_limit().await;
    for keys in [doc! { "type": 1, "year": 1, "month": 1, "day": 1 }, doc! { "loginAt": -1 }] {
        let index = mongodb::IndexModel::builder().keys(keys).build();
        workspace.database.collection::<Document>(SESSIONS).create_index(index).await.expect("an index");
    }
    let service = Service::on(&workspace).await;
    (workspace, service)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_of_any_type_in_any_field_is_counted_or_skipped_by_itself() {
    let (workspace, service) = indexed().await;
    let question = [LOGIN, QUESTION[1]].map(utc);
    let mut wrong = Vec::new();
    for field in FIELDS {
        let mut documents = both("good").to_vec();
        for kind in ["user_daily", "computed-session"] {
            for (number, value) in of_every_type(&good(kind, "right")[field]).into_iter().enumerate() {
                let mut document = good(kind, &format!("{field} {number} {}", value.element_type() as u8));
                document.insert(field, value);
                documents.push(document);
            }
            let mut without = good(kind, "without");
            without.remove(field);
            documents.push(without);
        }
        replace(&workspace, &documents).await;
        wrong.extend(differences(&service, field, &documents, question).await);
        wrong.extend(differences(&service, field, &documents, widest()).await);
    }
    service.stop().await;
    assert_all_agree(wrong);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_is_skipped_opens_no_slot_and_no_day_by_itself() {
    let (workspace, service) = indexed().await;
    let question = [LOGIN, QUESTION[1]].map(utc);
    let mut wrong = Vec::new();
    for field in FIELDS {
        for kind in ["user_daily", "computed-session"] {
            let mut documents = Vec::new();
            for value in [Bson::Boolean(true), Bson::Double(0.5), Bson::Array(vec![good(kind, "right")[field].clone()])]
            {
                let mut document = good(kind, "odd");
                document.insert(field, value);
                documents.push(document);
            }
            replace(&workspace, &documents).await;
            wrong.extend(differences(&service, &format!("{kind} {field}"), &documents, question).await);
        }
    }
    service.stop().await;
    assert_all_agree(wrong);
}

#[tokio::test(flavor = "multi_thread")]
async fn types_that_nothing_writes_any_more_do_not_spoil_what_stands_beside_them() {
    let (workspace, service) = indexed().await;
    let mut wrong = Vec::new();
    for field in FIELDS {
        for kind in ["user_daily", "computed-session"] {
            let right = good(kind, "right");
            let mut documents = both("good").to_vec();
            for value in extinct(right[field].as_str().unwrap_or("text")) {
                let mut document = good(kind, "odd");
                document.insert(field, value);
                documents.push(document);
            }
            replace(&workspace, &documents).await;
            for (path, query, _) in about_sessions(&documents, utc(LOGIN), utc(QUESTION[1]), Tz::UTC) {
                let answer = ask(&service, path, &query).await;
                let is_there = match path {
                    ACTIVE => answer.body.contains(r#""good""#),
                    WEEKLY => answer.body.contains(r#""day":25,"month":5,"year":2023"#),
                    BY_TIME => answer.body.contains(r#""hour":10,"day":25,"month":5,"year":2023}"#),
                    _ => answer.body.contains(r#""hour":22"#) && !answer.body.contains(r#"{"users":0,"hour":10}"#),
                };
                if answer.status != 200 || !is_there || answer.json()["success"] != true {
                    wrong.push(format!("{kind} {field}: {path}: {answer:?}"));
                }
            }
        }
    }
    service.stop().await;
    assert_all_agree(wrong);
}

#[tokio::test(flavor = "multi_thread")]
async fn dates_that_do_not_exist_are_of_no_day_and_given_back_by_hours() {
    let (workspace, service) = indexed().await;
    let of_32_bits = 1i64 << 32;
    let dates = [
        [2023, 2, 28],
        [2023, 2, 29],
        [2023, 2, 30],
        [2024, 2, 29],
        [1900, 2, 29],
        [2000, 2, 29],
        [0, 2, 29],
        [4, 2, 29],
        [100, 2, 29],
        [1582, 10, 10],
        [2023, 4, 31],
        [2023, 12, 31],
        [2023, 12, 32],
        [2023, 13, 1],
        [2023, 0, 1],
        [2023, 0, 0],
        [2023, 1, 0],
        [2023, 1, -1],
        [2023, -1, 1],
        [-1, 12, 31],
        [-1, 1, 1],
        [0, 1, 1],
        [0, 0, 0],
        [1, 1, 1],
        [99, 1, 1],
        [9_999, 12, 31],
        [10_000, 1, 1],
        [99_999, 1, 1],
        [275_760, 9, 13],
        [-271_821, 4, 20],
        [1_000_000, 1, 1],
        // What fewer bits would take for a day of the period.
        [2023 + of_32_bits, 5, 25],
        [2023 - of_32_bits, 5, 25],
        [2023 + 65_536, 5, 25],
        [2023, 5 + 256, 25],
        [2023, 5 + of_32_bits, 25],
        [2023, 5, 25 + 256],
        [2023, 5, 25 + of_32_bits],
        [2023, 5, 25 - 256],
        [i64::from(i32::MAX), 1, 1],
        [i64::from(i32::MIN), 1, 1],
        [(1 << 53) - 1, 1, 1],
        [1 - (1 << 53), 1, 1],
        [2023, (1 << 53) - 1, (1 << 53) - 1],
    ];
    let mut documents = Vec::new();
    for (index, date) in dates.into_iter().enumerate() {
        let [years, months, days] = date.map(numbers);
        for (number, year) in years.iter().enumerate() {
            let (month, day) = (&months[number % months.len()], &days[(number + 1) % days.len()]);
            for mut document in both(&format!("{index} {number}")) {
                document.extend(doc! { "year": year, "month": month, "day": day });
                documents.push(document);
            }
        }
    }
    replace(&workspace, &documents).await;
    let mut wrong = Vec::new();
    let day = 86_400_000;
    let mut periods = vec![widest(), QUESTION.map(utc), [utc("2023-05-01T00:00:00.000Z"), utc(QUESTION[1])]];
    for at in
        [widest()[0], millis(widest()[0].timestamp_millis() + 5 * day), widest()[1], utc("2023-03-01T00:00:00.000Z")]
    {
        periods.push([at, millis((at.timestamp_millis() + day).min(widest()[1].timestamp_millis()))]);
    }
    for period in periods {
        wrong.extend(differences(&service, "dates", &documents, period).await);
    }
    // They are there at all.
    let year = body(&service, ACTIVE, &period("0000-01-01T00:00:00.000Z", "0000-12-31T00:00:00.000Z")).await;
    assert!(
        year.starts_with(r#"{"month":[{"usersList":["6 0","6 1","6 2"],"users":3,"day":29,"month":2,"year":0},"#),
        "{year}"
    );
    service.stop().await;
    assert_all_agree(wrong);
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_that_are_the_same_are_one_group_whatever_their_type() {
    let (workspace, service) = indexed().await;
    let mut documents = Vec::new();
    for (index, zero) in [Bson::Int32(0), Bson::Int64(0), Bson::Double(0.0), Bson::Double(-0.0)].into_iter().enumerate()
    {
        let mut document = good("computed-session", &format!("user {index}"));
        document.extend(doc! { "loginAt": utc(QUESTION[0]), "closedAt": utc(QUESTION[0]) });
        document.extend(doc! { "year": zero.clone(), "month": zero.clone(), "day": zero });
        documents.push(document);
    }
    replace(&workspace, &documents).await;
    let query = period(QUESTION[0], QUESTION[1]);
    let answer = ask(&service, BY_TIME, &query).await;
    let expected = r#"{"week":[{"users":4,"hour":12,"day":0,"month":0,"year":0}],"success":true}"#;
    let wrong = difference(&query, &answer, 200, expected);
    service.stop().await;
    assert_all_agree(wrong);
}

#[tokio::test(flavor = "multi_thread")]
async fn windows_have_both_their_ends_and_hours_are_those_of_utc() {
    let (workspace, service) = indexed().await;
    let [start, end] = QUESTION.map(|at| utc(at).timestamp_millis());
    let day = 86_400_000;
    let hour = 3_600_000;
    let mut documents = Vec::new();
    for login in [start - day - 1, start - day, start - day + 1, start - 1, start, start + 1, end - 1, end, end + 1] {
        for length in [-1, 0, -13 * hour, hour, 11 * hour, 12 * hour, 24 * hour, 25 * hour, 14 * hour] {
            let mut document = good("computed-session", &format!("{login} {length}"));
            document.extend(doc! { "loginAt": millis(login), "closedAt": millis(login + length) });
            documents.push(document);
        }
        let mut open = good("computed-session", &format!("{login} open"));
        open.extend(doc! { "loginAt": millis(login), "closedAt": null });
        documents.push(open);
        let mut session = good("session", &format!("{login} before the job"));
        session.insert("loginAt", millis(login));
        documents.push(session);
    }
    replace(&workspace, &documents).await;
    let mut wrong = Vec::new();
    for start in [start - 1, start, start + 1, end, start - day, start + day, start + 2 * day] {
        for end in [end, end - 1, end + 1, start] {
            wrong.extend(differences(&service, "windows", &documents, [start, end].map(millis)).await);
        }
    }
    service.stop().await;
    assert_all_agree(wrong);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_least_and_the_greatest_instants_do_no_harm() {
    const JAVASCRIPT: i64 = 8_640_000_000_000_000;
    let (workspace, service) = indexed().await;
    let question = QUESTION.map(utc);
    let inside = [-JAVASCRIPT, JAVASCRIPT, 0, -1, -3_600_001];
    let beyond = [i64::MIN, i64::MIN + 1, i64::MAX, i64::MAX - 1, -JAVASCRIPT - 1, JAVASCRIPT + 1];
    let mut documents = both("good").to_vec();
    for at in inside {
        for (login, closed) in [(question[0], millis(at)), (millis(at), question[0])] {
            let mut document = good("computed-session", &format!("{at}"));
            document.extend(doc! { "loginAt": login, "closedAt": closed });
            documents.push(document);
        }
    }
    for at in beyond {
        let mut document = good("computed-session", &format!("{at}"));
        document.extend(doc! { "loginAt": millis(at), "closedAt": question[0] });
        documents.push(document);
    }
    replace(&workspace, &documents).await;
    let mut wrong = differences(&service, "within JavaScript's dates", &documents, question).await;
    wrong.extend(differences(&service, "within JavaScript's dates", &documents, widest()).await);
    // The hour of a date that JavaScript does not have, the contract does not say.
    for at in beyond {
        let mut document = good("computed-session", "beyond");
        document.insert("closedAt", millis(at));
        replace(&workspace, &[vec![document], both("good").to_vec()].concat()).await;
        let answer = ask(&service, HOURLY, &format!("start={}", QUESTION[0])).await;
        let users = answer.status.eq(&200).then(|| answer.json()["hours"][6]["users"].as_u64()).flatten();
        wrong.extend((!matches!(users, Some(1 | 2))).then(|| format!("closed at {at}: {answer:?}")));
        let query = period(LOGIN, QUESTION[1]);
        let answer = ask(&service, BY_TIME, &query).await;
        wrong.extend((answer.status != 200).then(|| format!("closed at {at}: {answer:?}")));
    }
    service.stop().await;
    assert_all_agree(wrong);
}

#[tokio::test(flavor = "multi_thread")]
async fn any_text_is_an_id_and_ids_are_in_the_order_of_their_bytes() {
    let (workspace, service) = indexed().await;
    let long = "é\"".repeat(3_413);
    let longer = format!("{long}!");
    let ids = [
        ("", r#""""#),
        ("\0", r#""\u0000""#),
        ("\0\0", r#""\u0000\u0000""#),
        ("\u{1}\u{8}\t\n\u{b}\u{c}\r\u{1f}", r#""\u0001\b\t\n\u000b\f\r\u001f""#),
        (" ", r#"" ""#),
        ("\"", r#""\"""#),
        ("$userId", r#""$userId""#),
        ("</script>", r#""</script>""#),
        ("Z", r#""Z""#),
        ("\\", r#""\\""#),
        ("\\u0041", r#""\\u0041""#),
        ("__proto__", r#""__proto__""#),
        ("a", r#""a""#),
        ("a\0", r#""a\u0000""#),
        ("a\0b", r#""a\u0000b""#),
        ("a ", r#""a ""#),
        ("a10", r#""a10""#),
        ("a9", r#""a9""#),
        ("aé", r#""aé""#),
        ("e\u{301}", "\"e\u{301}\""),
        ("\u{7f}", "\"\u{7f}\""),
        ("é", r#""é""#),
        ("\u{2028}", "\"\u{2028}\""),
        ("\u{feff}", "\"\u{feff}\""),
        ("\u{ff5e}", "\"\u{ff5e}\""),
        ("\u{ffff}", "\"\u{ffff}\""),
        // Before the two above, if the order were that of JavaScript.
        ("\u{10000}", "\"\u{10000}\""),
        ("\u{1f600}", "\"\u{1f600}\""),
    ];
    assert!(ids.is_sorted_by(|one, other| one.0 < other.0));
    let texts = ids.iter().rev().map(|id| id.0).chain([&*longer, &*long]);
    let documents: Vec<_> = texts.flat_map(both).collect();
    replace(&workspace, &documents).await;
    let mut list: Vec<_> = ids.iter().map(|id| id.1.to_owned()).collect();
    let after = ids.iter().position(|id| id.0 == "é").expect("an id") + 1;
    for (place, long) in [&long, &longer].into_iter().enumerate() {
        list.insert(after + place, format!("\"{}\"", long.replace('"', "\\\"")));
    }
    let expected = format!(
        r#"{{"month":[{{"usersList":[{}],"users":{},"day":25,"month":5,"year":2023}}],"success":true}}"#,
        list.join(","),
        list.len()
    );
    let query = period(QUESTION[0], QUESTION[1]);
    let mut wrong = Vec::new();
    wrong.extend(difference("ids", &ask(&service, ACTIVE, &query).await, 200, &expected));
    wrong.extend(differences(&service, "ids", &documents, [utc(LOGIN), utc(QUESTION[1])]).await);
    let hours = body(&service, HOURLY, &query).await;
    assert!(hours.contains(&format!(r#"{{"users":{},"hour":8}}"#, list.len())), "{hours}");
    service.stop().await;
    assert_all_agree(wrong);
}
