//! Who is not counted.

use bson::{Bson, Document, bson, doc};

use super::{AUDITOR, CALLS, TIME, remaining, standing, workspace};
use crate::support::{
    Service,
    answers::{PERIOD, asking, assert_all_agree, body_of, difference},
    user,
};

/// Roles that the workspace has, what the permission `api-bypass-rate-limit` is, the user's roles, whether they bypass.
type Bypass = (&'static str, &'static [&'static str], Option<Document>, &'static [&'static str], bool);

fn bypasses() -> Vec<Bypass> {
    const KNOWN: &[&str] = &["admin", "bot", "app", "auditor", "user", "owner"];
    let given_to = |roles: Bson| Some(doc! { "_id": "api-bypass-rate-limit", "roles": roles });
    vec![
        ("the permission's role", KNOWN, given_to(bson!(["owner"])), &["auditor", "owner"], true),
        ("one of its roles", KNOWN, given_to(bson!(["owner", "auditor"])), &["auditor"], true),
        ("none of its roles", KNOWN, given_to(bson!(["owner"])), &["auditor"], false),
        ("admin without it", KNOWN, given_to(bson!(["owner"])), &["auditor", "admin"], false),
        ("nobody has it", KNOWN, given_to(bson!([])), &["auditor", "admin", "bot", "app"], false),
        ("a role that is gone", &["auditor"], given_to(bson!(["owner"])), &["auditor", "owner"], false),
        ("no roles known", &[], given_to(bson!(["owner"])), &["auditor", "owner"], true),
        ("its roles are a text", KNOWN, given_to(bson!("owner")), &["auditor", "owner"], false),
        ("its roles hold a number", KNOWN, given_to(bson!(["owner", 5])), &["auditor", "owner"], false),
        ("its roles are null", KNOWN, given_to(Bson::Null), &["auditor", "admin"], false),
        ("it has no roles", KNOWN, Some(doc! { "_id": "api-bypass-rate-limit" }), &["auditor", "admin"], false),
        ("no permission, an admin", KNOWN, None, &["auditor", "admin"], true),
        ("no permission, a bot", KNOWN, None, &["auditor", "bot"], true),
        ("no permission, an app", KNOWN, None, &["auditor", "app"], true),
        ("no permission, another", KNOWN, None, &["auditor", "user", "owner"], false),
        ("no permission, in another case", KNOWN, None, &["auditor", "Bot", "APP"], false),
        ("no permission, bot is gone", &["auditor"], None, &["auditor", "bot"], false),
        ("no permission, no roles known", &[], None, &["auditor", "bot"], true),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_bypass_the_limit_are_not_counted_and_a_change_counts_from_the_next_request() {
    let workspace = workspace(&[(CALLS, bson!(1_000_000)), (TIME, bson!(600_000))]).await;
    let service = Service::on(&workspace).await;

    let mut differences = Vec::new();
    let mut calls = 0;
    for (row, known, permission, roles, bypasses) in bypasses() {
        for (collection, documents) in [
            ("rocketchat_roles", known.iter().map(|role| doc! { "_id": *role }).collect()),
            ("rocketchat_permissions", Vec::from_iter(permission)),
            ("users", vec![user("auditor", roles, AUDITOR[1].1)]),
        ] {
            workspace.database.collection::<Document>(collection).delete_many(doc! {}).await.expect("deletions");
            workspace.insert(collection, documents).await;
        }
        let view = doc! { "_id": "view-engagement-dashboard", "roles": ["auditor"] };
        workspace.insert("rocketchat_permissions", [view]).await;
        for _ in 0..2 {
            calls += u64::from(!bypasses);
            let answer = service.get(&asking(PERIOD), &AUDITOR).await;
            let expected = (!bypasses).then(|| (1_000_000, 1_000_000 - calls));
            differences.extend((remaining(&answer) != expected).then(|| format!("{row}: {answer:?}")));
            differences.extend(difference(row, &answer, 200, body_of(200)));
        }
    }

    service.stop().await;
    assert_all_agree(differences);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_is_refused_and_not_counted_even_with_a_role_that_bypasses() {
    let workspace = workspace(&[]).await;
    workspace.insert("users", [user("guest", &["guest", "admin", "bot"], "the-token-of-a-guest")]).await;
    let service = Service::on(&workspace).await;

    let guest = [("X-User-Id", "guest"), ("X-Auth-Token", "the-token-of-a-guest")];
    let answer = service.get(&asking(PERIOD), &guest).await;

    assert_eq!(standing(&answer), None);
    assert_all_agree(difference("a guest", &answer, 403, body_of(403)));
    service.stop().await;
}
