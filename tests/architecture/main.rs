//! The shape of the house: which modules may use which, and no circle of files. Read from the `use` lines of `src/`.
//!
//! A file and the files below it are one thing: a part may use the whole that it is a part of. Code of tests does not count.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    process::Command,
};

/// The modules from top to bottom. Each may use those after it. The table of docs/architecture.md has the same order.
const ORDER: [&str; 21] = [
    "main",
    "lib",
    "cli",
    "commands",
    "server",
    "http",
    "auth",
    "tally",
    "people",
    "room_look_up",
    "workspace_settings",
    "dashboard",
    "cached",
    "mongo",
    "metrics",
    "config",
    "mongo_url",
    "redact",
    "query_string",
    "time_zone",
    "clock",
];

/// The files of `src/` by their module path.
type Files = BTreeMap<String, String>;

fn files() -> Files {
    fn collect(directory: &Path, prefix: &str, files: &mut Files) {
        for entry in fs::read_dir(directory).expect("a directory") {
            let path = entry.expect("an entry").path();
            let name = path.file_stem().and_then(|name| name.to_str()).expect("a name").to_owned();
            if path.is_dir() {
                collect(&path, &format!("{prefix}{name}::"), files);
            } else if name != "tests" {
                let module =
                    if name == "mod" { prefix.trim_end_matches("::").to_owned() } else { format!("{prefix}{name}") };
                let text = fs::read_to_string(&path).expect("a file");
                // Files end with their tests.
                let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default().to_owned();
                files.insert(module, text);
            }
        }
    }
    let mut found = Files::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "", &mut found);
    found
}

/// The paths that a `use` names: `a::{b, c::{d}}` are `a::b` and `a::c::d`.
fn expanded(tree: &str) -> Vec<String> {
    let Some((stem, rest)) = tree.split_once('{') else { return vec![tree.to_owned()] };
    let inner = rest.strip_suffix('}').unwrap_or(rest);
    let (mut depth, mut part, mut parts) = (0, String::new(), Vec::new());
    for character in inner.chars() {
        match character {
            ',' if depth == 0 => parts.push(std::mem::take(&mut part)),
            other => {
                depth += i32::from(other == '{') - i32::from(other == '}');
                part.push(other);
            }
        }
    }
    parts.push(part);
    parts.iter().filter(|part| !part.is_empty()).flat_map(|part| expanded(&format!("{stem}{part}"))).collect()
}

/// The files that a file uses.
fn uses(module: &str, text: &str, files: &Files) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    // Comments may speak of a use.
    let code: String = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    for statement in code.split(';') {
        let Some(tree) = statement.rsplit_once("use ").map(|(before, tree)| (before, tree.trim())) else { continue };
        let (before, tree) = tree;
        let begins = before.trim_end().lines().last().unwrap_or_default().trim();
        if !(begins.is_empty() || begins.ends_with(['}', ']', ')']) || begins.starts_with("pub")) {
            continue;
        }
        let tree: String = tree.chars().filter(|character| !character.is_whitespace()).collect();
        for path in expanded(&tree) {
            found.extend(target(module, &path, files));
        }
    }
    // Paths in the code itself.
    for part in code.split("crate::").skip(1) {
        let path: String = part.chars().take_while(|c| c.is_alphanumeric() || *c == '_' || *c == ':').collect();
        found.extend(target(module, &format!("crate::{path}"), files));
    }
    found.remove(module);
    found
}

/// The file in which a path ends.
fn target(module: &str, path: &str, files: &Files) -> Option<String> {
    let mut segments: Vec<&str> = path.split("::").collect();
    let mut base: Vec<&str> = module.split("::").collect();
    match segments.first().copied()? {
        "crate" => base.clear(),
        "super" => {
            while segments.get(1) == Some(&"super") {
                base.pop();
                segments.remove(0);
            }
            base.pop();
        }
        "self" => {}
        // Another file below this one, or another crate.
        first => {
            let below = format!("{module}::{first}");
            if !files.contains_key(&below) {
                return None;
            }
            segments.insert(0, "self");
        }
    }
    let mut path: Vec<&str> = base.into_iter().chain(segments.into_iter().skip(1)).collect();
    while !path.is_empty() {
        let name = path.join("::");
        if files.contains_key(&name) {
            return Some(name);
        }
        path.pop();
    }
    None
}

