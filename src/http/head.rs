//! The heads of requests in a stream of bytes: where each ends, which is after its first empty line, and whether a body
//! follows. The rule of the HTTP parser behind, down to line feeds without carriage returns and empty lines before a request,
//! and no more than that.

/// How much of a head has been seen, and what is known of it.
#[derive(Debug, Clone, Default)]
pub struct Heads {
    place: Place,
    word: Word,
    has_body: bool,
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

/// A word of a head in lower case, as far as it can be one that matters.
#[derive(Debug, Clone, Copy, Default)]
struct Word {
    letters: [u8; 18],
    length: usize,
}

impl Word {
    fn push(&mut self, byte: u8) {
        if let Some(letter) = self.letters.get_mut(self.length) {
            *letter = byte.to_ascii_lowercase();
            self.length += 1;
        }
    }

    fn is(&self, word: &str) -> bool {
        self.letters.get(..self.length) == Some(word.as_bytes())
    }
}

/// Whether the value of `Content-Length` says that there is a body.
pub fn is_some_length(value: &[u8]) -> bool {
    value.iter().any(|byte| !is_of_no_length(*byte))
}

fn is_of_no_length(byte: u8) -> bool {
    matches!(byte, b'0' | b' ' | b'\t' | b'\r')
}

impl Heads {
    /// Goes on with further bytes. True if a head ended in them; what comes after the last end then counts as new.
    pub fn advance(&mut self, bytes: &[u8]) -> bool {
        let mut ended = false;
        for byte in bytes {
            if self.place == Place::Body {
                break;
            }
            ended |= self.step(*byte);
        }
        ended
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
                self.has_body |= self.word.is("connect");
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
            let end = (1..=bytes.len()).find(|end| scan.advance(&bytes[end - 1..*end]));
            // What the parser refuses, it has answered by then.
            if let Ok(length) = parsed(&bytes[..end.unwrap_or(bytes.len())]) {
                prop_assert_eq!(length, end, "{:?}", parts.concat());
            }
        }
    }

    #[test]
    fn what_follows_an_end_is_the_beginning_of_the_next_head() {
        let mut scan = Heads::default();
        assert!(scan.advance(b"GET / HTTP/1.1\r\n\r\nGE") && scan.is_within());
        assert!(!scan.advance(b"T / HTTP/1.1\r\n") && scan.is_within());
        assert!(scan.advance(b"\r\n\r\n") && !scan.is_within());
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
        ] {
            for cut in 0..head.len() {
                let mut heads = Heads::default();
                let (first, second) = head.as_bytes().split_at(cut);
                assert!(!heads.advance(first) && heads.advance(second), "{head:?} cut at {cut}");
                assert_eq!(heads.is_over(), has_body, "{head:?} cut at {cut}");
                // What a body holds is no head, whatever it looks like.
                assert_eq!(heads.advance(b"GET / HTTP/1.1\r\n\r\n"), !has_body, "{head:?} cut at {cut}");
            }
        }
        let mut heads = Heads::default();
        assert!(heads.advance(b"GET / HTTP/1.1\r\n\r\nPOST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nGET"));
        assert!(heads.is_over() && !heads.is_within());
    }
}
