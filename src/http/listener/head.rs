//! The heads of requests in a stream of bytes: where each ends, which is after its first empty line, and whether a body
//! follows. The rule of the HTTP parser behind, down to line feeds without carriage returns and empty lines before a request,
//! and no more than that.
//!
//! In the target of a request, and nowhere else, bytes that the parser refuses and Node.js takes are escaped on the way. The end of a
//! target that is far too long does not reach the parser, which has no answer for it but a bare 400.

/// The longest request target, in bytes, of which some count three times ([`Heads`]).
pub const MOST_TARGET_BYTES: usize = 8 * 1024;

/// How much of a head has been seen, and what is known of it.
#[derive(Debug, Clone, Default)]
pub struct Heads {
    place: Place,
    word: Word,
    has_body: bool,
    /// The bytes of the target so far, as they go to the parser.
    target: usize,
}

/// Where in a head the next byte stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Place {
    /// Nothing has come but empty lines.
    #[default]
    Before,
    /// The first line, up to the first space.
    Method,
    /// The first line, up to the second space.
    Target,
    /// A line up to its colon.
    Name,
    /// The value of `Content-Length`.
    Length,
    /// The rest of a line.
    Rest,
    /// The end of a line.
    LineEnd,
    /// The end of a line, and a carriage return after it.
    LineEndAndReturn,
    /// What follows a head and is none.
    Body,
}

/// A word of a head, as far as it can be one that matters.
#[derive(Debug, Clone, Copy, Default)]
struct Word {
    letters: [u8; 18],
    length: usize,
}

impl Word {
    fn push(&mut self, byte: u8) {
        if let Some(letter) = self.letters.get_mut(self.length) {
            *letter = byte;
            self.length += 1;
        }
    }

    fn as_bytes(&self) -> &[u8] {
        self.letters.get(..self.length).unwrap_or_default()
    }

    /// Whether it is the name of this header.
    fn is(&self, name: &str) -> bool {
        self.as_bytes().eq_ignore_ascii_case(name.as_bytes())
    }
}

/// Whether the value of `Content-Length` says that there is a body.
pub fn is_some_length(value: &[u8]) -> bool {
    value.iter().any(|byte| !is_of_no_length(*byte))
}

fn is_of_no_length(byte: u8) -> bool {
    matches!(byte, b'0' | b' ' | b'\t' | b'\r')
}

/// So many bytes of a target reach the parser: it is too long then, even without the address that may be in it.
const MOST_PASSED: usize = MOST_TARGET_BYTES + 1024;

/// What further bytes have brought.
#[derive(Debug, Default)]
pub struct Advance {
    /// How many of them it is about: those up to the end of a head, with what follows if that is no head; else all.
    pub length: usize,
    /// Whether a head ended in them.
    pub ended: bool,
    /// The bytes as they go to the parser, where that is not as they came. None at all, if all belong to the end of a target that is
    /// too long.
    pub passed: Option<Vec<u8>>,
}

/// Bytes that Node.js takes in a target, and the parser does not, or not always: the first three nowhere, the fourth not in a
/// path, and beyond ASCII what is no UTF-8 (versions 20 and later of Node.js take only what is ASCII).
fn needs_escape(byte: u8) -> bool {
    matches!(byte, b'"' | b'<' | b'>' | b'`') || !byte.is_ascii()
}

impl Heads {
    /// Goes on with further bytes, up to the end of a head. What comes after it counts as new.
    pub fn advance(&mut self, bytes: &[u8]) -> Advance {
        let mut advance = Advance { length: bytes.len(), ..Advance::default() };
        for (position, byte) in bytes.iter().enumerate() {
            if advance.ended && self.place != Place::Body {
                advance.length = position;
                break;
            }
            if self.place == Place::Body {
                let rest = bytes.get(position..).unwrap_or_default();
                advance.passed.iter_mut().for_each(|passed| passed.extend_from_slice(rest));
                break;
            }
            let was_within = self.place == Place::Target;
            advance.ended |= self.step(*byte);
            if was_within && self.place == Place::Target {
                self.target += 1;
                if self.target > MOST_PASSED || needs_escape(*byte) {
                    let passed =
                        advance.passed.get_or_insert_with(|| bytes.get(..position).unwrap_or_default().to_vec());
                    if self.target <= MOST_PASSED {
                        passed.extend(format!("%{byte:02X}").bytes());
                        self.target += 2;
                    }
                    continue;
                }
            }
            if let Some(passed) = &mut advance.passed {
                passed.push(*byte);
            }
        }
        advance
    }

