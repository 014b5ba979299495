//! `check-rdb`, `check-aof` and `rdb-to-json`: looks through files without serving them.
//!
//! The core judges; this reads the files piece by piece, prints what is said, and, with `--fix`, cuts
//! off what a crash left unfinished at the end of a log. How far a large file is read goes to standard error. The words are those of redis-check-rdb and
//! redis-check-aof where a script may look for them, and so is the exit status: 1 if anything is wrong.

use std::fmt::Display;
use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::io::Read;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::time::SystemTime;
use std::time::UNIX_EPOCH;

use redarium_core::persist::aof::FileKind;
use redarium_core::persist::aof::Manifest;
use redarium_core::persist::check::AofCheck;
use redarium_core::persist::check::AofVerdict;
use redarium_core::persist::check::Fault;
use redarium_core::persist::check::RdbCheck;
use redarium_core::persist::check::is_manifest;
use redarium_core::persist::json::RdbToJson;

use crate::os;
use crate::progress::Progress;

/// What to check.
#[derive(Debug, PartialEq, Eq)]
pub enum Task {
    Rdb { file: String },
    Aof { file: String, fix: bool },
    Json { file: String },
}

/// Why a check ended without a good result, to be printed.
type Problem = String;

impl Task {
    /// Reads the words of the command line.
    ///
    /// # Errors
    /// How it is to be written.
    pub fn read(name: &str, words: &[String]) -> Result<Self, Problem> {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match (name, words.as_slice()) {
            ("check-rdb", [file]) => Ok(Self::Rdb { file: (*file).into() }),
            ("check-aof", ["--fix", file]) => Ok(Self::Aof { file: (*file).into(), fix: true }),
            ("check-aof", [file]) if *file != "--fix" => {
                Ok(Self::Aof { file: (*file).into(), fix: false })
            }
            ("rdb-to-json", [file]) => Ok(Self::Json { file: (*file).into() }),
            ("rdb-to-json", _) => Err("Usage: redarium rdb-to-json <rdb-file-name>".into()),
            ("check-rdb", _) => Err("Usage: redarium check-rdb <rdb-file-name>".into()),
            _ => Err("Usage: redarium check-aof [--fix] <file.manifest|file.aof>".into()),
        }
    }
}

/// Does the task; success if nothing is wrong, or no longer.
pub fn run(task: &Task) -> ExitCode {
    let result = match task {
        Task::Rdb { file } => check_rdb(file),
        Task::Aof { file, fix } => check_log(file, *fix),
        Task::Json { file } => return print_json(file),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            say(problem);
            ExitCode::FAILURE
        }
    }
}

/// Prints a snapshot in lines of JSON. What goes wrong is told on standard error, since the lines are for programs.
fn print_json(name: &str) -> ExitCode {
    let problem = match write_json(name) {
        Ok(()) => return ExitCode::SUCCESS,
        // Whoever reads, such as `head`, has seen enough.
        Err(JsonError::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            return ExitCode::SUCCESS;
        }
        Err(JsonError::Output(error)) => format!("Failed to write: {}", os::words(&error)),
        Err(JsonError::Input(problem)) => problem,
    };
    eprintln!("{problem}");
    ExitCode::FAILURE
}

/// Why a snapshot is not printed to its end.
enum JsonError {
    Input(Problem),
    Output(io::Error),
}

fn write_json(name: &str) -> Result<(), JsonError> {
    let mut file = open(name).map_err(JsonError::Input)?;
    let mut json = RdbToJson::default();
    let mut out = io::stdout().lock();
    let mut written = Ok(());
    let read = in_pieces(&mut file, name, |piece| {
        let goes_on = json.feed(piece, |lines| {
            if written.is_ok() {
                written = out.write_all(lines);
            }
        });
        goes_on && written.is_ok()
    });
    written.and_then(|()| out.flush()).map_err(JsonError::Output)?;
    read.map_err(JsonError::Input)?;
    let whole = json.finish();
    whole.map_err(|error| JsonError::Input(format!("[offset {}] {name}: {error}", error.offset)))
}

