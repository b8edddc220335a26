//! `man` and `completions`: what a packager installs beside the binary, made from the command line itself.

use std::io;

use clap::Command;
use clap_complete::Shell;
use clap_mangen::{
    Man,
    roff::{Roff, bold, roman},
};

use crate::{
    commands::failure::Failure,
    config::{ConfigError, documented},
};

const EXIT_STATUS: [(&str, &str); 3] = [
    ("0", "All is well."),
    (
        "1",
        "It could not be done, and a line on standard error says why; check: it works, with limits; verify: there is a \
         difference.",
    ),
    (
        "2",
        "The command line makes no sense; check: it will not work, or could not be checked; verify: it could not be done.",
    ),
];

/// Completions for a shell, to be loaded by it.
pub fn completions(shell: Shell, mut command: Command) -> String {
    let (name, mut script) = (command.get_name().to_owned(), Vec::new());
    clap_complete::generate(shell, &mut command, &name, &mut script);
    // For bash, clap_complete 4.6 takes the hyphen in our name for the end of a command where it labels what follows the
    // first word, but not where it looks for that label (clap's issue 6421). Once it is right this changes nothing.
    String::from_utf8_lossy(&script).replace(&name.replace('-', "__subcmd__"), &name.replace('-', "__"))
}

/// The manual page, in the language of man: all commands and settings on one page.
///
/// # Errors
/// The defaults of the settings do not hold.
pub fn page(command: Command) -> Result<String, Failure> {
    let mut command = command
        .disable_help_subcommand(true)
        .subcommand_value_name("COMMAND")
        .mut_subcommands(|one| one.disable_help_flag(true));
    command.build();
    let man = Man::new(command.clone());
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    let mut page = String::from_utf8_lossy(&page).into_owned();
    page.push_str(&commands(&command)?);
    let mut rest = Roff::new();
    settings(&mut rest)?;
    rest.control("SH", ["EXIT STATUS"]);
    for (code, meaning) in EXIT_STATUS {
        rest.control("TP", []).text([bold(code)]).text([roman(meaning)]);
    }
    page.push_str(&rest.to_roff());
    Ok(page)
}

/// A part for each command: how it is called, what it does, its options.
fn commands(command: &Command) -> io::Result<String> {
    let mut parts = Roff::new().control("SH", ["COMMANDS"]).to_roff();
    for one in command.get_subcommands() {
        let man = Man::new(one.clone());
        let part = |render: &dyn Fn(&Man, &mut Vec<u8>) -> io::Result<()>| {
            let mut text = Vec::new();
            render(&man, &mut text)?;
            Ok::<_, io::Error>(without_headings(&String::from_utf8_lossy(&text)))
        };
        parts.push_str(&Roff::new().control("SS", [one.get_name()]).to_roff());
        parts.push_str(&part(&|man, text| man.render_synopsis_section(text))?);
        parts.push_str(".PP\n");
        parts.push_str(&part(&|man, text| man.render_description_section(text))?);
        parts.push_str(&part(&|man, text| man.render_options_section(text))?);
    }
    Ok(parts)
}

/// A section of a page of its own as a part of another: the preamble and the heading are there already.
fn without_headings(section: &str) -> String {
    let is_heading = |line: &str| [".SH ", ".ie ", ".el "].iter().any(|heading| line.starts_with(heading));
    section.lines().filter(|line| !is_heading(line)).map(|line| format!("{line}\n")).collect()
}

/// What is set in the environment or a file.
fn settings(page: &mut Roff) -> Result<(), ConfigError> {
    page.control("SH", ["SETTINGS"]);
    page.text([roman(
        "Each is an environment variable, a key in a TOML file (given with --config or in CONFIG_FILE), and in some commands a \
         flag. A flag wins over the environment, the environment over the file. An empty variable is as if it were not set. \
         RUST_LOG sets the level of the log, which goes to standard error.",
    )]);
    for setting in documented()? {
        page.control("TP", []).text([bold(setting.names)]);
        page.text([roman(setting.text)]).control("br", []);
        let default = if setting.default.is_empty() { "empty".to_owned() } else { setting.default };
        page.text([roman(format!("In a file {}, default: {default}", setting.key))]);
    }
    Ok(())
}
