//! The answer of `messages/origin`: messages by type of room (contract section 10). Pure.

use std::cmp::Reverse;

use serde::Serialize;
use utoipa::ToSchema;

use super::{room_sums::TypeSums, succeeded};

/// The types that are always told, in the order in which they stand where their messages are equal.
const ALWAYS: [&str; 3] = ["d", "p", "c"];

/// The messages of a period by type of room.
// The order of the fields is the order of the keys on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = MessagesOrigin)]
pub struct Origin {
    /// One entry for each counted type of room, and for `d`, `p` and `c` in any case; most messages first.
    origins: Vec<OfType>,
    #[schema(schema_with = succeeded)]
    success: bool,
}

/// The messages in rooms of one type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = MessagesOfType)]
struct OfType {
    messages: u64,
    /// The type that the rooms have now: `c` channels, `p` private groups, `d` direct messages.
    t: String,
}

impl Origin {
    /// Computes the answer from the messages of the days of a period.
    pub fn new(mut sums: TypeSums) -> Self {
        for kind in ALWAYS {
            if sums.iter().all(|(counted, _)| counted != kind) {
                sums.push((kind.to_owned(), 0));
            }
        }
        let place = |kind: &str| ALWAYS.iter().position(|always| *always == kind).unwrap_or(ALWAYS.len());
        sums.sort_by(|(a, of_a), (b, of_b)| (Reverse(of_a), place(a), a).cmp(&(Reverse(of_b), place(b), b)));
        let origins = sums.into_iter().map(|(t, messages)| OfType { messages, t }).collect();
        Self { origins, success: true }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(sums: &[(&str, u64)]) -> String {
        let sums = sums.iter().map(|(kind, messages)| ((*kind).to_owned(), *messages)).collect();
        serde_json::to_string(&Origin::new(sums)).expect("JSON")
    }

    #[test]
    fn the_documented_answer_comes_back_byte_for_byte() {
        assert_eq!(
            sent(&[("c", 7302), ("p", 122), ("d", 1147)]),
            r#"{"origins":[{"messages":7302,"t":"c"},{"messages":1147,"t":"d"},{"messages":122,"t":"p"}],"success":true}"#
        );
    }

    #[test]
    fn equal_ones_have_an_order_and_three_types_are_always_there() {
        let types = |sums: &[(&str, u64)]| {
            let origin = Origin::new(sums.iter().map(|(kind, messages)| ((*kind).to_owned(), *messages)).collect());
            origin.origins.into_iter().map(|of_type| (of_type.t, of_type.messages)).collect::<Vec<_>>()
        };
        let expected = |types: &[(&str, u64)]| types.iter().map(|(t, n)| ((*t).to_owned(), *n)).collect::<Vec<_>>();
        assert_eq!(types(&[("c", 0), ("p", 0), ("d", 0)]), expected(&[("d", 0), ("p", 0), ("c", 0)]));
        assert_eq!(
            types(&[("v", 2), ("l", 2), ("c", 2)]),
            expected(&[("c", 2), ("l", 2), ("v", 2), ("d", 0), ("p", 0)])
        );
        assert_eq!(types(&[("l", 1)]), expected(&[("l", 1), ("d", 0), ("p", 0), ("c", 0)]));
    }
}
