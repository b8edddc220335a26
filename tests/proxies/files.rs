//! The files in deploy/, with what a test must replace, and whether the programs have anything against them.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use yaml_rust2::{Yaml, YamlLoader};

use crate::{
    guarded::program_of,
    site::{Kind, Site},
    support::not_tested,
};

/// A file of the project.
fn file(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A shipped file.
pub fn shipped(name: &str) -> String {
    file(&format!("deploy/{name}"))
}

/// The administrators' guide.
pub fn guide() -> String {
    file("docs/operations.md")
}

/// A text with others in it replaced.
///
/// # Panics
/// One of them is not there: the file has changed and the test must as well.
pub fn replaced(text: &str, replacements: &[(&str, String)]) -> String {
    replacements.iter().fold(text.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from:?} is not in:\n{text}");
        text.replace(from, to)
    })
}

/// A block of code in the guide: the first in this language behind a text.
pub fn shown(behind: &str, language: &str) -> String {
    let guide = guide();
    let rest = guide.split_once(behind).and_then(|(_, rest)| rest.split_once(&format!("```{language}\n")));
    let block = rest.and_then(|(_, rest)| rest.split_once("```"));
    block.unwrap_or_else(|| panic!("no {language} behind {behind:?} in the guide")).0.to_owned()
}

/// The labels that the guide shows for Traefik.
pub fn traefik_labels() -> String {
    shown("\n- *Labels*", "yaml")
}

/// What nginx' container gets from docker-compose.yml: the name of a file in deploy/, and that below /etc/nginx.
pub fn mounted_in_compose() -> Vec<(String, String)> {
    let documents = YamlLoader::load_from_str(&file("docker-compose.yml")).expect("YAML");
    let volumes = documents[0]["services"]["nginx"]["volumes"].as_vec().expect("volumes");
    let mounted = volumes.iter().map(|volume| {
        let parts: Vec<_> = volume.as_str().expect("a text").split(':').collect();
        let [here, there, "ro"] = parts[..] else { panic!("{volume:?} is no file that can only be read") };
        let (here, there) = (here.strip_prefix("./deploy/"), there.strip_prefix("/etc/nginx/"));
        (here.expect("a shipped file").to_owned(), there.expect("a file of nginx").to_owned())
    });
    mounted.collect()
}

/// Where a proxy's program is. If it is not there, that is said loudly; under `CI=true` it is a failure.
pub fn program(name: &str) -> Option<PathBuf> {
    let (found, cure) = match name {
        "traefik" => (traefik(), "scripts/traefik.sh says why".to_owned()),
        "traefik-3.4" => (traefik_3_4(), "scripts/traefik.sh 3.4 says why".to_owned()),
        _ => (installed(name), format!("Debian: apt-get install {name}")),
    };
    if found.is_none() {
        not_tested(&format!("without {name} its configuration is not tried ({cure})"));
    }
    found
}

/// A program that is installed.
fn installed(name: &str) -> Option<PathBuf> {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let mut places = std::env::split_paths(&paths).chain(["/usr/sbin".into()]);
    places.find_map(|place| Some(place.join(name)).filter(|path| path.exists()))
}

/// Traefik, which is fetched if need be: Debian has no package of it.
fn traefik() -> Option<PathBuf> {
    static PROGRAM: OnceLock<Option<PathBuf>> = OnceLock::new();
    PROGRAM.get_or_init(|| program_of("scripts/traefik.sh", &[]).ok()).clone()
}

/// Traefik of the age that Rocket.Chat's own Compose project has.
fn traefik_3_4() -> Option<PathBuf> {
    static PROGRAM: OnceLock<Option<PathBuf>> = OnceLock::new();
    PROGRAM.get_or_init(|| program_of("scripts/traefik.sh", &["3.4"]).ok()).clone()
}

#[test]
fn in_compose_nothing_of_the_chat_waits_for_the_service() {
    let text = file("docker-compose.yml");
    let documents = YamlLoader::load_from_str(&text).expect("YAML");
    let services = documents[0]["services"].as_hash().expect("services");
    let ours = |name: &str| name.starts_with("engagement");
    for (name, service) in services {
        let name = name.as_str().expect("a name");
        let waits_for = &service["depends_on"];
        let names = waits_for.as_vec().into_iter().flatten();
        let names = names.chain(waits_for.as_hash().into_iter().flat_map(|services| services.keys()));
        for other in names.map(|name| name.as_str().expect("a name")) {
            assert!(services.contains_key(&Yaml::from_str(other)), "{other}");
            assert!(ours(name) || !ours(other), "{name} depends on {other}");
        }
        // `up` gives everything up if what must have been completed has failed.
        let completed = waits_for.as_hash().into_iter().flatten().filter_map(|(other, _)| other.as_str());
        assert_eq!(completed.filter(|other| ours(other)).count(), 0, "{name}");
    }
    assert_eq!(services.keys().filter_map(Yaml::as_str).filter(|name| ours(name)).count(), 2);
}

#[test]
fn caddy_has_nothing_against_its_file() {
    let Some(caddy) = program("caddy") else { return };
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/Caddyfile");
    let directory = tempfile::tempdir().expect("a directory");
    let check = |arguments: &[&str]| {
        let mut command = Command::new(&caddy);
        let command = command.args(arguments).env("XDG_DATA_HOME", directory.path());
        let output = command.env("XDG_CONFIG_HOME", directory.path()).output().expect("caddy runs");
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        (output.status.success(), said)
    };
    let file = file.to_str().expect("UTF-8");

    let (is_valid, said) = check(&["validate", "--adapter", "caddyfile", "--config", file]);

    // Caddy warns of what is not in its own style as well.
    assert!(is_valid && !said.contains(r#""level":"warn""#) && !said.contains(r#""level":"error""#), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_other_proxies_have_nothing_against_their_files() {
    // Caddy and Apache tell what they do as well.
    for kind in Kind::all().into_iter().filter(|kind| ![Kind::Caddy, Kind::Apache].contains(kind)) {
        assert_eq!(Site::start(kind).await.log(), "", "{kind:?}");
    }
}
