//! The page's modules that need no browser.

use std::process::Command;

use crate::support::node_is_missing;

#[test]
fn the_modules_pass_their_own_tests() {
    if node_is_missing() {
        return;
    }
    let output = Command::new("node")
        .args(["--test", "web/test/"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("node");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    let passed = said.lines().find_map(|line| line.split("pass ").nth(1)).and_then(|number| number.trim().parse().ok());
    assert!(passed.is_some_and(|passed: u32| passed > 20), "{said}");
}
