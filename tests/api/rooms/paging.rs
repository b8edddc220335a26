//! Pages of `channels/list`: all together they are the whole list, in one order, while nothing is written.

use bson::doc;
use serde_json::Value;

use super::{CHANNELS, MESSAGE, ROOM, ask};
use crate::{
    counting::KINDS,
    random::Random,
    support::{Service, Workspace, utc},
};

const ROOMS: usize = 137;
const PERIOD: &str = "start=2023-05-20T00:00:00.000Z&end=2023-05-24T23:59:59.999Z";

/// The rooms of a page with their messages, and its total.
async fn page(service: &Service, query: &str) -> (Vec<Value>, u64) {
    let answer = ask(service, &format!("{CHANNELS}?{PERIOD}{query}")).await;
    assert_eq!(answer.status, 200, "{query}: {answer:?}");
    let body = answer.json();
    let channels = body["channels"].as_array().expect("channels").clone();
    assert_eq!(body["count"], channels.len(), "{query}");
    (channels, body["total"].as_u64().expect("a total"))
}

#[tokio::test(flavor = "multi_thread")]
async fn all_pages_together_are_the_whole_list_in_one_order() {
    let mut random = Random::new(7);
    let workspace = Workspace::with_admin().await.without_rate_limit().await;
    let id = |index: usize| format!("{}{index}", ["a", "B", "é", "\u{ff5e}", "\u{1f600}"][index % 5]);
    workspace.insert(ROOM, (0..ROOMS).map(|index| doc! { "_id": id(index), "t": (["c", "p", "d"][index % 3]) })).await;
    // Many rooms have equal sums, and some only had messages before.
    let mut written = Vec::new();
    for index in 0..ROOMS {
        for _ in 0..random.below(4) {
            let day = random.between(20, 24);
            written.push(doc! { "rid": id(index), "ts": utc(&format!("2023-05-{day}T12:00:00Z")) });
        }
        written.push(doc! { "rid": id(index), "ts": utc("2023-05-16T12:00:00Z") });
    }
    let write = workspace.insert(MESSAGE, written);
    let mut lists = Vec::new();
    for (kind, service) in KINDS.into_iter().zip(Service::of_every_kind(&workspace, &[], write).await) {
        let before = service.answers_from_memory();
        let (whole, total) = page(&service, "&count=0").await;
        assert_eq!((whole.len(), total), (ROOMS, ROOMS as u64), "{kind}");
        let mut asked = 1;
        for count in [1, 7, 25, 50, 100] {
            let mut together = Vec::new();
            for offset in (0..ROOMS + count).step_by(count) {
                let (rooms, total) = page(&service, &format!("&offset={offset}&count={count}")).await;
                assert_eq!(total, ROOMS as u64, "{kind}: {count} from {offset}");
                assert_eq!(rooms.len(), count.min(ROOMS.saturating_sub(offset)), "{kind}: {count} from {offset}");
                together.extend(rooms);
                asked += 1;
            }
            assert_eq!(together, whole, "{kind}: pages of {count}");
        }
        let key = |entry: &Value| {
            let messages = entry["messages"].as_i64().expect("a number");
            (-messages, entry["room"]["_id"].as_str().expect("a text").as_bytes().to_vec())
        };
        assert!(whole.is_sorted_by(|one, other| key(one) < key(other)), "{kind}");
        let from_memory = if kind == KINDS[0] { 0 } else { asked };
        assert_eq!(service.answers_from_memory() - before, from_memory, "{kind}");
        lists.push(whole);
        service.stop().await;
    }
    assert!(lists.windows(2).all(|two| two[0] == two[1]), "every way of counting lists the same");
}
