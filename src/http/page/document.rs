//! The page itself. Anybody may have it: it has no number.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, ContentType, LOCATION},
    web::Data,
};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};

use super::{assets::Assets, compressed, policy};
use crate::http::site::Site;

/// Answers with the page, which has a new nonce each time.
pub(super) async fn answer(request: HttpRequest, site: Data<Site>) -> HttpResponse {
    let nonce = STANDARD_NO_PAD.encode(rand::random::<[u8; 16]>());
    let assets = Assets::current();
    let page = filled(
        &assets.page,
        [
            ("nonce", &nonce),
            ("assets", &format!("{}/assets/{}", site.path, assets.hash)),
            ("page", &site.path),
            ("root", &site.root),
            ("version", env!("CARGO_PKG_VERSION")),
        ],
    );
    let mut response = HttpResponse::Ok();
    response
        .insert_header(ContentType::html())
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((CONTENT_SECURITY_POLICY, policy::of_page(&nonce)));
    compressed::with_body(&request, &mut response, page.into())
}

/// Leads from the path with a slash to the page.
pub(super) async fn moved(request: HttpRequest, site: Data<Site>) -> HttpResponse {
    let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
    HttpResponse::PermanentRedirect().insert_header((LOCATION, format!("{}{query}", site.path))).finish()
}

/// Fills places like `{{page}}` in. All values are paths, versions and the like, and are escaped all the same.
fn filled<const N: usize>(template: &str, values: [(&str, &str); N]) -> String {
    values.into_iter().fold(template.to_owned(), |page, (name, value)| {
        let value = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
        page.replace(&format!("{{{{{name}}}}}"), &value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled_in_and_values_escaped() {
        let page =
            filled("<a href=\"{{root}}/\" nonce=\"{{nonce}}\">{{root}}</a>", [("root", "/a\"b&<"), ("nonce", "n")]);
        assert_eq!(page, "<a href=\"/a&quot;b&amp;&lt;/\" nonce=\"n\">/a&quot;b&amp;&lt;</a>");
    }

    #[test]
    fn the_page_has_no_place_left_and_a_nonce_at_every_script_and_style() {
        let values = ["nonce", "assets", "page", "root", "version"].map(|name| (name, "value"));
        let page = filled(&Assets::current().page, values);
        assert!(!page.contains("{{"));
        for tag in page.split('<').filter(|tag| tag.starts_with("script") || tag.starts_with("link rel=\"stylesheet")) {
            assert!(tag.contains(" nonce=\"value\""), "{tag}");
        }
    }
}
