//! What Cargo's manifests and its lock file say about dependencies.

/// Libraries that may be named in these folders only; the root only lends versions.
const ONLY_IN: &[(&str, &[&str])] = &[
    ("tokio", &["", "native", "tests", "xtask"]),
    ("serde", &["", "wasm"]),
    ("wasm-bindgen", &["", "wasm"]),
    ("js-sys", &["", "wasm"]),
    ("web-sys", &["", "wasm"]),
];

/// The manifest in `folder` (empty for the root) names each dependency where it may and says why.
pub fn violations(folder: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for dependency in dependencies(text) {
        let name = dependency.name;
        let home = ONLY_IN.iter().find(|(library, _)| *library == name);
        if home.is_some_and(|(_, folders)| !folders.contains(&folder)) {
            found.push(format!("{name} does not belong here"));
        }
        if dependency.is_foreign && !dependency.has_reason {
            found.push(format!("{name} has no comment that says why"));
        }
    }
    found
}

struct Dependency<'a> {
    name: &'a str,
    /// From a registry, and chosen here.
    is_foreign: bool,
    has_reason: bool,
}

/// The entries of all dependency tables. A comment gives the reason of all
/// entries that follow it without an empty line.
fn dependencies(text: &str) -> Vec<Dependency<'_>> {
    let mut dependencies = Vec::new();
    let (mut in_table, mut has_reason) = (false, false);
    for line in text.lines().map(str::trim) {
        match line.chars().next() {
            None => has_reason = false,
            Some('#') => has_reason = true,
            Some('[') => (in_table, has_reason) = (line.ends_with("dependencies]"), false),
            Some(_) if in_table => dependencies.extend(dependency(line, has_reason)),
            Some(_) => {}
        }
    }
    dependencies
}

fn dependency(line: &str, has_reason: bool) -> Option<Dependency<'_>> {
    let (key, value) = line.split_once('=')?;
    let key = key.trim();
    let name = key.split('.').next()?;
    let is_ours = key.ends_with(".workspace")
        || ["workspace = true", "path ="].iter().any(|own| value.contains(own));
    Some(Dependency { name, is_foreign: !is_ours, has_reason })
}

/// Every package comes from crates.io, under the name all machines know it by.
pub fn cargo_lock_violations(text: &str) -> Vec<String> {
    let sources = text.lines().filter_map(|line| line.strip_prefix("source = "));
    let foreign = sources.filter(|source| *source != CRATES_IO);
    foreign.map(|source| format!("a package comes from {source}")).collect()
}

const CRATES_IO: &str = "\"registry+https://github.com/rust-lang/crates.io-index\"";

#[cfg(test)]
mod tests {
    use super::{cargo_lock_violations, violations};

    #[test]
    fn strays_and_silence_are_found() {
        let cases: [(&str, &str, usize); 7] = [
            ("native", "[dependencies]\n# Sockets.\ntokio = \"1\"\n", 0),
            ("core", "[dependencies]\n# Sockets.\ntokio = \"1\"\n", 1),
            ("core", "[dependencies]\ntokio.workspace = true\n", 1),
            ("core", "[dependencies]\nbytes.workspace = true\nredarium = { path = \"x\" }\n", 0),
            ("core", "[dev-dependencies]\nproptest = \"1\"\n", 1),
            ("core", "[dependencies]\n# Why.\na = \"1\"\n\nb = \"1\"\n", 1),
            ("core", "[package]\nname = \"tokio\"\n", 0),
        ];
        for (folder, text, expect) in cases {
            assert_eq!(violations(folder, text).len(), expect, "{folder}: {text}");
        }
    }

    #[test]
    fn other_registries_are_found() {
        let known = "source = \"registry+https://github.com/rust-lang/crates.io-index\"\n";
        assert!(cargo_lock_violations(known).is_empty());
        assert_eq!(cargo_lock_violations("source = \"git+https://example.org/x\"\n").len(), 1);
    }
}
