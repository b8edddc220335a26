//! What cannot be done: one line on standard error that says what to do, the documented exit code, and never a panic.

use std::{
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use bson::doc;

use super::{Ran, run};
use crate::support::{
    GuardedMongod, ROOT, Stopwatch, Workspace, keep_secret, reveals_a_secret, signal, start_mongod, utc,
};

/// The commands, with the exit code for what could not be done.
const COMMANDS: [(&str, i32); 3] = [("check", 2), ("report", 1), ("verify", 2)];

/// Those of them that count.
const COUNTING: [(&str, i32); 2] = [("report", 1), ("verify", 2)];

/// Checks that it ended with this code and one line on standard error that contains the texts.
fn assert_complains(ran: &Ran, what: &str, code: i32, texts: &[&str]) {
    assert_eq!(ran.code, Some(code), "{what}: {ran:?}");
    assert_eq!(ran.errors.lines().count(), 1, "{what}: {ran:?}");
    assert!(ran.errors.starts_with("rocketchat-engagement: "), "{what}: {ran:?}");
    assert!(!reveals_a_secret(&ran.errors) && !reveals_a_secret(&ran.output), "{what}: {ran:?}");
    for text in texts {
        assert!(ran.errors.contains(text), "{what}: {text:?} is not in {ran:?}");
    }
}

#[test]
fn settings_that_cannot_be_used_are_named() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), "mongo_url = \"mongodb://rc:secretpassword@db\nport = \u{1b}[2J").expect("a file");
    keep_secret("secretpassword");
    let broken = file.path().to_str().expect("UTF-8");
    for (command, code) in COMMANDS {
        for (arguments, environment, texts) in [
            (vec![], vec![("TZ", "Mars/\u{1b}[2JOlympus")], vec!["TZ", "IANA"]),
            (vec!["--config", "/nowhere/engagement.toml"], vec![], vec!["/nowhere/engagement.toml", "No such file"]),
            (vec!["--config", "/"], vec![], vec!["configuration file /"]),
            (
                vec![],
                vec![("CONFIG_FILE", broken)],
                vec![broken, "TOML parse error at line 2, column 9: unexpected key"],
            ),
            (vec![], vec![("MONGO_URL", "rc:secretpassword@db")], vec!["MONGO_URL", "mongodb://user:password@host"]),
        ] {
            let ran = run(&[&[command], &arguments[..]].concat(), &environment);
            assert_complains(&ran, &format!("{command} {arguments:?} {environment:?}"), code, &texts);
            assert_eq!(ran.output, "");
        }
        for (flag, value, text) in
            [("--timezone", "Mars/Olympus", "Europe/Berlin"), ("--mongo-url", "rc@db", "mongodb://user:password@host")]
        {
            let ran = run(&[command, flag, value], &[]);
            assert_complains(&ran, &format!("{command} {flag}"), 2, &["from the command line", text]);
        }
    }
}

#[test]
fn days_that_make_no_sense_are_refused_before_mongodb_is_asked() {
    for (arguments, texts) in [
        (
            vec!["--start", "2023-05-30", "--end", "2023-05-20"],
            vec!["2023-05-30 is later than --end 2023-05-20", "exchange"],
        ),
        (vec!["--start", "2099-01-01"], vec!["--start 2099-01-01 is later than today, 20", "begin earlier"]),
        (vec!["--start", "May"], vec!["--start \"May\"", "2026-05-01T12:00:00Z"]),
        (vec!["--start", "2023-05-20", "--end", "\u{1b}[2J"], vec!["--end", "2026-05-01"]),
        (vec!["--last", "7w"], vec!["--last \"7w\"", "7d, 30d, 90d or 12m"]),
        (vec!["--last", "0d"], vec!["--last \"0d\""]),
    ] {
        for (command, _) in COUNTING {
            let ran = run(&[&[command], &arguments[..]].concat(), &[("MONGO_URL", "mongodb://127.0.0.1:1")]);
            assert_complains(&ran, &format!("{command} {arguments:?}"), 2, &texts);
        }
    }
    let ran = run(&["report", "--top", "5"], &[]);
    assert_complains(&ran, "--top", 2, &["--by room"]);
    let ran = run(&["report", "--by", "room", "--fill"], &[]);
    assert_complains(&ran, "--fill", 2, &["--by room", "--format json"]);
}

