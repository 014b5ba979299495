//! What the page and the element may weigh on the wire.

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};

use crate::{process, workspace};

struct Budget {
    what: &'static str,
    /// Counts the files of the built page that are such, by their names.
    counts: fn(&str) -> bool,
    gzip_bytes_max: u64,
}

/// The worker's script counts too: it is needed for the first command. What is fetched when somebody opens it
/// has a name that says so (`web/vite.config.ts`).
const BUDGETS: &[Budget] = &[
    Budget {
        what: "wasm engine",
        counts: |name| name.ends_with(".wasm"),
        gzip_bytes_max: 610 * 1024,
    },
    Budget {
        what: "page scripts",
        counts: |name| name.ends_with(".js") && !name.starts_with(LATER),
        gzip_bytes_max: 60 * 1024,
    },
    Budget {
        what: "later scripts",
        counts: |name| name.ends_with(".js") && name.starts_with(LATER) && !is_live(name),
        gzip_bytes_max: 40 * 1024,
    },
    // What drives a real server: fetched by who turns to it, and by nobody else.
    Budget {
        what: "live scripts",
        counts: |name| name.ends_with(".js") && is_live(name),
        gzip_bytes_max: 24 * 1024,
    },
];

const LATER: &str = "later-";

fn is_live(name: &str) -> bool {
    ["later-live-", "later-prompts-"].iter().any(|start| name.starts_with(start))
}

/// Files of the npm package that a page with an element loads, by the beginnings of their names.
struct PackageBudget {
    what: &'static str,
    files: &'static [&'static str],
    gzip_bytes_max: u64,
}

const PACKAGE_BUDGETS: &[PackageBudget] = &[
    // What every page with an element loads.
    PackageBudget {
        what: "docs loader",
        files: &["define.js", "chunks/playground-", "chunks/text-"],
        gzip_bytes_max: 6 * 1024,
    },
    // What comes with the engine, once an element is seen.
    PackageBudget {
        what: "embed UI",
        files: &["chunks/live-", "chunks/module-"],
        gzip_bytes_max: 30 * 1024,
    },
    PackageBudget {
        what: "JS engine",
        files: &["engine.js", "chunks/module-"],
        gzip_bytes_max: 16 * 1024,
    },
];

/// Prints the sizes of the built package's parts and fails when one is over its budget.
pub fn check_package() -> Result<()> {
    let mut over = Vec::new();
    for budget in PACKAGE_BUDGETS {
        let (raw, gzip) = package_sizes(budget)?;
        println!(
            "{:<14} {raw:>10} {:>10} {gzip:>10} {:>10}",
            budget.what, "", budget.gzip_bytes_max
        );
        if gzip > budget.gzip_bytes_max {
            over.push(budget.what);
        }
    }
    ensure!(over.is_empty(), "over budget: {}", over.join(", "));
    Ok(())
}

/// Together, as they are and compressed one by one.
fn package_sizes(budget: &PackageBudget) -> Result<(u64, u64)> {
    let mut files = Vec::new();
    let dist = workspace::package_dist();
    list(&dist, &mut files).context("the package is not built")?;
    let (mut raw, mut gzip) = (0, 0);
    for beginning in budget.files {
        let (folder, name) = beginning.rsplit_once('/').unwrap_or(("", beginning));
        let found = fs::read_dir(dist.join(folder))?.flatten().find(|entry| {
            let file = entry.file_name();
            file.to_string_lossy().starts_with(name)
        });
        let path = found.with_context(|| format!("the package has no {beginning}"))?.path();
        raw += path.metadata()?.len();
        gzip += compressed(&path)?;
    }
    Ok((raw, gzip))
}

/// As `precompress.js` would have it; the package holds no compressed copies.
fn compressed(path: &Path) -> Result<u64> {
    let script = "const { gzipSync } = require('node:zlib');
        const bytes = require('node:fs').readFileSync(process.argv[1]);
        console.log(gzipSync(bytes, { level: 9 }).length);";
    let printed = process::output(process::program("node").args(["-e", script]).arg(path))?;
    printed.trim().parse().context("no size was printed")
}

/// Prints the sizes of the built page and fails when one is over its budget.
pub fn check() -> Result<()> {
    let mut files = Vec::new();
    list(&workspace::dist(), &mut files).context("the page is not built")?;
    println!(
        "{:<14} {:>10} {:>10} {:>10} {:>10}",
        "size (bytes)", "raw", "brotli", "gzip", "gzip max"
    );
    let mut over = Vec::new();
    for budget in BUDGETS {
        let sum = |suffix: &str| sum_of(&files, budget.counts, suffix);
        let (raw, brotli, gzip) = (sum(""), sum(".br"), sum(".gz"));
        println!(
            "{:<14} {raw:>10} {brotli:>10} {gzip:>10} {:>10}",
            budget.what, budget.gzip_bytes_max
        );
        ensure!(
            raw > 0 && gzip > 0,
            "the built page has no {} or no compressed copy of them",
            budget.what
        );
        if gzip > budget.gzip_bytes_max {
            over.push(budget.what);
        }
    }
    ensure!(over.is_empty(), "over budget: {}", over.join(", "));
    Ok(())
}

/// The lengths of the files that count, or of their compressed copies.
fn sum_of(files: &[(String, u64)], counts: fn(&str) -> bool, suffix: &str) -> u64 {
    let of = |name: &str| name.strip_suffix(suffix).is_some_and(counts);
    files.iter().filter(|(name, _)| of(name)).map(|(_, length)| length).sum()
}

fn list(folder: &Path, files: &mut Vec<(String, u64)>) -> Result<()> {
    for entry in
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?
    {
        let entry = entry?;
        let meta = entry.metadata()?;
        if meta.is_dir() {
            list(&entry.path(), files)?;
        } else {
            files.push((entry.file_name().to_string_lossy().into_owned(), meta.len()));
        }
    }
    Ok(())
}
