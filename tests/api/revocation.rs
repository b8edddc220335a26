//! Whoever loses a token, an account or time is refused on the next request (contract section 3).

use bson::doc;

use crate::support::{
    Connection, Service, Workspace,
    answers::{PERIOD, asking, assert_all_agree, body_of, difference},
    hashed, keep_secret, millis,
};

const ACCESS_TOKEN: &str = "revocable-access-token";

/// Asks on one connection before and after the database changes. The answers must have these statuses.
async fn assert_next_answers<Change: Future<Output = ()>>(
    headers: &[(&str, &str)],
    before: u16,
    after: u16,
    change: impl FnOnce(Workspace) -> Change,
) {
    keep_secret(ACCESS_TOKEN);
    let workspace = Workspace::with_admin().await.without_rate_limit().await;
    let far = millis(bson::DateTime::now().timestamp_millis() + 3_600_000);
    let token = doc! { "_id": "grant", "accessToken": ACCESS_TOKEN, "userId": "admin", "expires": far };
    workspace.insert("rocketchat_oauth_access_tokens", [token]).await;
    let service = Service::on(&workspace).await;
    let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_bytes())).collect();
    let mut connection = Connection::open(service.address).await;
    let mut differences = Vec::new();

    for (row, status) in [("before", before), ("before, again", before)] {
        connection.send("GET", &asking(PERIOD), &headers, b"").await;
        differences.extend(difference(row, &connection.receive(false).await, status, body_of(status)));
    }
    change(workspace).await;
    connection.send("GET", &asking(PERIOD), &headers, b"").await;
    differences.extend(difference("after", &connection.receive(false).await, after, body_of(after)));

    service.stop().await;
    assert_all_agree(differences);
}

const BEARER: &[(&str, &str)] = &[("Authorization", "Bearer revocable-access-token")];

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_token_is_refused_by_the_very_next_request() {
    assert_next_answers(&Workspace::admin(), 200, 401, |workspace| async move {
        let token = doc! { "hashedToken": hashed("admin-secret-token") };
        workspace.update("users", "admin", doc! { "$pull": { "services.resume.loginTokens": token } }).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_user_is_refused_by_the_very_next_request() {
    assert_next_answers(&Workspace::admin(), 200, 401, |workspace| async move {
        workspace.delete("users", "admin").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deactivated_user_is_refused_by_the_very_next_request() {
    assert_next_answers(&Workspace::admin(), 200, 401, |workspace| async move {
        workspace.update("users", "admin", doc! { "$set": { "active": false } }).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_login_token_is_refused_by_the_very_next_request() {
    assert_next_answers(&Workspace::admin(), 200, 401, |workspace| async move {
        let token = doc! { "hashedToken": hashed("admin-secret-token"), "when": millis(0) };
        workspace.update("users", "admin", doc! { "$set": { "services.resume.loginTokens": [token] } }).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_token_is_accepted_by_the_very_next_request() {
    let headers = [("X-User-Id", "admin"), ("X-Auth-Token", "a-brand-new-token")];
    assert_next_answers(&headers, 401, 200, |workspace| async move {
        let token = doc! { "hashedToken": hashed("a-brand-new-token"), "when": bson::DateTime::now() };
        workspace.update("users", "admin", doc! { "$push": { "services.resume.loginTokens": token } }).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_oauth_token_that_has_expired_is_refused_by_the_very_next_request() {
    assert_next_answers(BEARER, 200, 401, |workspace| async move {
        let expired = millis(bson::DateTime::now().timestamp_millis() - 1);
        workspace.update("rocketchat_oauth_access_tokens", "grant", doc! { "$set": { "expires": expired } }).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_oauth_token_is_refused_by_the_very_next_request() {
    assert_next_answers(BEARER, 200, 401, |workspace| async move {
        workspace.delete("rocketchat_oauth_access_tokens", "grant").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deactivated_user_is_refused_with_an_oauth_token_as_well() {
    assert_next_answers(BEARER, 200, 401, |workspace| async move {
        workspace.update("users", "admin", doc! { "$set": { "active": false } }).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_without_roles_is_not_permitted_by_the_very_next_request() {
    assert_next_answers(BEARER, 200, 403, |workspace| async move {
        workspace.update("users", "admin", doc! { "$set": { "roles": ["user"] } }).await;
    })
    .await;
}
