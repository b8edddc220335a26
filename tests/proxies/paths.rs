//! The paths of the engagement dashboard: all that the proxies send to the service. And whether each shipped file has them all.

use rocketchat_engagement::http::dashboard::ENDPOINTS;

use crate::files::{guide, mounted_in_compose, shipped, traefik_labels};

/// What all paths begin with.
pub const DASHBOARD: &str = "/api/v1/engagement-dashboard/";

/// All paths, also those that the service does not answer yet.
pub const PATHS: [&str; 9] = [
    "/api/v1/engagement-dashboard/messages/messages-sent",
    "/api/v1/engagement-dashboard/messages/origin",
    "/api/v1/engagement-dashboard/messages/top-five-popular-channels",
    "/api/v1/engagement-dashboard/channels/list",
    "/api/v1/engagement-dashboard/users/new-users",
    "/api/v1/engagement-dashboard/users/active-users",
    "/api/v1/engagement-dashboard/users/chat-busier/hourly-data",
    "/api/v1/engagement-dashboard/users/chat-busier/weekly-data",
    "/api/v1/engagement-dashboard/users/users-by-time-of-the-day-in-a-week",
];

/// How often a text has a path, with or without [`DASHBOARD`], and not as a part of another.
fn occurrences(text: &str, path: &str) -> usize {
    let path = path.strip_prefix(DASHBOARD).expect("a path of the dashboard");
    let goes_on = |rest: &str| rest.starts_with(|next: char| next.is_alphanumeric() || "-_/".contains(next));
    let begins = |before: &str| {
        before.ends_with(DASHBOARD) || !before.ends_with(|c: char| c.is_alphanumeric() || "-_/".contains(c))
    };
    text.match_indices(path).filter(|(at, _)| begins(&text[..*at]) && !goes_on(&text[at + path.len()..])).count()
}

#[test]
fn every_endpoint_of_the_service_is_among_the_paths() {
    for endpoint in ENDPOINTS {
        assert!(PATHS.contains(&endpoint.path), "the proxies do not know {}", endpoint.path);
    }
}

#[test]
fn each_shipped_file_has_every_path_once() {
    let files = [
        "nginx/snippets/rocketchat-engagement.conf",
        "Caddyfile",
        "traefik.yml",
        "traefik-3.0.yml",
        "haproxy/haproxy.cfg",
        "apache/rocketchat.conf",
    ];
    let files = files.map(|name| (name, shipped(name)));
    let compose = mounted_in_compose().into_iter().map(|(name, _)| shipped(&name)).collect();
    let others = [("docker-compose.yml", compose), ("the labels in the guide", traefik_labels())];
    for (name, text) in files.into_iter().chain(others) {
        for path in PATHS {
            assert_eq!(occurrences(&text, path), 1, "{path} in {name}");
        }
    }
}

#[test]
fn the_guide_lists_every_path() {
    let guide = guide();
    let (_, section) = guide.split_once("\n## The reverse proxy\n").expect("the section about proxies");
    let (list, _) = section.split_once("\n### ").expect("its first part");
    for path in PATHS {
        assert_eq!(occurrences(list, path), 1, "{path}");
    }
}
