//! Where the page is.

use crate::config::Page;

/// The paths of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The path of Rocket.Chat.
    pub(super) root: String,
    /// The path of the page.
    pub(super) path: String,
    /// How many calls of its data a client address may make in a minute; 0: as many as it likes.
    pub(super) calls_per_minute: u32,
}

impl Site {
    /// Of a page whose Rocket.Chat is at a path.
    pub fn new(root: &str, page: &Page) -> Self {
        Self { root: root.to_owned(), path: format!("{root}{}", page.path), calls_per_minute: page.calls_per_minute }
    }

    /// The path of the page below that of Rocket.Chat.
    pub fn below_root(&self) -> &str {
        self.path.strip_prefix(&self.root).unwrap_or(&self.path)
    }

    /// Whether a path is that of the page or below it.
    pub fn owns(&self, path: &str) -> bool {
        path.strip_prefix(&self.path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_page_and_what_is_below_it_is_its_own() {
        let site = Site::new("/chat", &Page { path: "/engagement".to_owned(), calls_per_minute: 1 });
        for (path, expected) in [
            ("/chat/engagement", true),
            ("/chat/engagement/", true),
            ("/chat/engagement/api/context", true),
            ("/chat/engagementx", false),
            ("/engagement", false),
            ("/chat", false),
        ] {
            assert_eq!(site.owns(path), expected, "{path}");
        }
        assert_eq!(site.below_root(), "/engagement");
    }
}
