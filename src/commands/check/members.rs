//! Members of a replica set that were found where the connection string does not lead: a replica set tells its members' names,
//! and the driver goes there and forgets what it was told. Pure.

use mongodb::options::{HostInfo, ServerAddress};

use crate::{mongo::MongoError, mongo_url::MongoUrl};

/// What begins a server in the driver's description of what it knows.
const ADDRESS: &str = "Address: ";

/// What to do if servers cannot be reached that only the replica set itself has named.
pub fn elsewhere(error: &MongoError, url: &MongoUrl) -> Option<String> {
    let MongoError::Unreachable(text) = error else { return None };
    // Those of a DNS record are not in the connection string.
    let HostInfo::HostIdentifiers(told) = &url.connection_string().host_info else { return None };
    let told: Vec<_> = told.iter().map(ServerAddress::to_string).collect();
    let found = text.split(ADDRESS).skip(1).filter_map(|server| server.split(',').next()).map(str::trim);
    let elsewhere: Vec<_> =
        found.filter(|address| !told.iter().any(|told| told.eq_ignore_ascii_case(address))).collect();
    let from_here = match is_loopback(elsewhere.first()?) {
        true => "which from here is this machine",
        false => "which cannot be reached from here",
    };
    let rename = match &elsewhere[..] {
        [_] => format!(
            "in mongosh, on its primary: cfg = rs.conf(); cfg.members[0].host = \"{}\"; rs.reconfig(cfg). Or add \
             directConnection=true to MONGO_URL, which then keeps to the address that it has",
            told.first()?
        ),
        _ => "by rs.reconfig() in mongosh, or make these names known here (DNS, /etc/hosts). With directConnection=true in \
              MONGO_URL only the one server there is asked"
            .to_owned(),
    };
    let (members, names) =
        if elsewhere.len() == 1 { ("its member", "it a name") } else { ("its members", "them names") };
    let list = elsewhere.join(", ");
    Some(format!(
        "the replica set calls {members} {list}, {from_here}: give {names} that can be reached from everywhere, {rename}"
    ))
}

/// Whether a host with a port is whatever machine one is on.
fn is_loopback(address: &str) -> bool {
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
    host.eq_ignore_ascii_case("localhost") || host.starts_with("127.") || host == "[::1]" || host == "::1"
}

#[cfg(test)]
mod tests {
    use super::elsewhere;
    use crate::{mongo::MongoError, mongo_url::MongoUrl};

    #[test]
    fn only_servers_that_the_connection_string_does_not_name_are_elsewhere() {
        let url = |url: &str| url.parse::<MongoUrl>().expect("a connection string");
        let error = |servers: &[&str]| {
            let servers: Vec<_> =
                servers.iter().map(|at| format!("{{ Address: {at}, Type: Unknown, Error: gone }}")).collect();
            MongoError::Unreachable(format!("no server; Servers: [ {} ]", servers.join(", ")))
        };
        for (told, found, name) in [
            ("mongodb://db:27017/?replicaSet=rs0", &["db:27017"][..], None),
            ("mongodb://DB/?replicaSet=rs0", &["db:27017"], None),
            ("mongodb://a,b:1/", &["a:27017", "b:1"], None),
            ("mongodb://db/", &[], None),
            ("mongodb://db/", &["localhost:27017"], Some("localhost:27017, which from here is this machine")),
            ("mongodb://db/", &["db:27017", "[::1]:27017"], Some("[::1]:27017, which from here is this machine")),
            (
                "mongodb://10.0.0.5/",
                &["a1b2c3:27017", "d4:27017"],
                Some("a1b2c3:27017, d4:27017, which cannot be reached"),
            ),
        ] {
            let remedy = elsewhere(&error(found), &url(told));
            assert_eq!(remedy.is_some(), name.is_some(), "{told} {found:?}: {remedy:?}");
            assert!(remedy.is_none_or(|remedy| remedy.contains(name.unwrap_or_default())), "{told} {found:?}");
        }
        assert_eq!(elsewhere(&MongoError::TooSlow, &url("mongodb://db/")), None);
    }
}
