//! Programs from PyPI that some tests run, in a virtual environment of their own.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::{Mutex, PoisonError},
};

use super::not_tested;

/// Whether this machine has no Python 3.10 or later with venv and pip. Says so loudly; under `CI=true` that is a
/// failure.
pub fn python_is_missing() -> bool {
    let probe = "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))";
    let runs = Command::new("python3").args(["-c", probe]).output().is_ok_and(|output| output.status.success());
    if !runs {
        not_tested("without Python 3.10 with venv there is no openapi-spec-validator, no schemathesis and no tzdata");
    }
    !runs
}

/// The Python of a virtual environment that holds what a file of requirements says. There is one for each such file, made
/// once.
pub fn python_with(requirements: &Path) -> PathBuf {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let purpose = requirements.parent().and_then(Path::file_name).expect("a file in a directory");
    let python = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python").join(purpose);
    let wanted = std::fs::read(requirements).expect("requirements");
    // Written last, so an interrupted installation is begun anew.
    let installed = python.join("installed.txt");
    if std::fs::read(&installed).ok().as_ref() != Some(&wanted) {
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&python));
        let quiet = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary=:all:", "-r"];
        run(Command::new(python.join("bin/python")).args(quiet).arg(requirements));
        std::fs::write(&installed, &wanted).expect("a file");
    }
    python.join("bin/python")
}

fn run(command: &mut Command) {
    let output = command.output().expect("it runs");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}
