//! The example of Rocket.Chat's documentation, byte for byte (contract section 1).

use chrono::Utc;
use rocketchat_engagement::commands::demo::workspace::{self, DOCUMENTED_TOKEN, DOCUMENTED_USER};

use crate::support::{PATH, Service, Workspace, keep_secret};

const QUERY: &str = "start=2023-05-20T00:00:00.000Z&end=2023-05-30T00:00:00.000Z";

pub const ANSWER: &str = r#"{"days":[{"day":"2023-05-30T00:00:00.000Z","messages":183},{"day":"2023-05-29T00:00:00.000Z","messages":101},{"day":"2023-05-27T00:00:00.000Z","messages":1},{"day":"2023-05-26T00:00:00.000Z","messages":114},{"day":"2023-05-25T00:00:00.000Z","messages":79},{"day":"2023-05-24T00:00:00.000Z","messages":126},{"day":"2023-05-23T00:00:00.000Z","messages":129},{"day":"2023-05-22T00:00:00.000Z","messages":22},{"day":"2023-05-21T00:00:00.000Z","messages":5}],"period":{"count":760,"variation":716},"yesterday":{"count":101,"variation":82},"success":true}"#;

#[tokio::test(flavor = "multi_thread")]
async fn is_answered_byte_for_byte() {
    let workspace = Workspace::empty().await;
    let write = async {
        workspace::fill(&workspace.database, Utc::now()).await.expect("the demonstration's workspace");
    };
    let [by_aggregations, followed, loaded] = Service::of_every_kind(&workspace, &[], write).await;
    is_answered_by(by_aggregations, 0).await;
    is_answered_by(followed, 2).await;
    is_answered_by(loaded, 2).await;
}

async fn is_answered_by(service: Service, from_memory: u64) {
    keep_secret(DOCUMENTED_TOKEN);
    let headers = [("x-auth-token", DOCUMENTED_TOKEN), ("x-user-id", DOCUMENTED_USER)];

    let answer = service.get(&format!("{PATH}?{QUERY}"), &headers).await;
    let head = service.request("HEAD", &format!("{PATH}?{QUERY}"), &headers).await;

    assert_eq!((answer.status, answer.body.as_str()), (200, ANSWER));
    for response in [&answer, &head] {
        assert_eq!(response.header("content-type"), Some("application/json"));
        assert_eq!(response.header("cache-control"), Some("no-store"));
        assert_eq!(response.header("pragma"), Some("no-cache"));
        assert_eq!(response.header("content-length"), Some(ANSWER.len().to_string().as_str()));
    }
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    assert_eq!(service.answers_from_memory(), from_memory);
    service.stop().await;
}
