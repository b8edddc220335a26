//! Which days a report is about, and that it says so where they are other days than one might think.

use super::run;
use crate::support::Workspace;

/// A report about days of the demonstration.
fn report(workspace: &Workspace, start: &str, end: &str, arguments: &[&str]) -> String {
    run(&[&["report", "--start", start, "--end", end], arguments].concat(), &[("MONGO_URL", &workspace.url())]).text()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_said_of_a_day_before_that_is_not_looked_at() {
    let workspace = Workspace::demonstration().await;
    let table = "Messages sent, 2023-05-30 to 2023-05-30 (UTC)

Day             Messages
2023-05-30 Tue       183  ████████████████████████

Total: 183 (the period before: 101, variation +82)
";
    assert_eq!(report(&workspace, "2023-05-30", "2023-05-30", &["--format", "table"]), table);
    let table = report(&workspace, "2023-05-29", "2023-05-30", &["--format", "table"]);
    assert!(table.ends_with("2023-05-30: 183 (the day before: 101, variation +82)\n"), "{table}");
    let json = report(&workspace, "2023-05-30", "2023-05-30", &["--format", "json"]);
    assert!(json.contains(r#""yesterday":{"count":0,"variation":183}"#), "the endpoint's own: {json}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_that_the_endpoint_leaves_out_is_named() {
    let workspace = Workspace::demonstration().await;
    // Messages on all six days, from noon to midnight: four and a half days, of which the endpoint makes five.
    let (start, end) = ("2023-05-21T12:00:00Z", "2023-05-26T00:00:00Z");
    let table = "Messages sent, 2023-05-22 to 2023-05-26 (UTC)

Day             Messages
2023-05-22 Mon        22  ████
2023-05-23 Tue       129  ████████████████████████
2023-05-24 Wed       126  ███████████████████████▍
2023-05-25 Thu        79  ██████████████▋
2023-05-26 Fri       114  █████████████████████▏

Total: 470 (the period before: 20, variation +450)
2023-05-26: 114 (the day before: 79, variation +35)
2023-05-21 has messages, too, but is left out as in the endpoint's answer: 5 days at the most
";
    for arguments in [&["--format", "table"][..], &["--format", "table", "--fill"]] {
        assert_eq!(report(&workspace, start, end, arguments), table);
    }
    let svg = report(&workspace, start, end, &["--format", "svg"]);
    assert!(svg.contains("2023-05-22 to 2023-05-26 (UTC)") && !svg.contains("21 May"), "{svg}");

    // An empty day is not left out for that: 26, 27 and 29 have messages, and 28 has none.
    let csv = report(&workspace, "2023-05-26T12:00:00Z", "2023-05-29T00:00:00Z", &["--fill"]);
    assert_eq!(csv, "day,messages\n2023-05-26,114\n2023-05-27,1\n2023-05-28,0\n2023-05-29,101\n");
    let csv = report(&workspace, "2023-05-28T12:00:00Z", "2023-05-30T00:00:00Z", &["--fill"]);
    assert_eq!(csv, "day,messages\n2023-05-28,0\n2023-05-29,101\n2023-05-30,183\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_that_never_was_is_not_invented() {
    let workspace = Workspace::demonstration().await;
    let (start, end, samoa) = ("2011-12-28", "2012-01-01", ["--timezone", "Pacific/Apia"]);
    let csv = report(&workspace, start, end, &[&["--fill"], &samoa[..]].concat());
    assert_eq!(csv, "day,messages\n2011-12-28,0\n2011-12-29,0\n2011-12-31,0\n2012-01-01,0\n");
    let json = report(&workspace, start, end, &[&["--fill", "--format", "json"], &samoa[..]].concat());
    assert_eq!(json.matches("2011-12-30T10:00:00.000Z").count(), 1, "{json}");
    let arguments = [&["verify", "--start", start, "--end", end], &samoa[..]].concat();
    let text = run(&arguments, &[("MONGO_URL", &workspace.url())]).text();
    assert!(text.starts_with("2011-12-28 to 2012-01-01 (Pacific/Apia): 4 days, 0 messages"), "{text}");
}
