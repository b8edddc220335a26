//! The options of a connection string as Rocket.Chat's driver (that for Node.js) takes them, made into those that ours
//! takes. Nothing here tells the value of an option that may be secret.

use std::collections::HashSet;

use mongodb::options::ConnectionString;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

/// The options that are shown with their values, for those cannot be secret. The values of all others are masked:
/// whatever the driver learns to take, it is not here.
const SHOWN: [&str; 33] = [
    "appName",
    "authMechanism",
    "authSource",
    "compressors",
    "connectTimeoutMS",
    "directConnection",
    "heartbeatFrequencyMS",
    "journal",
    "loadBalanced",
    "localThresholdMS",
    "maxConnecting",
    "maxIdleTimeMS",
    "maxPoolSize",
    "maxStalenessSeconds",
    "minPoolSize",
    "readConcernLevel",
    "readPreference",
    "readPreferenceTags",
    "replicaSet",
    "retryReads",
    "retryWrites",
    "serverMonitoringMode",
    "serverSelectionTimeoutMS",
    "srvMaxHosts",
    "srvServiceName",
    "ssl",
    "tls",
    "tlsAllowInvalidCertificates",
    "tlsCAFile",
    "tlsCertificateKeyFile",
    "tlsInsecure",
    "w",
    "waitQueueTimeoutMS",
];

/// Options of Rocket.Chat's driver, old ones among them, without which this service does as well: they are about writing,
/// about how Node.js connects, or about how documents are read there. They are left out where our driver refuses them.
const NEEDLESS: [&str; 46] = [
    "autoReconnect",
    "auto_reconnect",
    "autoSelectFamily",
    "autoSelectFamilyAttemptTimeout",
    "bsonRegExp",
    "bufferMaxEntries",
    "checkKeys",
    "compressors",
    "enableUtf8Validation",
    "family",
    "forceServerObjectId",
    "fsync",
    "haInterval",
    "ignoreUndefined",
    "j",
    "journal",
    "keepAlive",
    "keepAliveInitialDelay",
    "minHeartbeatFrequencyMS",
    "monitorCommands",
    "native_parser",
    "noDelay",
    "poolSize",
    "promoteBuffers",
    "promoteLongs",
    "promoteValues",
    "raw",
    "readConcernLevel",
    "reconnectInterval",
    "reconnectTries",
    "retryWrites",
    "safe",
    "serializeFunctions",
    "serverMonitoringMode",
    "socketTimeoutMS",
    "timeoutMS",
    "tlsDisableCertificateRevocationCheck",
    "tlsDisableOCSPEndpointCheck",
    "useNewUrlParser",
    "useUnifiedTopology",
    "uuidRepresentation",
    "w",
    "waitQueueMultiple",
    "wtimeout",
    "wtimeoutMS",
    "zlibCompressionLevel",
];

/// Our driver reads these, but refuses the first one later, and each read here has a read concern of its own.
const LEFT_OUT: [&str; 2] = ["socketTimeoutMS", "readConcernLevel"];

/// Options with values that mean what is so without them.
const NEUTRAL: [(&str, &str); 3] =
    [("authMechanism", "DEFAULT"), ("sslValidate", "true"), ("tlsAllowInvalidHostnames", "false")];

const ONE_FILE: &str = "write tlsCertificateKeyFile with one file that holds certificate and key";
const NO_PASSWORD: &str = "take the password off the key (openssl pkey -in KEY -out NEW), and leave it out";
const NOT_CHECKED: &str = "give MongoDB a certificate for the names of its members; or, for trying things out, write \
                           tlsAllowInvalidCertificates=true, which checks nothing";
const NO_PROXY: &str = "connect without a SOCKS proxy, as through ssh -L, and leave it out";

