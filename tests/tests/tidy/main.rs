//! House rules that no compiler and no linter knows.
//!
//! Every rule looks at the files as they lie in the folder, committed or not, and
//! names each place that breaks it. A rule that cannot fail is worth nothing, so
//! what the rules are made of is tested in `source` and `manifest`.

mod manifest;
mod rooms;
mod source;
mod tree;

use tree::File;

#[test]
fn files_are_short() {
    let code = |file: &&File| file.has_ending(&["rs", "ts", "js", "css", "html"]);
    check(tree::files().iter().filter(code), |file| {
        let lines = file.text.lines().count();
        let exempt = FLAT_TABLES.contains(&file.path.as_str());
        broken(lines > LINES_MAX && !exempt, || format!("{lines} lines; split it by noun"))
    });
}

#[test]
fn files_begin_by_saying_what_they_are() {
    check(&tree::rust_files(), |file| {
        broken(!file.text.starts_with("//!"), || "has no `//!` head".into())
    });
}

#[test]
fn the_core_is_pure() {
    check(tree::rust_files().iter().filter(|file| file.path.starts_with("core/src/")), |file| {
        if file.is_test() {
            return Vec::new();
        }
        let paths = source::paths(source::before_tests(&file.text));
        let impure = paths.iter().filter(|path| IMPURE.iter().any(|name| is_below(path, name)));
        impure.map(|path| format!("uses {path}")).collect()
    });
}

#[test]
fn the_rooms_of_the_core_know_only_those_below() {
    check(&tree::rust_files(), |file| match file.path.strip_prefix("core/src/") {
        Some(path) if !file.is_test() => rooms::violations(path, &file.text),
        _ => Vec::new(),
    });
}

#[test]
fn imports_name_what_they_import() {
    check(&tree::rust_files(), |file| {
        let globs = source::imports(&source::code(&file.text));
        let globs = globs.into_iter().filter(|path| path.ends_with("::*") && path != "super::*");
        globs.map(|path| format!("imports {path}")).collect()
    });
}

#[test]
fn nothing_is_left_for_later() {
    check(&tree::rust_files(), |file| {
        let code = source::code(&file.text);
        UNFINISHED.iter().flat_map(|mark| broken(code.contains(mark), || (*mark).into())).collect()
    });
}

#[test]
fn getters_have_no_prefix() {
    check(&tree::rust_files(), |file| {
        let code = source::code(&file.text);
        broken(code.contains("fn get_"), || "a function is named get_...".into())
    });
}

#[test]
fn no_file_knows_the_machine_it_was_written_on() {
    // Put together here, or this file would break its own rule.
    let folders = ["work", "root", "home"].map(|name| format!("/{name}/"));
    check(&tree::files(), |file| {
        let found = folders.iter().filter(|folder| names_folder(&file.text, folder));
        found.map(|folder| format!("names a folder in {folder}")).collect()
    });
}

#[test]
fn lock_files_name_no_private_registry() {
    check(&tree::files(), |file| match file.path.as_str() {
        "Cargo.lock" => manifest::cargo_lock_violations(&file.text),
        "web/package-lock.json" => broken(file.text.contains("\"resolved\""), || {
            "holds addresses; install with omit-lockfile-registry-resolved".into()
        }),
        _ => Vec::new(),
    });
}

#[test]
fn links_lead_to_files_that_exist() {
    let files = tree::files();
    check(files.iter().filter(|file| file.has_ending(&["md"])), |file| {
        let folder = tree::root().join(&file.path).with_file_name("");
        let missing = links(&file.text).filter(|link| !folder.join(link).exists());
        missing.map(|link| format!("links to {link}, which does not exist")).collect()
    });
}

#[test]
fn dependencies_stay_in_their_shells_and_give_their_reason() {
    check(&tree::files(), |file| match file.path.strip_suffix("Cargo.toml") {
        Some(folder) => manifest::violations(folder.trim_end_matches('/'), &file.text),
        None => Vec::new(),
    });
}

/// Applies a rule to every file and fails with the list of all places that break it.
#[track_caller]
fn check<'a>(files: impl IntoIterator<Item = &'a File>, rule: impl Fn(&File) -> Vec<String>) {
    let found = files.into_iter().flat_map(|file| {
        rule(file).into_iter().map(|what| format!("{}: {what}", file.path)).collect::<Vec<_>>()
    });
    let found: Vec<String> = found.collect();
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

fn broken(is_broken: bool, what: impl FnOnce() -> String) -> Vec<String> {
    if is_broken { vec![what()] } else { Vec::new() }
}

/// `std::fs::read` is below `std::fs`; `std::fsync` is not.
fn is_below(path: &str, name: &str) -> bool {
    path.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// A folder of the file system, not the middle of a web address or of a longer path.
fn names_folder(text: &str, folder: &str) -> bool {
    text.match_indices(folder).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        before.is_none_or(|c| c.is_whitespace() || "\"'`(=:".contains(c))
    })
}

/// The targets of a Markdown text's links into the repository, without the place in the file.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next());
    let files = targets.filter_map(|target| target.split('#').next());
    files.filter(|file| !file.is_empty() && !file.contains("://"))
}

const LINES_MAX: usize = 800;

/// Files that are one long table and nothing else.
const FLAT_TABLES: &[&str] = &[];

/// What the outside world looks like from Rust.
const IMPURE: &[&str] = &[
    "std::env",
    "std::fs",
    "std::net",
    "std::process",
    "std::thread",
    "std::time::Instant",
    "std::time::SystemTime",
    "Instant::now",
    "SystemTime::now",
    "std::collections::HashMap",
    "std::collections::HashSet",
    "HashMap::new",
    "HashSet::new",
];

const UNFINISHED: &[&str] = &["todo!(", "unimplemented!(", "#[ignore"];

#[test]
fn names_are_compared_by_segment() {
    assert!(is_below("std::fs::read", "std::fs") && is_below("std::fs", "std::fs"));
    assert!(!is_below("std::fsync", "std::fs"));
}

#[test]
fn folders_are_told_from_addresses() {
    let named = ["see \"/den/me\"", "/den/me", "(/den/me)"];
    assert!(named.iter().all(|text| names_folder(text, "/den/")));
    let addresses = ["https://example.org/den/page", "garden/den/x"];
    assert!(!addresses.iter().any(|text| names_folder(text, "/den/")));
}

#[test]
fn links_are_told_from_addresses() {
    let text =
        "[a](A.md) ![b](docs/b.png \"B\") [c](https://example.org) [d](E.md#part) [e](#here)";
    assert_eq!(links(text).collect::<Vec<_>>(), ["A.md", "docs/b.png", "E.md"]);
}
