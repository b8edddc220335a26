//! Whether the page can be opened at the address that people open: does the proxy lead there?

use std::time::Duration;

use super::Finding;
use crate::{
    commands::{
        failure::Failure,
        remote::{address, advice, agent},
        verdict::Status,
    },
    config::Settings,
    http::page::policy::VERSION,
};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// What is found at `--url`.
///
/// # Errors
/// That is no address, or the file that says who is trusted cannot be used.
pub async fn find(url: &str, settings: &Settings) -> Result<Finding, Failure> {
    let address = address(url)?;
    let Some(page) = &settings.page else {
        let message = "there is no page: page.enabled is false";
        return Ok(
            Finding::new("page", Status::Limits, message).remedy("set page.enabled (ENGAGEMENT_PAGE_ENABLED) to true")
        );
    };
    // The page's own path is in what is copied from the browser.
    let root = &settings.http.base_path;
    let copied = address.strip_suffix(&page.path).filter(|rest| rest.ends_with(root.as_str()));
    let place = format!("{}{}", copied.unwrap_or(&address), page.path);
    let agent = agent(&address, PATIENCE)?;
    let [first, second] = [place.clone(), format!("{place}/api/context")];
    let ask = move || {
        let answer = agent.get(first).call();
        // Nobody is asking, so 401 is right; that it is ours is what counts.
        let has_data =
            answer.is_ok() && agent.get(second).call().is_ok_and(|data| data.headers().contains_key(VERSION));
        (answer, has_data)
    };
    let asked = tokio::task::spawn_blocking(ask).await;
    let (answer, has_data) = asked.map_err(|panic| Failure::Service(panic.to_string()))?;
    let limits = |message, remedy: String| Finding::new("page", Status::Limits, message).remedy(remedy);
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => {
            return Ok(Finding::new("page", Status::Limits, format!("{place}: {}", advice(&error, PATIENCE))));
        }
    };
    let status = answer.status().as_u16();
    let version = answer.headers().get(VERSION).and_then(|version| version.to_str().ok());
    Ok(match (status, version) {
        (200, Some(_)) if !has_data => {
            let message = format!("{place} is answered by this service, and what is below it is not");
            limits(message, add_to_proxy(&page.path))
        }
        (200, Some(version)) if version == env!("CARGO_PKG_VERSION") => {
            Finding::ok("page", format!("the page is at {place}")).with("version", version)
        }
        (200, Some(_)) => {
            let message = format!("the page is at {place}, of a service of another version than this program");
            limits(message, "restart the service after an update".into())
        }
        _ => {
            let (message, remedy) = in_its_place(status, &place, &page.path);
            limits(message, remedy)
        }
    })
}

/// What stands in the page's place, by the status that it answers, and what mends it.
fn in_its_place(status: u16, place: &str, path: &str) -> (String, String) {
    let (message, remedy) = match status {
        502..=504 => (
            format!("{place}: the proxy leads to the service, which does not answer ({status})"),
            "does the service run, and is its port the proxy's?",
        ),
        301 | 302 | 303 | 307 | 308 => (
            format!("{place} leads elsewhere ({status})"),
            "give --url the address that people end up at, with https:// and without a path of Rocket.Chat's pages",
        ),
        401 | 407 => (
            format!("{place}: what stands before the service asks for a login of its own ({status})"),
            "does everybody have it who is to see the page? Then all is well; this program has none",
        ),
        403 => (
            format!("{place} is refused ({status}) by what stands before the service"),
            "does the proxy or a firewall let this machine, and this path, through?",
        ),
        429 => (
            format!("{place}: what stands before the service refuses so many requests ({status})"),
            "try again in a minute",
        ),
        500.. => (format!("{place} fails ({status})"), "the proxy's log may say why"),
        _ => {
            let message =
                format!("{place} is not answered by this service ({status}): the proxy leads it to Rocket.Chat");
            return (message, add_to_proxy(path));
        }
    };
    (message, remedy.to_owned())
}

fn add_to_proxy(path: &str) -> String {
    format!(
        "add {path} and {path}/ to the proxy's configuration, as the files in deploy/ have them, and reload it; with a path in \
         ROOT_URL, that belongs to --url as well"
    )
}
