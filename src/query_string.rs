//! The query string, read as JavaScript's `qs` library reads it with its defaults (contract section 6), as far as
//! anybody can tell from a parameter that must be a string: which names are there, in which order, and whether each
//! is a string or something else. Pure.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// What `qs` takes at the most; what follows is as if it had not been sent.
const MOST_PARAMETERS: usize = 1000;

/// How many levels of brackets `qs` looks into.
const MOST_LEVELS: usize = 5;

/// Names that every JavaScript object has already. `qs` drops parameters whose name or brackets hold one of them.
const OBJECT_PROTOTYPE: [&str; 12] = [
    "__defineGetter__",
    "__defineSetter__",
    "__lookupGetter__",
    "__lookupSetter__",
    "__proto__",
    "constructor",
    "hasOwnProperty",
    "isPrototypeOf",
    "propertyIsEnumerable",
    "toLocaleString",
    "toString",
    "valueOf",
];

/// A parsed query string.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct QueryString<'a> {
    parameters: Vec<(Cow<'a, str>, Value<'a>)>,
}

/// The value of a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    /// The parameter was given once, as `name=value` or `name`.
    Text {
        /// What it says, without escapes.
        text: Cow<'a, str>,
        /// How many bytes it had as sent, with escapes.
        sent_bytes: usize,
    },
    /// An array or an object: the name was repeated, or had brackets.
    Composite,
}

impl Value<'_> {
    /// The value if it is a string.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text { text, .. } => Some(text),
            Self::Composite => None,
        }
    }
}

impl<'a> QueryString<'a> {
    /// Parses what stands behind the `?` of a request target. Never fails: whatever cannot be decoded stays as it is.
    pub fn parse(query: &'a str) -> Self {
        // First by name as it is spelt, …
        let mut spelt: Vec<(Cow<'a, str>, Value<'a>)> = Vec::new();
        for part in query.split('&').take(MOST_PARAMETERS) {
            // An equals sign right behind a bracket ends the name even if there is another before it.
            let equals = part.find("]=").map(|bracket| bracket + 1).or_else(|| part.find('='));
            let (name, value) = equals.map_or((part, ""), |at| (&part[..at], &part[at + 1..]));
            let name = decode(name);
            match spelt.iter_mut().find(|parameter| parameter.0 == name) {
                Some((_, present)) => *present = Value::Composite,
                None => spelt.push((name, Value::Text { text: decode(value), sent_bytes: value.len() })),
            }
        }
        // … then by what it means: `[start]` is `start` in another spelling.
        let mut parsed = Self::default();
        for (name, value) in spelt {
            if let Some(name) = Name::parse(name) {
                parsed.merge(name.root, if name.has_brackets { Value::Composite } else { value });
            }
        }
        parsed
    }

    /// Names and values, each name once, in the order of the names' first occurrences.
    pub fn parameters(&self) -> impl Iterator<Item = (&str, &Value<'a>)> {
        self.parameters.iter().map(|(name, value)| (name.as_ref(), value))
    }

    /// The value of one parameter.
    pub fn get(&self, name: &str) -> Option<&Value<'a>> {
        self.parameters.iter().find(|parameter| parameter.0 == name).map(|parameter| &parameter.1)
    }

    fn merge(&mut self, name: Cow<'a, str>, value: Value<'a>) {
        match self.parameters.iter_mut().find(|parameter| parameter.0 == name) {
            // Another spelling of a name adds nothing if its value is empty.
            Some(_) if value.text() == Some("") => {}
            Some((_, present)) => *present = Value::Composite,
            None => self.parameters.push((name, value)),
        }
    }
}

/// The name of a parameter, split as `qs` does: `start`, `start[]`, `start[x][y]`.
struct Name<'a> {
    root: Cow<'a, str>,
    has_brackets: bool,
}

impl<'a> Name<'a> {
    /// `None` if `qs` drops the parameter.
    fn parse(name: Cow<'a, str>) -> Option<Self> {
        let Some((first, _)) = next_brackets(&name) else {
            return Self::plain(name);
        };
        let (root, mut brackets) = name.split_at(first);
        if OBJECT_PROTOTYPE.contains(&root) {
            return None;
        }
        let mut inner = Vec::new();
        while let Some((begin, end)) = next_brackets(brackets).filter(|_| inner.len() < MOST_LEVELS) {
            inner.push(&brackets[begin + 1..end]);
            brackets = &brackets[end + 1..];
        }
        if inner.iter().any(|inside| OBJECT_PROTOTYPE.contains(inside)) {
            return None;
        }
        match (root, inner.as_slice()) {
            // A name that begins with brackets is what stands in them.
            ("", [only]) => Self::plain(Cow::Owned((*only).to_owned())),
            ("", [first, ..]) => Some(Self { root: Cow::Owned((*first).to_owned()), has_brackets: true }),
            (root, _) => Some(Self { root: Cow::Owned(root.to_owned()), has_brackets: true }),
        }
    }

    fn plain(root: Cow<'a, str>) -> Option<Self> {
        let dropped = root.is_empty() || OBJECT_PROTOTYPE.contains(&root.as_ref());
        (!dropped).then_some(Self { root, has_brackets: false })
    }
}

/// Where the next pair of brackets with no bracket between them begins and ends.
fn next_brackets(name: &str) -> Option<(usize, usize)> {
    let mut begin = None;
    for (at, byte) in name.bytes().enumerate() {
        match (byte, begin) {
            (b'[', _) => begin = Some(at),
            (b']', Some(begin)) => return Some((begin, at)),
            _ => {}
        }
    }
    None
}

/// `+` is a space; percent escapes are undone if all of them are well formed and give UTF-8, else none is.
fn decode(text: &str) -> Cow<'_, str> {
    let spaced = if text.contains('+') { Cow::Owned(text.replace('+', " ")) } else { Cow::Borrowed(text) };
    if !spaced.contains('%') || !escapes_are_well_formed(&spaced) {
        return spaced;
    }
    match percent_decode_str(&spaced).decode_utf8() {
        Ok(decoded) => Cow::Owned(decoded.into_owned()),
        Err(_) => spaced,
    }
}

/// Whether each percent sign is followed by two hexadecimal digits.
fn escapes_are_well_formed(text: &str) -> bool {
    let is_hex = |digit: Option<&u8>| digit.is_some_and(u8::is_ascii_hexdigit);
    let bytes = text.as_bytes();
    let mut escapes = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'%');
    escapes.all(|(at, _)| is_hex(bytes.get(at + 1)) && is_hex(bytes.get(at + 2)))
}
