//! The parameters `start` and `end`: every sentence of contract section 6, status and whole body.

use crate::support::{
    Service, Workspace,
    answers::{NO_MESSAGES, asking, assert_all_agree, difference, no_json_error},
};

/// A query string, and what it is answered with.
pub struct Row {
    pub query: String,
    pub answer: Answer,
}

pub enum Answer {
    Accepted,
    NotADate(&'static str),
    Missing(&'static str),
    NoPeriod,
}

use Answer::{Accepted, Missing, NoPeriod, NotADate};

const START: &str = "start=2023-05-20T00:00:00.000Z";
const END: &str = "end=2023-05-30T00:00:00.000Z";

fn row(query: impl Into<String>, answer: Answer) -> Row {
    Row { query: query.into(), answer }
}

/// Which parameters are there, under which names, and in which order they are looked at.
fn names() -> Vec<Row> {
    let both = format!("{START}&{END}");
    vec![
        row(both.clone(), Accepted),
        row(format!("{END}&{START}"), Accepted),
        row("", Missing("start")),
        row("&", Missing("start")),
        row("=", Missing("start")),
        row("=2023-05-20T00:00:00.000Z", Missing("start")),
        row(START, Missing("end")),
        row(END, Missing("start")),
        row("end=never", NotADate("end")),
        row("start=never", NotADate("start")),
        row(format!("{START}&end=never"), NotADate("end")),
        row(format!("end=never&{START}"), NotADate("end")),
        row(format!("start=never&{END}"), NotADate("start")),
        row("start=never&end=never", NotADate("start")),
        row("end=never&start=never", NotADate("end")),
        row("end=never&start=never&end=never", NotADate("end")),
        row("start=never&end=never&start=never", NotADate("start")),
        row("end[]=1&start[]=2", NotADate("end")),
        row("end[x]=1&start=never&end[y]=2", NotADate("end")),
        row("start", NotADate("start")),
        row("end", NotADate("end")),
        row("start=", NotADate("start")),
        row("start&end", NotADate("start")),
        row("end&start", NotADate("end")),
        row(format!("start=&{END}"), NotADate("start")),
        row(format!("{both}&start"), NotADate("start")),
        row(format!("{START}&{START}&{END}"), NotADate("start")),
        row(format!("{both}&{END}"), NotADate("end")),
        row(format!("{both}&{END}&{START}"), NotADate("start")),
        row(both.replace("start", "start[]"), NotADate("start")),
        row(both.replace("start", "start[0]"), NotADate("start")),
        row(both.replace("start", "start[x]"), NotADate("start")),
        row(both.replace("start", "start[x][y]"), NotADate("start")),
        row(both.replace("start", "start[$ne]"), NotADate("start")),
        row(both.replace("start", "start%5B%5D"), NotADate("start")),
        row(both.replace("start", "start%5bx%5d"), NotADate("start")),
        row(both.replace("end", "end[]"), NotADate("end")),
        row(format!("start[]&{both}"), NotADate("start")),
        row(format!("{both}&end[x]=1"), NotADate("end")),
        row(both.replace("start", "[start]"), Accepted),
        row(both.replace("end", "%5Bend%5D"), Accepted),
        row(format!("[start]=never&{END}"), NotADate("start")),
        row(format!("[start]={0}&start={0}&{END}", "2023-05-20T00:00:00.000Z"), NotADate("start")),
        row(both.replace("start", "%73tart"), Accepted),
        row(both.replace("start", "%73%74%61%72%74"), Accepted),
        row(both.replace("end", "e%6Ed"), Accepted),
        row(format!("%73tart=never&{END}"), NotADate("start")),
        row(both.replace("start=", "start%3D"), Missing("start")),
        row(both.replace('&', "%26"), NotADate("start")),
        row(both.replace('&', ";"), NotADate("start")),
        row(both.replace("start", "Start"), Missing("start")),
        row(both.replace("end", "END"), Missing("end")),
        row(both.replace("start", "+start"), Missing("start")),
        row(both.replace("start", "start+"), Missing("start")),
        row(both.replace("start", "?start"), Missing("start")),
        row(both.replace("start", "start.x"), Missing("start")),
        row(both.replace("start", "%zzstart"), Missing("start")),
        row(both.replace("start", "%73tart%"), Missing("start")),
        row(both.replace("start", "%73tart%FF"), Missing("start")),
        row(both.replace("start", "%00start"), Missing("start")),
        row(format!("&&{}&&", both.replace('&', "&&&")), Accepted),
        row(format!("{both}&what=ever&start2=never&ending=never&x[start]=never"), Accepted),
        row(format!("%zz=1&%FF=%FF&=&[]&{both}&toString=1&__proto__=1&constructor[prototype][start]=1"), Accepted),
    ]
}

/// A thousand parameters count.
fn limits() -> Vec<Row> {
    let others = |count: usize| "a&".repeat(count);
    vec![
        row(format!("{}{START}&{END}", others(998)), Accepted),
        row(format!("{}{START}&{END}", others(999)), Missing("end")),
        row(format!("{}{START}&{END}", others(1_000)), Missing("start")),
        row(format!("{START}&{END}&{}start=never", others(998)), Accepted),
        row(format!("{START}&{END}&{}start=never", others(997)), NotADate("start")),
        row(format!("{START}&{}{END}", others(1_500)), Missing("end")),
        row(format!("{START}&{}end=never", others(998)), NotADate("end")),
    ]
}

/// Texts in the place of `start`, as sent.
fn dates() -> Vec<Row> {
    let accepted = [
        "2023-05-20T00:00:00.000Z",
        "2023-05-20T23:59:59.999Z",
        "2023-05-20T00%3A00%3A00.000Z",
        "%32%30%32%33-05-20T00%3a00%3A00%2E000%5A",
        "2020-02-29T12:34:56.789Z",
        "2000-02-29T00:00:00.000Z",
        "1970-01-01T00:00:00.000Z",
        "1969-12-31T23:59:59.999Z",
        "1600-02-29T00:00:00.000Z",
        "1582-10-10T00:00:00.000Z",
        "0001-01-01T00:00:00.000Z",
        "0000-02-29T00:00:00.000Z",
        "0000-01-01T00:00:00.000Z",
    ];
    let refused = [
        "now",
        "0",
        "1684540800000",
        "null",
        "2023-05-20",
        "2023-05-20T00:00Z",
        "2023-05-20T00:00:00Z",
        "2023-05-20T00:00:00.000",
        "2023-05-20T00:00:00.0Z",
        "2023-05-20T00:00:00.00Z",
        "2023-05-20T00:00:00.0000Z",
        "2023-05-20T00:00:00,000Z",
        "2023-05-20T00:00:00.000z",
        "2023-05-20t00:00:00.000Z",
        "2023-05-20+00:00:00.000Z",
        "2023-05-20%2000:00:00.000Z",
        "+2023-05-20T00:00:00.000Z",
        "%202023-05-20T00:00:00.000Z",
        "2023-05-20T00:00:00.000Z%20",
        "2023-05-20T00:00:00.000Z+",
        "2023-05-20T00:00:00.000Z%0A",
        "2023-05-20T00:00:00.000Z%00",
        "2023-05-20T00:00:00.000Z=",
        "2023-05-20T00:00:00.000Z%",
        "2023-05-20T00:00:00.000Z%FF",
        "%zz2023-05-20T00:00:00.000Z",
        "2023-05-20T00%3A00:00.000Z%F",
        "%222023-05-20T00:00:00.000Z%22",
        "2023-05-20T00:00:00.000+00:00",
        "2023-05-20T00:00:00.000%2B00:00",
        "2023-05-20T02:00:00.000%2B02:00",
        "2023-05-20T00:00:00.000-00:00",
        "2023-5-20T00:00:00.000Z",
        "2023-05-20T0:00:00.000Z",
        "20230520T000000.000Z",
        "23-05-20T00:00:00.000Z",
        "2023-140T00:00:00.000Z",
        "2023-W20-6T00:00:00.000Z",
        "2023-00-20T00:00:00.000Z",
        "2023-13-20T00:00:00.000Z",
        "2023-05-00T00:00:00.000Z",
        "2023-05-32T00:00:00.000Z",
        "2023-04-31T00:00:00.000Z",
        "2023-02-29T00:00:00.000Z",
        "2023-02-30T00:00:00.000Z",
        "1900-02-29T00:00:00.000Z",
        "2100-02-29T00:00:00.000Z",
        "2023-05-20T24:00:00.000Z",
        "2023-05-20T25:00:00.000Z",
        "2023-05-20T00:60:00.000Z",
        "2023-05-20T00:00:60.000Z",
        "2016-12-31T23:59:60.000Z",
        "2023-05-20T-1:00:00.000Z",
        "2023-05-20T00:00:-1.000Z",
        "2023-05-20T%2B1:00:00.000Z",
        "2023-+5-20T00:00:00.000Z",
        "-2023-05-20T00:00:00.000Z",
        "%2B002023-05-20T00:00:00.000Z",
        "-000001-05-20T00:00:00.000Z",
        "-000000-05-20T00:00:00.000Z",
        "%2B010000-01-01T00:00:00.000Z",
        "10000-01-01T00:00:00.000Z",
        "%D9%A2%D9%A0%D9%A2%D9%A3-05-20T00:00:00.000Z",
        "%EF%BC%92023-05-20T00:00:00.000Z",
        "2023%E2%80%9005%E2%80%9020T00:00:00.000Z",
        "%EF%BB%BF2023-05-20T00:00:00.000Z",
        "Sat,%2020%20May%202023%2000:00:00%20GMT",
        "[object%20Object]",
        "{%22$ne%22:null}",
        "$where",
    ];
    let start = |text: &&str| format!("start={text}&{END}");
    let end = |text: &&str| format!("{}&end={text}", START.replace("2023", "0000"));
    let accepted = accepted
        .iter()
        .flat_map(|text| [row(start(text), Accepted), row(end(text).replace("0000-05-20", "0000-01-01"), Accepted)]);
    let refused =
        refused.iter().flat_map(|text| [row(start(text), NotADate("start")), row(end(text), NotADate("end"))]);
    accepted.chain(refused).collect()
}

/// Whether the period has a day.
fn periods() -> Vec<Row> {
    let period = |start: &str, end: &str, answer| row(format!("start={start}&end={end}"), answer);
    vec![
        period("2023-05-20T00:00:00.000Z", "2023-05-20T00:00:00.000Z", Accepted),
        period("2023-05-20T00:00:00.001Z", "2023-05-20T00:00:00.000Z", Accepted),
        period("2023-05-20T23:59:59.999Z", "2023-05-20T00:00:00.000Z", Accepted),
        period("2023-05-21T00:00:00.000Z", "2023-05-20T00:00:00.001Z", Accepted),
        period("2023-05-21T00:00:00.000Z", "2023-05-20T00:00:00.000Z", Accepted),
        period("2023-05-22T00:00:00.000Z", "2023-05-20T00:00:00.001Z", Accepted),
        period("2023-05-22T00:00:00.000Z", "2023-05-20T00:00:00.000Z", NoPeriod),
        period("2023-05-22T00:00:00.001Z", "2023-05-20T00:00:00.000Z", NoPeriod),
        period("2023-05-30T00:00:00.000Z", "2023-05-20T00:00:00.000Z", NoPeriod),
        period("9999-12-31T23:59:59.999Z", "0000-01-01T00:00:00.000Z", NoPeriod),
        period("0000-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z", Accepted),
        period("0000-01-01T00:00:00.000Z", "0000-01-01T00:00:00.000Z", Accepted),
        period("9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z", Accepted),
    ]
}

/// The whole table.
pub fn table() -> impl Iterator<Item = Row> {
    [names(), limits(), dates(), periods()].into_iter().flatten()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_query_string_of_the_table_is_answered_as_the_contract_says() {
    let workspace = Workspace::with_admin().await.without_rate_limit().await;
    let service = Service::on(&workspace).await;

    let mut differences = Vec::new();
    for Row { query, answer: expected } in table() {
        let answer = service.get(&asking(&query), &Workspace::admin()).await;
        let failed =
            |error: &str| difference(&query, &answer, 400, &format!(r#"{{"success":false,"error":"{error}"}}"#));
        differences.extend(match expected {
            Accepted => difference(&query, &answer, 200, NO_MESSAGES),
            NotADate(name) => failed(&format!("Match error: Failed Match.Where validation in field {name}")),
            Missing(name) => failed(&format!("Match error: Missing key '{name}'")),
            NoPeriod => no_json_error(&query, &answer, 400),
        });
    }

    service.stop().await;
    assert_all_agree(differences);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_without_a_query_string_misses_the_start() {
    let workspace = Workspace::with_admin().await.without_rate_limit().await;
    let service = Service::on(&workspace).await;

    let answer = service.get(crate::support::PATH, &Workspace::admin()).await;

    let body = r#"{"success":false,"error":"Match error: Missing key 'start'"}"#;
    assert_all_agree(difference("no query string", &answer, 400, body));
    service.stop().await;
}