#[test]
fn a_server_that_is_not_there_is_soon_given_up() {
    for (command, code) in COMMANDS {
        let began = Instant::now();
        let ran = run(&[command], &[("MONGO_URL", "mongodb://127.0.0.1:1/rocketchat")]);
        assert_complains(&ran, command, code, &["cannot be reached", "is it running", "MONGO_URL"]);
        assert!(began.elapsed() < Duration::from_secs(30), "{command}: {:?}", began.elapsed());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_falls_silent_during_the_work_is_given_up() {
    for (command, code) in COUNTING {
        let mongod = start_mongod(&[]).await.expect("mongod");
        let workspace = Workspace::at(&mongod.url("rocketchat"), "rocketchat").await;
        let message = doc! { "rid": "channel", "ts": utc("2023-05-25T12:00:00Z") };
        workspace.insert("rocketchat_message", [message]).await;
        let admin = mongod.client().await.expect("a client").database("admin");
        let slow = doc! {
            "configureFailPoint": "failCommand",
            "mode": "alwaysOn",
            "data": { "failCommands": ["aggregate"], "blockConnection": true, "blockTimeMS": 300_000 },
        };
        admin.run_command(slow).await.expect("a fail point");
        let url = mongod.url("rocketchat");
        let began = Stopwatch::start();
        let running =
            tokio::task::spawn_blocking(move || run(&[command, "--start", "2023-05-20"], &[("MONGO_URL", &url)]));
        // Frozen when it has been asked.
        let is_asked = async || {
            let operations = admin.run_command(doc! { "currentOp": 1, "command.aggregate": { "$exists": true } });
            let operations = operations.await.expect("the operations");
            !operations.get_array("inprog").expect("operations").is_empty()
        };
        while !is_asked().await {
            assert!(began.elapsed() < Duration::from_secs(30), "nothing is asked of MongoDB");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        signal("STOP", mongod.pid());
        let ran = running.await.expect("it ends");
        assert_complains(&ran, command, code, &["MongoDB"]);
        assert!(began.elapsed() < Duration::from_secs(60), "{command}: {:?}", began.elapsed());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stands_still_for_some_seconds_is_waited_for() {
    for (command, _) in COUNTING {
        let mongod = start_mongod(&[]).await.expect("mongod");
        let workspace = Workspace::at(&mongod.url("rocketchat"), "rocketchat").await;
        workspace.add_admin().await;
        let url = mongod.url("rocketchat");
        signal("STOP", mongod.pid());
        let running =
            tokio::task::spawn_blocking(move || run(&[command, "--start", "2023-05-20"], &[("MONGO_URL", &url)]));
        // Longer than a request would wait for a server.
        tokio::time::sleep(Duration::from_secs(5)).await;
        assert!(!running.is_finished(), "{command} has given up");
        signal("CONT", mongod.pid());
        let ran = running.await.expect("it ends");
        assert_eq!((ran.code, ran.errors.as_str()), (Some(0), ""), "{command}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_no_messages_and_no_users_it_asks_whether_the_database_name_is_right() {
    let workspace = Workspace::demonstration().await;
    let url = workspace.url();
    let wrong = url.replace(workspace.database.name(), "rocketchatt");
    for (command, code) in COUNTING {
        let ran = run(&[command, "--last", "3d"], &[("MONGO_URL", &wrong)]);
        assert_complains(&ran, command, code, &["the database rocketchatt has no users", "is its name right?"]);
        assert_eq!(ran.output, "");
        // Days on which nobody wrote are no reason for doubt.
        let ran = run(&[command, "--start", "1999-01-01", "--end", "1999-01-02"], &[("MONGO_URL", &url)]);
        assert_eq!((ran.code, ran.errors.as_str()), (Some(0), ""), "{command}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_without_rights_is_sent_to_check() {
    let guarded = GuardedMongod::start().await;
    guarded.workspace("rocketchat").await.add_admin().await;
    ["nobodypassword", "wrongpassword"].iter().for_each(|password| keep_secret(password));
    let none: [&str; 0] = [];
    let nobody = doc! { "createUser": "nobody", "pwd": "nobodypassword", "roles": none.to_vec() };
    guarded.run("admin", nobody).await;
    for (account, remedy) in
        [("nobody:nobodypassword@", "createRole"), ("root:wrongpassword@", "MONGO_URL"), ("", "MONGO_URL")]
    {
        let url = guarded.url(account, "rocketchat", "admin");
        for (command, code) in COUNTING {
            let ran = run(&[command], &[("MONGO_URL", &url)]);
            assert_complains(&ran, &format!("{command} {account}"), code, &["refuses our account", "engagement check"]);
        }
        let ran = run(&["check"], &[("MONGO_URL", &url)]);
        assert_complains(&ran, &format!("check {account}"), 2, &["will not work", remedy]);
    }
    for (command, _) in COUNTING {
        assert_eq!(run(&[command], &[("MONGO_URL", &guarded.url(ROOT, "rocketchat", "admin"))]).code, Some(0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_who_goes_away_is_no_error_and_a_full_disk_is() {
    let workspace = Workspace::demonstration().await;
    for (command, code) in COMMANDS.into_iter().chain([("config", 1), ("man", 1), ("completions bash", 1)]) {
        let command_to = |output: Stdio| {
            let mut command_line = Command::new(env!("CARGO_BIN_EXE_rocketchat-engagement"));
            command_line
                .args(command.split(' '))
                .env_clear()
                .env("MONGO_URL", workspace.url())
                .env("TZ", "UTC")
                .stdout(output)
                .stderr(Stdio::piped());
            command_line.spawn().expect("the binary starts")
        };
        let mut child = command_to(Stdio::piped());
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("it ends");
        assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), b"".as_slice()), "{command}");

        let full = std::fs::File::options().write(true).open("/dev/full").expect("/dev/full");
        let output = command_to(full.into()).wait_with_output().expect("it ends");
        let errors = String::from_utf8(output.stderr).expect("UTF-8");
        let ran = Ran { code: output.status.code(), output: String::new(), errors };
        assert_complains(&ran, command, code, &["cannot write", "No space left"]);
    }
}
