//! `report --what` where it cannot be done, and with what nobody would expect in a database.

use bson::doc;

use super::{
    pasted,
    report_people::{active, assert_well_formed, created, report, session},
    run,
};
use crate::support::{GuardedMongod, Workspace, keep_secret, user};

#[test]
fn what_makes_no_sense_is_refused_before_mongodb_is_asked() {
    for (arguments, texts) in [
        (&["--what", "users", "--by", "room"][..], &["--by parts messages", "--what messages"][..]),
        (&["--what", "active", "--by", "room-type"], &["--by parts messages"]),
        (&["--what", "hours", "--top", "5"], &["--top goes with --by room", "--what messages"]),
        (&["--what", "hours", "--fill"], &["--fill lists days", "--what hours"]),
        (&["--what", "active", "--fill", "--format", "json"], &["--fill", "--what active", "--format json"]),
        (&["--what", "messages", "--top", "5"], &["--top goes with --by room: add that"]),
        (&["--what", "rooms"], &["messages", "users", "active", "hours"]),
    ] {
        let ran = run(&[&["report"], arguments].concat(), &[("MONGO_URL", "mongodb://127.0.0.1:1")]);
        assert_eq!((ran.code, ran.output.as_str()), (Some(2), ""), "{arguments:?}: {ran:?}");
        assert!(texts.iter().all(|text| ran.errors.contains(text)), "{arguments:?}: {ran:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_database_is_no_report_of_nobody() {
    let workspace = Workspace::empty().await;
    for what in ["users", "active", "hours"] {
        let ran = report(&workspace, what, &[]);
        assert_eq!((ran.code, ran.output.as_str()), (Some(1), ""), "{what}: {ran:?}");
        assert!(ran.errors.contains("has no users and no ") && ran.errors.contains("MONGO_URL"), "{what}: {ran:?}");
    }
    workspace.add_admin().await;
    assert_eq!(report(&workspace, "users", &[]).text(), "day,users\n");
    assert_eq!(report(&workspace, "active", &["--format", "json"]).text(), "{\"month\":[],\"success\":true}\n");
    let hours = report(&workspace, "hours", &["--format", "table"]).text();
    assert!(hours.ends_with("\nNobody: no session began on these days\n"), "{hours}");
    for what in ["users", "active", "hours"] {
        assert_well_formed(&report(&workspace, what, &["--format", "svg"]).text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_people_may_not_be_read_the_grant_is_told() {
    let guarded = GuardedMongod::start().await;
    keep_secret("engagementpassword");
    let privilege =
        doc! { "resource": { "db": "rocketchat", "collection": "rocketchat_message" }, "actions": ["find"] };
    let no_roles: [&str; 0] = [];
    let role = doc! { "createRole": "engagement", "privileges": [privilege], "roles": no_roles.to_vec() };
    guarded.run("rocketchat", role).await;
    let account = doc! { "createUser": "engagement", "pwd": "engagementpassword", "roles": ["engagement"] };
    guarded.run("rocketchat", account).await;
    guarded.workspace("rocketchat").await.insert("users", [user("admin", &["admin"], "admin-secret-token")]).await;
    let url = guarded.url("engagement:engagementpassword@", "rocketchat", "rocketchat");
    let workspace = Workspace::at(&url, "rocketchat").await;
    let reports = [
        ("users", "users", "day,users\n"),
        ("active", "rocketchat_sessions", "day,users\n"),
        ("hours", "rocketchat_sessions", "day,hour,users\n"),
    ];
    let mut grants = Vec::new();
    for (what, collection, _) in reports {
        let ran = report(&workspace, what, &[]);
        assert_eq!((ran.code, ran.output.as_str(), ran.errors.lines().count()), (Some(1), "", 1), "{ran:?}");
        let missing = format!("--what {what} reads {collection}, which the account may not");
        assert!(ran.errors.contains(&missing) && !ran.errors.contains("engagementpassword"), "{ran:?}");
        let (_, grant) = ran.errors.trim().split_once("as an administrator: ").expect("a grant");
        grants.push(pasted(grant));
    }
    for ((database, command), (what, _, header)) in grants.into_iter().zip(reports) {
        guarded.run(&database, command).await;
        assert_eq!(report(&workspace, what, &[]).text(), header);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_the_database_steers_who_reads_it() {
    let workspace = Workspace::with_admin().await;
    let evil = "</text><script>alert('x')</script>\u{1b}[2J\u{202e}";
    workspace.insert("users", [created(evil, "2023-05-10T12:00:00.000Z")]).await;
    workspace.insert("rocketchat_sessions", [active(evil, 10), session(evil, "2023-05-10T12:00:00.000Z", None)]).await;
    // Dates are given back as they are, and these are none, or are of another time.
    let dates = [(-5_i64, 13_i64, 40_i64), (i64::MAX, i64::MIN, 0), (9999, 1, 1), (2023, 5, 12)];
    let odd = dates.map(|(year, month, day)| {
        let mut session = session(evil, "2023-05-10T23:00:00.000Z", None);
        session.extend(doc! { "year": year, "month": month, "day": day });
        session
    });
    workspace.insert("rocketchat_sessions", odd).await;
    for what in ["users", "active", "hours"] {
        for format in ["table", "csv", "json", "svg"] {
            let text = report(&workspace, what, &["--format", format]).text();
            let steers = |c: &char| (c.is_control() && *c != '\n') || *c == '\u{202e}';
            assert_eq!(text.chars().find(steers), None, "{what} {format}: {text:?}");
            // The endpoint's answer has the ids.
            assert_eq!(text.contains("<script"), (what, format) == ("active", "json"), "{what} {format}: {text}");
            if format == "svg" {
                assert_well_formed(&text);
            }
        }
    }
    let csv = report(&workspace, "hours", &[]).text();
    assert!(csv.starts_with("day,hour,users\n'-005-13-40,23,1\n2023-05-10,12,1\n"), "{csv}");
    assert!(
        csv.ends_with("\n2023-05-12,23,1\n9999-01-01,23,1\n9223372036854775807--9223372036854775808-00,23,1\n"),
        "{csv}"
    );
    let table = report(&workspace, "hours", &["--format", "table"]).text();
    assert!(table.contains("\n9223372036854775807--9223372036854775808-00  · "), "{table}");
    let svg = report(&workspace, "hours", &["--format", "svg"]).text();
    assert!(svg.contains("3 days with another date left out") && svg.contains("12 May"), "{svg}");
}
