//! The structure of Traefik's file. Traefik itself is in no package that these tests could use, so it is not run: that the file
//! is YAML, says what it should by the names of Traefik's documentation, and refers to nothing that is not there.

use std::collections::BTreeSet;

use yaml_rust2::{Yaml, YamlLoader};

use crate::{files::shipped, support::PATH};

/// The keys that may be used, of Traefik's "routing configuration" for HTTP in version 3.
const KEYS: [&str; 22] = [
    "http",
    "routers",
    "entryPoints",
    "rule",
    "service",
    "tls",
    "services",
    "loadBalancer",
    "servers",
    "url",
    "serversTransport",
    "healthCheck",
    "path",
    "interval",
    "timeout",
    "failover",
    "fallback",
    "serversTransports",
    "forwardingTimeouts",
    "dialTimeout",
    "responseHeaderTimeout",
    "idleConnTimeout",
];

fn http() -> Yaml {
    let documents = YamlLoader::load_from_str(&shipped("traefik.yml")).expect("YAML");
    assert_eq!(documents.len(), 1);
    documents[0]["http"].clone()
}

/// What stands at a path of keys.
fn at<'a>(yaml: &'a Yaml, path: &[&str]) -> &'a str {
    let found = path.iter().fold(yaml, |yaml, key| &yaml[*key]);
    found.as_str().unwrap_or_else(|| panic!("no text at {path:?} in {yaml:?}"))
}

fn names(yaml: &Yaml) -> BTreeSet<&str> {
    yaml.as_hash().expect("a mapping").keys().map(|key| key.as_str().expect("a name")).collect()
}

/// All keys, at any depth.
fn keys(yaml: &Yaml) -> BTreeSet<&str> {
    match yaml {
        Yaml::Hash(entries) => names(yaml).into_iter().chain(entries.values().flat_map(keys)).collect(),
        Yaml::Array(entries) => entries.iter().flat_map(keys).collect(),
        _ => BTreeSet::new(),
    }
}

#[test]
fn the_endpoint_goes_to_the_service_and_everything_else_to_rocket_chat() {
    let http = http();
    let routers = &http["routers"];
    assert_eq!(names(routers), ["messages-sent", "rocketchat"].into());
    let (endpoint, rocket_chat) = (&routers["messages-sent"], &routers["rocketchat"]);

    assert_eq!(at(rocket_chat, &["rule"]), "Host(`chat.example.org`)");
    // The longer rule has the higher priority.
    assert_eq!(at(endpoint, &["rule"]), format!("{} && Path(`{PATH}`)", at(rocket_chat, &["rule"])));
    for key in ["entryPoints", "tls"] {
        assert_eq!(endpoint[key], rocket_chat[key]);
    }
    assert_eq!(at(rocket_chat, &["service"]), "rocketchat");
    let service = |name: &str| http["services"][name].clone();
    let failover = service(at(endpoint, &["service"]));
    assert_eq!(at(&failover, &["failover", "fallback"]), "rocketchat");

    let ours = service(at(&failover, &["failover", "service"]));
    let url = |service: &Yaml| {
        let servers = service["loadBalancer"]["servers"].as_vec().cloned().expect("servers");
        assert_eq!(servers.len(), 1);
        at(&servers[0], &["url"]).to_owned()
    };
    assert_eq!(url(&ours), "http://127.0.0.1:3100");
    assert_eq!(url(&service("rocketchat")), "http://127.0.0.1:3000");
    // Without it Traefik never notices that the service cannot answer.
    assert_eq!(at(&ours, &["loadBalancer", "healthCheck", "path"]), "/readyz");
    let transport = &http["serversTransports"][at(&ours, &["loadBalancer", "serversTransport"])];
    assert!(!transport.is_badvalue());
}

#[test]
fn no_other_names_are_used_than_those_of_the_documentation() {
    let http = http();
    let own = ["routers", "services", "serversTransports"].map(|kind| names(&http[kind]));
    let known: BTreeSet<_> = KEYS.into_iter().chain(own.into_iter().flatten()).collect();
    let unknown: Vec<_> = keys(&http).into_iter().filter(|key| !known.contains(key)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}
