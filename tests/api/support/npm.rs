//! Programs and libraries from npm, which some tests compare with or use.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::{Mutex, PoisonError},
};

use super::not_tested;

/// Whether this machine has no Node.js with npm. Says so loudly; under `CI=true` that is a failure.
pub fn node_is_missing() -> bool {
    let runs = |program| Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success());
    let missing = !(runs("node") && runs("npm"));
    if missing {
        not_tested("without Node.js and npm there is no qs, no REST client library and no mongosh");
    }
    missing
}

/// The directory `node_modules` with a package, such as `qs@6.11.2`, and what it needs. It is fetched once.
pub fn node_modules(package: &str) -> PathBuf {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let packages = Path::new(env!("CARGO_TARGET_TMPDIR")).join("npm");
    let directory = packages.join(package.replace('/', "-"));
    if !directory.exists() {
        std::fs::create_dir_all(&packages).expect("a directory");
        let scratch = tempfile::tempdir_in(&packages).expect("a directory");
        std::fs::write(scratch.path().join("package.json"), "{}").expect("a package");
        let quiet = ["install", "--no-audit", "--no-fund", "--no-save", "--ignore-scripts", "--omit=optional"];
        let output = Command::new("npm").args(quiet).arg(package).current_dir(scratch.path()).output().expect("npm");
        assert!(output.status.success(), "{package}: {}", String::from_utf8_lossy(&output.stderr));
        // All or nothing, should the tests be interrupted.
        std::fs::rename(scratch.keep(), &directory).expect("a name");
    }
    directory.join("node_modules")
}
