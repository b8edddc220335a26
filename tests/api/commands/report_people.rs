//! `report --what`: people, by the same code as the endpoints about them, in every format.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use bson::{Document, doc};
use chrono::{Days, NaiveDate, NaiveTime, SecondsFormat, TimeDelta, TimeZone, Utc};
use unicode_width::UnicodeWidthStr;

use super::{Ran, run, run_on_a_terminal_of};
use crate::support::{Service, Workspace, python_is_missing, settings, utc};

/// A report about two days.
pub fn report(workspace: &Workspace, what: &str, arguments: &[&str]) -> Ran {
    let days = ["report", "--start", "2023-05-10", "--end", "2023-05-11", "--what", what];
    run(&[&days[..], arguments].concat(), &[("MONGO_URL", &workspace.url())])
}

pub fn session(user: &str, from: &str, to: Option<&str>) -> Document {
    let [year, month, day] = [0..4, 5..7, 8..10].map(|place| from[place].parse::<i32>().expect("a number"));
    let mut session = doc! {
        "type": "computed-session", "userId": user, "year": year, "month": month, "day": day, "loginAt": utc(from),
    };
    session.extend(to.map(|to| ("closedAt".to_owned(), utc(to).into())));
    session
}

pub fn active(user: &str, day: i32) -> Document {
    doc! { "type": "user_daily", "userId": user, "year": 2023, "month": 5, "day": day }
}

pub fn created(name: &str, at: &str) -> Document {
    doc! { "_id": name, "username": name, "createdAt": utc(at), "roles": ["user"], "type": "user" }
}

/// A few people in May 2023.
async fn small() -> Workspace {
    let workspace = Workspace::with_admin().await;
    let users = [
        created("before", "2023-05-09T12:00:00.000Z"),
        created("first", "2023-05-10T00:00:00.000Z"),
        created("second", "2023-05-11T12:00:00.000Z"),
        created("third", "2023-05-11T23:59:59.999Z"),
        created("after", "2023-05-12T00:00:00.000Z"),
    ];
    workspace.insert("users", users).await;
    let mut anonymous = active("nobody", 10);
    anonymous.insert("mostImportantRole", "anonymous");
    let days = [active("u1", 10), active("u2", 10), active("u3", 10), active("u1", 9), active("u2", 12), anonymous];
    workspace.insert("rocketchat_sessions", days).await;
    let sessions = [
        session("u1", "2023-05-10T13:10:00.000Z", Some("2023-05-10T13:50:00.000Z")),
        session("u2", "2023-05-10T13:10:00.000Z", None),
        session("u3", "2023-05-10T08:00:00.000Z", Some("2023-05-10T10:30:00.000Z")),
        session("u3", "2023-05-10T09:00:00.000Z", Some("2023-05-10T12:30:00.000Z")),
        session("u4", "2023-05-10T22:00:00.000Z", Some("2023-05-11T01:00:00.000Z")),
        session("u5", "2023-05-10T23:05:00.000Z", None),
        session("u1", "2023-05-09T23:59:59.999Z", None),
        session("u1", "2023-05-11T23:59:59.999Z", None),
        session("u1", "2023-05-12T00:00:00.000Z", None),
    ];
    workspace.insert("rocketchat_sessions", sessions).await;
    workspace
}

