//! Rocket.Chat's own REST client library, from npm, against the running service.

use rocketchat_engagement::commands::demo::workspace::{DOCUMENTED_TOKEN, DOCUMENTED_USER};

use crate::{
    documented_example::ANSWER,
    support::{
        Service, Workspace, node_is_missing,
        rest_client::{DOCUMENTED, ask, ask_all},
    },
};

const PERIOD: &str = r#"{"start":"2023-05-20T00:00:00.000Z","end":"2023-05-30T00:00:00.000Z"}"#;

const ORIGIN: &str =
    r#"{"origins":[{"messages":525,"t":"c"},{"messages":169,"t":"p"},{"messages":66,"t":"d"}],"success":true}"#;

#[tokio::test(flavor = "multi_thread")]
async fn rocket_chats_own_client_library_gets_the_answers() {
    if node_is_missing() {
        return;
    }
    let workspace = Workspace::demonstration().await;
    let service = Service::on(&workspace).await;
    let url = format!("http://{}", service.address);
    let page = r#"{"start":"2023-05-20T00:00:00.000Z","end":"2023-05-30T00:00:00.000Z","offset":1,"count":1}"#;
    let questions = [
        DOCUMENTED,
        ("messages/origin", PERIOD),
        ("messages/top-five-popular-channels", PERIOD),
        ("channels/list", PERIOD),
        ("channels/list", page),
    ];

    let answers = ask_all(&url, DOCUMENTED_USER, DOCUMENTED_TOKEN, &questions);

    let [days, origin, top_five, list, page] = answers.as_slice() else { panic!("{answers:?}") };
    assert_eq!((days.as_str(), origin.as_str()), (ANSWER, ORIGIN));
    let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("JSON");
    let (top_five, list, page) = (json(top_five), json(list), json(page));
    assert_eq!(top_five["channels"].as_array().map(Vec::len), Some(5), "{top_five}");
    assert_eq!((&list["total"], &list["count"], &list["success"]), (&6.into(), &6.into(), &true.into()), "{list}");
    assert_eq!(page["channels"].as_array().expect("channels"), &list["channels"].as_array().expect("channels")[1..2]);
    assert_eq!((&page["offset"], &page["count"], &page["total"]), (&1.into(), &1.into(), &6.into()), "{page}");

    let refusal = ask(&url, DOCUMENTED_USER, "another token");

    let expected = r#"401 {"success":false,"error":"You must be logged in to do this.","status":"error","message":"You must be logged in to do this."}"#;
    assert_eq!(refusal, expected);
    service.stop().await;
}
