//! Whether an output is newer than everything it is made from.
//!
//! Times of modification, as make compares them. Folders count too: a removed
//! file changes only its folder.

use std::{
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

use anyhow::{Context, Result};

/// True when `output` exists and nothing in `inputs` is newer. An input that does not exist is not newer.
pub fn is_fresh(output: &Path, inputs: &[PathBuf]) -> bool {
    let Some(made) = modified(output) else {
        return false;
    };
    inputs.iter().filter_map(|input| newest(input)).all(|input| input <= made)
}

/// Marks that something was made just now, for outputs that are no single file.
pub fn stamp(path: &Path) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    fs::write(path, "").with_context(|| format!("cannot write {}", path.display()))
}

fn newest(path: &Path) -> Option<SystemTime> {
    let own = modified(path)?;
    let Ok(entries) = fs::read_dir(path) else {
        return Some(own);
    };
    let inside = entries.flatten().filter_map(|entry| newest(&entry.path()));
    Some(inside.fold(own, SystemTime::max))
}

fn modified(path: &Path) -> Option<SystemTime> {
    path.metadata().ok()?.modified().ok()
}
