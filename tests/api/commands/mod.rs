//! The commands for administrators, as the binary that they run.

mod bad_input;
mod check;
mod check_members;
mod check_page;
mod check_rights;
mod health;
mod manual;
mod report;
mod report_days;
mod report_people;
mod report_people_refused;
mod report_terminal;
mod report_texts;
mod verify;
mod verify_service;

use std::{ffi::OsString, process::Output, time::Duration};

use assert_cmd::Command;
use bson::Document;

/// Runs the binary with nothing in its environment but what is given, and no terminal.
pub fn run(arguments: &[&str], environment: &[(&str, &str)]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rocketchat-engagement"));
    command.args(arguments).env_clear().envs(environment.iter().copied());
    // None may hang.
    Ran::new(command.timeout(Duration::from_secs(120)).output().expect("the binary runs"))
}

/// The same on a terminal: what a person sees. Both outputs are one there.
pub fn run_on_a_terminal(arguments: &[&str], environment: &[(&str, &str)]) -> Ran {
    on_a_terminal("", arguments, environment)
}

/// The same where lines are so many columns wide.
pub fn run_on_a_terminal_of(columns: usize, arguments: &[&str], environment: &[(&str, &str)]) -> Ran {
    on_a_terminal(&format!("stty rows 24 cols {columns} && "), arguments, environment)
}

fn on_a_terminal(before: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Ran {
    let line = std::iter::once(env!("CARGO_BIN_EXE_rocketchat-engagement")).chain(arguments.iter().copied());
    let line = line.map(|word| format!("'{}'", word.replace('\'', r"'\''"))).collect::<Vec<_>>().join(" ");
    let line = format!("{before}{line}");
    let mut command = Command::new("script");
    let path = std::env::var_os("PATH").unwrap_or_else(|| OsString::from("/usr/bin:/bin"));
    command.args(["--quiet", "--return", "--command", &line, "/dev/null"]).env_clear().env("PATH", path);
    command.envs([("SHELL", "/bin/sh"), ("TERM", "xterm")]).envs(environment.iter().copied());
    let mut ran = Ran::new(command.timeout(Duration::from_secs(120)).output().expect("`script` of util-linux"));
    ran.output = ran.output.replace("\r\n", "\n");
    ran
}

/// How a run of the binary ended, and what it wrote.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub output: String,
    pub errors: String,
}

impl Ran {
    fn new(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Self { code: output.status.code(), output: text(output.stdout), errors: text(output.stderr) }
    }

    /// What it wrote, if all went well and it complained of nothing.
    pub fn text(self) -> String {
        assert_eq!((self.code, self.errors.as_str()), (Some(0), ""), "{}", self.output);
        self.output
    }
}

/// The database and the command of a line for mongosh. What is made unless it is there is not there.
pub fn pasted(line: &str) -> (String, Document) {
    let line = line.split_once(" || ").map_or(line, |(_, otherwise)| otherwise);
    let rest =
        line.strip_prefix("db.getSiblingDB(").and_then(|rest| rest.strip_suffix(')')).expect("a line for mongosh");
    let (database, command) = rest.split_once(").runCommand(").expect("a command");
    (serde_json::from_str(database).expect("a text"), serde_json::from_str(command).expect("a command"))
}
