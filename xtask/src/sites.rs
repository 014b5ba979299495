//! The docs and the example sites, each built by its real tool into `target/sites/NAME`.
//!
//! They use the npm package as it was built last. Tools that are not npm packages are found, else
//! installed: Hugo by apt-get, mdBook by Cargo under `target/`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use crate::{
    install, page,
    process::{self, find, program},
    workspace,
};

/// Builds the site in one folder into another.
type Build = fn(&Path, &Path) -> Result<()>;

/// Each site's folder, and its tool.
const SITES: &[(&str, Build)] = &[
    ("docs", |from, to| npx(from, &["vitepress", "build", "--outDir"], to)),
    ("examples/vitepress", |from, to| npx(from, &["vitepress", "build", "--outDir"], to)),
    ("examples/docusaurus", |from, to| npx(from, &["docusaurus", "build", "--out-dir"], to)),
    ("examples/starlight", |from, to| npx(from, &["astro", "build", "--outDir"], to)),
    ("examples/hugo", hugo),
    ("examples/mdbook", mdbook),
];

pub fn build() -> Result<()> {
    for (folder, build) in SITES {
        let from = workspace::root().join(folder);
        let name = from.file_name().unwrap_or_default();
        let to = workspace::target().join("sites").join(name);
        build(&from, &to).with_context(|| format!("building {folder}"))?;
    }
    Ok(())
}

fn npx(from: &Path, arguments: &[&str], to: &Path) -> Result<()> {
    // Their lock files name what exists for the machine they were made on; `npm ci` would insist on the rest.
    page::install_packages_by(&["install", "--no-save"], from)?;
    // npm has copied the package as it was then.
    copy(&workspace::npm_package(), &from.join("node_modules/redarium"))?;
    let mut command = program("npx");
    // None of them is to report home that it was used.
    command.env("ASTRO_TELEMETRY_DISABLED", "1").env("DOCUSAURUS_TELEMETRY_DISABLED", "1");
    process::run(command.current_dir(from).args(arguments).arg(to))
}

fn hugo(from: &Path, to: &Path) -> Result<()> {
    if find("hugo").is_none() {
        install::apt_install("hugo")?;
    }
    let hugo = find("hugo").context("hugo is missing; install it (https://gohugo.io)")?;
    process::run(program(hugo).current_dir(from).args(["--quiet", "--destination"]).arg(to))
}

/// The package's scripts are copied into the book first, as its readers are told to do; here into a copy of it.
fn mdbook(from: &Path, to: &Path) -> Result<()> {
    let book = workspace::target().join("sites/mdbook-source");
    copy(from, &book)?;
    copy(&workspace::package_dist(), &book.join("src/redarium"))?;
    process::run(program(mdbook_program()?).args(["build", "--dest-dir"]).arg(to).arg(&book))
}

fn mdbook_program() -> Result<PathBuf> {
    if let Some(found) = find("mdbook") {
        return Ok(found);
    }
    let root = workspace::target().join("tools");
    let arguments = ["install", "mdbook", "--version", MDBOOK_VERSION];
    // It runs once: what counts is how soon it is compiled. Cargo does nothing where it is there already.
    let plain = ["--debug", "--no-default-features", "--root"];
    process::run(process::cargo(&[&arguments[..], &plain].concat()).arg(&root))?;
    Ok(root.join("bin/mdbook"))
}

/// A folder with all that is in it, in place of what was there.
fn copy(from: &Path, to: &Path) -> Result<()> {
    if to.exists() {
        fs::remove_dir_all(to)?;
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("reading {}", from.display()))? {
        let (from, to) = (entry?.path(), to);
        let to = to.join(from.file_name().unwrap_or_default());
        if from.is_dir() {
            copy(&from, &to)?;
        } else {
            fs::copy(&from, &to)?;
        }
    }
    Ok(())
}

const MDBOOK_VERSION: &str = "0.5.4";
