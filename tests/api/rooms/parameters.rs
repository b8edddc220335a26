//! The parameters of the three paths: contract section 6, and `offset` and `count` of section 12.

use bson::doc;

use super::{CHANNELS, MESSAGE, ORIGIN, PATHS, ROOM, TOP_FIVE, ask, list, listed, may, messages};
use crate::{
    parameters::{Answer, Row, table},
    support::{
        Service, Workspace,
        answers::{PERIOD, assert_all_agree, difference},
    },
};

const NOTHING: [&str; 3] = [
    r#"{"origins":[{"messages":0,"t":"d"},{"messages":0,"t":"p"},{"messages":0,"t":"c"}],"success":true}"#,
    r#"{"channels":[],"success":true}"#,
    r#"{"channels":[],"total":0,"offset":0,"count":0,"success":true}"#,
];

fn error(text: &str) -> String {
    format!(r#"{{"success":false,"error":"{text}"}}"#)
}

fn not_a_date(name: &str) -> String {
    error(&format!("Match error: Failed Match.Where validation in field {name}"))
}

fn missing(name: &str) -> String {
    error(&format!("Match error: Missing key '{name}'"))
}

fn no_text(name: &str) -> String {
    error(&format!("Match error: Expected string, got object in field {name}"))
}

fn negative(stage: &str, number: &str) -> String {
    error(&format!("invalid argument to ${stage} stage: Expected a non-negative number in: ${stage}: {number}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn start_and_end_are_read_as_for_messages_sent_but_every_period_is_answered() {
    let workspace = Workspace::with_admin().await.without_rate_limit().await;
    let service = Service::on(&workspace).await;

    let mut differences = Vec::new();
    for (path, nothing) in PATHS.into_iter().zip(NOTHING) {
        for Row { query, answer: expected } in table() {
            let target = format!("{path}?{query}");
            let (status, body) = match expected {
                Answer::Accepted | Answer::NoPeriod => (200, nothing.to_owned()),
                Answer::NotADate(name) => (400, not_a_date(name)),
                Answer::Missing(name) => (400, missing(name)),
            };
            differences.extend(difference(&target, &ask(&service, &target).await, status, &body));
        }
        differences.extend(difference(path, &ask(&service, path).await, 400, &missing("start")));
    }

    service.stop().await;
    assert_all_agree(differences);
}

#[tokio::test(flavor = "multi_thread")]
async fn parameters_that_nobody_knows_are_ignored() {
    let workspace = Workspace::with_admin().await.without_rate_limit().await;
    workspace.insert(MESSAGE, messages("channel", &may(20), 1)).await;
    let service = Service::on(&workspace).await;
    let bodies = [
        r#"{"origins":[{"messages":1,"t":"c"},{"messages":0,"t":"d"},{"messages":0,"t":"p"}],"success":true}"#,
        r#"{"channels":[{"messages":1,"t":"c","usernames":[]}],"success":true}"#,
        r#"{"channels":[{"room":{"_id":"channel","t":"c"},"messages":1,"lastWeekMessages":0,"diffFromLastWeek":1}],"total":1,"offset":0,"count":1,"success":true}"#,
    ];

    let mut differences = Vec::new();
    for (path, body) in PATHS.into_iter().zip(bodies) {
        let mut all = vec![
            "hideRoomsWithNoActivity=false",
            "hideRoomsWithNoActivity=true",
            "hideRoomsWithNoActivity=maybe",
            "hideRoomsWithNoActivity[]=1",
            "sort={%22messages%22:1}",
            "sort=nonsense",
            "sort[x]=1",
            "query={%22t%22:%22p%22}",
            "query={",
            "fields={%22_id%22:0}",
            "fields=&fields=",
            "Offset=-1&COUNT=-1&offset.x=1&+count=1&counts=0&off=1",
            "[x]count=1&x[count]=-1",
            "limit=0&skip=1",
        ];
        if path != CHANNELS {
            all.extend(["offset=-1", "count=-1", "count[]=1", "offset[x]=1", "count=1&count=2", "offset=1&count=0"]);
        }
        for unknown in all {
            for query in [format!("{PERIOD}&{unknown}"), format!("{unknown}&{PERIOD}")] {
                let target = format!("{path}?{query}");
                differences.extend(difference(&target, &ask(&service, &target).await, 200, body));
            }
        }
    }
    service.stop().await;
    assert_all_agree(differences);
}

#[tokio::test(flavor = "multi_thread")]
async fn offset_and_count_are_looked_at_in_the_same_walk_and_negative_ones_after_everything_else() {
    const START: &str = "start=2023-05-20T00:00:00.000Z";
    const END: &str = "end=2023-05-30T00:00:00.000Z";
    let table = [
        // Something else than a text.
        (format!("{PERIOD}&count=1&count=2"), no_text("count")),
        (format!("{PERIOD}&count=1&count=1"), no_text("count")),
        (format!("{PERIOD}&count&count"), no_text("count")),
        (format!("{PERIOD}&offset=1&offset=2"), no_text("offset")),
        (format!("{PERIOD}&count[]=1"), no_text("count")),
        (format!("{PERIOD}&count[]"), no_text("count")),
        (format!("{PERIOD}&count[0]=1"), no_text("count")),
        (format!("{PERIOD}&count[x]=1"), no_text("count")),
        (format!("{PERIOD}&count%5B%5D=1"), no_text("count")),
        (format!("{PERIOD}&offset[x]=1"), no_text("offset")),
        (format!("{PERIOD}&offset[x][y]=1"), no_text("offset")),
        (format!("{PERIOD}&offset[]=1&offset=1"), no_text("offset")),
        (format!("{PERIOD}&offset=1&offset[x]=1"), no_text("offset")),
        (format!("{PERIOD}&%63ount=1&count=1"), no_text("count")),
        (format!("{PERIOD}&[count]=1&count=1"), no_text("count")),
        // The order of the query string.
        (format!("{PERIOD}&offset[]=1&count[]=1"), no_text("offset")),
        (format!("{PERIOD}&count[]=1&offset[]=1"), no_text("count")),
        (format!("count[]=1&{PERIOD}"), no_text("count")),
        ("count[]=1&start=never&end=never".to_owned(), no_text("count")),
        ("start=never&count[]=1&end=never".to_owned(), not_a_date("start")),
        ("end=never&start=never&offset[]=1".to_owned(), not_a_date("end")),
        ("offset[]=1&end=never&start=never".to_owned(), no_text("offset")),
        (format!("{START}&count[]=1&end=never"), no_text("count")),
        (format!("{START}&end=never&count[]=1"), not_a_date("end")),
        // A key is where it is first.
        ("count=1&start=never&end=never&count=2".to_owned(), no_text("count")),
        (format!("count=1&start=never&{END}&count[]=2"), no_text("count")),
        ("start=never&count=1&count=2&start=never".to_owned(), not_a_date("start")),
        (format!("offset=1&count[]=1&{PERIOD}&offset=2"), no_text("offset")),
        (format!("count=1&offset[]=1&{PERIOD}&count=2"), no_text("count")),
        // Then missing ones.
        ("count[]=1".to_owned(), no_text("count")),
        ("offset[x]=1".to_owned(), no_text("offset")),
        (format!("{START}&offset[x]=1"), no_text("offset")),
        (format!("count[]=1&{END}"), no_text("count")),
        ("count=1&offset=1".to_owned(), missing("start")),
        (format!("count=1&{END}"), missing("start")),
        (format!("count=1&{START}"), missing("end")),
        ("end=never&count=1".to_owned(), not_a_date("end")),
        // Then negative ones, offset first.
        (format!("{PERIOD}&offset=-1"), negative("skip", "-1")),
        (format!("{PERIOD}&count=-1"), negative("limit", "-1")),
        (format!("{PERIOD}&count=-1&offset=-2"), negative("skip", "-2")),
        (format!("count=-3&{PERIOD}&offset=0"), negative("limit", "-3")),
        (format!("offset=-3&{PERIOD}&count=abc"), negative("skip", "-3")),
        (format!("offset=abc&{PERIOD}&count=-7"), negative("limit", "-7")),
        (format!("{PERIOD}&offset=-0x10"), negative("skip", "-16")),
        (format!("{PERIOD}&count=-0x10"), negative("limit", "-16")),
        (format!("{PERIOD}&count=+-12e9"), negative("limit", "-12")),
        (format!("{PERIOD}&offset=-1.9"), negative("skip", "-1")),
        (format!("{PERIOD}&offset=-9007199254740991"), negative("skip", "-9007199254740991")),
        (format!("{PERIOD}&offset=-9007199254740992"), negative("skip", "-9007199254740991")),
        (format!("{PERIOD}&count=-{}", "9".repeat(400)), negative("limit", "-9007199254740991")),
        (format!("{PERIOD}&count=-0xffffffffffffffffffff"), negative("limit", "-9007199254740991")),
        ("offset=-1&count=-1".to_owned(), missing("start")),
        (format!("offset=-1&{START}"), missing("end")),
        (format!("offset=-1&{START}&end=never"), not_a_date("end")),
        (format!("offset=-1&{PERIOD}&count[]=1"), no_text("count")),
        (format!("count=-1&{PERIOD}&offset[]=1"), no_text("offset")),
        // A period that finds nothing changes nothing in that.
        ("start=2023-05-30T00:00:00.000Z&end=2023-05-20T00:00:00.000Z&offset=-1".to_owned(), negative("skip", "-1")),
        ("start=2023-05-30T00:00:00.000Z&end=2023-05-20T00:00:00.000Z&count=-1".to_owned(), negative("limit", "-1")),
    ];
    // One workspace has nothing to list, one has.
    let mut differences = Vec::new();
    for listed in [0, 1] {
        let workspace = Workspace::with_admin().await.without_rate_limit().await;
        workspace.insert(MESSAGE, messages("channel", &may(20), listed)).await;
        let services = [Service::on(&workspace).await, Service::on_live(&workspace).await];
        for service in services {
            for (query, body) in &table {
                let target = format!("{CHANNELS}?{query}");
                differences.extend(difference(&target, &ask(&service, &target).await, 400, body));
            }
            service.stop().await;
        }
    }
    assert_all_agree(differences);
}

/// What `parseInt` reads from a text.
#[derive(Clone, Copy)]
enum Read {
    Number(u64),
    NotANumber,
}

use Read::{NotANumber, Number};

#[tokio::test(flavor = "multi_thread")]
async fn offset_and_count_are_the_integer_that_parse_int_reads_from_the_start() {
    const ROOMS: usize = 40;
    let table = [
        ("0", Number(0)),
        ("7", Number(7)),
        ("007", Number(7)),
        ("010", Number(10)),
        ("-0", Number(0)),
        ("-0x0", Number(0)),
        ("%2B7", Number(7)),
        ("+7", Number(7)),
        ("+++7", Number(7)),
        ("%20%097", Number(7)),
        ("%0A%0D%0B%0C7", Number(7)),
        ("+%2B7", Number(7)),
        ("7+", Number(7)),
        ("7abc", Number(7)),
        ("7+8", Number(7)),
        ("7.9", Number(7)),
        ("7,000", Number(7)),
        ("7_000", Number(7)),
        ("7%00", Number(7)),
        ("7%25", Number(7)),
        ("7-8", Number(7)),
        ("1e3", Number(1)),
        ("1n", Number(1)),
        ("0x10", Number(16)),
        ("0X1f", Number(31)),
        ("0x1Fg", Number(31)),
        ("%2B0xa", Number(10)),
        ("+0xA", Number(10)),
        ("0x1p3", Number(1)),
        ("0b11", Number(0)),
        ("0o17", Number(0)),
        ("00x10", Number(0)),
        ("0.9", Number(0)),
        // JavaScript's white space.
        ("%C2%A07", Number(7)),
        ("%EF%BB%BF7", Number(7)),
        ("%E2%80%A87", Number(7)),
        ("%E2%80%A97", Number(7)),
        ("%E2%80%807", Number(7)),
        ("%E2%80%8A7", Number(7)),
        ("%E2%80%AF7", Number(7)),
        ("%E2%81%9F7", Number(7)),
        ("%E3%80%807", Number(7)),
        ("%E1%9A%807", Number(7)),
        // None of it: U+0085, U+200B, U+180E, U+2060, and a control.
        ("%C2%857", NotANumber),
        ("%E2%80%8B7", NotANumber),
        ("%E1%A0%8E7", NotANumber),
        ("%E2%81%A07", NotANumber),
        ("%1C7", NotANumber),
        ("%007", NotANumber),
        // Digits of others.
        ("%D9%A7", NotANumber),
        ("%EF%BC%97", NotANumber),
        ("7%D9%A7", Number(7)),
        // What cannot be decoded stays as it is.
        ("7%", Number(7)),
        ("7%FF", Number(7)),
        ("%FF7", NotANumber),
        ("%207%", NotANumber),
        ("abc", NotANumber),
        ("x10", NotANumber),
        ("0x", NotANumber),
        ("0xg", NotANumber),
        ("-0x", NotANumber),
        ("0x+1", NotANumber),
        ("0x-1", NotANumber),
        ("-", NotANumber),
        ("%2B", NotANumber),
        ("--1", NotANumber),
        ("%2B-1", NotANumber),
        ("-%2B1", NotANumber),
        ("-+1", NotANumber),
        ("%2B+1", NotANumber),
        (".5", NotANumber),
        ("e3", NotANumber),
        ("#7", NotANumber),
        ("+", NotANumber),
        ("%09", NotANumber),
        ("%EF%BB%BF", NotANumber),
        ("NaN", NotANumber),
        ("null", NotANumber),
        ("undefined", NotANumber),
        ("true", NotANumber),
        ("Infinity", NotANumber),
        ("-Infinity", NotANumber),
        ("%E2%88%9217", NotANumber),
        ("[7]", NotANumber),
        ("{%22$gt%22:0}", NotANumber),
        ("\"7\"", NotANumber),
    ];
    let table = table.into_iter().filter(|(text, _)| !text.contains(['#', '"', ' ']));

    let workspace = Workspace::with_admin().await.without_rate_limit().await;
    let id = |index: usize| format!("room{index:02}");
    workspace.insert(ROOM, (0..ROOMS).map(|index| doc! { "_id": id(index), "t": "p" })).await;
    for index in 0..ROOMS {
        workspace.insert(MESSAGE, messages(&id(index), &may(20), 1)).await;
    }
    let service = Service::on(&workspace).await;
    let entries: Vec<_> = (0..ROOMS).map(|index| listed(&format!(r#""_id":"{}","t":"p""#, id(index)), 1, 0)).collect();

    let mut differences = Vec::new();
    for (text, read) in table {
        let rooms = ROOMS as u64;
        let (skipped, offset) = match read {
            Number(number) => (number, number.to_string()),
            NotANumber => (0, "null".to_owned()),
        };
        let taken = match read {
            Number(0) | NotANumber => rooms,
            Number(number) => number,
        };
        let target = format!("{CHANNELS}?{PERIOD}&offset={text}&count=0");
        let body = list(&entries[skipped.min(rooms) as usize..], ROOMS, &offset);
        differences.extend(difference(&target, &ask(&service, &target).await, 200, &body));
        let target = format!("{CHANNELS}?count={text}&{PERIOD}");
        let body = list(&entries[..taken.min(rooms) as usize], ROOMS, "0");
        differences.extend(difference(&target, &ask(&service, &target).await, 200, &body));
    }
    // Beyond ±(2⁵³ − 1).
    for (text, offset) in [
        ("9007199254740990", "9007199254740990"),
        ("9007199254740991", "9007199254740991"),
        ("9007199254740992", "9007199254740991"),
        ("18446744073709551616", "9007199254740991"),
        ("18446744073709551617", "9007199254740991"),
        ("340282366920938463463374607431768211457", "9007199254740991"),
        ("0x1fffffffffffff", "9007199254740991"),
        ("0x20000000000000", "9007199254740991"),
        ("0x10000000000000001", "9007199254740991"),
        (&"0".repeat(400), "0"),
        (&"9".repeat(400), "9007199254740991"),
        (&format!("0x{}", "f".repeat(400)), "9007199254740991"),
        (&format!("0x{}1", "0".repeat(400)), "1"),
    ] {
        let target = format!("{CHANNELS}?{PERIOD}&offset={text}");
        let skipped = offset.parse::<usize>().expect("a number").min(ROOMS);
        let body = list(&entries[skipped..], ROOMS, offset);
        differences.extend(difference(&target, &ask(&service, &target).await, 200, &body));
    }
    service.stop().await;
    assert_all_agree(differences);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_first_thousand_parameters_count_for_offset_and_count_too() {
    let workspace = Workspace::with_admin().await.without_rate_limit().await;
    let service = Service::on(&workspace).await;
    let mut differences = Vec::new();
    for (others, status) in [(997, 400), (998, 200)] {
        let target = format!("{CHANNELS}?{PERIOD}&{}count[]=1", "a&".repeat(others));
        let body = if status == 400 { no_text("count") } else { NOTHING[2].to_owned() };
        differences.extend(difference(&others.to_string(), &ask(&service, &target).await, status, &body));
    }
    for path in [ORIGIN, TOP_FIVE] {
        let target = format!("{path}?{}{PERIOD}", "a&".repeat(999));
        differences.extend(difference(path, &ask(&service, &target).await, 400, &missing("end")));
    }
    service.stop().await;
    assert_all_agree(differences);
}
