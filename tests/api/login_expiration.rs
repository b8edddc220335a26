//! How long a login token lasts: the setting `Accounts_LoginExpiration` (contract section 3).

use bson::{Bson, Document, bson, doc};

use crate::support::{
    Service, Workspace,
    answers::{PERIOD, asking, assert_all_agree, body_of, difference},
    hashed, millis,
};

const HOURS_A_DAY: i64 = 24;

/// What the setting holds, how many hours old an accepted token may be, and from how many hours a token is refused.
struct Row {
    name: &'static str,
    setting: Option<Document>,
    accepted: i64,
    refused: Option<i64>,
}

fn lasts(name: &'static str, setting: Option<Document>, days: i64) -> Row {
    Row { name, setting, accepted: days * HOURS_A_DAY - 1, refused: Some(days * HOURS_A_DAY + 1) }
}

fn value(value: impl Into<Bson>) -> Option<Document> {
    Some(doc! { "_id": "Accounts_LoginExpiration", "value": value.into() })
}

fn decimal(text: &str) -> Bson {
    Bson::Decimal128(text.parse().expect("a decimal"))
}

fn rows() -> Vec<Row> {
    let endless = |name, setting| Row { name, setting, accepted: 40 * 365 * HOURS_A_DAY, refused: None };
    vec![
        lasts("no setting", None, 90),
        lasts("a setting without a value", Some(doc! { "_id": "Accounts_LoginExpiration" }), 90),
        lasts("30 as an int32", value(30_i32), 30),
        lasts("30 as an int64", value(30_i64), 30),
        lasts("30 as a double", value(30.0), 30),
        lasts("30 as a decimal", value(decimal("30")), 30),
        lasts("120 as a decimal", value(decimal("1.2E+2")), 120),
        lasts("1", value(1), 1),
        lasts("3650", value(3650), 3650),
        lasts("0", value(0), 90),
        lasts("0 as a double", value(0.0), 90),
        lasts("-1", value(-1), 90),
        lasts("-30.5", value(-30.5), 90),
        lasts("NaN", value(f64::NAN), 90),
        lasts("Infinity", value(f64::INFINITY), 90),
        lasts("-Infinity", value(f64::NEG_INFINITY), 90),
        lasts("NaN as a decimal", value(decimal("NaN")), 90),
        lasts("Infinity as a decimal", value(decimal("Infinity")), 90),
        lasts("a text", value("30"), 90),
        lasts("a truth value", value(true), 90),
        lasts("null", value(Bson::Null), 90),
        lasts("an array", value(bson!([30])), 90),
        lasts("an object", value(bson!({ "days": 30 })), 90),
        lasts("a date", value(millis(30)), 90),
        // Whether the fraction is cut off (contract section 5) or counts makes no difference to these two ages.
        Row { name: "2.5", setting: value(2.5), accepted: 2 * HOURS_A_DAY - 1, refused: Some(3 * HOURS_A_DAY) },
        endless("the largest int64", value(i64::MAX)),
        endless("the largest double", value(f64::MAX)),
        endless("a large decimal", value(decimal("9.9E+300"))),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_token_lasts_as_long_as_the_setting_says_and_90_days_where_it_says_nothing_usable() {
    let mut differences = Vec::new();
    for row in rows() {
        let workspace = Workspace::with_admin().await.without_rate_limit().await;
        workspace.insert("rocketchat_settings", row.setting).await;
        workspace
            .insert("users", [of_age("young", row.accepted), of_age("old", row.refused.unwrap_or(row.accepted))])
            .await;
        let service = Service::on(&workspace).await;

        for (user, status) in [("young", 200), ("old", if row.refused.is_some() { 401 } else { 200 })] {
            let token = token_of(user);
            let answer = service.get(&asking(PERIOD), &[("X-User-Id", user), ("X-Auth-Token", &token)]).await;
            differences.extend(difference(&format!("{}, {user}", row.name), &answer, status, body_of(status)));
        }
        service.stop().await;
    }
    assert_all_agree(differences);
}

fn of_age(id: &str, hours: i64) -> Document {
    let when = millis(bson::DateTime::now().timestamp_millis() - hours * 3_600_000);
    let token = doc! { "when": when, "hashedToken": hashed(&token_of(id)) };
    doc! { "_id": id, "active": true, "roles": ["admin"], "services": { "resume": { "loginTokens": [token] } } }
}

fn token_of(id: &str) -> String {
    format!("expiring-token-of-{id}")
}
