//! `cargo xtask run`: the page, the release binary with the page inside, and off it goes.

use std::{
    ffi::OsString,
    process::{Command, ExitCode},
};

use anyhow::{Context, Result};

use crate::{page, process, workspace};

pub fn run(arguments: &[OsString]) -> Result<ExitCode> {
    page::build()?;
    build_server("release")?;
    // Not in the repository's root but where the person stands: relative paths are theirs.
    let mut server = Command::new(workspace::server("release"));
    become_program(server.args(arguments)).context("cannot start the server")
}

/// Builds the server's binary; `profile` is `release` or `dev`.
pub fn build_server(profile: &str) -> Result<()> {
    process::run(&mut process::cargo(&["build", "--package", "redarium", "--profile", profile]))
}

/// The server takes this process's place, so that signals and the exit code are its own.
#[cfg(unix)]
fn become_program(command: &mut Command) -> Result<ExitCode> {
    use std::os::unix::process::CommandExt;
    Err(command.exec().into())
}

#[cfg(not(unix))]
fn become_program(command: &mut Command) -> Result<ExitCode> {
    let code = command.status()?.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}
