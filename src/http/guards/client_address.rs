//! Whose request it is, by address (contract section 5): for the rate limit and the access log.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use actix_web::{HttpRequest, http::header::HeaderMap, web::Data};

use crate::config::Http;

const X_FORWARDED_FOR: &str = "x-forwarded-for";

/// The address of the client that sent a request. `None` for a request that came over no socket.
pub fn client_address(request: &HttpRequest) -> Option<IpAddr> {
    let peer = request.peer_addr()?.ip();
    let settings = request.app_data::<Data<Http>>();
    Some(settings.map_or(peer.to_canonical(), |settings| forwarded(peer, request.headers(), settings)))
}

/// The address that the trusted proxies vouch for: the entry of `X-Forwarded-For` that the outermost of them wrote.
/// Everything left of it is what the client claims. Where there is no such address it is the peer's.
pub fn forwarded(peer: IpAddr, headers: &HeaderMap, settings: &Http) -> IpAddr {
    let peer = peer.to_canonical();
    let Some(place) = settings.forwarded_count.checked_sub(1) else { return peer };
    if !settings.trusted_proxies.iter().any(|network| network.contains(&peer)) {
        return peer;
    }
    // Several such headers are one list, of which no more is read than is needed.
    let mut entries =
        headers.get_all(X_FORWARDED_FOR).rev().flat_map(|list| list.as_bytes().rsplit(|byte| *byte == b','));
    entries.nth(place).and_then(address).unwrap_or(peer)
}

