//! Rocket.Chat's own REST client library, from npm, against the running service.

use chrono::Utc;
use rocketchat_engagement::commands::demo::workspace::{self, DOCUMENTED_TOKEN, DOCUMENTED_USER};

use crate::{
    documented_example::ANSWER,
    support::{Service, Workspace, node_is_missing, rest_client},
};

#[tokio::test(flavor = "multi_thread")]
async fn rocket_chats_own_client_library_gets_the_documented_answer() {
    if node_is_missing() {
        return;
    }
    let workspace = Workspace::empty().await;
    workspace::fill(&workspace.database, Utc::now()).await.expect("the demonstration's workspace");
    let service = Service::on(&workspace).await;
    let ask = |token| rest_client::ask(&format!("http://{}", service.address), DOCUMENTED_USER, token);

    let answer = ask(DOCUMENTED_TOKEN);
    let refusal = ask("another token");

    assert_eq!(answer, ANSWER);
    let expected = r#"401 {"success":false,"error":"You must be logged in to do this.","status":"error","message":"You must be logged in to do this."}"#;
    assert_eq!(refusal, expected);
    service.stop().await;
}
