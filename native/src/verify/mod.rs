//! `verify`: runs the transcripts in documentation, and says where what a command prints is not what the text
//! says. Each runs in a simulated world of its own, with virtual time and a seed, so nothing is waited for, nothing
//! listens, and the same text gives the same answer on every machine.
//!
//! ```text
//!  paths -> files -> blocks (markdown, html, asciidoc) -> core::transcript -> outcome -> report, bless
//! ```

mod asciidoc;
mod bless;
mod block;
mod files;
mod html;
mod json;
mod junit;
mod markdown;
mod options;
mod outcome;
mod progress;
mod report;
#[cfg(test)]
mod tests;

use std::fs;
use std::io::Write;
use std::process::ExitCode;

pub use options::Options;

use crate::os;
use progress::Progress;

/// Verifies, and reports as asked. The status is 0 when all is as it is written, 1 when something
/// differs, and 2 when something could not be read or written.
pub fn run(options: &Options) -> ExitCode {
    match verify(options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::from(2)
        }
    }
}

fn verify(options: &Options) -> Result<bool, String> {
    let paths = files::find(&options.paths)?;
    let mut progress = Progress::new(paths.len());
    let mut outcomes = Vec::new();
    for path in &paths {
        progress.show(path);
        let text = fs::read_to_string(path)
            .map_err(|error| format!("Cannot read {path}: {}", os::words(&error)))?;
        let outcome = outcome::of_file(path, &text);
        if options.bless
            && let Some(blessed) = bless::blessed(&text, &outcome)
        {
            write(path, &blessed)?;
        }
        outcomes.push(outcome);
    }
    progress.clear();
    let mut out = std::io::stdout().lock();
    // Whoever reads may have seen enough; the exit status still counts.
    let _ = out.write_all(report::text(&outcomes, options.bless).as_bytes());
    if let Some(path) = &options.json {
        write(path, &json::json(&outcomes))?;
    }
    if let Some(path) = &options.junit {
        write(path, &junit::junit(&outcomes))?;
    }
    Ok(outcomes.iter().all(|outcome| outcome.is_good(options.bless)))
}

/// To a file, or to the standard output by the name `-`.
fn write(path: &str, text: &str) -> Result<(), String> {
    match path {
        "-" => {
            print!("{text}");
            Ok(())
        }
        path => fs::write(path, text)
            .map_err(|error| format!("Cannot write {path}: {}", os::words(&error))),
    }
}
