//! What TLS says of certificates, in words that help.

/// Endings of the TLS library's own words, with what they mean.
const MEANINGS: [(&str, &str); 2] = [
    (
        "(CaUsedAsEndEntity)",
        "MongoDB's certificate is one that may sign others (CA:TRUE), as openssl req -x509 makes it, and so none of a server; \
         it must be made again with CA:FALSE",
    ),
    (
        "(UnsupportedCertVersion)",
        "MongoDB's certificate is of X.509 version 1, which is not even read; it must be made again with a subjectAltName, \
         which makes it one of version 3",
    ),
];

/// The text of an error with what it means behind it, if that is not plain.
pub(super) fn explained(text: String) -> String {
    match MEANINGS.iter().find(|(words, _)| text.contains(words)) {
        Some((_, meaning)) => format!("{text}: {meaning}"),
        None => text,
    }
}

/// Whether the text is one that has been explained.
pub fn is_about_a_certificate(text: &str) -> bool {
    MEANINGS.iter().any(|(words, _)| text.contains(words))
}
