//! Which part of a list is wanted: `offset` and `count`, and the workspace's settings about them (contract section 12). Pure.

use super::parameters::InvalidParameters;

/// JavaScript's largest whole number without gaps, 2⁵³ − 1.
const MAX_SAFE_INTEGER: i64 = (1 << 53) - 1;

/// The workspace's settings about lists (contract section 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageLimits {
    /// `API_Default_Count`: how many are wanted if nobody says.
    pub default_count: u64,
    /// `API_Upper_Count_Limit`: how many can be had.
    pub upper_count_limit: u64,
    /// `API_Allow_Infinite_Count`: whether a `count` of 0 means all.
    pub allow_infinite_count: bool,
}

/// `offset` and `count` as they were sent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Paging {
    /// What `parseInt` makes of `offset`; 0 if it is absent or empty.
    offset: Option<i64>,
    count: Count,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Count {
    /// Not sent.
    #[default]
    Absent,
    /// What `parseInt` makes of it; 0 if it is empty.
    Number(i64),
    /// A text that begins with no number.
    NotANumber,
}

/// A part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// How many are left out before it.
    pub skip: u64,
    /// How many it has at most; none for no limit.
    pub limit: Option<u64>,
    /// `offset` as the answer tells it; none if it was no number.
    pub offset: Option<u64>,
}

impl Page {
    /// How many of the list must be known for it, from the beginning.
    pub fn end(&self) -> usize {
        let end = self.limit.map_or(u64::MAX, |limit| self.skip.saturating_add(limit));
        usize::try_from(end).unwrap_or(usize::MAX)
    }
}

impl Paging {
    /// Reads both parameters.
    pub fn new(offset: Option<&str>, count: Option<&str>) -> Self {
        let offset = match offset {
            None | Some("") => Some(0),
            Some(text) => parse_int(text),
        };
        let count = match count {
            None => Count::Absent,
            Some("") => Count::Number(0),
            Some(text) => parse_int(text).map_or(Count::NotANumber, Count::Number),
        };
        Self { offset, count }
    }

    /// The part of the list that these settings give.
    ///
    /// # Errors
    /// `offset` is negative, or else `count` is.
    pub fn page(&self, limits: &PageLimits) -> Result<Page, InvalidParameters> {
        let offset = match self.offset {
            None => None,
            Some(offset) => Some(u64::try_from(offset).map_err(|_| InvalidParameters::NegativeOffset(offset))?),
        };
        let wanted = match self.count {
            Count::NotANumber => return Ok(Page { skip: offset.unwrap_or_default(), limit: None, offset }),
            Count::Absent => limits.default_count,
            Count::Number(count) => u64::try_from(count).map_err(|_| InvalidParameters::NegativeCount(count))?,
        };
        let limit = match wanted.min(limits.upper_count_limit) {
            0 if limits.allow_infinite_count => None,
            0 => Some(limits.default_count).filter(|count| *count > 0),
            count => Some(count),
        };
        Ok(Page { skip: offset.unwrap_or_default(), limit, offset })
    }
}

/// What JavaScript's `parseInt` reads from the start of a text, within ±(2⁵³ − 1); none where it gives `NaN`.
fn parse_int(text: &str) -> Option<i64> {
    let text = text.trim_start_matches(is_javascript_white_space);
    let (is_negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (radix, text) = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(rest) => (16, rest),
        None => (10, text),
    };
    let mut digits = text.chars().map_while(|character| character.to_digit(radix)).peekable();
    digits.peek()?;
    let size = digits.fold(0i64, |number, digit| {
        number.saturating_mul(radix.into()).saturating_add(digit.into()).min(MAX_SAFE_INTEGER)
    });
    Some(if is_negative { -size } else { size })
}

/// White space and line ends of ECMAScript, which are not those of Unicode: U+FEFF is one, U+0085 is none.
fn is_javascript_white_space(character: char) -> bool {
    matches!(character, '\u{FEFF}') || (character.is_whitespace() && character != '\u{85}')
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: PageLimits = PageLimits { default_count: 50, upper_count_limit: 100, allow_infinite_count: true };

    #[test]
    fn numbers_are_read_as_javascript_reads_them() {
        for (text, number) in [
            ("7", Some(7)),
            (" 7", Some(7)),
            ("\u{FEFF}\u{a0}\u{2028}\t\n7", Some(7)),
            ("\u{85}7", None),
            ("1e3", Some(1)),
            ("12.9", Some(12)),
            ("+4px", Some(4)),
            ("-1", Some(-1)),
            ("-0", Some(0)),
            ("--1", None),
            ("- 1", None),
            ("007", Some(7)),
            ("0x10", Some(16)),
            ("-0x10", Some(-16)),
            ("0XfFg", Some(255)),
            ("0x", None),
            ("0b11", Some(0)),
            ("٣", None),
            ("ten", None),
            (" ", None),
            ("9007199254740991", Some(MAX_SAFE_INTEGER)),
            ("9007199254740993", Some(MAX_SAFE_INTEGER)),
            ("99999999999999999999999999", Some(MAX_SAFE_INTEGER)),
            ("-99999999999999999999999999", Some(-MAX_SAFE_INTEGER)),
        ] {
            assert_eq!(parse_int(text), number, "{text:?}");
        }
    }

    #[test]
    fn a_page_follows_the_settings() {
        let limit =
            |count: Option<&str>, limits: PageLimits| Paging::new(None, count).page(&limits).expect("a page").limit;
        let finite = PageLimits { allow_infinite_count: false, ..LIMITS };
        for (count, limits, expected) in [
            (None, LIMITS, Some(50)),
            (Some("25"), LIMITS, Some(25)),
            (Some("100"), LIMITS, Some(100)),
            (Some("101"), LIMITS, Some(100)),
            (Some("0"), LIMITS, None),
            (Some(""), LIMITS, None),
            (Some("none"), LIMITS, None),
            (Some("none"), finite, None),
            (Some("0"), finite, Some(50)),
            (None, PageLimits { default_count: 500, ..LIMITS }, Some(100)),
            (None, PageLimits { default_count: 0, ..LIMITS }, None),
            // Not cut once more.
            (Some("0"), PageLimits { default_count: 500, ..finite }, Some(500)),
            (Some("0"), PageLimits { default_count: 0, ..finite }, None),
            (Some("7"), PageLimits { upper_count_limit: 0, ..LIMITS }, None),
            (Some("7"), PageLimits { upper_count_limit: 0, ..finite }, Some(50)),
        ] {
            assert_eq!(limit(count, limits), expected, "{count:?} {limits:?}");
        }
    }

    #[test]
    fn offset_is_given_back_as_it_was_read() {
        let page = |offset, count| Paging::new(offset, count).page(&LIMITS);
        let skip = |offset| page(offset, None).map(|page| (page.skip, page.offset));
        assert_eq!(skip(None), Ok((0, Some(0))));
        assert_eq!(skip(Some("")), Ok((0, Some(0))));
        assert_eq!(skip(Some("12 rooms")), Ok((12, Some(12))));
        assert_eq!(skip(Some("rooms")), Ok((0, None)));
        assert_eq!(page(Some("-1"), Some("-2")), Err(InvalidParameters::NegativeOffset(-1)));
        assert_eq!(page(Some("1"), Some("-2")), Err(InvalidParameters::NegativeCount(-2)));
        assert_eq!(page(Some("x"), Some("-0x10")), Err(InvalidParameters::NegativeCount(-16)));
        assert_eq!(
            InvalidParameters::NegativeOffset(-1).to_string(),
            "invalid argument to $skip stage: Expected a non-negative number in: $skip: -1"
        );
    }
}
