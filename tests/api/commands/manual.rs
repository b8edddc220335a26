//! What a packager installs: the manual page, as the programs behind man(1) read it, and completions, as shells do.

use std::process::Command;

use rocketchat_engagement::config::KEYS;
use tempfile::NamedTempFile;

use super::run;
use crate::support::not_tested;

/// All commands that there are, by what `--help` lists.
fn commands() -> Vec<String> {
    let help = run(&["--help"], &[]).text();
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names = listed.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help");
    let names: Vec<_> = names.map(str::to_owned).collect();
    assert!(names.len() >= 7, "{help}");
    names
}

fn file_with(text: &str) -> NamedTempFile {
    let file = NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), text).expect("written");
    file
}

#[test]
fn the_manual_page_is_set_without_a_warning_and_names_every_command_and_setting() {
    let page = file_with(&run(&["man"], &[]).text());
    let groff = Command::new("groff").args(["-k", "-man", "-ww", "-Tutf8", "-P-cbou"]).arg(page.path()).output();
    let Ok(set) = groff else {
        return not_tested("without groff nobody reads the manual page");
    };
    let (text, warnings) = (String::from_utf8_lossy(&set.stdout), String::from_utf8_lossy(&set.stderr));

    assert!(set.status.success());
    assert_eq!(warnings, "");
    let words: Vec<_> = text.split_whitespace().collect();
    for heading in ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "COMMANDS", "SETTINGS"] {
        assert!(text.lines().any(|line| line == heading), "{heading}: {text}");
    }
    for command in commands() {
        assert!(text.lines().any(|line| line.trim() == command), "{command}: {text}");
    }
    for (_, variable) in KEYS {
        assert!(words.iter().any(|word| word.trim_end_matches(',') == variable), "{variable}: {text}");
    }
}

/// What bash offers for a line whose last word has been begun.
fn offered_by_bash(script: &NamedTempFile, line: &[&str]) -> Vec<String> {
    let complete = r#"
        source "$1" && shift
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        function=$(complete -p rocketchat-engagement | sed 's/.*-F \([^ ]*\) .*/\1/')
        "$function" "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}" && printf '%s\n' "${COMPREPLY[@]}"
    "#;
    let bash = Command::new("bash").args(["--norc", "-c", complete, "bash"]).arg(script.path()).args(line).output();
    let output = bash.expect("bash runs");
    assert_eq!((output.status.success(), String::from_utf8_lossy(&output.stderr).as_ref()), (true, ""), "{line:?}");
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

#[test]
fn bash_completes_commands_flags_and_values() {
    let script = file_with(&run(&["completions", "bash"], &[]).text());
    let offered = |line: &[&str]| offered_by_bash(&script, line);

    assert_eq!(offered(&["rocketchat-engagement", "compl"]), ["completions"]);
    assert_eq!(offered(&["rocketchat-engagement", "serve", "--mongo"]), ["--mongo-url"]);
    assert_eq!(offered(&["rocketchat-engagement", "report", "--by", "room-"]), ["room-type"]);
    assert_eq!(offered(&["rocketchat-engagement", "report", "--what", "h"]), ["hours"]);
    assert_eq!(offered(&["rocketchat-engagement", "completions", "f"]), ["fish"]);
    let all = offered(&["rocketchat-engagement", ""]);
    for command in commands() {
        assert!(all.contains(&command), "{command}: {all:?}");
    }
}

#[test]
fn there_are_completions_for_every_shell_that_is_named_and_for_no_other() {
    let shells = ["bash", "elvish", "fish", "powershell", "zsh"];
    for shell in shells {
        let script = run(&["completions", shell], &[]).text();
        for command in commands() {
            assert!(script.contains(&command), "{shell} has {command}");
        }
    }
    let refused = run(&["completions", "cmd"], &[]);
    assert_eq!((refused.code, refused.output.as_str()), (Some(2), ""));
    for shell in shells {
        assert!(refused.errors.contains(shell), "{}", refused.errors);
    }
}