#[tokio::test(flavor = "multi_thread")]
async fn json_is_the_body_that_a_service_answers() {
    let workspace = Workspace::demonstration().await;
    let url = workspace.url();
    let instant = |at: chrono::DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Millis, true);
    for zone in [chrono_tz::UTC, chrono_tz::Asia::Kolkata, chrono_tz::America::St_Johns] {
        let service = Service::start(settings(&[("mongo_url", url.as_str()), ("time_zone", zone.name())])).await;
        let today = Utc::now().with_timezone(&zone).date_naive();
        let midnight = |day: NaiveDate| {
            zone.from_local_datetime(&day.and_time(NaiveTime::MIN)).single().expect("a midnight").to_utc()
        };
        for (first, last) in [(40, 0), (730, 3), (5, 5)] {
            let [first, last] = [first, last].map(|age| today - Days::new(age));
            let start = instant(midnight(first));
            let end = instant(midnight(last + Days::new(1)) - TimeDelta::milliseconds(1));
            for (what, path, least) in [
                ("users", "new-users", 1),
                ("active", "active-users", 1),
                ("hours", "users-by-time-of-the-day-in-a-week", 3),
            ] {
                let path = format!("/api/v1/engagement-dashboard/users/{path}?start={start}&end={end}");
                let answer = service.get(&path, &Workspace::admin_of_the_demonstration()).await;
                let (first, last) = (first.to_string(), last.to_string());
                let days = ["report", "--start", &first, "--end", &last, "--timezone", zone.name()];
                let arguments = [&days[..], &["--what", what, "--format", "json", "--mongo-url", &url]].concat();
                assert_eq!(run(&arguments, &[]).text(), format!("{}\n", answer.body), "{path} {zone}");
                let entries = answer.body.matches("\"users\":").count();
                assert!(entries >= least || (what == "users" && first == last), "{path} {zone}: {}", answer.body);
            }
        }
        service.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn csv_has_a_row_for_each_day_or_hour() {
    let workspace = small().await;
    let csv = |what, arguments: &[&str]| report(&workspace, what, arguments).text();
    assert_eq!(csv("users", &[]), "day,users\n2023-05-10,1\n2023-05-11,2\n");
    assert_eq!(csv("active", &[]), "day,users\n2023-05-10,3\n");
    assert_eq!(csv("active", &["--fill"]), "day,users\n2023-05-10,3\n2023-05-11,0\n");
    let hours = "day,hour,users\n2023-05-10,8,1\n2023-05-10,9,1\n2023-05-10,10,1\n2023-05-10,11,1\n2023-05-10,12,1\n\
                 2023-05-10,13,2\n2023-05-10,14,1\n2023-05-10,15,1\n2023-05-10,16,1\n2023-05-10,17,1\n2023-05-10,18,1\n\
                 2023-05-10,19,1\n2023-05-10,20,1\n2023-05-10,21,1\n2023-05-10,22,1\n2023-05-10,23,2\n2023-05-11,23,1\n";
    assert_eq!(csv("hours", &[]), hours);

    // Without a day's row, and with it, also where the answer of the endpoint has it in JSON.
    workspace.delete("users", "first").await;
    assert_eq!(csv("users", &[]), "day,users\n2023-05-11,2\n");
    assert_eq!(csv("users", &["--fill"]), "day,users\n2023-05-10,0\n2023-05-11,2\n");
    let json = csv("users", &["--fill", "--format", "json"]);
    let days =
        r#"{"days":[{"day":"2023-05-11T00:00:00.000Z","users":2},{"day":"2023-05-10T00:00:00.000Z","users":0}],"#;
    assert!(json.starts_with(days), "{json}");
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_are_for_people() {
    let workspace = small().await;
    let table =
        |what, arguments: &[&str]| report(&workspace, what, &[&["--format", "table"], arguments].concat()).text();
    let users = "New users, 2023-05-10 to 2023-05-11 (UTC)

Day             Users
2023-05-10 Wed      1  ████████████
2023-05-11 Thu      2  ████████████████████████

Total: 3 (the period before: 1, variation +2)
2023-05-11: 2 (the day before: 1, variation +1)
";
    assert_eq!(table("users", &[]), users);
    let noon_to_midnight = ["--start", "2023-05-10T12:00:00Z", "--end", "2023-05-11T00:00:00Z"];
    let arguments = [&["report", "--what", "users", "--format", "table"], &noon_to_midnight[..]].concat();
    let cut = run(&arguments, &[("MONGO_URL", &workspace.url())]).text();
    let left_out = "2023-05-10 has new users, too, but is left out as in the endpoint's answer: 1 day at the most\n";
    assert!(cut.starts_with("New users, 2023-05-11 to 2023-05-11 (UTC)\n") && cut.ends_with(left_out), "{cut}");
    let active = "Active users, 2023-05-10 to 2023-05-11 (UTC)

Day             Users
2023-05-10 Wed      3  ########################
2023-05-11 Thu      0

In all: 3 users, each counted once
";
    assert_eq!(table("active", &["--fill", "--ascii"]), active);
    assert_eq!(table("active", &["--ascii"]), active.replace("2023-05-11 Thu      0\n", ""));
    let hours = "People by hour (UTC) and day, 2023-05-10 to 2023-05-11 (UTC)

Day             0     3     6     9     12    15    18    21      Most
2023-05-10 Wed  · · · · · · · · ▄▄▄▄▄▄▄▄▄▄██▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄██     2
2023-05-11 Thu  · · · · · · · · · · · · · · · · · · · · · · · ▄▄     1

Busiest hour: 2023-05-10 13:00 UTC, 2 people
▁ to █: up to 2 people in an hour
";
    assert_eq!(table("hours", &[]), hours);
    let ascii = table("hours", &["--ascii"]);
    assert!(ascii.is_ascii(), "{ascii}");
    assert!(ascii.contains("2023-05-10 Wed  . . . . . . . . 1 1 1 1 1 2 1 1 1 1 1 1 1 1 1 2      2\n"), "{ascii}");
    assert!(ascii.ends_with("Digits: people in an hour\n"), "{ascii}");

    // More than nine are told by the share of the most.
    let many = (0..30)
        .map(|number| session(&format!("p{number}"), "2023-05-11T07:00:00.000Z", Some("2023-05-11T07:30:00.000Z")));
    workspace.insert("rocketchat_sessions", many).await;
    let ascii = table("hours", &["--ascii"]);
    assert!(ascii.contains("2023-05-11 Thu  . . . . . . . 9 . . . . . . . . . . . . . . . 1     30\n"), "{ascii}");
    assert!(ascii.ends_with("1 to 9: from one to 30 people in an hour\n"), "{ascii}");
    assert!(table("hours", &[]).contains("2023-05-11 Thu  · · · · · · · ██· · "));
}

#[tokio::test(flavor = "multi_thread")]
async fn hours_keep_to_the_width_of_the_terminal() {
    let workspace = small().await;
    let days = ["report", "--start", "2023-05-10", "--end", "2023-05-11", "--what", "hours"];
    for (columns, row) in [
        (70, "2023-05-10 Wed  · · · · · · · · ▄▄▄▄▄▄▄▄▄▄██▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄██     2\n"),
        (69, "2023-05-10 Wed  ········▄▄▄▄▄█▄▄▄▄▄▄▄▄▄█     2\n"),
        (42, "2023-05-10  ········▄▄▄▄▄█▄▄▄▄▄▄▄▄▄█     2\n"),
    ] {
        let table = run_on_a_terminal_of(columns, &days, &[("MONGO_URL", &workspace.url())]).text();
        assert!(table.lines().all(|line| line.width() <= columns) && table.contains(row), "{columns}:\n{table}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn days_are_those_of_the_service_and_hours_are_utc() {
    let workspace = Workspace::with_admin().await;
    let sessions =
        [("u1", "2023-05-10T02:59:59.999Z"), ("u2", "2023-05-10T03:00:00.000Z"), ("u3", "2023-05-12T02:59:59.999Z")];
    // Rocket.Chat notes its own date.
    let noted = |(user, at), day| {
        let mut session = session(user, at, None);
        session.insert("day", day);
        session
    };
    let sessions: Vec<_> = sessions.into_iter().zip([9, 10, 11]).map(|(session, day)| noted(session, day)).collect();
    workspace.insert("rocketchat_sessions", sessions).await;
    let users = [created("a", "2023-05-10T02:59:59.999Z"), created("b", "2023-05-12T02:59:59.999Z")];
    workspace.insert("users", users).await;
    let zone = ["--timezone", "America/Sao_Paulo"];
    let csv = report(&workspace, "hours", &zone).text();
    // Each goes on to the last hour of the day.
    let of = |day, first| (first..24).map(move |hour| format!("{day},{hour},1\n"));
    let expected: String = of("2023-05-10", 3).chain(of("2023-05-11", 2)).collect();
    assert_eq!(csv, format!("day,hour,users\n{expected}"));
    let table = report(&workspace, "hours", &[&zone[..], &["--format", "table"]].concat()).text();
    assert!(
        table.starts_with("People by hour (UTC) and day, 2023-05-10 to 2023-05-11 (America/Sao_Paulo)\n"),
        "{table}"
    );
    assert_eq!(report(&workspace, "users", &zone).text(), "day,users\n2023-05-11,1\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn charts_name_what_they_show() {
    let workspace = small().await;
    let svg = |what| {
        let svg = report(&workspace, what, &["--format", "svg"]).text();
        assert_well_formed(&svg);
        svg
    };
    let cells =
        |svg: &str, colour: &str| svg.lines().filter(|line| line.contains("<rect") && line.contains(colour)).count();
    let users = svg("users");
    assert!(users.contains("\n3 new users\n") && users.contains("(UTC), +2 against the period before"), "{users}");
    assert_eq!(cells(&users, "#0072B2"), 2);
    let active = svg("active");
    assert!(active.contains("\n3 active users\n") && active.contains("\n2023-05-10 to 2023-05-11 (UTC)\n"), "{active}");
    assert_eq!(cells(&active, "#0072B2"), 1);
    let hours = svg("hours");
    for text in
        ["People by hour (UTC) and day", "busiest hour: 2023-05-10 13:00 UTC, 2 people", "21:00", "10 May", "11 May"]
    {
        assert!(hours.contains(text), "{text} is not in {hours}");
    }
    // Two hours with the most, and the last of the legend; fifteen with half of that.
    assert_eq!((cells(&hours, "#0072B2"), cells(&hours, "#70B0D4")), (3, 15), "{hours}");
}

/// As a reader of XML sees it.
pub fn assert_well_formed(svg: &str) {
    if python_is_missing() {
        return;
    }
    let program = "import sys, xml.etree.ElementTree as e; print(e.fromstring(sys.stdin.buffer.read()).tag)";
    let mut python = Command::new("python3");
    let mut python = python.args(["-c", program]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("python");
    python.stdin.take().expect("an input").write_all(svg.as_bytes()).expect("written");
    let output = python.wait_with_output().expect("python ends");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "{http://www.w3.org/2000/svg}svg\n", "{svg}");
}