/// The arrows between files, without those from a part to the whole that it is a part of.
fn arrows(files: &Files) -> BTreeMap<String, BTreeSet<String>> {
    let is_whole_of = |whole: &str, part: &str| part.strip_prefix(whole).is_some_and(|rest| rest.starts_with("::"));
    let arrows = files.iter().map(|(module, text)| {
        let used = uses(module, text, files);
        (module.clone(), used.into_iter().filter(|used| !is_whole_of(used, module)).collect())
    });
    arrows.collect()
}

fn top(module: &str) -> &str {
    module.split("::").next().unwrap_or(module)
}

#[test]
fn no_module_uses_one_above_it() {
    let place = |module: &str| {
        let place = ORDER.iter().position(|each| *each == top(module));
        place.unwrap_or_else(|| panic!("{module} has no place in the order"))
    };
    let mut wrong = Vec::new();
    let mut count = 0;
    for (from, targets) in arrows(&files()) {
        for to in targets {
            count += 1;
            if place(&to) < place(&from) {
                wrong.push(format!("{from} uses {to}"));
            }
        }
    }
    assert!(count > 200, "only {count} arrows were found: the test reads nothing");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_files_use_each_other_in_a_circle() {
    let arrows = arrows(&files());
    // Take away again and again what uses nothing that is left; what remains is in a circle or uses one.
    let mut left: BTreeSet<&String> = arrows.keys().collect();
    loop {
        let free = |module: &&String| !arrows[*module].iter().any(|used| left.contains(used));
        let ends: Vec<_> = left.iter().copied().filter(free).collect();
        if ends.is_empty() {
            break;
        }
        ends.iter().for_each(|end| _ = left.remove(*end));
    }
    // And what nothing that is left uses is not in one.
    loop {
        let is_used = |module: &&String| left.iter().any(|other| arrows[*other].contains(*module));
        let begins: Vec<_> = left.iter().copied().filter(|module| !is_used(module)).collect();
        if begins.is_empty() {
            break;
        }
        begins.iter().for_each(|begin| _ = left.remove(*begin));
    }
    let circle: Vec<_> = left
        .iter()
        .map(|from| (from, arrows[*from].iter().filter(|to| left.contains(to)).collect::<Vec<_>>()))
        .collect();
    assert!(circle.is_empty(), "{circle:#?}");
}

#[test]
fn the_table_of_the_architecture_has_the_modules_in_their_order() {
    let text =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/architecture.md")).expect("a document");
    let table = text.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    let modules: Vec<_> = table.map(|(module, _)| module).filter(|module| ORDER.contains(module)).collect();
    let expected: Vec<_> = ORDER.iter().copied().filter(|module| !["main", "lib"].contains(module)).collect();
    assert_eq!(modules, expected);
}

#[test]
fn a_use_is_read_with_its_braces_and_relative_paths() {
    assert_eq!(expanded("crate::{a::b,c::{self,d}}"), ["crate::a::b", "crate::c::self", "crate::c::d"]);
    let files: Files = ["a", "a::b", "a::c", "d"].map(|module| (module.to_owned(), String::new())).into();
    for (path, expected) in [
        ("super::c::Type", Some("a::c")),
        ("super::Type", Some("a")),
        ("crate::d", Some("d")),
        ("crate::a::Type", Some("a")),
        ("super::super::d::Type", Some("d")),
        ("std::fmt", None),
    ] {
        assert_eq!(target("a::b", path, &files).as_deref(), expected, "{path}");
    }
}

/// All libraries that these kinds of dependencies need, with their features.
fn libraries(kinds: &str) -> BTreeSet<String> {
    let arguments = ["tree", "--locked", "--offline", "--prefix", "none", "--format", "{p} [{f}]", "--edges", kinds];
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    text.lines().map(|line| line.trim_end_matches(" (*)").to_owned()).filter(|line| !line.is_empty()).collect()
}

/// Otherwise cargo makes them twice, and `make demo` after `make test` keeps a newcomer waiting for minutes.
#[test]
fn tests_need_no_other_features_of_the_programs_libraries() {
    let (of_the_program, of_tests) = (libraries("normal,build"), libraries("normal,build,dev"));
    assert!(of_the_program.len() > 100, "{of_the_program:?}");
    let twice: Vec<_> = of_the_program.difference(&of_tests).collect();
    assert!(twice.is_empty(), "name these in Cargo.toml with the features that the tests give them: {twice:#?}");
}