    fn step(&mut self, byte: u8) -> bool {
        self.place = match (self.place, byte) {
            (Place::Before, b'\r' | b'\n') => Place::Before,
            (Place::LineEnd | Place::LineEndAndReturn, b'\n') => {
                let place = if self.has_body { Place::Body } else { Place::Before };
                *self = Self { place, ..Self::default() };
                return true;
            }
            (Place::LineEnd, b'\r') => Place::LineEndAndReturn,
            (_, b'\n') => Place::LineEnd,
            (Place::Before, _) => self.begin(Place::Method, byte),
            (Place::LineEnd, _) => self.begin(Place::Name, byte),
            (Place::Method, b' ') => {
                // The case of a method matters.
                self.has_body |= self.word.as_bytes() == b"CONNECT";
                Place::Target
            }
            (Place::Target, b' ') | (Place::LineEndAndReturn, _) => Place::Rest,
            (Place::Name, b':') if self.word.is("content-length") => Place::Length,
            (Place::Name, b':') => {
                self.has_body |= self.word.is("transfer-encoding") || self.word.is("upgrade");
                Place::Rest
            }
            (Place::Length, _) if !is_of_no_length(byte) => {
                self.has_body = true;
                Place::Rest
            }
            (Place::Method | Place::Name, _) => {
                self.word.push(byte);
                self.place
            }
            _ => self.place,
        };
        false
    }

    fn begin(&mut self, place: Place, byte: u8) -> Place {
        self.word = Word::default();
        self.word.push(byte);
        place
    }

    /// Whether a head has begun that has not ended.
    pub fn is_within(&self) -> bool {
        !matches!(self.place, Place::Before | Place::Body)
    }

