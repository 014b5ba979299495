//! `daemonize yes`: the server goes on without a terminal, and the command that started it ends.
//!
//! A copy of the process is started rather than forked, since its threads and sockets are easier
//! made than taken along. It reads the same command line; a variable of the environment tells it that
//! it is the copy. A service manager that watches the process keeps it in the foreground.

use std::env;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::process::ExitCode;
use std::process::Stdio;

use redarium_core::config::Config;

use crate::os;
use crate::supervisor::Supervisor;

/// Whether this process is to go on as another one.
pub fn is_wanted(config: &Config) -> bool {
    let is_supervised = Supervisor::find(config.supervised).is_some();
    config.daemonize && !is_supervised && env::var_os(IS_COPY).is_none()
}

/// Starts the server in the background.
pub fn detach(words: &[String]) -> ExitCode {
    if words.last().is_some_and(|word| word == "-") {
        eprintln!("Can't daemonize with settings from the standard input.");
        return ExitCode::FAILURE;
    }
    match start(words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("Can't daemonize: {}", os::words(&error));
            ExitCode::FAILURE
        }
    }
}

fn start(words: &[String]) -> io::Result<()> {
    // A group of its own keeps the terminal's Ctrl-C away from it.
    let mut command = Command::new(env::current_exe()?);
    command.args(words).env(IS_COPY, "1").process_group(0);
    // What is logged goes to `logfile` or nowhere, as in Redis.
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().map(drop)
}

const IS_COPY: &str = "REDARIUM_IS_DETACHED";
