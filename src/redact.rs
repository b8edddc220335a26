//! Keeps credentials out of texts that people read.

/// The text with whatever stands between `://` and the last `@` of a line replaced by `***`: user and password of a
/// connection string. Rather too much than too little, since a password may hold an unescaped `@` or `/`.
pub fn without_credentials(text: &str) -> String {
    let redact_line = |line: &str| match (line.find("://"), line.rfind('@')) {
        (Some(scheme), Some(at)) if scheme + 3 <= at => format!("{}***{}", &line[..scheme + 3], &line[at..]),
        _ => line.to_owned(),
    };
    text.lines().map(redact_line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::without_credentials;

    #[test]
    fn user_and_password_are_cut_out_even_if_badly_escaped() {
        for (text, expected) in [
            ("mongodb://localhost/rocketchat", "mongodb://localhost/rocketchat"),
            ("mongodb://rc:secret@db1,db2/rocketchat?tls=true", "mongodb://***@db1,db2/rocketchat?tls=true"),
            ("mongodb+srv://rc:p@ss/w:rd@db/rocketchat", "mongodb+srv://***@db/rocketchat"),
            ("line 1\nmongo_url = \"mongodb://a:b@c\"", "line 1\nmongo_url = \"mongodb://***@c\""),
            ("@ before ://", "@ before ://"),
        ] {
            assert_eq!(without_credentials(text), expected);
        }
    }
}
