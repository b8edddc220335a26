//! Users, tokens, roles, permissions and the expiration of logins (contract sections 3, 4 and 5).

use std::collections::BTreeMap;

use bson::{Bson, DateTime, Document, bson, doc};
use futures::future::join_all;

use super::{
    DEADLINE, assert_fair,
    rule::{self, Caller, Outcome, Way},
    seeds,
    values::{DAY, number, odd, of_any_type, one_of, perhaps, put},
};
use crate::{
    random::Random,
    support::{
        Connection, Response, Service, Workspace,
        answers::{PERIOD, asking, body_of, difference},
        hashed, keep_secret, settings,
    },
};

const ROUNDS: u64 = 40;
const CALLERS: usize = 75;
/// Connections at once.
const CONNECTIONS: usize = 4;

const ROLES: [&str; 8] = ["admin", "auditor", "user", "bot", "app", "guest", "owner", "leader"];
/// A role that users and permissions have, and no workspace.
const GONE: &str = "gone";

/// A workspace of the round's own and those who ask.
fn invent(seed: u64, now: i64) -> (rule::Workspace, Vec<Caller>) {
    let mut random = Random::new(seed);
    let random = &mut random;
    let workspace = rule::Workspace {
        roles: roles(random),
        permissions: [
            permission(random, "view-engagement-dashboard", &["admin", "auditor", "owner", GONE]),
            permission(random, "api-bypass-rate-limit", &["admin", "bot", "leader"]),
        ]
        .into_iter()
        .flatten()
        .collect(),
        expiration: random.chance(60).then(|| {
            let mut setting = doc! { "_id": "Accounts_LoginExpiration", "type": "int" };
            let right = one_of(random, &[bson!(30), bson!(30_i64), bson!(30.0), bson!(1.5)]);
            let value = if random.chance(30) { Some(number(random)) } else { perhaps(random, 40, right) };
            put(&mut setting, "value", value);
            setting
        }),
    };
    (workspace, (0..CALLERS).map(|index| caller(random, index, now)).collect())
}

/// What may be an `_id`, is no text, and is not alike to another.
fn odd_id(random: &mut Random, right: &str) -> Option<Bson> {
    let id = odd(random, &right.into());
    let is_forbidden = match &id {
        Bson::Array(_) | Bson::RegularExpression(_) | Bson::Undefined | Bson::String(_) => true,
        Bson::Document(document) => document.keys().any(|key| key.starts_with('$')),
        _ => false,
    };
    (!is_forbidden).then_some(id)
}

fn roles(random: &mut Random) -> Vec<Document> {
    let percent = one_of(random, &[0, 0, 85, 85, 95, 100, 100, 100]);
    let mut roles: Vec<_> =
        ROLES.into_iter().filter(|_| random.chance(percent)).map(|role| doc! { "_id": role }).collect();
    if random.chance(30) {
        roles.extend(odd_id(random, GONE).map(|id| doc! { "_id": id }));
    }
    for role in &mut roles {
        put(role, "scope", perhaps(random, 30, "Users"));
    }
    roles
}

fn permission(random: &mut Random, id: &str, right: &[&str]) -> Option<Document> {
    if random.chance(12) {
        return odd_id(random, id).filter(|_| random.chance(50)).map(|id| doc! { "_id": id, "roles": ["user"] });
    }
    let mut permission = doc! { "_id": id };
    put(&mut permission, "roles", perhaps(random, 20, right.to_vec()));
    Some(permission)
}

fn caller(random: &mut Random, index: usize, now: i64) -> Caller {
    let (id, token) = (format!("caller{index}"), format!("token-of-hostile-caller{index}"));
    let access_token = format!("access-token-of-hostile-caller{index}");
    let hash = hashed(&token);
    keep_secret(&access_token);
    let all = [Way::Login, Way::WrongLogin, Way::Bearer, Way::Bare, Way::Query, Way::Nothing];
    let way = all[random.weighted(&[60, 4, 14, 8, 12, 2])];
    let user = (!random.chance(3)).then(|| user(random, &id, &hash, now));
    let oauth = (way != Way::Login && !random.chance(3)).then(|| {
        let mut grant = doc! { "_id": &id };
        put(&mut grant, "accessToken", perhaps(random, 10, access_token.as_str()));
        put(&mut grant, "userId", perhaps(random, 10, id.as_str()));
        let days = one_of(random, &[-400, -1, 1, 1, 1, 30, 30, 30, 4000, 4000]);
        let expires = DateTime::from_millis(now + days * DAY);
        put(&mut grant, "expires", perhaps(random, 30, expires));
        grant
    });
    Caller { id, token, hash, access_token, user, oauth, way }
}

fn user(random: &mut Random, id: &str, hash: &str, now: i64) -> Document {
    let mut user = doc! { "_id": id };
    let active = !random.chance(6);
    put(&mut user, "active", perhaps(random, 15, active));
    let mut roles: Vec<&str> = vec![one_of(
        random,
        &["admin", "admin", "auditor", "auditor", "auditor", "owner", "owner", "owner", "user", GONE],
    )];
    roles.extend(
        (0..random.below(3))
            .map(|_| one_of(random, &["user", "bot", "bot", "leader", "leader", "auditor", "app", "guest"])),
    );
    put(&mut user, "roles", perhaps(random, 12, roles));
    let mut tokens: Vec<_> = (0..1 + random.below(2)).filter_map(|_| token(random, hash, now)).collect();
    if random.chance(20) {
        tokens.insert(random.below(tokens.len() + 1), of_any_type(random));
    }
    let tokens = perhaps(random, 5, tokens);
    let mut resume = doc! {};
    put(&mut resume, "loginTokens", tokens);
    let resume = perhaps(random, 4, resume);
    let mut services = doc! { "password": { "bcrypt": "odd" } };
    put(&mut services, "resume", resume);
    put(&mut user, "services", perhaps(random, 4, services));
    user
}

