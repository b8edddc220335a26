//! Kubernetes' service links: variables that every container gets for every Service of its namespace, whose names may be
//! ours by chance.

use std::net::IpAddr;

/// Whether a variable is one: `NAME_SERVICE_HOST`, `NAME_SERVICE_PORT`, `NAME_SERVICE_PORT_PORTNAME`, `NAME_PORT`,
/// `NAME_PORT_80_TCP` and what follows from that one. The value must be of the kind that Kubernetes gives it, so that a
/// misspelt setting is none.
pub fn is_service_link(name: &str, value: &str) -> bool {
    let is_url = ["tcp://", "udp://", "sctp://"].iter().any(|scheme| value.starts_with(scheme));
    let is_number = value.parse::<u16>().is_ok();
    let is_address = value.parse::<IpAddr>().is_ok();
    if let Some((number, rest)) = name.rsplit_once("_PORT_").and_then(|(_, rest)| rest.split_once('_'))
        && number.parse::<u16>().is_ok()
    {
        return match rest.split_once('_').unwrap_or((rest, "")) {
            ("TCP" | "UDP" | "SCTP", "") => is_url,
            ("TCP" | "UDP" | "SCTP", "PROTO") => ["tcp", "udp", "sctp"].contains(&value),
            ("TCP" | "UDP" | "SCTP", "PORT") => is_number,
            ("TCP" | "UDP" | "SCTP", "ADDR") => is_address,
            _ => false,
        };
    }
    if name.ends_with("_SERVICE_HOST") {
        return is_address;
    }
    if name.ends_with("_SERVICE_PORT") || name.contains("_SERVICE_PORT_") {
        return is_number;
    }
    (name == "PORT" || name.ends_with("_PORT")) && is_url
}

#[cfg(test)]
mod tests {
    use super::is_service_link;

    #[test]
    fn names_and_values_of_kubernetes_are_links_and_nothing_else_is() {
        for (name, value, expected) in [
            ("ENGAGEMENT_METRICS_SERVICE_HOST", "10.0.0.1", true),
            ("ENGAGEMENT_METRICS_SERVICE_HOST", "fd00::1", true),
            ("ENGAGEMENT_METRICS_SERVICE_PORT", "9459", true),
            ("ENGAGEMENT_METRICS_SERVICE_PORT_HTTP_METRICS", "9459", true),
            ("ENGAGEMENT_METRICS_PORT", "tcp://10.0.0.1:9459", true),
            ("ENGAGEMENT_METRICS_PORT", "udp://[fd00::1]:9459", true),
            ("ENGAGEMENT_METRICS_PORT_9459_TCP", "tcp://10.0.0.1:9459", true),
            ("ENGAGEMENT_METRICS_PORT_9459_TCP_PROTO", "tcp", true),
            ("ENGAGEMENT_METRICS_PORT_9459_TCP_PORT", "9459", true),
            ("ENGAGEMENT_METRICS_PORT_9459_TCP_ADDR", "10.0.0.1", true),
            ("ENGAGEMENT_METRICS_PORT_53_UDP", "udp://10.0.0.1:53", true),
            ("ENGAGEMENT_METRICS_PORT_53_SCTP_ADDR", "10.0.0.1", true),
            ("ENGAGEMENT_HTTP_PORT_X_PORT_80_TCP", "tcp://10.0.0.1:80", true),
            ("METRICS_PORT", "tcp://10.0.0.1:9459", true),
            ("PORT", "tcp://10.0.0.1:3000", true),
            ("ENGAGEMENT_METRICS_PORT", "9459", false),
            ("METRICS_PORT", "http://10.0.0.1:9459", false),
            ("PORT", "70000", false),
            ("PORT", "", false),
            ("MONGO_URL", "tcp://10.0.0.1:27017", false),
            ("ENGAGEMENT_METRICS_SERVICE_HOST", "metrics.example.org", false),
            ("ENGAGEMENT_METRICS_SERVICE_PORT", "many", false),
            ("ENGAGEMENT_METRICS_SERVICE", "10.0.0.1", false),
            ("ENGAGEMENT_METRICS_HOST", "10.0.0.1", false),
            ("ENGAGEMENT_METRICS_PORT_X_TCP", "tcp://10.0.0.1:9459", false),
            ("ENGAGEMENT_METRICS_PORT_9459_TCP", "9459", false),
            ("ENGAGEMENT_METRICS_PORT_9459_TCP_NAME", "metrics", false),
            ("ENGAGEMENT_METRICS_PORT_9459_HTTP", "tcp://10.0.0.1:9459", false),
            ("ENGAGEMENT_METRICS_IMPORT", "tcp://10.0.0.1:9459", false),
        ] {
            assert_eq!(is_service_link(name, value), expected, "{name}={value}");
        }
    }
}
