//! The Chromium the browser tests run in.

use std::{env, path::PathBuf};

use anyhow::{Context, Result};

use crate::{
    install,
    process::{self, find, node_tool},
    workspace,
};

/// `$CHROME_BIN`, else Playwright's own, else an installed one, else a fresh one.
pub fn chromium() -> Result<PathBuf> {
    if let Some(named) = env::var_os("CHROME_BIN") {
        return install::existing(named.into(), "CHROME_BIN");
    }
    installed().map_or_else(installed_now, Ok)
}

fn installed() -> Option<PathBuf> {
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    playwrights_own()
        .or_else(|| names.into_iter().find_map(find))
        .or_else(|| MACOS.iter().map(PathBuf::from).find(|path| path.exists()))
}

fn installed_now() -> Result<PathBuf> {
    // Either may fail or do nothing; what counts is whether there is a browser afterwards.
    let report = |result: Result<()>| result.unwrap_or_else(|error| println!("{error:#}"));
    report(install::apt_install("chromium"));
    if installed().is_none() {
        report(process::run(&mut node_tool("npx", &["playwright", "install", "chromium"])));
    }
    installed().context(
        "no Chromium; install one (Debian: apt-get install chromium, elsewhere: \
         npx playwright install chromium in web/) or point $CHROME_BIN to one",
    )
}

fn playwrights_own() -> Option<PathBuf> {
    let script =
        "import { chromium } from '@playwright/test'; console.log(chromium.executablePath())";
    let mut node = process::program("node");
    node.current_dir(workspace::web()).args(["--input-type=module", "--eval", script]);
    let path = PathBuf::from(process::output(&mut node).ok()?.trim());
    path.is_file().then_some(path)
}

const MACOS: &[&str] = &[
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
];
