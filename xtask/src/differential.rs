//! `cargo xtask differential`: the generated requests of the tests, as many and from whichever seed one likes.

use anyhow::{Result, ensure};

use crate::{
    install,
    process::{cargo, run},
};

#[derive(Debug, PartialEq)]
pub struct Options {
    pub commands: u64,
    /// The first round's; each round has the next.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { commands: 1_000_000, seed: 1 }
    }
}

impl Options {
    pub fn validate(&self) -> Result<()> {
        ensure!(self.commands > 0, "at least one command");
        Ok(())
    }
}

/// The server is built with its assertions.
pub fn differential(options: &Options) -> Result<()> {
    let mut command = cargo(&["test", "--package", "redarium-tests", "--test", "generated"]);
    command.args(["--", "--nocapture"]);
    command.env("REDIS_SERVER", install::redis_server()?);
    command.envs(install::valkey_server()?.map(|path| ("VALKEY_SERVER", path)));
    command.env("REDARIUM_COMMANDS", options.commands.to_string());
    command.env("REDARIUM_FIRST_SEED", options.seed.to_string());
    run(&mut command)
}
