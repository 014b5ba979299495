//! The files to look into: those named, and those with a known ending in the folders named.

use std::fs;
use std::path::Path;

use crate::os;

/// How a file is written, by its ending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Markdown,
    Html,
    AsciiDoc,
}

impl Format {
    pub fn of(path: &str) -> Option<Self> {
        let (_, ending) = path.rsplit_once('.')?;
        Some(match ending.to_ascii_lowercase().as_str() {
            "md" | "markdown" | "mdx" => Self::Markdown,
            "html" | "htm" => Self::Html,
            "adoc" | "asciidoc" | "asc" => Self::AsciiDoc,
            _ => return None,
        })
    }
}

/// All files, in the order of their names.
///
/// # Errors
/// When a path is not there, or a file's ending is not known.
pub fn find(paths: &[String]) -> Result<Vec<String>, String> {
    let mut files = Vec::new();
    for path in paths {
        if Path::new(path).is_dir() {
            search(path, &mut files)?;
        } else if !Path::new(path).exists() {
            return Err(format!("{path} is not there"));
        } else if Format::of(path).is_none() {
            return Err(format!("{path} is neither Markdown nor HTML nor AsciiDoc"));
        } else {
            files.push(path.clone());
        }
    }
    Ok(files)
}

fn search(folder: &str, files: &mut Vec<String>) -> Result<(), String> {
    let failed = |error| format!("Cannot read {folder}: {}", os::words(&error));
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        found.push((
            entry.path().to_string_lossy().into_owned(),
            entry.file_type().map_err(failed)?,
        ));
    }
    found.sort_by(|(a, _), (b, _)| a.cmp(b));
    for (path, kind) in found {
        let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
        if kind.is_dir() && !name.starts_with('.') && name != "node_modules" {
            search(&path, files)?;
        } else if kind.is_file() && Format::of(&path).is_some() {
            files.push(path);
        }
    }
    Ok(())
}