/// Options that mean something that must not be lost, with what to write in their place.
const INSTEAD: [(&str, &str); 19] = [
    ("auth", "write user and password in front of the host"),
    ("authdb", "write authSource"),
    ("proxyHost", NO_PROXY),
    ("proxyPassword", NO_PROXY),
    ("proxyPort", NO_PROXY),
    ("proxyUsername", NO_PROXY),
    ("readConcern", "leave it out; this service reads what a majority holds"),
    ("rejectUnauthorized", NOT_CHECKED),
    ("slaveOk", "write readPreference"),
    ("sslCA", "write tlsCAFile with the path of a file"),
    ("sslCRL", "leave it out, here alone; revoked certificates are not looked for"),
    ("sslCert", ONE_FILE),
    ("sslKey", ONE_FILE),
    ("sslPass", NO_PASSWORD),
    ("sslValidate", "for false write tlsAllowInvalidCertificates=true, which checks nothing; leave true out"),
    ("tlsAllowInvalidHostnames", NOT_CHECKED),
    ("tlsCRLFile", "leave it out, here alone; revoked certificates are not looked for"),
    ("tlsCertificateFile", ONE_FILE),
    ("tlsCertificateKeyFilePassword", NO_PASSWORD),
];

/// What an option is parsed with to see whether it can be used at all: some need another, or an account.
const COMPANIONS: [&str; 5] = [
    "mongodb://localhost/?",
    "mongodb://localhost/?readPreference=nearest&",
    "mongodb://user:password@localhost/?",
    "mongodb://user@localhost/?authSource=$external&",
    "mongodb+srv://db.example.org/?",
];

/// Options without what is needless.
#[derive(Debug, Default)]
pub struct Cleaned {
    /// What is left, for our driver.
    pub left: String,
    /// The names of those that do nothing here.
    pub needless: Vec<String>,
    /// The names of those of which only the first counts.
    pub repeated: Vec<String>,
}

/// Leaves out what our driver refuses and this service does not need. An option that is there twice counts as it comes
/// first, as with the driver of Rocket.Chat 6 and 7; later ones refuse it. What may hold a password stays as it is, to be
/// refused.
pub fn clean(options: &str) -> Cleaned {
    if options.contains('@') {
        return Cleaned { left: options.to_owned(), ..Cleaned::default() };
    }
    let (mut cleaned, mut seen, mut left) = (Cleaned::default(), HashSet::new(), Vec::new());
    for option in options.split('&').filter(|option| !option.is_empty()) {
        let (name, value) = option.split_once('=').unwrap_or((option, ""));
        let is_neutral =
            |(known, neutral): &(&str, &str)| known.eq_ignore_ascii_case(name) && neutral.eq_ignore_ascii_case(value);
        if NEUTRAL.iter().any(is_neutral) {
            continue;
        }
        let is_first = seen.insert(name.to_ascii_lowercase());
        match known(&NEEDLESS, name).filter(|known| LEFT_OUT.contains(known) || is_refused(option)) {
            Some(known) if is_first => cleaned.needless.push(known.to_owned()),
            Some(_) => {}
            None if is_first || name.eq_ignore_ascii_case("readPreferenceTags") => left.push(option),
            // Whatever has no known name is refused the first time.
            None => cleaned.repeated.extend(known(&SHOWN, name).map(str::to_owned)),
        }
    }
    cleaned.repeated.dedup();
    cleaned.left = left.join("&");
    cleaned
}

/// The option that is at fault in a connection string whose other parts are right, and what to do about it. None for the
/// name if it may not be told.
pub fn fault(place: &str, options: &str) -> (Option<String>, &'static str) {
    let options: Vec<_> = options.split('&').collect();
    if let Some(option) = options.iter().find(|option| is_refused(option)) {
        let (name, value) = option.split_once('=').unwrap_or((option, ""));
        let instead = INSTEAD.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        let remedy = match instead {
            Some((_, remedy)) => *remedy,
            None if value.is_empty() => "it has no value; write one, or leave it out",
            None if known(&SHOWN, name).is_some() => {
                "it cannot have this value; MongoDB's manual has those that it can have"
            }
            None => "this service's driver does not know it; leave it out, here alone",
        };
        return (name_to_tell(name), remedy);
    }
    // Each may be used, but not all of them together.
    let refused = |count: &usize| ConnectionString::parse(format!("{place}?{}", options[..*count].join("&"))).is_err();
    let last = (1..=options.len()).find(refused).and_then(|count| options.get(count - 1));
    let name = last.and_then(|option| option.split('=').next()).and_then(name_to_tell);
    (name, "it contradicts another one, or needs another one that is not there; MongoDB's manual says which")
}

