//! The files of the page: those of `web/`, compressed once, under a path with the hash of all of them. They never change there.
//!
//! In debug builds the files are read from the tree each time the page is opened.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY},
    web::{Bytes, Data},
};
use flate2::Compression;
use rust_embed::Embed;
use sha2::{Digest, Sha256};

use super::{
    compressed::{gzipped, takes_gzip},
    not_found,
};
use crate::http::site::Site;

/// How many hexadecimal digits of the hash the path has.
const DIGITS: usize = 16;

/// The files are compressed once, so that may take a while.
const SMALLEST: Compression = Compression::best();

/// The page itself, which is no asset: it is filled in for each request.
const PAGE: &str = "page.html";

#[derive(Embed)]
#[folder = "web"]
#[include = "page.html"]
#[include = "*.css"]
#[include = "*.svg"]
#[include = "js/*.js"]
#[include = "vendor/*.js"]
#[include = "vendor/LICENSE.md"]
struct Files;

/// All files.
#[derive(Debug)]
pub(super) struct Assets {
    /// The hash of all of them, a part of their path.
    pub(super) hash: String,
    /// The page, with places to fill in.
    pub(super) page: String,
    files: HashMap<String, File>,
}

#[derive(Debug)]
struct File {
    kind: &'static str,
    plain: Bytes,
    gzipped: Bytes,
}

impl Assets {
    fn load() -> Self {
        let mut names: Vec<_> = Files::iter().collect();
        names.sort_unstable();
        let (mut hasher, mut files, mut page) = (Sha256::new(), HashMap::new(), String::new());
        for name in names {
            let Some(file) = Files::get(&name) else { continue };
            let content: Bytes = thinned(&name, file.data.into_owned()).into();
            for part in [name.as_bytes(), &content] {
                hasher.update((part.len() as u64).to_be_bytes());
                hasher.update(part);
            }
            if name == PAGE {
                page = String::from_utf8_lossy(&content).into_owned();
            } else {
                let gzipped = gzipped(&content, SMALLEST);
                files.insert(name.into_owned(), File { kind: "", plain: content, gzipped });
            }
        }
        for (name, file) in &mut files {
            file.kind = match name.rsplit_once('.') {
                Some((_, "js")) => "text/javascript; charset=utf-8",
                Some((_, "css")) => "text/css; charset=utf-8",
                Some((_, "svg")) => "image/svg+xml",
                _ => "text/plain; charset=utf-8",
            };
        }
        let hash = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        Self { hash: hash.chars().take(DIGITS).collect(), page, files }
    }

    /// The files as they were at last. In other than debug builds they are compressed at the start by asking for them.
    pub(super) fn last() -> Arc<Self> {
        let last = LAST.read().unwrap_or_else(PoisonError::into_inner).clone();
        last.unwrap_or_else(Self::loaded_again)
    }

    /// The files as they are: in debug builds they may have changed.
    pub(super) fn current() -> Arc<Self> {
        if cfg!(debug_assertions) { Self::loaded_again() } else { Self::last() }
    }

    fn loaded_again() -> Arc<Self> {
        let mut last = LAST.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(last.insert(Arc::new(Self::load())))
    }
}

/// A file of our own without indentation and without lines that are comments: a tenth of what it would be to send. No text in them goes
/// over lines, which is a test.
fn thinned(name: &str, content: Vec<u8>) -> Vec<u8> {
    if name.starts_with("vendor/") || name.ends_with(".svg") {
        return content;
    }
    let text = String::from_utf8_lossy(&content);
    let lines = text.lines().map(str::trim_start).filter(|line| !line.is_empty() && !is_comment(line));
    lines.flat_map(|line| [line, "\n"]).collect::<String>().into_bytes()
}

/// Whether a line is nothing but a comment.
fn is_comment(line: &str) -> bool {
    let within = line.strip_prefix("/*").and_then(|rest| rest.strip_suffix("*/"));
    line.starts_with("//") || within.is_some_and(|text| !text.contains("*/"))
}

static LAST: RwLock<Option<Arc<Assets>>> = RwLock::new(None);

/// Answers with a file.
pub(super) async fn answer(request: HttpRequest, site: Data<Site>) -> HttpResponse {
    let assets = Assets::last();
    let prefix = format!("{}/assets/{}/", site.path, assets.hash);
    let Some(file) = request.uri().path().strip_prefix(&prefix).and_then(|name| assets.files.get(name)) else {
        return not_found().await;
    };
    let (encoding, body) = match takes_gzip(request.headers()) {
        true => (Some("gzip"), &file.gzipped),
        false => (None, &file.plain),
    };
    let tag = format!("\"{}{}\"", assets.hash, encoding.unwrap_or_default());
    let known = request.headers().get_all(IF_NONE_MATCH).filter_map(|value| value.to_str().ok());
    let is_known = known.flat_map(|list| list.split(',')).any(|each| each.trim().trim_start_matches("W/") == tag);
    let mut response = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .insert_header((ETAG, tag))
        .insert_header((VARY, "Accept-Encoding"));
    if is_known {
        return response.finish();
    }
    if let Some(encoding) = encoding {
        response.insert_header((CONTENT_ENCODING, encoding));
    }
    response.insert_header((CONTENT_TYPE, file.kind)).body(body.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_the_page_together_is_at_most_120_kb() {
        let assets = Assets::load();
        let mut sizes: Vec<_> = assets.files.iter().map(|(name, file)| (file.gzipped.len(), name)).collect();
        let page = gzipped(assets.page.as_bytes(), SMALLEST).len();
        let all = page + sizes.iter().filter(|(_, name)| !name.ends_with(".md")).map(|(size, _)| size).sum::<usize>();
        sizes.sort_unstable();
        assert!(all <= 120_000, "{all} bytes: page {page}, {sizes:?}");
        assert!(all > 60_000, "Chart.js is there");
    }

    #[test]
    fn lines_that_are_comments_are_not_sent_and_all_others_are() {
        let file = "  // a\n/** b */\n\n  /* c */ d\n/* e */ f /* g */\n/*\n/*/\nh // i\n";
        let sent = String::from_utf8(thinned("js/a.js", file.into())).expect("UTF-8");
        assert_eq!(sent, "/* c */ d\n/* e */ f /* g */\n/*\n/*/\nh // i\n");
    }

    #[test]
    fn no_text_goes_over_lines() {
        for name in Files::iter().filter(|name| name.starts_with("js/")) {
            let file = Files::get(&name).expect("a file");
            let text = String::from_utf8(file.data.into_owned()).expect("UTF-8");
            for line in text.lines() {
                assert_eq!(line.matches('`').count() % 2, 0, "{name}: {line}");
                assert!(!line.ends_with('\\'), "{name}: {line}");
            }
        }
    }

    #[test]
    fn chart_js_is_the_file_that_its_readme_names() {
        let readme =
            std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/web/vendor/README.md")).expect("a file");
        let file = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/web/vendor/chart.umd.js")).expect("a file");
        let sum = Sha256::digest(file).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert!(readme.contains(&sum), "{sum} is not in {readme}");
    }

    #[test]
    fn only_what_the_page_needs_is_served() {
        let assets = Assets::load();
        let odd = |name: &&String| name.contains("test") || name.ends_with("json") || name.contains("README");
        assert_eq!(assets.files.keys().find(odd), None);
        assert!(assets.files.contains_key("js/main.js") && !assets.files.contains_key(PAGE));
    }
}
