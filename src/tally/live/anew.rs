//! What becomes of the feed if a step of it panics, which only a mistake of ours can bring about: nothing that it knows is
//! believed any more. It begins anew, after a rest that is longer each time, lest a mistake that comes again and again
//! loads the history again and again.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
};

use crate::tally::{
    feed::{Feed, Input, Output},
    time::Millis,
};

/// The first rest and the longest one.
const SHORTEST: Millis = 1_000;
const LONGEST: Millis = 3_600_000;

/// When the feed may go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rest {
    until: Millis,
    next: Millis,
}

/// A step panicked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Panicked {
    /// What it said.
    pub message: String,
    /// The rest before it goes on.
    pub rest: Millis,
}

impl Rest {
    /// There has been no panic.
    pub fn none() -> Self {
        Self { until: 0, next: SHORTEST }
    }

    /// Lets the feed take a step. While it rests it learns nothing and asks for nothing.
    ///
    /// # Errors
    /// The step panicked. The feed is a new one, and takes no answer to what the old one had asked for as its own.
    pub fn step(&mut self, feed: &mut Feed, now: Millis, input: Input) -> Result<Vec<Output>, Panicked> {
        if now < self.until {
            return Ok(Vec::new());
        }
        // Unwind safe: of what the step leaves behind nothing is used but a number.
        catch_unwind(AssertUnwindSafe(|| feed.step(now, input))).map_err(|panic| {
            feed.begin_anew();
            let rest = self.next;
            *self = Self { until: now + rest, next: (rest * 2).min(LONGEST) };
            Panicked { message: text(panic.as_ref()), rest }
        })
    }
}

/// What a panic says.
fn text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("no reason given").to_owned()
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, Rest, SHORTEST};
    use crate::tally::{
        feed::{Config, Feed, Input, Output, Request},
        flaw::{Flaw, Flaws},
        time::Timestamp,
    };

    fn requests(outputs: &[Output]) -> Vec<Request> {
        let request = |output: &Output| match output {
            Output::Command(request, _) => Some(*request),
            Output::Notice(_) => None,
        };
        outputs.iter().filter_map(request).collect()
    }

    #[test]
    fn after_a_panic_it_rests_and_begins_anew_with_requests_of_its_own() {
        let tick = || Input::Tick { today: 100 };
        let mut feed = Feed::flawed(Config::default(), 100, Flaws::only(Flaw::Panics));
        let mut rest = Rest::none();
        let before = requests(&rest.step(&mut feed, 5, tick()).expect("a step"));

        let opened = |request| Input::Opened { request, start: Timestamp::default(), token: None };
        let panicked = rest.step(&mut feed, 10, opened(before[0])).expect_err("a panic");
        assert_eq!(panicked.rest, SHORTEST);
        assert_eq!(rest.step(&mut feed, 9 + SHORTEST, tick()), Ok(Vec::new()));
        let outputs = rest.step(&mut feed, 10 + SHORTEST, tick()).expect("a step");
        assert!(requests(&outputs).iter().min() > before.iter().max(), "{before:?}, {outputs:?}");
        // The new one has no flaw, and does not know the requests of the old one.
        let outputs = rest.step(&mut feed, 10 + SHORTEST, opened(before[0])).expect("a step");
        assert_eq!(outputs, []);
    }

    #[test]
    fn rests_become_longer_up_to_an_hour() {
        let mut rest = Rest::none();
        let mut now = 0;
        let rests: Vec<_> = std::iter::repeat_with(|| {
            let mut feed = Feed::flawed(Config::default(), 100, Flaws::only(Flaw::Panics));
            let request = requests(&rest.step(&mut feed, now, Input::Tick { today: 100 }).expect("a step"))[0];
            let panicked =
                rest.step(&mut feed, now, Input::Opened { request, start: Timestamp::default(), token: None });
            let rest = panicked.expect_err("a panic").rest;
            now += rest;
            rest
        })
        .take(14)
        .collect();
        assert_eq!(rests[..3], [SHORTEST, 2 * SHORTEST, 4 * SHORTEST]);
        assert_eq!(rests[13], LONGEST);
    }
}