    /// Whether the last head has a body. Nothing is a head from then on.
    pub fn is_over(&self) -> bool {
        self.place == Place::Body
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What the parser says of the same bytes: the length of the head, if it is complete.
    fn parsed(bytes: &[u8]) -> Result<Option<usize>, httparse::Error> {
        let mut headers = [httparse::EMPTY_HEADER; 16];
        match httparse::Request::new(&mut headers).parse(bytes)? {
            httparse::Status::Complete(length) => Ok(Some(length)),
            httparse::Status::Partial => Ok(None),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn a_head_ends_where_the_parser_says(
            parts in prop::collection::vec(
                prop::sample::select(vec!["\r\n", "\n", "GET / HTTP/1.1", "A: b", "X:", "c", "\r", " "]), 0..12
            )
        ) {
            let bytes = parts.concat().into_bytes();
            let mut scan = Heads::default();
            let end = (1..=bytes.len()).find(|end| scan.advance(&bytes[end - 1..*end]).ended);
            // What the parser refuses, it has answered by then.
            if let Ok(length) = parsed(&bytes[..end.unwrap_or(bytes.len())]) {
                prop_assert_eq!(length, end, "{:?}", parts.concat());
            }
        }
    }

    /// What goes to the parser if the bytes come in two parts.
    fn escaped(bytes: &[u8], cut: usize) -> Vec<u8> {
        let mut heads = Heads::default();
        let mut escaped = Vec::new();
        for mut part in [&bytes[..cut], &bytes[cut..]] {
            while !part.is_empty() {
                let advance = heads.advance(part);
                let (now, later) = part.split_at(advance.length);
                escaped.extend(advance.passed.unwrap_or_else(|| now.to_vec()));
                part = later;
            }
        }
        escaped
    }

    #[test]
    fn only_in_targets_bytes_are_escaped() {
        for (bytes, expected) in [
            (
                "GET /a?b=\"<>`\u{e9} HTTP/1.1\r\nA: \"\u{e9}\r\n\r\n",
                "GET /a?b=%22%3C%3E%60%C3%A9 HTTP/1.1\r\nA: \"\u{e9}\r\n\r\n",
            ),
            ("G\u{e9}T /\u{e9}\" H\"\n\nGET /< HTTP/1.1\n\n", "G\u{e9}T /%C3%A9%22 H\"\n\nGET /%3C HTTP/1.1\n\n"),
            ("\r\nGET /{}|\\^~%22 HTTP/1.1\r\n\r\n", "\r\nGET /{}|\\^~%22 HTTP/1.1\r\n\r\n"),
            // A body is no head, whatever it looks like.
            (
                "POST /\" HTTP/1.1\r\nContent-Length: 9\r\n\r\nGET /\" H\r\n\r\nGET /\" HTTP/1.1\r\n\r\n",
                "POST /%22 HTTP/1.1\r\nContent-Length: 9\r\n\r\nGET /\" H\r\n\r\nGET /\" HTTP/1.1\r\n\r\n",
            ),
        ] {
            for cut in 0..=bytes.len() {
                let found = escaped(bytes.as_bytes(), cut);
                assert_eq!(
                    found.escape_ascii().to_string(),
                    expected.as_bytes().escape_ascii().to_string(),
                    "cut at {cut}"
                );
            }
        }
    }

    #[test]
    fn a_target_that_is_too_long_loses_its_end() {
        for byte in [b'a', 0xff] {
            let long = vec![byte; 100_000];
            let sent = [b"GET /?", long.as_slice(), b" HTTP/1.1\r\nA: b\r\n\r\nGET /\" HTTP/1.1\r\n\r\n"].concat();
            let rest = b" HTTP/1.1\r\nA: b\r\n\r\nGET /%22 HTTP/1.1\r\n\r\n";
            for cut in [5, 50_000, 100_010] {
                let found = escaped(&sent, cut);
                let target = found.strip_suffix(rest).expect("what follows the target").len() - b"GET ".len();
                assert!((MOST_PASSED..MOST_PASSED + 4).contains(&target) && target > MOST_TARGET_BYTES, "{target}");
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(5_000))]

        #[test]
        fn what_the_parser_takes_means_the_same_when_escaped(
            target in prop::collection::vec(prop_oneof![3 => b'!'..=b'~', 1 => 0x80..=0xff_u8], 0..40),
            cut in 0..60_usize,
        ) {
            let request = [b"GET /", target.as_slice(), b" HTTP/1.1\r\nA: \"\xff\r\n\r\n"].concat();
            let found = escaped(&request, cut.min(request.len()));
            let mut headers = [httparse::EMPTY_HEADER; 4];
            let mut parsed = httparse::Request::new(&mut headers);
            prop_assert_eq!(parsed.parse(&found), Ok(httparse::Status::Complete(found.len())));
            prop_assert_eq!(parsed.headers[0].value, b"\"\xff");
            let path = parsed.path.expect("a target");
            prop_assert!(path.parse::<actix_web::http::Uri>().is_ok(), "{path}");
            // Without the escapes that were there before it is the target that was sent.
            let sent = percent_encoding::percent_decode(&request[4..5 + target.len()]).collect::<Vec<_>>();
            prop_assert_eq!(percent_encoding::percent_decode_str(path).collect::<Vec<_>>(), sent);
        }
    }

    #[test]
    fn what_follows_an_end_is_the_beginning_of_the_next_head() {
        let mut scan = Heads::default();
        let first = scan.advance(b"GET / HTTP/1.1\r\n\r\nGE");
        assert!(first.ended && first.length == 18 && !scan.is_within());
        assert!(!scan.advance(b"GET / HTTP/1.1\r\n").ended && scan.is_within());
        let second = scan.advance(b"\r\n\r\n");
        assert!(second.ended && second.length == 2 && !scan.is_within());
    }

    #[test]
    fn a_body_is_none_of_the_heads() {
        for (head, has_body) in [
            ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", false),
            ("GET / HTTP/1.1\r\nContent-Length: 0\r\n\r\n", false),
            ("GET / HTTP/1.1\r\ncontent-length:00\t \n\n", false),
            ("GET / HTTP/1.1\r\nX-Content-Length: 7\r\nContent-Lengthy: 7\r\n\r\n", false),
            ("GET /content-length:7 HTTP/1.1\r\nA: Content-Length: 7\r\n\r\n", false),
            ("GET / HTTP/1.1\r\nContent-Length: 7\r\n\r\n", true),
            ("GET / HTTP/1.1\r\nCONTENT-LENGTH:10\r\nHost: a\r\n\r\n", true),
            ("GET / HTTP/1.1\nA: b\ntransfer-encoding: chunked\n\n", true),
            ("GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n", true),
            ("CONNECT a:1 HTTP/1.1\r\n\r\n", true),
            ("connect / HTTP/1.1\r\n\r\n", false),
        ] {
            for cut in 0..head.len() {
                let mut heads = Heads::default();
                let (first, second) = head.as_bytes().split_at(cut);
                assert!(!heads.advance(first).ended && heads.advance(second).ended, "{head:?} cut at {cut}");
                assert_eq!(heads.is_over(), has_body, "{head:?} cut at {cut}");
                // What a body holds is no head, whatever it looks like.
                assert_eq!(heads.advance(b"GET / HTTP/1.1\r\n\r\n").ended, !has_body, "{head:?} cut at {cut}");
            }
        }
        let mut heads = Heads::default();
        let post = b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nGET";
        let advance = heads.advance(post);
        assert!(advance.ended && advance.length == post.len() && heads.is_over() && !heads.is_within());
    }
}
