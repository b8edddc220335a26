//! Rocket.Chat's own REST client library, from npm.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// The library as published. Its declared dependencies on typings do not install, and it does not need them to run.
const LIBRARY: &str = "@rocket.chat/api-client@0.2.57";
/// What it does need.
const DEPENDENCY: &str = "query-string@7.1.3";

/// The documented question.
pub const DOCUMENTED: Question<'_> =
    ("messages/messages-sent", r#"{"start":"2023-05-20T00:00:00.000Z","end":"2023-05-30T00:00:00.000Z"}"#);

/// A path below that of the dashboard, and parameters as JSON.
pub type Question<'a> = (&'a str, &'a str);

/// What the library makes of the answer to the documented question, or of the refusal: status and body.
pub fn ask(url: &str, user: &str, token: &str) -> String {
    ask_all(url, user, token, &[DOCUMENTED]).concat()
}

/// The same of any questions.
pub fn ask_all(url: &str, user: &str, token: &str, questions: &[Question<'_>]) -> Vec<String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/api/support/rest_client.cjs");
    let modules = installed().join("node_modules");
    let mut node = Command::new("node");
    let node = node.arg(script).args([url, user, token]);
    let node = node.args(questions.iter().flat_map(|(path, parameters)| [path, parameters]));
    let node = node.env("NODE_PATH", modules).output();
    let output = node.expect("node runs");
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8").lines().map(str::to_owned).collect()
}

/// Where the library is; it is fetched with npm once.
fn installed() -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("rest-client");
    let library = directory.join("node_modules/@rocket.chat/api-client");
    if !library.join("package.json").exists() {
        std::fs::create_dir_all(&library).expect("a directory");
        let run = |program: &str, arguments: &[&str]| {
            let output = Command::new(program).args(arguments).current_dir(&directory).output().expect(program);
            assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).expect("UTF-8")
        };
        run("npm", &["install", "--silent", "--no-audit", "--no-fund", "--prefix", ".", DEPENDENCY]);
        let archive = run("npm", &["pack", "--silent", LIBRARY]);
        let library = library.to_str().expect("UTF-8");
        std::fs::create_dir_all(library).expect("a directory");
        run("tar", &["-xzf", archive.trim(), "--strip-components=1", "-C", library]);
    }
    directory
}