/// The address of an entry: bare, with a port behind it, or, of IPv6, in brackets. One with a zone is none.
fn address(entry: &[u8]) -> Option<IpAddr> {
    let entry = std::str::from_utf8(entry.trim_ascii()).ok()?;
    let address = if let Some((address, port)) = entry.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        let is_in_order = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
        address.parse::<Ipv6Addr>().ok().filter(|_| is_in_order)?.into()
    } else if let Some((address, _)) = entry.split_once(':').filter(|(_, port)| is_port(port)) {
        address.parse::<Ipv4Addr>().ok()?.into()
    } else {
        entry.parse::<IpAddr>().ok()?
    };
    Some(address.to_canonical())
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;
    use crate::config::Layers;

    fn settings(count: usize, proxies: Option<&str>) -> Http {
        let mut flags = vec![("http.forwarded_count", count.to_string())];
        flags.extend(proxies.map(|proxies| ("http.trusted_proxies", proxies.to_owned())));
        let layers = Layers::read(None, &HashMap::new(), &flags).expect("layers");
        layers.settings().expect("settings").http
    }

    fn answer(peer: &str, lists: &[&[u8]], settings: &Http) -> String {
        let mut headers = HeaderMap::new();
        for list in lists {
            headers.append(HeaderName::from_static(X_FORWARDED_FOR), HeaderValue::from_bytes(list).expect("a value"));
        }
        forwarded(peer.parse().expect("an address"), &headers, settings).to_string()
    }

    #[test]
    fn the_nth_entry_from_the_right_counts_and_where_it_is_no_address_the_peer() {
        const PEER: &str = "10.0.0.1";
        let long = format!("{}198.51.100.7", "203.0.113.9, ".repeat(400));
        let long = long.as_bytes();
        let (claimed, behind): ([&[u8]; 1], [&[u8]; 2]) = ([long], [long, b"198.51.100.8"]);
        let rows: Vec<(usize, &[&[u8]], &str)> = vec![
            (0, &[], PEER),
            (0, &[b"198.51.100.7"], PEER),
            (1, &[], PEER),
            (1, &[b""], PEER),
            (1, &[b"198.51.100.7"], "198.51.100.7"),
            (1, &[b"  198.51.100.7\t"], "198.51.100.7"),
            (1, &[b"203.0.113.9, 198.51.100.7"], "198.51.100.7"),
            (1, &[b"203.0.113.9,198.51.100.7"], "198.51.100.7"),
            (2, &[b"203.0.113.9, 198.51.100.7"], "203.0.113.9"),
            (2, &[b"192.0.2.1, 203.0.113.9, 198.51.100.7"], "203.0.113.9"),
            (2, &[b"198.51.100.7"], PEER),
            (3, &[b"203.0.113.9, 198.51.100.7"], PEER),
            (100, &[b"203.0.113.9, 198.51.100.7"], PEER),
            // Several headers are one list, in the order in which they were sent.
            (1, &[b"203.0.113.9", b"198.51.100.7"], "198.51.100.7"),
            (2, &[b"203.0.113.9", b"198.51.100.7"], "203.0.113.9"),
            (3, &[b"192.0.2.1, 203.0.113.9", b"198.51.100.7"], "192.0.2.1"),
            // Empty entries have their place.
            (1, &[b"198.51.100.7,"], PEER),
            (2, &[b"198.51.100.7,"], "198.51.100.7"),
            (2, &[b"198.51.100.7", b""], "198.51.100.7"),
            // Addresses of the other kind, and those that are the same.
            (1, &[b"2001:DB8::0:7"], "2001:db8::7"),
            (1, &[b"::ffff:198.51.100.7"], "198.51.100.7"),
            (1, &[b"::ffff:c633:6407"], "198.51.100.7"),
            // With a port, or in brackets. Without them an IPv6 address has no port.
            (1, &[b"198.51.100.7:51008"], "198.51.100.7"),
            (1, &[b"198.51.100.7:0"], "198.51.100.7"),
            (1, &[b"198.51.100.7:65535"], "198.51.100.7"),
            (2, &[b" 203.0.113.9:51008 , 198.51.100.7:443"], "203.0.113.9"),
            (1, &[b"[2001:db8::7]"], "2001:db8::7"),
            (1, &[b"[2001:DB8:0::7]:443"], "2001:db8::7"),
            (1, &[b"[::ffff:198.51.100.7]:443"], "198.51.100.7"),
            (1, &[b"2001:db8::7:443"], "2001:db8::7:443"),
            (1, &[b"2001:db8:0:0:0:0:0:7"], "2001:db8::7"),
            (1, &[b"::1"], "::1"),
            (1, &[b"[::1]:1"], "::1"),
            (1, &[b"::"], "::"),
            // What is no address.
            (1, &[b"unknown"], PEER),
            (1, &[b"_hidden"], PEER),
            (1, &[b"client.example"], PEER),
            (1, &[b"fe80::1%eth0"], PEER),
            (1, &[b"[fe80::1%2]:80"], PEER),
            (1, &[b"198.51.100.7:"], PEER),
            (1, &[b"198.51.100.7:+80"], PEER),
            (1, &[b"198.51.100.7: 80"], PEER),
            (1, &[b"198.51.100.7:65536"], PEER),
            (1, &[b"198.51.100.7:80:80"], PEER),
            (1, &[b"[198.51.100.7]:80"], PEER),
            (1, &[b"[2001:db8::7"], PEER),
            (1, &[b"2001:db8::7]"], PEER),
            (1, &[b"[2001:db8::7]80"], PEER),
            (1, &[b"[2001:db8::7]:"], PEER),
            (1, &[b"[2001:db8::7]:http"], PEER),
            (1, &[b"[]"], PEER),
            (1, &[b":80"], PEER),
            (1, &[b"\"198.51.100.7\""], PEER),
            (1, &[b"198.51.100"], PEER),
            (1, &[b"198.51.100.007"], PEER),
            (1, &[b"198.51.100.256"], PEER),
            (1, &[b"0x7f.1"], PEER),
            (1, &[b"3325256711"], PEER),
            (1, &[b"198.51.100.0/24"], PEER),
            (1, &[b"198.51.100.7 203.0.113.9"], PEER),
            (1, &[b"198.51.100.7; 203.0.113.9"], PEER),
            (1, &[b"\xff\xfe"], PEER),
            // A forged part that is no address does no harm to what the proxy wrote.
            (1, &[b"\xff\xfe, 198.51.100.7"], "198.51.100.7"),
            (1, &[b"<script>, 198.51.100.7"], "198.51.100.7"),
            // However much a client claims.
            (1, &claimed, "198.51.100.7"),
            (2, &claimed, "203.0.113.9"),
            (100, &claimed, "203.0.113.9"),
            (1, &behind, "198.51.100.8"),
        ];
        for (count, lists, expected) in rows {
            let sent: Vec<_> = lists.iter().map(|list| list.escape_ascii().to_string()).collect();
            assert_eq!(answer(PEER, lists, &settings(count, None)), expected, "{count} {sent:?}");
        }
    }

    #[test]
    fn only_proxies_inside_the_trusted_networks_are_believed() {
        let near = [
            "127.0.0.1",
            "127.255.255.254",
            "::1",
            "10.0.0.0",
            "10.255.255.255",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.0.1",
            "192.168.255.255",
            "169.254.0.1",
            "169.254.255.255",
            "fe80::1",
            "febf::1",
            "100.64.0.0",
            "100.127.255.255",
            "fc00::1",
            "fdff::1",
            "::ffff:10.0.0.1",
            "::ffff:127.0.0.1",
        ];
        let far = [
            "126.255.255.255",
            "128.0.0.1",
            "::2",
            "::",
            "0.0.0.0",
            "9.255.255.255",
            "11.0.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.167.255.255",
            "192.169.0.0",
            "169.253.255.255",
            "169.255.0.0",
            "fec0::1",
            "fe00::1",
            "100.63.255.255",
            "100.128.0.0",
            "fbff::1",
            "8.8.8.8",
            "2001:db8::1",
            "::ffff:8.8.8.8",
        ];
        let settings = settings(1, None);
        for peer in near {
            assert_eq!(answer(peer, &[b"198.51.100.7"], &settings), "198.51.100.7", "{peer}");
        }
        for peer in far {
            let itself = peer.trim_start_matches("::ffff:");
            assert_eq!(answer(peer, &[b"198.51.100.7"], &settings), itself, "{peer}");
        }
    }

    #[test]
    fn the_trusted_networks_can_be_set_to_networks_and_single_addresses() {
        let settings = settings(1, Some("203.0.113.0/24, 2001:db8::1,192.0.2.77/24"));
        for (peer, is_trusted) in [
            ("203.0.113.5", true),
            ("2001:db8::1", true),
            ("192.0.2.1", true),
            ("203.0.114.5", false),
            ("2001:db8::2", false),
            ("127.0.0.1", false),
            ("10.0.0.1", false),
        ] {
            let expected = if is_trusted { "198.51.100.7" } else { peer };
            assert_eq!(answer(peer, &[b"198.51.100.7"], &settings), expected, "{peer}");
        }
    }
}
