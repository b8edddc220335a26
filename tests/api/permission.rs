//! Who is permitted: every row of contract section 4, from one table, status and whole body.

use bson::{Bson, Document, bson, doc};

use crate::support::{
    Service, Workspace,
    answers::{PERIOD, asking, assert_all_agree, body_of, difference},
    keep_secret, settings, user,
};

const PERMISSION: &str = "view-engagement-dashboard";
const TOKEN: &str = "the-token-of-somebody";
const SOMEBODY: [(&str, &str); 2] = [("X-User-Id", "somebody"), ("X-Auth-Token", TOKEN)];

/// Roles that the workspace has, what the permission's document is, the user's roles, and the status.
struct Row {
    name: &'static str,
    known: &'static [&'static str],
    permission: Option<Document>,
    roles: &'static [&'static str],
    status: u16,
}

const KNOWN: &[&str] = &["admin", "user", "guest", "auditor", "owner", "bot"];

fn row(name: &'static str, permission: Bson, roles: &'static [&'static str], status: u16) -> Row {
    let permission = Some(doc! { "_id": PERMISSION, "roles": permission });
    Row { name, known: KNOWN, permission, roles, status }
}

fn rows() -> Vec<Row> {
    let admin = || bson!(["admin"]);
    vec![
        row("the permission's only role", admin(), &["admin"], 200),
        row("one shared role of several", bson!(["owner", "auditor"]), &["user", "auditor"], 200),
        row("every role shared", bson!(["user", "admin"]), &["admin", "user"], 200),
        row("no shared role", admin(), &["user", "owner"], 403),
        row("no roles", admin(), &[], 403),
        row("a role in another case", admin(), &["Admin", "ADMIN"], 403),
        row("a role that only begins alike", admin(), &["adm", "administrator", "admin "], 403),
        row("admin without the permission", bson!(["auditor"]), &["admin"], 403),
        row("a guest", admin(), &["guest"], 403),
        row("a guest who is admin too", admin(), &["guest", "admin"], 403),
        row("an admin who is a guest too", admin(), &["admin", "guest"], 403),
        row("a guest whose role is permitted", bson!(["guest", "admin"]), &["guest"], 403),
        Row { known: &["admin"], ..row("a guest in a workspace without the role", admin(), &["admin", "guest"], 403) },
        Row { known: &[], ..row("a guest in a workspace without roles", admin(), &["admin", "guest"], 403) },
        Row { known: &["user"], ..row("a role that is gone", admin(), &["admin"], 403) },
        Row {
            known: &["user", "auditor"],
            ..row("one role gone, one not", bson!(["admin", "auditor"]), &["admin", "auditor"], 200)
        },
        Row { known: &["owner"], ..row("all roles gone", bson!(["admin", "auditor"]), &["admin", "auditor"], 403) },
        Row { known: &[], ..row("a workspace without any role", admin(), &["admin"], 200) },
        Row { known: &[], ..row("a workspace without any role and no shared one", admin(), &["user"], 403) },
        Row { known: &[], ..row("a workspace without any role and a custom one", bson!(["h7Wd"]), &["h7Wd"], 200) },
        row("a role that the workspace never had", bson!(["h7Wd"]), &["h7Wd"], 403),
        Row { permission: None, ..row("no permission, an admin", admin(), &["admin"], 200) },
        Row { permission: None, ..row("no permission, another", admin(), &["user", "auditor"], 403) },
        Row { permission: None, ..row("no permission, nobody", admin(), &[], 403) },
        Row { permission: None, ..row("no permission, an admin who is a guest", admin(), &["admin", "guest"], 403) },
        Row { permission: None, known: &["user"], ..row("no permission, admin is gone", admin(), &["admin"], 403) },
        Row { permission: None, known: &[], ..row("no permission, no roles known", admin(), &["admin"], 200) },
        Row {
            permission: Some(doc! { "_id": "view-engagement-dashboards", "roles": ["user"] }),
            ..row("only another permission", admin(), &["user"], 403)
        },
        Row {
            permission: Some(doc! { "_id": "VIEW-ENGAGEMENT-DASHBOARD", "roles": ["user"] }),
            ..row("only a permission in another case", admin(), &["admin"], 200)
        },
        Row {
            permission: Some(doc! { "_id": PERMISSION }),
            ..row("the permission has no roles", admin(), &["admin"], 403)
        },
        row("the permission's roles are a text", bson!("admin"), &["admin"], 403),
        row("the permission's roles hold a number", bson!(["admin", 5]), &["admin"], 403),
        row("the permission's roles hold null", bson!([null, "admin"]), &["admin"], 403),
        row("the permission's roles hold an array", bson!([["admin"]]), &["admin"], 403),
        row("the permission's roles hold an object", bson!(["admin", {}]), &["admin"], 403),
        row("the permission's roles are null", Bson::Null, &["admin"], 403),
        row("the permission's roles are empty", bson!([]), &["admin"], 403),
        row("the permission's roles are an object", bson!({ "0": "admin" }), &["admin"], 403),
        row("the permission's roles are a number", bson!(1), &["admin"], 403),
        row("the permission's roles are true", bson!(true), &["admin"], 403),
    ]
}

/// Writes what a row says in place of what was there.
async fn rewrite(workspace: &Workspace, row: &Row) {
    for collection in ["rocketchat_roles", "rocketchat_permissions", "users"] {
        workspace.database.collection::<Document>(collection).delete_many(doc! {}).await.expect("deletions");
    }
    workspace.insert("rocketchat_roles", row.known.iter().map(|role| doc! { "_id": *role })).await;
    workspace.insert("rocketchat_permissions", row.permission.clone()).await;
    workspace.insert("users", [user("somebody", row.roles, TOKEN)]).await;
}

async fn assert_rows_hold(rows: Vec<Row>, defaults: &[(&str, &str)]) {
    let workspace = Workspace::with_admin().await.without_rate_limit().await;
    let url = workspace.url();
    let service = Service::start(settings(&[&[("mongo_url", url.as_str())], defaults].concat())).await;

    let mut differences = Vec::new();
    for row in &rows {
        rewrite(&workspace, row).await;
        let answer = service.get(&asking(PERIOD), &SOMEBODY).await;
        differences.extend(difference(row.name, &answer, row.status, body_of(row.status)));
    }

    service.stop().await;
    assert_all_agree(differences);
}

// One server answers all rows, so this holds as well: every change counts from the next request.
#[tokio::test(flavor = "multi_thread")]
async fn every_row_of_the_table_is_answered_as_the_contract_says() {
    assert_rows_hold(rows(), &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn configured_default_roles_apply_where_the_permission_is_missing_and_only_there() {
    let row = |name, roles, status| Row { permission: None, ..row(name, bson!([]), roles, status) };
    let rows = vec![
        row("the first default role", &["auditor"], 200),
        row("the second default role", &["user", "owner"], 200),
        row("admin is no default role now", &["admin"], 403),
        row("a guest with a default role", &["owner", "guest"], 403),
        Row { known: &["admin"], ..row("a default role that is gone", &["auditor"], 403) },
        Row {
            permission: Some(doc! { "_id": PERMISSION, "roles": ["admin"] }),
            ..row("a default role beside a permission", &["auditor"], 403)
        },
        Row {
            permission: Some(doc! { "_id": PERMISSION }),
            ..row("a default role beside a malformed permission", &["auditor"], 403)
        },
    ];
    assert_rows_hold(rows, &[("permission.default_roles", "auditor,owner")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn login_comes_before_permission_and_permission_before_parameters() {
    let workspace = Workspace::with_admin().await.without_rate_limit().await;
    workspace.insert("users", [user("somebody", &["user"], TOKEN)]).await;
    let service = Service::on(&workspace).await;
    let queries =
        ["", "start=never", "start[]=1&end[]=2", "start=2023-05-30T00:00:00.000Z&end=2023-05-20T00:00:00.000Z"];

    let mut differences = Vec::new();
    for query in queries {
        let (nobody, somebody) = (service.get(&asking(query), &[]).await, service.get(&asking(query), &SOMEBODY).await);
        differences.extend(difference(&format!("nobody asks {query:?}"), &nobody, 401, body_of(401)));
        differences.extend(difference(&format!("somebody asks {query:?}"), &somebody, 403, body_of(403)));
        let admin = service.get(&asking(query), &Workspace::admin()).await;
        differences.extend((admin.status != 400).then(|| format!("the admin asks {query:?}: {admin:?}")));
    }

    service.stop().await;
    assert_all_agree(differences);
}

#[tokio::test(flavor = "multi_thread")]
async fn login_and_permission_cost_one_round_trip_and_hopeless_credentials_none() {
    keep_secret("of-an-oauth-token");
    let workspace = Workspace::with_admin().await.without_rate_limit().await;
    let grant = doc! { "accessToken": "of-an-oauth-token", "userId": "admin" };
    workspace.insert("rocketchat_oauth_access_tokens", [grant]).await;
    let service = Service::on(&workspace).await;
    let too_long = "x".repeat(513);
    let requests = [
        ("a login token", &Workspace::admin()[..], 400, 1),
        ("an OAuth token", &[("Authorization", "Bearer of-an-oauth-token")], 400, 1),
        ("an unknown token", &[("X-User-Id", "admin"), ("X-Auth-Token", "unknown-token")], 401, 1),
        ("a token that is too long", &[("X-User-Id", "admin"), ("X-Auth-Token", &too_long)], 401, 0),
        ("no credentials", &[], 401, 0),
    ];

    let mut differences = Vec::new();
    for (name, headers, status, expected) in requests {
        let asked = commands(&workspace).await;
        workspace.database.run_command(doc! { "profile": 2 }).await.expect("the profiler");
        let answer = service.get(&asking("start=never"), headers).await;
        workspace.database.run_command(doc! { "profile": 0 }).await.expect("the profiler");
        let cost = commands(&workspace).await - asked;
        if (answer.status, cost) != (status, expected) {
            differences.push(format!("{name}: {cost} commands, {answer:?}"));
        }
    }

    service.stop().await;
    assert_all_agree(differences);
}

/// How many reads of the collections that login and permission need were recorded.
async fn commands(workspace: &Workspace) -> u64 {
    let name = workspace.database.name();
    let collections = ["users", "rocketchat_oauth_access_tokens", "rocketchat_roles", "rocketchat_permissions"];
    let reads = doc! { "ns": { "$in": collections.map(|collection| format!("{name}.{collection}")).to_vec() } };
    workspace.database.collection::<Document>("system.profile").count_documents(reads).await.expect("a count")
}
