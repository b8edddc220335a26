//! Users as nobody writes them: every type of BSON in every field that matters, and instants at the ends of time. Each
//! counts or does not, as contract section 13 says, and none spoils what stands beside it.

use bson::{Bson, doc};
use chrono_tz::Tz;

use super::{
    NEW, ask,
    by_hand::{iso, new_users, widest},
    odd_values::{extinct, of_every_type},
    period,
};
use crate::support::{
    Service, Workspace,
    answers::{PERIOD, assert_all_agree, difference},
    millis, utc,
};

const CREATED: &str = "2023-05-25T08:10:00.000Z";

#[tokio::test(flavor = "multi_thread")]
async fn a_user_with_a_value_of_any_type_in_any_field_counts_or_does_not() {
    let workspace = Workspace::with_admin().await.without_rate_limit().await;
    let good = doc! { "createdAt": utc(CREATED), "username": "ann", "roles": ["user"], "type": "user" };
    let mut users = vec![good.clone()];
    for field in ["createdAt", "username", "roles", "type"] {
        let mut values = of_every_type(&good[field]);
        values.extend(of_every_type(&"anonymous".into()));
        values.extend(["app", "bot", "visitor"].map(Bson::from));
        values.push(Bson::Array(vec!["visitor".into()]));
        for value in values {
            let mut user = good.clone();
            user.insert(field, value);
            users.push(user);
        }
        let mut without = good.clone();
        without.remove(field);
        users.push(without);
    }
    let expected = new_users(&users, utc("2023-05-20T00:00:00.000Z"), utc("2023-05-30T00:00:00.000Z"), Tz::UTC);
    workspace.insert("users", users).await;
    let service = Service::on(&workspace).await;
    let answer = ask(&service, NEW, PERIOD).await;
    service.stop().await;
    assert_all_agree(difference(NEW, &answer, 200, &expected.expect("a period")));
}

#[tokio::test(flavor = "multi_thread")]
async fn users_of_the_least_and_the_greatest_instants_and_of_odd_types_do_no_harm() {
    const JAVASCRIPT: i64 = 8_640_000_000_000_000;
    let workspace = Workspace::with_admin().await.without_rate_limit().await;
    let user = |at: i64| doc! { "createdAt": millis(at), "username": "ann" };
    let [first, last] = widest().map(|at| at.timestamp_millis());
    let mut users: Vec<_> = [
        i64::MIN,
        i64::MAX,
        -JAVASCRIPT,
        JAVASCRIPT,
        -JAVASCRIPT - 1,
        JAVASCRIPT + 1,
        first - 1,
        first,
        last,
        last + 1,
    ]
    .map(user)
    .into();
    for field in ["createdAt", "username", "_id"] {
        for value in extinct("text").into_iter().filter(|value| field != "_id" || *value != Bson::Undefined) {
            let mut odd = user(utc("2001-01-01T00:00:00.000Z").timestamp_millis());
            odd.insert(field, value);
            if field == "_id" {
                odd.insert("username", "");
            }
            users.push(odd);
        }
    }
    workspace.insert("users", users).await;
    let service = Service::on(&workspace).await;
    let of = |start: &str, end: &str| period(start, end);
    let mut wrong = Vec::new();
    for (query, count, variation) in [
        (of("9999-12-31T00:00:00.000Z", "9999-12-31T00:00:00.000Z"), 1, 1),
        // The day before is in the year -1.
        (of("0000-01-01T00:00:00.000Z", "0000-01-01T00:00:00.000Z"), 1, 0),
        (of("0000-01-02T00:00:00.000Z", "0000-01-03T00:00:00.000Z"), 0, -2),
        (of("1000-01-02T00:00:00.000Z", "2000-01-03T00:00:00.000Z"), 0, -2),
    ] {
        let answer = ask(&service, NEW, &query).await;
        let json = if answer.status == 200 { answer.json() } else { serde_json::Value::Null };
        if (json["period"]["count"].as_i64(), json["period"]["variation"].as_i64()) != (Some(count), Some(variation)) {
            wrong.push(format!("{query}: {answer:?}"));
        }
    }
    let [first, last] = widest().map(iso);
    let answer = ask(&service, NEW, &of(&first, &last)).await;
    wrong.extend((answer.status != 200).then(|| format!("widest: {answer:?}")));
    service.stop().await;
    assert_all_agree(wrong);
}
