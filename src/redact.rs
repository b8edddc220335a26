//! Keeps credentials out of texts that people read.

/// The text with every line left out that may hold a password: one with an `@`, or one that speaks of one. Rather too
/// much than too little.
pub fn without_credentials(text: &str) -> String {
    let is_safe = |line: &&str| !line.contains('@') && !line.to_lowercase().contains("passw") && !line.contains("url");
    text.lines().filter(is_safe).collect::<Vec<_>>().join("\n")
}

/// The text with what stands before its last `@` as `***` if that may be a name with a password, in a URL or without.
pub fn with_credentials_masked(text: &str) -> String {
    let Some((before, after)) = text.rsplit_once('@') else { return text.to_owned() };
    // What stands before a scheme is none of it, and may be another account.
    let is_scheme = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    match before.split_once("://") {
        Some((scheme, _)) if is_scheme(scheme) => format!("{scheme}://***@{after}"),
        _ if before.contains(':') => format!("***@{after}"),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{with_credentials_masked, without_credentials};

    #[test]
    fn credentials_in_a_url_are_masked_and_nothing_else_is() {
        for (text, expected) in [
            ("https://a:b@example.org/chat", "https://***@example.org/chat"),
            ("mongodb://rc:p@ss@db,mongodb://x:y@z", "mongodb://***@z"),
            ("https://example.org/chat", "https://example.org/chat"),
            ("rc:secret@db", "***@db"),
            ("rc:secret@mongodb://rc:secret@db", "***@db"),
            ("somebody@example.org", "somebody@example.org"),
        ] {
            assert_eq!(with_credentials_masked(text), expected);
        }
    }

    #[test]
    fn lines_that_may_hold_a_password_are_left_out() {
        let text = "TOML parse error at line 1\n1 | mongo_url = \"mongodb://rc:secret\n  | ^\nrc:secret@db";
        assert_eq!(without_credentials(text), "TOML parse error at line 1\n  | ^");
    }
}
