//! What is chosen, as days counted here.

use chrono::{Datelike, Days, Months, NaiveDate};
use serde_json::{Map, Value, json};

use crate::{browser, known::Known, site::Site, support::Workspace};

/// Each preset with its days.
fn presets(known: &Known) -> Vec<(&'static str, NaiveDate, NaiveDate)> {
    let (today, yesterday) = (known.today, known.day(1));
    let monday = today - Days::new(today.weekday().num_days_from_monday().into());
    let first = today.with_day(1).expect("a day");
    vec![
        ("7d", known.day(7), yesterday),
        ("30d", known.day(30), yesterday),
        ("90d", known.day(90), yesterday),
        ("12m", yesterday - Months::new(12) + Days::new(1), yesterday),
        ("yesterday", yesterday, yesterday),
        ("today", today, today),
        ("this-week", monday, today),
        ("last-week", monday - Days::new(7), monday - Days::new(1)),
        ("this-month", first, today),
        ("last-month", first - Months::new(1), first - Days::new(1)),
        ("this-year", NaiveDate::from_ymd_opt(today.year(), 1, 1).expect("a day"), today),
        // The first message is of that day.
        ("all", known.day(20), today),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn the_address_is_the_view_for_everybody_everywhere() {
    if browser::is_missing() {
        return;
    }
    let known = Known::write().await;
    let site = Site::on(&known.workspace, &known.zone).await;
    let (mut days, mut totals) = (Map::new(), Map::new());
    for (name, start, end) in presets(&known) {
        let ago = |day: NaiveDate| u64::try_from((known.today - day).num_days()).expect("a day that has come");
        days.insert(name.to_owned(), json!([start.to_string(), end.to_string()]));
        totals.insert(name.to_owned(), known.count(ago(start), ago(end), |_| true).into());
    }
    let (last_week, before) = (presets(&known)[7], Days::new(7));
    let of = |from, to| json!([known.day(from).to_string(), known.day(to).to_string()]);
    let mut more = known.of_a_week();
    more["presets"] = Value::Object(days);
    more["totals"] = Value::Object(totals);
    more["weekBeforeLast"] = json!([(last_week.1 - before).to_string(), (last_week.2 - before).to_string()]);
    more["comparisons"] =
        json!({ "previous": of(14, 8), "weekdays": of(14, 8), "year": of(371, 365), "none": Value::Null });
    browser::run("address", &site.given(&Workspace::admin(), more)).await;
    site.service.stop().await;
}
