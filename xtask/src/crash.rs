//! `cargo xtask crash`: kills a server under load and looks at what its log holds, as often as one likes.

use anyhow::{Result, ensure};

use crate::{
    install,
    process::{cargo, run},
};

#[derive(Debug, PartialEq)]
pub struct Options {
    /// Kills under each policy.
    pub rounds: u64,
    /// `always`, `everysec` or `no`; all of them if none is named.
    pub policy: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self { rounds: 200, policy: None }
    }
}

impl Options {
    pub fn validate(&self) -> Result<()> {
        ensure!(self.rounds > 0, "at least one round");
        let known = |policy: &String| ["always", "everysec", "no"].contains(&policy.as_str());
        ensure!(self.policy.iter().all(known), "the policies are always, everysec and no");
        Ok(())
    }
}

/// The server is built with its assertions.
pub fn crash(options: &Options) -> Result<()> {
    let mut command = cargo(&["test", "--package", "redarium-tests", "--test", "crash"]);
    command.args(["--", "--nocapture"]);
    command.env("REDIS_SERVER", install::redis_server()?);
    command.env("REDARIUM_ROUNDS", options.rounds.to_string());
    command.envs(options.policy.iter().map(|policy| ("REDARIUM_POLICY", policy)));
    run(&mut command)
}
