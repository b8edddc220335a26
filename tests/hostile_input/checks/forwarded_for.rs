//! Contract section 5: the client's address behind proxies.

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    sync::OnceLock,
};

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use rocketchat_engagement::{
    config::{Http, Layers},
    http::guards::client_address::forwarded,
};

use super::byte;

const PEERS: [&str; 6] = ["127.0.0.1", "10.1.2.3", "203.0.113.9", "::1", "2001:db8::7", "::ffff:192.168.1.1"];
/// Those of them that are proxies by default.
const PROXIES: [&str; 4] = ["127.0.0.1", "10.1.2.3", "::1", "::ffff:192.168.1.1"];

/// A number of proxies, a peer, and lines that are headers.
pub fn check(mut bytes: &[u8]) {
    static DEFAULTS: OnceLock<Http> = OnceLock::new();
    let defaults =
        || Layers::read(None, &HashMap::new(), &[]).and_then(|layers| layers.settings()).expect("defaults").http;
    let mut settings = DEFAULTS.get_or_init(defaults).clone();
    settings.forwarded_count = usize::from(byte(&mut bytes) % 5);
    let peer = PEERS[usize::from(byte(&mut bytes)) % PEERS.len()];
    let mut headers = HeaderMap::new();
    let mut sent = Vec::new();
    for line in bytes.split(|byte| *byte == b'\n') {
        if let Ok(value) = HeaderValue::from_bytes(line) {
            headers.append(HeaderName::from_static("x-forwarded-for"), value);
            sent.push(line);
        }
    }

    let found = forwarded(peer.parse().expect("an address"), &headers, &settings);

    let expected = plainly(&sent, settings.forwarded_count, PROXIES.contains(&peer));
    let peer: IpAddr = peer.parse().expect("an address");
    assert_eq!(found, expected.unwrap_or(peer).to_canonical(), "{settings:?} {sent:?}");
}

fn plainly(sent: &[&[u8]], count: usize, is_proxy: bool) -> Option<IpAddr> {
    if count == 0 || !is_proxy || sent.iter().map(|line| line.len()).sum::<usize>() > 4096 {
        return None;
    }
    let list = sent.join(&b',');
    let entries: Vec<_> = list.split(|byte| *byte == b',').collect();
    let entry = entries.get(entries.len().checked_sub(count)?)?;
    let entry = String::from_utf8(entry.to_vec()).ok()?;
    let entry = entry.trim_matches(|c: char| c.is_ascii_whitespace());
    // The three spellings: bare, with a port, in brackets alone. A zone is none of them.
    let (bare, with_port) = (entry.parse(), entry.parse::<SocketAddr>().map(|address| address.ip()));
    let in_brackets = format!("{entry}:0").parse::<SocketAddr>().map(|address| address.ip());
    let in_brackets = in_brackets.ok().filter(|_| entry.ends_with(']'));
    bare.or(with_port).ok().or(in_brackets).filter(|_| !entry.contains('%'))
}
