//! What to run, by the command line and the configuration files it names.
//!
//! The rules are redis-server's and stand in `redarium_core::config`; this is the part that touches
//! files. `dir` takes effect where it stands, so that later relative names count from there.

use std::env;
use std::fmt;
use std::fs;
use std::io;
use std::io::Read;

use redarium_core::acl::Users;
use redarium_core::config::CommandLine;
use redarium_core::config::Config;
use redarium_core::config::FileError;
use redarium_core::config::Files;
use redarium_core::node::REDARIUM_VERSION;
use redarium_core::node::REDIS_VERSION;

use crate::check;
use crate::os;
use crate::simulate;
use crate::verify;

/// What the command line asks for.
pub enum Invocation {
    /// Print this and end.
    Print(String),
    /// Look through files instead of serving.
    Check(check::Task),
    /// Run the transcripts in documents.
    Verify(verify::Options),
    /// Play simulated worlds.
    Simulate(simulate::Task),
    /// Play this script.
    Replay(String),
    Run(Box<Start>),
}

/// How to start.
pub struct Start {
    pub config: Config,
    /// Whether there is anything on the command line at all.
    pub configured: bool,
    /// Without the page there is no point in running: somebody asked for it by its port, or for
    /// nothing else at all. Otherwise a second server on the machine just goes without.
    pub page_required: bool,
}

/// Reads the words after the program's name.
///
/// # Errors
/// What to tell the person before ending with status 1.
pub fn read(words: &[String]) -> Result<Invocation, String> {
    match words {
        [word] if ["-v", "--version"].contains(&word.as_str()) => Ok(Invocation::Print(version())),
        [word] if ["-h", "--help"].contains(&word.as_str()) => Ok(Invocation::Print(HELP.into())),
        [word, rest @ ..] if ["check-aof", "check-rdb", "rdb-to-json"].contains(&word.as_str()) => {
            check::Task::read(word, rest).map(Invocation::Check)
        }
        [word, rest @ ..] if word == "verify" => {
            verify::Options::read(rest).map(Invocation::Verify)
        }
        [word, rest @ ..] if word == "simulate" => {
            simulate::Task::read(rest).map(Invocation::Simulate)
        }
        [word, file] if word == "replay" => Ok(Invocation::Replay(file.clone())),
        [word, ..] => match refused(word) {
            Some(text) => Err(text.into()),
            None => Ok(Invocation::Run(Box::new(start(words)?))),
        },
        [] => Ok(Invocation::Run(Box::new(start(words)?))),
    }
}

/// What redis-server does besides serving, and this program does not.
fn refused(word: &str) -> Option<&'static str> {
    Some(match word {
        "--test-memory" => "Redarium does not test memory; use memtest86+ or memtester.",
        "--check-system" => "Redarium does not check the system; use redis-server --check-system.",
        "--sentinel" => "Redarium is no Sentinel; use redis-sentinel, which can watch it.",
        _ => return None,
    })
}

fn start(words: &[String]) -> Result<Start, String> {
    let line = CommandLine::parse(words);
    let text = config_text(&line)?;
    let mut disk = Disk::default();
    let config_file = line.file.as_ref().and_then(|path| fs::canonicalize(path).ok());
    let mut config = Config {
        config_file: config_file.unwrap_or_default().to_string_lossy().into_owned(),
        dir: disk.enter(".")?,
        ..Config::default()
    };
    let named = config.load(&text, &mut disk).map_err(|error| refusal(&error))?;
    config.declared_users()?;
    let configured = !words.is_empty();
    Ok(Start { config, configured, page_required: !configured || named.contains(&"http-port") })
}

/// The file, then standard input, then the flags: what comes last counts.
fn config_text(line: &CommandLine) -> Result<Vec<u8>, String> {
    let mut text = Vec::new();
    if let Some(path) = &line.file {
        text = Disk::default().read(path).map_err(|reason| {
            let path = std::path::absolute(path).unwrap_or_else(|_| path.into());
            let path = path.to_string_lossy().into_owned();
            FileError::Include { path, reason }.to_string()
        })?;
    }
    if line.stdin {
        text.push(b'\n');
        let read = io::stdin().read_to_end(&mut text);
        read.map_err(|error| format!("Can't read the standard input: {}", os::words(&error)))?;
    }
    text.push(b'\n');
    text.extend_from_slice(line.lines.as_bytes());
    Ok(text)
}

/// The file system, and the users that were declared so far.
#[derive(Default)]
struct Disk {
    users: Users,
}

impl Files for Disk {
    fn read(&mut self, path: &str) -> Result<Vec<u8>, String> {
        fs::read(path).map_err(|error| os::words(&error))
    }

    fn enter(&mut self, dir: &str) -> Result<String, String> {
        let entered = env::set_current_dir(dir).and_then(|()| env::current_dir());
        let dir = entered.map_err(|error| os::words(&error))?;
        Ok(dir.to_string_lossy().into_owned())
    }

