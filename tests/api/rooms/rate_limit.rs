//! Each path counts calls for itself, after authentication and permission and before the parameters (contract sections
//! 2 and 5).

use bson::doc;

use super::{CHANNELS, ORIGIN, TOP_FIVE};
use crate::support::{
    PATH, Service, Workspace,
    answers::{PERIOD, assert_all_agree, difference},
    user,
};

const LIMIT: i32 = 5;

#[tokio::test(flavor = "multi_thread")]
async fn each_path_counts_its_calls_for_itself_and_get_and_head_together() {
    let workspace = Workspace::with_admin().await;
    workspace.add_auditor().await;
    workspace.insert("users", [user("somebody", &["user"], "the-token-of-somebody")]).await;
    let settings = [
        doc! { "_id": "API_Enable_Rate_Limiter_Limit_Calls_Default", "value": LIMIT },
        doc! { "_id": "API_Enable_Rate_Limiter_Limit_Time_Default", "value": 600_000 },
    ];
    workspace.insert("rocketchat_settings", settings).await;
    let service = Service::on(&workspace).await;
    let somebody = [("X-User-Id", "somebody"), ("X-Auth-Token", "the-token-of-somebody")];

    let mut wrong = Vec::new();
    for path in [ORIGIN, TOP_FIVE, CHANNELS, PATH] {
        let good = format!("{path}?{PERIOD}");
        let bad = format!("{path}?start=never");
        let auditor = &Workspace::AUDITOR[..];
        let rows = [
            ("GET", &bad, &[][..], 401, None),
            ("GET", &bad, &somebody[..], 403, None),
            ("GET", &good, auditor, 200, Some("4")),
            ("HEAD", &good, auditor, 200, Some("3")),
            ("POST", &good, auditor, 405, None),
            ("GET", &bad, auditor, 400, Some("2")),
            ("HEAD", &bad, auditor, 400, Some("1")),
            ("GET", &good, auditor, 200, Some("0")),
            ("GET", &good, auditor, 429, Some("0")),
            ("HEAD", &good, auditor, 429, Some("0")),
            ("GET", &bad, auditor, 429, Some("0")),
            ("GET", &bad, &[][..], 401, None),
            ("GET", &bad, &somebody[..], 403, None),
            ("GET", &good, &Workspace::admin()[..], 200, None),
        ];
        for (number, (method, target, headers, status, remaining)) in rows.into_iter().enumerate() {
            let answer = service.request(method, target, headers).await;
            if (answer.status, answer.header("x-ratelimit-remaining")) != (status, remaining) {
                wrong.push(format!("{number}: {method} {target}: {answer:?}"));
            }
            if method == "GET" && matches!(status, 401 | 403) {
                let body = crate::support::answers::body_of(status);
                wrong.extend(difference(target, &answer, status, body));
            }
        }
    }
    service.stop().await;
    assert_all_agree(wrong);
}