/// Whether our driver refuses an option whatever stands beside it.
fn is_refused(option: &str) -> bool {
    COMPANIONS.iter().all(|companion| ConnectionString::parse(format!("{companion}{option}")).is_err())
}

fn known<'a>(names: &[&'a str], name: &str) -> Option<&'a str> {
    names.iter().find(|known| known.eq_ignore_ascii_case(name)).copied()
}

fn name_to_tell(name: &str) -> Option<String> {
    let is_plain = |character: char| character.is_ascii_alphabetic() || "_.".contains(character);
    Some(name.to_owned()).filter(|name| !name.is_empty() && name.chars().all(is_plain))
}

/// Options as they may be shown, with the question mark; empty if there are none.
pub fn shown(options: &str) -> String {
    let shown = options.split('&').filter_map(|option| option.split_once('=')).map(|(name, value)| {
        match known(&SHOWN, name) {
            // An account with a password has an `@` behind it, wherever it has been put by mistake.
            Some(known) if !value.contains('@') => format!("{known}={value}"),
            Some(known) => format!("{known}=***"),
            None if name.chars().all(|character| character.is_ascii_alphabetic()) => format!("{name}=***"),
            None => "***=***".to_owned(),
        }
    });
    let shown = shown.collect::<Vec<_>>().join("&");
    if shown.is_empty() { shown } else { format!("?{shown}") }
}

/// What stays as it is in the value of an option.
const PLAIN: AsciiSet = NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_').remove(b':').remove(b',');

/// The longest value that is told.
const MOST_TOLD: usize = 200;

/// What to do about `MONGO_OPTIONS`, by which Rocket.Chat's driver gets options as JSON.
pub fn in_place_of(mongo_options: &str) -> String {
    let quoted = ['"', '\''];
    let text = mongo_options.trim().trim_matches(|character| quoted.contains(&character));
    let Ok(options) = serde_json::from_str::<Map<String, Value>>(text) else {
        return "it is no JSON object; write what it is for into MONGO_URL".to_owned();
    };
    let (mut for_the_url, mut advice, mut strange) = (Vec::new(), Vec::new(), Vec::new());
    for (name, value) in &options {
        let value = match value {
            Value::String(text) if !text.contains('@') && text.len() <= MOST_TOLD => Some(text.clone()),
            Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
            _ => None,
        };
        let instead = INSTEAD.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        match (known(&SHOWN, name), value, instead) {
            _ if known(&NEEDLESS, name).is_some() => {}
            (Some(known), Some(value), _) => {
                for_the_url.push(format!("{known}={}", utf8_percent_encode(&value, &PLAIN)));
            }
            (Some(known), None, _) => strange.push(known.to_owned()),
            (None, _, Some((known, remedy))) => advice.push(format!("for {known}, {remedy}")),
            (None, ..) => strange.push(name_to_tell(name).unwrap_or_else(|| "one with a strange name".to_owned())),
        }
    }
    let mut told = Vec::new();
    if !for_the_url.is_empty() {
        told.push(format!("write {} into MONGO_URL, behind its ?", for_the_url.join("&")));
    }
    told.extend(advice);
    if !strange.is_empty() {
        told.push(format!("nothing is known about {}", strange.join(", ")));
    }
    if told.is_empty() { "nothing of it is needed here".to_owned() } else { told.join("; ") }
}

#[cfg(test)]
mod tests {
    use super::{NEEDLESS, clean, in_place_of, shown};

    #[test]
    fn no_value_of_an_option_is_shown_that_is_not_known_to_be_harmless() {
        // Those of MongoDB's manual, and those that no driver has yet; not all of them are ones that ours takes.
        for name in [
            "authMechanismProperties",
            "tlsCertificateKeyFilePassword",
            "TLSCERTIFICATEKEYFILEPASSWORD",
            "proxyPassword",
            "proxyUsername",
            "sslClientCertificateKeyPassword",
            "somethingNew",
            "t\u{212a}s",
        ] {
            let shown = shown(&format!("tls=true&{name}=TOKEN:secret&replicaSet=rs0"));
            let masked = if name.is_ascii() { name } else { "***" };
            assert_eq!(shown, format!("?tls=true&{masked}=***&replicaSet=rs0"));
        }
    }