    fn check_user(&mut self, words: &[&str]) -> Result<(), String> {
        let words: Vec<&[u8]> = words.iter().map(|word| word.as_bytes()).collect();
        self.users.take_line(&words, false)
    }
}

fn refusal(error: &FileError) -> String {
    match error {
        FileError::Include { .. } => error.to_string(),
        FileError::Line { .. } => fatal(error),
    }
}

/// Redis's frame around what is wrong with the settings.
pub fn fatal(problem: impl fmt::Display) -> String {
    format!("\n*** FATAL CONFIG FILE ERROR (Redarium {REDARIUM_VERSION}) ***\n{problem}")
}

fn version() -> String {
    let redis = REDIS_VERSION;
    format!("Redarium server v={redis} redarium={REDARIUM_VERSION} malloc=mimalloc bits=64")
}

const HELP: &str = "\
Usage: redarium [FILE] [--SETTING VALUE...]... [-]
       redarium check-aof [--fix] FILE
       redarium check-rdb FILE
       redarium verify [--bless] [--json FILE] [--junit FILE] FILE_OR_FOLDER...
       redarium simulate [--seeds N] [--seed FIRST] [--nodes K] [--commands N] [--claim NAME]
       redarium replay FILE
       redarium rdb-to-json FILE

Runs a Redis server that can be seen through: RESP on 127.0.0.1:6379, and a page that
shows how it works on http://127.0.0.1:8080.

  FILE                 a redis.conf; what the flags say overrides it
  --SETTING VALUE...   any setting of redis.conf, such as
      --port 7000                       RESP port; 0 for none
      --http-port 9000                  port of the page; 0 for none
      --bind 127.0.0.1 -::1             addresses to listen on
      --replicaof \"127.0.0.1 6379\"      follow that master
      --dir DIR --dbfilename dump.rdb   where the data is kept
      --save \"60 1000\"                  save after 60 s if 1000 keys changed; --save \"\" never
      --requirepass PASSWORD
      --loglevel verbose --logfile FILE
  -                    read more settings from standard input
  -v, --version        print the version
  -h, --help           print this
  check-aof FILE       check a file of an append-only log, or all that a manifest names;
                       --fix asks, then cuts off what a crash left unfinished
  check-rdb FILE       check a snapshot
  verify PATH...       run the transcripts in Markdown, HTML and AsciiDoc files, each on a simulated
                       node of its own, and compare what is printed; --bless writes it down
  simulate             play simulated fleets, with faults by the seed, until a promise is broken;
                       what breaks one is printed as a script, made as small as it gets
  replay FILE          play a script, and print what its terminals show and its digest
  rdb-to-json FILE     print a snapshot in lines of JSON

Examples:
  redarium
  redarium --port 7001 --replicaof 127.0.0.1 7000
  redarium /etc/redis/redis.conf --loglevel verbose
";

#[cfg(test)]
mod tests {
    use super::*;

    fn started(words: &[&str]) -> Result<Start, String> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        match read(&words)? {
            Invocation::Run(start) => Ok(*start),
            Invocation::Print(text) => Err(text),
            Invocation::Check(task) => Err(format!("{task:?}")),
            Invocation::Verify(options) => Err(format!("{options:?}")),
            Invocation::Simulate(task) => Err(format!("{task:?}")),
            Invocation::Replay(file) => Err(file),
        }
    }

    #[test]
    fn reads_flags() {
        let start = started(&["--port", "7000", "--save", "", "--hz", "20"]).unwrap();
        assert_eq!((start.config.port, start.config.hz), (7000, 20));
        assert_eq!(start.config.save, []);
        assert!(start.config.dir.starts_with('/'));
    }

    #[test]
    fn the_page_is_required_when_asked_for() {
        for (words, expect) in [
            (&[][..], true),
            (&["--port", "7000"], false),
            (&["--port", "7000", "--http-port", "8080"], true),
        ] {
            assert_eq!(started(words).unwrap().page_required, expect, "{words:?}");
        }
    }

    #[test]
    fn prints_version_and_help() {
        for (word, expect) in [("--version", "Redarium server v="), ("-h", "Usage: redarium")] {
            let text = started(&[word]).err().unwrap();
            assert!(text.starts_with(expect), "{text}");
        }
    }

    #[test]
    fn tells_what_is_wrong() {
        for (words, expect) in [
            (
                &["--port", "x"][..],
                "\n*** FATAL CONFIG FILE ERROR (Redarium 0.1.0) ***\nReading the configuration file, \
                 at line 2\n>>> 'port \"x\"'\nargument couldn't be parsed into an integer",
            ),
            (
                &["/missing.conf"],
                "Fatal error, can't open config file '/missing.conf': No such file or directory",
            ),
            (
                &["--test-memory", "100"],
                "Redarium does not test memory; use memtest86+ or memtester.",
            ),
        ] {
            assert_eq!(started(words).err().as_deref(), Some(expect));
        }
    }
}