fn check_rdb(name: &str) -> Result<(), Problem> {
    let mut file = open(name)?;
    say(format_args!("[offset 0] Checking RDB file {name}"));
    let mut check = RdbCheck::new(now_ms());
    in_pieces(&mut file, name, |piece| {
        let goes_on = check.feed(piece);
        print(&check.tally.take_report());
        goes_on
    })?;
    let is_whole = check.finish();
    print(&check.tally.take_report());
    if is_whole { Ok(()) } else { Err(format!("RDB {name} is not valid.")) }
}

fn check_log(name: &str, fix: bool) -> Result<(), Problem> {
    let mut head = Vec::new();
    let read = open(name)?.take(HEAD_BYTES).read_to_end(&mut head);
    read.map_err(|error| unreadable(name, &error))?;
    if is_manifest(&head) {
        return check_files(Path::new(name), fix);
    }
    say("Start checking Old-Style AOF");
    check_file(Path::new(name), "AOF", fix.then_some(IsLast(true)))
}

/// Checks what a manifest names.
fn check_files(manifest: &Path, fix: bool) -> Result<(), Problem> {
    say("Start checking Multi Part AOF");
    let name = manifest.to_string_lossy();
    let mut text = Vec::new();
    open(&name)?.read_to_end(&mut text).map_err(|error| unreadable(&name, &error))?;
    let files = Manifest::decode(&text).map_err(|error| {
        let place = error.line.map(|(number, line)| {
            format!("Reading the manifest file, at line {number}\n>>> '{line}'\n")
        });
        let place = place.unwrap_or_default();
        format!("*** FATAL AOF MANIFEST FILE ERROR ***\n{place}{}", error.reason)
    })?;
    let paths: Vec<_> =
        files.replayed().map(|(kind, file)| (kind, manifest.with_file_name(&file.name))).collect();
    let mut says_incrs = true;
    for (index, (kind, path)) in paths.iter().enumerate() {
        let title = match kind {
            FileKind::Base => {
                let form =
                    if path.extension().is_some_and(|it| it == "rdb") { "RDB" } else { "RESP" };
                say(format_args!("Start to check BASE AOF ({form} format)."));
                "BASE AOF"
            }
            FileKind::Incr | FileKind::History => {
                if std::mem::take(&mut says_incrs) {
                    say("Start to check INCR files.");
                }
                "INCR AOF"
            }
        };
        // As when loading: an increment that a rewrite has just begun may be empty.
        let later = paths.get(index + 1..).unwrap_or_default();
        let is_empty = |path: &Path| path.metadata().is_ok_and(|facts| facts.len() == 0);
        let is_last = IsLast(later.iter().all(|(_, path)| is_empty(path)));
        check_file(path, title, fix.then_some(is_last))?;
    }
    say("All AOF files and manifest are valid");
    Ok(())
}

/// Whether a file is the last one of its log: only there does a crash leave something unfinished.
#[derive(Clone, Copy)]
struct IsLast(bool);

/// Checks one file of a log, and mends it if that is wanted.
fn check_file(path: &Path, title: &str, fix: Option<IsLast>) -> Result<(), Problem> {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    let verdict = judge(path)?;
    if verdict.bytes == 0 {
        say(format_args!("{title} {name} is empty"));
        return Ok(());
    }
    if let Some(fault) = &verdict.fault {
        say(fault);
    }
    let AofVerdict { bytes, valid, .. } = verdict;
    let rest = bytes - valid;
    say(format_args!("AOF analyzed: filename={name}, size={bytes}, ok_up_to={valid}, diff={rest}"));
    match (verdict.fault, fix) {
        (None, _) => {
            say(format_args!("{title} {name} is valid"));
            Ok(())
        }
        (Some(Fault::Preamble(_)), _) => Err(format!("AOF {name} is not valid.")),
        (Some(_), None) => {
            Err(format!("AOF {name} is not valid. Use the --fix option to try fixing it."))
        }
        (Some(_), Some(IsLast(false))) => {
            Err(format!("Failed to truncate AOF {name} because it is not the last file"))
        }
        (Some(_), Some(IsLast(true))) => truncate(path, &name, bytes, valid),
    }
}

