//! The binary as a process of its own, with what it writes.

use std::{
    io::{BufRead, BufReader, Read},
    net::SocketAddr,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// How long a line may take to come.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running binary. Dropping it kills it.
pub struct Process {
    child: Child,
    output: Arc<Mutex<String>>,
    lines: mpsc::Receiver<String>,
    readers: Vec<JoinHandle<()>>,
}

impl Process {
    /// Starts the binary with arguments and nothing in its environment but what is given.
    pub fn start(arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        Self::spawn(Command::new(env!("CARGO_BIN_EXE_rocketchat-engagement")).args(arguments), environment)
    }

    /// Starts `serve` without a database, with this soft and hard limit on open files.
    pub fn serve_with_open_files(soft: u64, hard: u64, environment: &[(&str, &str)]) -> Self {
        let set = format!("ulimit -S -n {soft} && ulimit -H -n {hard} && exec \"$0\" serve");
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", &set, env!("CARGO_BIN_EXE_rocketchat-engagement")]);
        let mut all = vec![("MONGO_URL", "mongodb://127.0.0.1:1/rocketchat"), ("PORT", "0"), ("METRICS_PORT", "0")];
        all.extend(environment);
        Self::spawn(&mut shell, &all)
    }

    fn spawn(command: &mut Command, environment: &[(&str, &str)]) -> Self {
        let mut child = command
            .env_clear()
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let output = Arc::new(Mutex::new(String::new()));
        let (sender, lines) = mpsc::channel();
        let (out, errors) =
            (child.stdout.take().expect("standard output"), child.stderr.take().expect("standard error"));
        let readers = [read(out, &output, sender.clone()), read(errors, &output, sender)].into();
        Self { child, output, lines, readers }
    }

    /// Starts `serve` on free ports and waits until it listens.
    pub fn serve(mongo_url: &str, environment: &[(&str, &str)]) -> (Self, SocketAddr) {
        let mut all = vec![("MONGO_URL", mongo_url), ("PORT", "0"), ("METRICS_PORT", "0")];
        all.extend(environment);
        Self::start(&["serve"], &all).listening()
    }

    /// The same by a program that becomes the binary, with arguments of its own before it.
    pub fn serve_by(program: &str, arguments: &[String], mongo_url: &str) -> (Self, SocketAddr) {
        let mut command = Command::new(program);
        command.args(arguments).args([env!("CARGO_BIN_EXE_rocketchat-engagement"), "serve"]);
        let path = std::env::var("PATH").expect("PATH");
        let environment = [("MONGO_URL", mongo_url), ("PORT", "0"), ("METRICS_PORT", "0"), ("PATH", &path)];
        Self::spawn(&mut command, &environment).listening()
    }

    fn listening(self) -> (Self, SocketAddr) {
        // What comes before stays to be waited for.
        let began = Instant::now();
        let line = loop {
            match self.output().lines().find(|line| line.contains("serving http://")) {
                Some(line) => break line.to_owned(),
                None => assert!(began.elapsed() < PATIENCE, "it does not listen:\n{}", self.output()),
            }
            thread::sleep(Duration::from_millis(5));
        };
        let address = line.split("serving http://").nth(1).and_then(|rest| rest.split('/').next()).expect("an address");
        (self, address.parse().expect("an address"))
    }

    /// Waits for a line that contains a text.
    pub fn wait_for_line(&self, text: &str) -> String {
        let until = Instant::now() + PATIENCE;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(line) if line.contains(text) => return line,
                Ok(_) => {}
                Err(_) => panic!("no line with {text:?} in:\n{}", self.output()),
            }
        }
    }

    /// Waits until it has ended, within a time.
    pub fn wait(&mut self, most: Duration) -> ExitStatus {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                // What it wrote last is read by then.
                self.readers.drain(..).for_each(|reader| drop(reader.join()));
                return status;
            }
            assert!(began.elapsed() < most, "it does not end within {most:?}:\n{}", self.output());
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// What it has written, to standard output and standard error.
    pub fn output(&self) -> String {
        self.output.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

/// The resident memory of a process, in bytes.
pub fn resident_memory(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("its status");
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("VmRSS");
    line.split_whitespace().nth(1).and_then(|kilobytes| kilobytes.parse::<u64>().ok()).expect("kilobytes") * 1024
}

/// Passes lines on as they come.
fn read(from: impl Read + Send + 'static, output: &Arc<Mutex<String>>, sender: mpsc::Sender<String>) -> JoinHandle<()> {
    let output = Arc::clone(output);
    thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            let mut written = output.lock().unwrap_or_else(PoisonError::into_inner);
            written.push_str(&line);
            written.push('\n');
            drop(sender.send(line));
        }
    })
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
