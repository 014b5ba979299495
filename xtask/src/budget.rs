//! What the page may weigh on the wire.

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};

use crate::workspace;

struct Budget {
    what: &'static str,
    /// Counts the files of the built page with this ending.
    ending: &'static str,
    gzip_bytes_max: u64,
}

/// Every script of the page counts, the worker's too: all are needed for the first command.
const BUDGETS: &[Budget] = &[
    Budget { what: "wasm engine", ending: ".wasm", gzip_bytes_max: 560 * 1024 },
    Budget { what: "page scripts", ending: ".js", gzip_bytes_max: 60 * 1024 },
];

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
        let sum = |suffix: &str| sum_of(&files, &format!("{}{suffix}", budget.ending));
        let (raw, brotli, gzip) = (sum(""), sum(".br"), sum(".gz"));
        println!(
            "{:<14} {raw:>10} {brotli:>10} {gzip:>10} {:>10}",
            budget.what, budget.gzip_bytes_max
        );
        ensure!(
            raw > 0 && gzip > 0,
            "the built page has no {} file or no compressed copy of it",
            budget.ending
        );
        if gzip > budget.gzip_bytes_max {
            over.push(budget.what);
        }
    }
    ensure!(over.is_empty(), "over budget: {}", over.join(", "));
    Ok(())
}

fn sum_of(files: &[(String, u64)], ending: &str) -> u64 {
    files.iter().filter(|(name, _)| name.ends_with(ending)).map(|(_, length)| length).sum()
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