fn judge(path: &Path) -> Result<AofVerdict, Problem> {
    let name = path.to_string_lossy();
    let mut file = open(&name)?;
    let mut check = AofCheck::new(now_ms());
    in_pieces(&mut file, &name, |piece| {
        check.feed(piece);
        print(&check.tally.take_report());
        true
    })?;
    let verdict = check.finish();
    print(&check.tally.take_report());
    Ok(verdict)
}

/// Asks, then cuts the file off where its last whole request ends.
fn truncate(path: &Path, name: &str, bytes: u64, valid: u64) -> Result<(), Problem> {
    let rest = bytes - valid;
    say(format_args!(
        "This will shrink the AOF {name} from {bytes} bytes, with {rest} bytes, to {valid} bytes"
    ));
    print("Continue? [y/N]: ");
    let mut answer = String::new();
    let answered = io::stdin().read_line(&mut answer).is_ok();
    if !answered || !answer.trim_start().starts_with(['y', 'Y']) {
        return Err("Aborting...".into());
    }
    let file = OpenOptions::new().write(true).open(path);
    let cut = file.and_then(|file| file.set_len(valid).and_then(|()| file.sync_all()));
    cut.map_err(|error| format!("Failed to truncate AOF {name}: {}", os::words(&error)))?;
    say(format_args!("Successfully truncated AOF {name}"));
    Ok(())
}

fn open(name: &str) -> Result<File, Problem> {
    File::open(name).map_err(|error| format!("Cannot open file {name}: {}", os::words(&error)))
}

/// Reads to the end, or until `take` has enough.
fn in_pieces(
    file: &mut File,
    name: &str,
    mut take: impl FnMut(&[u8]) -> bool,
) -> Result<(), Problem> {
    let mut piece = vec![0; PIECE_BYTES];
    let mut progress = Progress::of(file);
    loop {
        match file.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(len) if take(piece.get(..len).unwrap_or_default()) => progress.advance(len),
            Ok(_) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(unreadable(name, &error)),
        }
    }
}

fn unreadable(name: &str, error: &io::Error) -> Problem {
    format!("Failed to read from {name}: {}", os::words(error))
}

fn now_ms() -> i64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX)
}

fn say(line: impl Display) {
    print(&format!("{line}\n"));
}

/// A reader that has seen enough, such as `head`, may have closed the pipe: the exit status still counts.
fn print(text: &str) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// How much of a file is held in memory at once, besides the request or value it cuts.
const PIECE_BYTES: usize = 1 << 18;

/// So much shows what kind of a file it is.
const HEAD_BYTES: u64 = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_name_a_task() {
        let aof = |fix| Ok(Task::Aof { file: "f".into(), fix });
        let usage = "Usage: redarium check-aof [--fix] <file.manifest|file.aof>";
        for (line, expect) in [
            ("check-rdb f", Ok(Task::Rdb { file: "f".into() })),
            ("rdb-to-json f", Ok(Task::Json { file: "f".into() })),
            ("rdb-to-json", Err("Usage: redarium rdb-to-json <rdb-file-name>".into())),
            ("check-aof f", aof(false)),
            ("check-aof --fix f", aof(true)),
            ("check-aof", Err(usage.into())),
            ("check-aof --fix", Err(usage.into())),
            ("check-rdb", Err("Usage: redarium check-rdb <rdb-file-name>".into())),
        ] {
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            assert_eq!(Task::read(&words[0], &words[1..]), expect, "{line}");
        }
    }
}