    #[test]
    fn options_that_the_driver_refuses_are_dropped_and_the_first_of_two_equal_ones_applies() {
        for (options, left, needless, repeated) in [
            ("", "", "", ""),
            ("&", "", "", ""),
            ("replicaSet=rs0&", "replicaSet=rs0", "", ""),
            ("&replicaSet=rs0&&tls=true", "replicaSet=rs0&tls=true", "", ""),
            ("replicaSet=a&replicaSet=b&replicaset=c", "replicaSet=a", "", "replicaSet"),
            (
                "readPreference=nearest&readPreferenceTags=a:b&readPreferenceTags=",
                "readPreference=nearest&readPreferenceTags=a:b&readPreferenceTags=",
                "",
                "",
            ),
            ("retryWrites=true&w=majority", "retryWrites=true&w=majority", "", ""),
            ("retryWrites=1&w=-1&wtimeout=9&wtimeoutMS=9", "wtimeoutMS=9", "retryWrites,w,wtimeout", ""),
            (
                "useUnifiedTopology=true&USENEWURLPARSER=true&family=4&family=6",
                "",
                "useUnifiedTopology,useNewUrlParser,family",
                "",
            ),
            ("socketTimeoutMS=1000&compressors=snappy,zlib", "", "socketTimeoutMS,compressors", ""),
            ("compressors=zstd", "compressors=zstd", "", ""),
            ("readConcernLevel=majority&readconcernlevel=local&tls=true", "tls=true", "readConcernLevel", ""),
            ("sslValidate=true&authMechanism=DEFAULT&tlsAllowInvalidHostnames=false", "", "", ""),
            ("sslValidate=false", "sslValidate=false", "", ""),
            ("nonsense=1&nonsense=2", "nonsense=1", "", ""),
            // What may be a part of a password is not touched.
            ("family=4@db/chat&", "family=4@db/chat&", "", ""),
        ] {
            let cleaned = clean(options);
            let found = (cleaned.left.as_str(), cleaned.needless.join(","), cleaned.repeated.join(","));
            assert_eq!(found, (left, needless.to_owned(), repeated.to_owned()), "{options}");
        }
        for name in NEEDLESS {
            let cleaned = clean(&format!("{name}=no value of it"));
            assert!(cleaned.left.is_empty() || super::known(&super::SHOWN, name).is_some(), "{name}: {cleaned:?}");
        }
    }

    #[test]
    fn what_mongo_options_are_for_is_told_without_secrets() {
        for (options, expected) in [
            (
                r#"{"tls":true,"tlsCAFile":"/etc/ssl/my ca.pem"}"#,
                "write tls=true&tlsCAFile=/etc/ssl/my%20ca.pem into MONGO_URL, behind its ?",
            ),
            (r#"'{"ssl":true}'"#, "write ssl=true into MONGO_URL, behind its ?"),
            (
                r#"{"poolSize":10,"useUnifiedTopology":true,"readConcernLevel":"majority"}"#,
                "nothing of it is needed here",
            ),
            (r#"{"sslCA":"secret"}"#, "for sslCA, write tlsCAFile with the path of a file"),
            (r#"{"authSource":"rc:secret@db"}"#, "nothing is known about authSource"),
            (
                r#"{"proxyPassword":"secret"}"#,
                "for proxyPassword, connect without a SOCKS proxy, as through ssh -L, and leave it out",
            ),
            (r#"{"auth":{"user":"rc","password":"secret"}}"#, "for auth, write user and password in front of the host"),
            (
                r#"{"somethingNew":"secret","\u001b[2J":"secret"}"#,
                "nothing is known about one with a strange name, somethingNew",
            ),
            ("secret", "it is no JSON object; write what it is for into MONGO_URL"),
            ("[\"secret\"]", "it is no JSON object; write what it is for into MONGO_URL"),
            ("{}", "nothing of it is needed here"),
        ] {
            assert_eq!(in_place_of(options), expected, "{options}");
        }
    }
}
