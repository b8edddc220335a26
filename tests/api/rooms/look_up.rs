//! What is told about rooms is read from MongoDB: when that fails, and when there is very much of it.

use bson::doc;

use super::{CHANNELS, MESSAGE, ORIGIN, ROOM, TOP_FIVE, ask, may, messages};
use crate::{
    counting::KINDS,
    support::{
        Service, Workspace,
        answers::{PERIOD, UNAVAILABLE, assert_all_agree, difference},
        start_mongod, utc,
    },
};

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_whose_rooms_cannot_be_read_is_503_and_never_a_part_of_it() {
    let mongod = start_mongod(&[]).await.expect("mongod");
    let workspace = Workspace::at(&mongod.url("rocketchat"), "rocketchat").await;
    workspace.add_admin().await;
    workspace.insert(MESSAGE, messages("channel", &may(20), 3)).await;
    let services = [Service::on(&workspace).await, Service::on_live(&workspace).await];
    let targets = [ORIGIN, TOP_FIVE, CHANNELS].map(|path| format!("{path}?{PERIOD}"));
    let admin = mongod.client().await.expect("a client").database("admin");
    let data = doc! {
        "failCommands": ["find", "aggregate", "getMore"], "errorCode": 8, "namespace": format!("rocketchat.{ROOM}"),
    };
    let mut before = Vec::new();
    for service in &services {
        for target in &targets {
            let answer = ask(service, target).await;
            assert_eq!(answer.status, 200, "{target}: {answer:?}");
            before.push(answer.body);
        }
    }

    admin
        .run_command(doc! { "configureFailPoint": "failCommand", "mode": "alwaysOn", "data": data })
        .await
        .expect("a fail point");
    let mut wrong = Vec::new();
    for (kind, service) in ["by aggregations", "live"].into_iter().zip(&services) {
        for (path, target) in [ORIGIN, TOP_FIVE, CHANNELS].into_iter().zip(&targets) {
            let answer = ask(service, target).await;
            // Types of rooms are in memory too, or part of the count: whichever way, all or nothing.
            if path == ORIGIN && answer.status == 200 {
                wrong.extend(difference(&format!("{kind}: {target}"), &answer, 200, &before[0]));
                continue;
            }
            wrong.extend(difference(&format!("{kind}: {target}"), &answer, 503, UNAVAILABLE));
            wrong.extend(answer.header("retry-after").is_none().then(|| format!("{kind}: no Retry-After")));
        }
    }
    admin.run_command(doc! { "configureFailPoint": "failCommand", "mode": "off" }).await.expect("a fail point");
    let mut after = Vec::new();
    for service in services {
        for target in &targets {
            after.push(ask(&service, target).await.body);
        }
        service.stop().await;
    }
    assert_all_agree(wrong);
    assert_eq!(after, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn very_many_rooms_are_listed_in_full() {
    const ROOMS: usize = 15_000;
    // One in three does not count.
    const KIND: [&str; 3] = ["c", "l", "d"];
    let workspace = Workspace::with_admin().await.without_rate_limit().await;
    let id = |room: usize| format!("room{room}");
    let named = (0..ROOMS).map(|room| doc! { "_id": id(room), "t": (KIND[room % 3]), "name": format!("name{room}") });
    workspace.insert(ROOM, named).await;
    let written = (0..ROOMS).map(|room| doc! { "rid": id(room), "ts": utc(&may(25)) });
    let write = workspace.insert(MESSAGE, written);
    let mut expected: Vec<_> =
        (0..ROOMS).filter(|room| room % 3 != 1).map(|room| (id(room), format!("name{room}"), KIND[room % 3])).collect();
    expected.sort();
    for (kind, service) in KINDS.into_iter().zip(Service::of_every_kind(&workspace, &[], write).await) {
        let answer = ask(&service, &format!("{CHANNELS}?{PERIOD}&count=0")).await;
        assert_eq!(answer.status, 200, "{kind}: {}", answer.body);
        let listed = answer.json();
        assert_eq!((&listed["total"], &listed["count"]), (&expected.len().into(), &expected.len().into()), "{kind}");
        let listed = listed["channels"].as_array().expect("channels");
        for (entry, (id, name, t)) in listed.iter().zip(&expected) {
            let room = &entry["room"];
            let told = (room["_id"].as_str(), room["name"].as_str(), room["t"].as_str(), entry["messages"].as_u64());
            assert_eq!(told, (Some(id.as_str()), Some(name.as_str()), Some(*t), Some(1)), "{kind}");
        }
        let origins = ask(&service, &format!("{ORIGIN}?{PERIOD}")).await;
        let each = expected.len() / 2;
        let body = format!(
            r#"{{"origins":[{{"messages":{each},"t":"d"}},{{"messages":{each},"t":"c"}},{{"messages":0,"t":"p"}}],"success":true}}"#
        );
        assert_all_agree(difference(kind, &origins, 200, &body));
        let busiest = ask(&service, &format!("{TOP_FIVE}?{PERIOD}")).await.json();
        let names: Vec<_> =
            busiest["channels"].as_array().into_iter().flatten().map(|room| room["name"].as_str()).collect();
        assert_eq!(names, expected[..5].iter().map(|room| Some(room.1.as_str())).collect::<Vec<_>>(), "{kind}");
        service.stop().await;
    }
}
