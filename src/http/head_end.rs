//! Where the head of a request ends in a stream of bytes: after its first empty line. The rule of the HTTP parser behind,
//! down to line feeds without carriage returns and empty lines before a request, and no more than that.

/// How much of a head has been seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HeadEnd {
    /// Nothing but empty lines.
    #[default]
    Before,
    /// A line that has begun.
    InLine,
    /// The end of a line.
    LineEnd,
    /// The end of a line, and a carriage return after it.
    LineEndAndReturn,
}

impl HeadEnd {
    /// Goes on with further bytes. True if a head ended in them; what comes after the last end then counts as new.
    pub fn advance(&mut self, bytes: &[u8]) -> bool {
        let mut ended = false;
        for byte in bytes {
            *self = match (*self, byte) {
                (Self::Before, b'\r' | b'\n') => Self::Before,
                (Self::LineEnd | Self::LineEndAndReturn, b'\n') => {
                    ended = true;
                    Self::Before
                }
                (Self::LineEnd, b'\r') => Self::LineEndAndReturn,
                (_, b'\n') => Self::LineEnd,
                _ => Self::InLine,
            };
        }
        ended
    }

    /// Whether a head has begun that has not ended.
    pub fn is_within(self) -> bool {
        self != Self::Before
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
            let mut scan = HeadEnd::default();
            let end = (1..=bytes.len()).find(|end| scan.advance(&bytes[end - 1..*end]));
            // What the parser refuses, it has answered by then.
            if let Ok(length) = parsed(&bytes[..end.unwrap_or(bytes.len())]) {
                prop_assert_eq!(length, end, "{:?}", parts.concat());
            }
        }
    }

    #[test]
    fn what_follows_an_end_is_the_beginning_of_the_next_head() {
        let mut scan = HeadEnd::default();
        assert!(scan.advance(b"GET / HTTP/1.1\r\n\r\nGE") && scan.is_within());
        assert!(!scan.advance(b"T / HTTP/1.1\r\n") && scan.is_within());
        assert!(scan.advance(b"\r\n\r\n") && !scan.is_within());
    }
}