/// An entry of `loginTokens`.
fn token(random: &mut Random, hash: &str, now: i64) -> Option<Bson> {
    // Never near a bound that an expiration may have.
    let age = one_of(random, &[-400, -1, 0, 0, 0, 0, 1, 1, 29, 29, 31, 89, 91, 40_000]);
    let when = DateTime::from_millis(now - age * DAY - DAY / 4);
    let mut entry = doc! {};
    put(&mut entry, "when", perhaps(random, 15, when));
    put(&mut entry, "hashedToken", perhaps(random, 8, hash));
    if random.chance(25) {
        put(&mut entry, "type", perhaps(random, 25, "personalAccessToken"));
    }
    perhaps(random, 5, entry)
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_is_answered_by_the_plain_rule() {
    let workspace = Workspace::empty().await;
    let (mut outcomes, mut ways) = (BTreeMap::new(), BTreeMap::new());
    for seed in seeds(ROUNDS) {
        let now = DateTime::now();
        let (invented, callers) = invent(seed, now.timestamp_millis());
        write(&workspace, &invented, &callers).await;
        // A new one each time, since it may follow settings late.
        let service = Service::start(settings(&[("mongo_url", &workspace.url()), DEADLINE])).await;
        let ask = |part: usize| ask_all(&service, callers.iter().skip(part).step_by(CONNECTIONS));
        let answers: Vec<_> = join_all((0..CONNECTIONS).map(ask)).await.into_iter().flatten().collect();
        service.stop().await;

        let mut wrong = Vec::new();
        for (caller, answer) in answers {
            let outcome = rule::who_asks(&invented, caller, now);
            *outcomes.entry(outcome).or_default() += 1;
            *ways.entry((caller.way, outcome <= Outcome::Unauthorized)).or_default() += 1;
            let differs = complaint(outcome, &answer);
            wrong.extend(differs.map(|differs| format!("{differs}\n    {caller:?}")));
        }
        let number = wrong.len();
        wrong.truncate(4);
        assert_eq!(number, 0, "HOSTILE_SEED={seed}, {invented:?}\n{}", wrong.join("\n"));
    }
    assert_fair(&outcomes, [Outcome::Unauthorized, Outcome::Forbidden, Outcome::Counted, Outcome::Bypasses], 8);
    let ways_in = [Way::Login, Way::Bearer, Way::Bare, Way::Query];
    assert_fair(&ways, ways_in.into_iter().flat_map(|way| [(way, true), (way, false)]), 2);
}

/// Puts what a round invents in place of what was there.
async fn write(workspace: &Workspace, invented: &rule::Workspace, callers: &[Caller]) {
    // Nobody is the user of an OAuth token that names none.
    let nobody = doc! { "_id": Bson::Null, "active": true, "roles": ["admin"] };
    let users = callers.iter().filter_map(|caller| caller.user.clone()).chain([nobody]).collect::<Vec<_>>();
    let limit = doc! { "_id": "API_Enable_Rate_Limiter_Limit_Calls_Default", "value": 1_000_000 };
    let settings = invented.expiration.iter().cloned().chain([limit]).collect();
    for (collection, documents) in [
        ("users", users),
        ("rocketchat_oauth_access_tokens", callers.iter().filter_map(|caller| caller.oauth.clone()).collect()),
        ("rocketchat_roles", invented.roles.clone()),
        ("rocketchat_permissions", invented.permissions.clone()),
        ("rocketchat_settings", settings),
    ] {
        workspace.database.collection::<Document>(collection).delete_many(doc! {}).await.expect("deletions");
        workspace.insert(collection, documents).await;
    }
}

async fn ask_all<'a>(service: &Service, callers: impl Iterator<Item = &'a Caller>) -> Vec<(&'a Caller, Response)> {
    let mut connection = Connection::open(service.address).await;
    let mut answers = Vec::new();
    for caller in callers {
        let bearer = format!("Bearer {}", caller.access_token);
        let login = |token| vec![("X-User-Id", caller.id.as_str()), ("X-Auth-Token", token)];
        let (headers, query) = match caller.way {
            Way::Login => (login(&caller.token), PERIOD.to_owned()),
            Way::WrongLogin => {
                ([login("a-token-of-nobody"), vec![("Authorization", &bearer)]].concat(), PERIOD.to_owned())
            }
            Way::Bearer => (vec![("Authorization", bearer.as_str())], PERIOD.to_owned()),
            Way::Bare => (vec![("Authorization", caller.access_token.as_str())], PERIOD.to_owned()),
            Way::Query => (login(""), format!("{PERIOD}&access_token={}", caller.access_token)),
            Way::Nothing => (vec![], PERIOD.to_owned()),
        };
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_bytes())).collect();
        connection.send("GET", &asking(&query), &headers, b"").await;
        answers.push((caller, connection.receive(false).await));
    }
    answers
}

/// What is wrong with an answer, if anything.
fn complaint(outcome: Outcome, answer: &Response) -> Option<String> {
    let status = match outcome {
        Outcome::Unauthorized => 401,
        Outcome::Forbidden => 403,
        Outcome::Counted | Outcome::Bypasses => 200,
    };
    let headers = ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"];
    let is_counted = headers.map(|name| answer.header(name).is_some());
    let expected = [outcome == Outcome::Counted; 3];
    let headers_differ =
        (is_counted != expected).then(|| format!("X-RateLimit headers: {is_counted:?}, not {expected:?}"));
    difference(&format!("{outcome:?}"), answer, status, body_of(status)).or(headers_differ)
}
