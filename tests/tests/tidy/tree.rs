//! The repository's text files.

use std::{fs, path::Path};

pub struct File {
    /// From the repository's root, with forward slashes.
    pub path: String,
    pub text: String,
}

impl File {
    pub fn has_ending(&self, endings: &[&str]) -> bool {
        self.path.rsplit_once('.').is_some_and(|(_, ending)| endings.contains(&ending))
    }

    /// A file of tests only, beside the code it tests.
    pub fn is_test(&self) -> bool {
        self.path.ends_with("/tests.rs") || self.path.contains("/tests/")
    }
}

pub fn rust_files() -> Vec<File> {
    files().into_iter().filter(|file| file.has_ending(&["rs"])).collect()
}

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the tests are a folder of the repository")
}

/// Every file that is text and not generated.
pub fn files() -> Vec<File> {
    let root = root();
    let mut files = Vec::new();
    collect(root, "", &mut files);
    assert!(files.len() > 20, "the repository is not where it is looked for: {}", root.display());
    files
}

fn collect(folder: &Path, prefix: &str, files: &mut Vec<File>) {
    for entry in fs::read_dir(folder).expect("a folder of the repository is readable") {
        let entry = entry.expect("and so are its entries");
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        if GENERATED.contains(&path.as_str()) || GENERATED_ANYWHERE.contains(&name.as_str()) {
            continue;
        }
        if entry.path().is_dir() {
            collect(&entry.path(), &format!("{path}/"), files);
        } else if let Ok(text) = fs::read_to_string(entry.path()) {
            files.push(File { path, text });
        }
    }
}

const GENERATED: &[&str] = &[
    "target",
    "web/dist",
    "web/package/dist",
    "docs/.vitepress/cache",
    "docs/.vitepress/dist",
    "examples/docusaurus/.docusaurus",
    "examples/starlight/.astro",
    "examples/vitepress/.vitepress/cache",
    "web/src/engine/pkg",
    "fuzz/target",
    "fuzz/corpus",
    "fuzz/artifacts",
    "fuzz/coverage",
];
const GENERATED_ANYWHERE: &[&str] =
    &[".git", "node_modules", "test-results", "playwright-report", "__snapshots__"];
