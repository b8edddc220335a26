//! Processes that never outlive the test.
//!
//! A small shell watches a pipe that only this process holds open. When the pipe closes, even by SIGKILL, it ends the process
//! with SIGKILL, frozen or not, and removes the files, unless it is told to keep them for the next start.

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use tokio::time::{Instant, sleep, timeout};

/// `$1` is the directory to remove, `$2` the file for what the process writes, the rest its command line. Of several that
/// share a directory the last to end removes all of it.
const WATCH: &str = r#"
directory=$1; log=$2; shift 2
"$@" >>"$log" 2>&1 </dev/null &
process=$!
echo "$process"
exec >&-
word=$(cat)
kill -9 "$process"
wait "$process"
[ "$word" = keep ] || rm -rf "$directory"
"#;

/// A running process, and the files it writes.
pub struct Guarded {
    watcher: Child,
    pid: u32,
    log: PathBuf,
}

impl Guarded {
    /// Starts a program in an environment that holds nothing but what is given. It writes to a file of this name in the
    /// directory, which goes with it.
    pub fn start(
        directory: &Path,
        log: &str,
        program: &Path,
        arguments: &[String],
        environment: &[(&str, &str)],
    ) -> Self {
        let log = directory.join(log);
        let mut watcher = Command::new("/bin/sh")
            .args(["-c", WATCH, "sh"])
            .args([directory, &log, program])
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .envs(environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // A process group of its own: Ctrl-C is for the test alone.
            .process_group(0)
            .spawn()
            .expect("a shell");
        let mut pid = String::new();
        watcher.stdout.take().expect("its output").read_to_string(&mut pid).expect("a process id");
        Self { watcher, pid: pid.trim().parse().expect("a process id"), log }
    }

    /// Sends a signal to the process.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([format!("-{name}"), self.pid.to_string()]).status().expect("kill runs");
        assert!(sent.success(), "signal {name} to {}", self.pid);
    }

    /// Kills the process and keeps its directory.
    pub fn kill(mut self) {
        self.signal("KILL");
        if let Some(mut pipe) = self.watcher.stdin.take() {
            pipe.write_all(b"keep").expect("the watcher listens");
        }
    }

    /// Whether it has not ended.
    pub fn is_running(&self) -> bool {
        // A process that ended and is not yet waited for is a zombie, state Z, behind the name in parentheses.
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid));
        stat.is_ok_and(|stat| stat.rsplit_once(") ").is_some_and(|(_, state)| !state.starts_with('Z')))
    }

    /// Its resident memory in kB.
    pub fn memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid)).expect("its status");
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("VmRSS");
        line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).expect("kilobytes")
    }

    /// All that it has written.
    pub fn output(&self) -> String {
        let mut text = Vec::new();
        drop(File::open(&self.log).and_then(|mut log| log.read_to_end(&mut text)));
        String::from_utf8_lossy(&text).into_owned()
    }

    /// The last lines that it has written.
    pub fn last_words(&self, lines: usize) -> String {
        let text = self.output();
        let all: Vec<_> = text.lines().collect();
        all[all.len().saturating_sub(lines)..].join("\n")
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        drop(self.watcher.stdin.take());
        // It ends on its own; nothing can be done here if it does not.
        drop(self.watcher.wait());
    }
}

/// Waits until a condition holds.
///
/// # Panics
/// It does not within the time.
pub async fn until<T>(what: &str, most: Duration, mut condition: impl AsyncFnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Ok(Some(value)) = timeout(most, condition()).await {
            return value;
        }
        assert!(began.elapsed() < most, "waited {most:?} in vain for: {what}");
        sleep(Duration::from_millis(20)).await;
    }
}

/// The mongod program: `$MONGOD`, or what `scripts/mongod.sh` finds.
pub fn mongod_program() -> io::Result<PathBuf> {
    program_of("scripts/mongod.sh", &[])
}

/// The program that a script of this project finds or fetches. It says itself what is wrong.
pub fn program_of(script: &str, arguments: &[&str]) -> io::Result<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(script);
    let output = Command::new(path).args(arguments).stderr(Stdio::inherit()).output()?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).trim().into()),
        false => Err(io::Error::other(format!("{script} finds no program, and this test needs one"))),
    }
}
