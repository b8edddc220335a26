//! Rocket.Chat's own REST client library, from npm, against the running service.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use chrono::Utc;
use rocketchat_engagement::commands::demo::workspace::{self, DOCUMENTED_TOKEN, DOCUMENTED_USER};

use crate::{
    documented_example::ANSWER,
    support::{Service, Workspace, node_is_missing},
};

/// The library as published. Its declared dependencies on typings do not install, and it does not need them to run.
const LIBRARY: &str = "@rocket.chat/api-client@0.2.57";
/// What it does need.
const DEPENDENCY: &str = "query-string@7.1.3";

#[tokio::test(flavor = "multi_thread")]
async fn rocket_chats_own_client_library_gets_the_documented_answer() {
    if node_is_missing() {
        return;
    }
    let workspace = Workspace::empty().await;
    workspace::fill(&workspace.database, Utc::now()).await.expect("the demonstration's workspace");
    let service = Service::on(&workspace).await;
    let ask = |token: &str| {
        let url = format!("http://{}", service.address);
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/api/support/rest_client.cjs");
        let modules = installed().join("node_modules");
        let arguments = [url.as_str(), DOCUMENTED_USER, token];
        let node = Command::new("node").arg(script).args(arguments).env("NODE_PATH", modules).output();
        node.expect("node runs")
    };
    let text = |output: &Output| String::from_utf8_lossy(&output.stdout).trim().to_owned();

    let answer = ask(DOCUMENTED_TOKEN);
    let refusal = ask("another token");

    assert_eq!(text(&answer), ANSWER, "{}", String::from_utf8_lossy(&answer.stderr));
    assert!(answer.status.success());
    let expected = r#"401 {"success":false,"error":"You must be logged in to do this.","status":"error","message":"You must be logged in to do this."}"#;
    assert_eq!(text(&refusal), expected, "{}", String::from_utf8_lossy(&refusal.stderr));
    service.stop().await;
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
