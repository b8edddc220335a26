//! A report on a terminal: no line is wider than that, and no number is broken.

use bson::doc;
use unicode_width::UnicodeWidthStr;

use super::{run, run_on_a_terminal_of};
use crate::support::{Workspace, utc};

const MAY: [&str; 5] = ["report", "--start", "2023-05-20", "--end", "2023-05-30"];

/// What a terminal of so many columns shows, none of whose lines is wider.
fn shown(workspace: &Workspace, columns: usize, arguments: &[&str]) -> String {
    let text = run_on_a_terminal_of(columns, &[&MAY, arguments].concat(), &[("MONGO_URL", &workspace.url())]).text();
    assert!(text.lines().all(|line| line.width() <= columns), "{columns} {arguments:?}:\n{text}");
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn bars_get_what_is_left_of_the_line() {
    let workspace = Workspace::demonstration().await;
    let piped = run(&[&MAY[..], &["--format", "table"]].concat(), &[("MONGO_URL", &workspace.url())]).text();
    assert_eq!(shown(&workspace, 200, &[]), piped);
    let longest = |text: &str| text.lines().map(|line| line.chars().filter(|c| *c == '█').count()).max();
    for (columns, expected) in [(80, 24), (40, 14), (31, 0)] {
        assert_eq!(longest(&shown(&workspace, columns, &[])), Some(expected), "{columns}");
    }
    let narrow = shown(&workspace, 40, &["--by", "room-type"]);
    let table = "Messages sent, 2023-05-20 to 2023-05-30
(UTC)

Day         chan  priv  direct  Messages
2023-05-21     5     0       0         5
";
    assert!(narrow.starts_with(table), "{narrow}");
    assert!(
        narrow.contains("\n2023-05-30") && narrow.contains("\nTotal        525   169      66       760\n"),
        "{narrow}"
    );
    assert!(narrow.ends_with("Total: 760 (the period before: 44,\nvariation +716)\n2023-05-30: 183 (the day before: 101,\nvariation +82)\n"), "{narrow}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_name_is_cut_where_the_line_ends() {
    let workspace = Workspace::with_admin().await.with_index().await;
    let name = "a name that is longer than any column of a table should be";
    workspace.update("rocketchat_room", "channel", doc! { "$set": { "fname": name } }).await;
    let message = doc! { "rid": "channel", "ts": utc("2023-05-25T12:00:00Z") };
    workspace.insert("rocketchat_message", std::iter::repeat_n(message, 1234)).await;
    for (columns, name, has_bar) in [
        (100, "a name that is longer than an...", true),
        (80, "a name that is longer than an...", true),
        (40, "a name ...", false),
    ] {
        let table = shown(&workspace, columns, &["--by", "room"]);
        let row = table.lines().find(|line| line.starts_with("a name")).expect("the room");
        assert!(row.starts_with(&format!("{name}  channels")) && row.contains("  1,234"), "{table}");
        assert_eq!(row.contains('█'), has_bar, "{table}");
    }
}
