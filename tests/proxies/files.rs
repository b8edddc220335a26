//! The files in deploy/, with what a test must replace, and whether the programs have anything against them.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    site::{Kind, Site},
    support::not_tested,
};

/// A shipped file.
pub fn shipped(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
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

/// Where a proxy's program is. If it is not installed, that is said loudly; under `CI=true` it is a failure.
pub fn program(name: &str) -> Option<PathBuf> {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let mut places = std::env::split_paths(&paths).chain(["/usr/sbin".into()]);
    let found = places.find_map(|place| Some(place.join(name)).filter(|path| path.exists()));
    if found.is_none() {
        not_tested(&format!("without {name} its configuration is not tried (Debian: apt-get install {name})"));
    }
    found
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
async fn nginx_has_nothing_against_its_files() {
    for kind in Kind::all().into_iter().filter(|kind| kind.program() == "nginx") {
        assert_eq!(Site::start(kind).await.log(), "", "{kind:?}");
    }
}
