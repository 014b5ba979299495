//! One script gives one digest: natively, played again, and in wasm under Node.js.
//!
//! What the page runs is what these tests run: a script that fails here is a link
//! there. The module under test is the page's own, so it has to be built first.

use std::env;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use redarium_core::sim::Script;

#[test]
fn a_script_gives_the_same_digest_twice() {
    for (name, script) in scripts() {
        assert_eq!(script.play().digest(), script.play().digest(), "{name}");
    }
}

#[test]
fn scripts_differ_in_their_digests() {
    let mut digests: Vec<_> = scripts().iter().map(|(_, script)| script.play().digest()).collect();
    digests.sort();
    digests.dedup();
    assert_eq!(digests.len(), scripts().len());
}

#[test]
fn the_text_form_keeps_all_that_matters() {
    for (name, script) in scripts() {
        assert_eq!(Script::parse(&script.to_string()), Ok(script), "{name}");
    }
}

#[test]
fn wasm_gives_the_native_digests() {
    let package = root().join("web/src/engine/pkg");
    assert!(package.join("engine.js").exists(), "the engine is not built: cargo xtask web");
    let files: Vec<PathBuf> = SCRIPTS.iter().map(|name| script_file(name)).collect();
    let node = env::var_os("NODE").unwrap_or_else(|| "node".into());
    let output = Command::new(node)
        .arg(root().join("tests/wasm/digests.mjs"))
        .arg(&package)
        .args(&files)
        .output()
        .expect("Node.js is installed");
    let (found, errors) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let native: Vec<String> = scripts().iter().map(|(_, script)| script.play().digest()).collect();
    assert!(output.status.success(), "{errors}");
    assert_eq!(found.lines().collect::<Vec<_>>(), native);
}

fn scripts() -> Vec<(&'static str, Script)> {
    let read = |name: &&'static str| {
        let text = std::fs::read_to_string(script_file(name)).expect("the script is there");
        (*name, Script::parse(&text).unwrap_or_else(|error| panic!("{name}: {error:?}")))
    };
    SCRIPTS.iter().map(read).collect()
}

fn script_file(name: &str) -> PathBuf {
    root().join("tests/scripts").join(name)
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the tests are a folder of the repository")
}

const SCRIPTS: &[&str] = &[
    "replicate.txt",
    "wait-with-a-cut-link.txt",
    "heal-and-continue.txt",
    "join-late.txt",
    "expire.txt",
    "evict.txt",
    "promote.txt",
    "values.txt",
    "chunked.txt",
];
