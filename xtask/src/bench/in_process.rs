//! The engine inside a JavaScript program, and ioredis with a redis-server, command by command: what a program gains that
//! has no server at all. The load is Node's in both cases (`web/scripts/bench-engine.js`).

use std::path::Path;

use anyhow::Result;

use super::{Options, server::Servers};
use crate::{
    engine, install, page,
    process::{self, node_tool},
};

/// Prints the figures; they go to `json` too, if it is named.
pub fn measure(options: &Options, servers: &Servers) -> Result<()> {
    let redis = servers.redis()?;
    let mut command = node_tool("node", &["scripts/bench-engine.js"]);
    command.args(["--port".into(), redis.address.port().to_string()]);
    command.args(["--rounds".into(), options.rounds.to_string()]);
    command.args(["--seconds".into(), options.seconds.to_string()]);
    if let Some(path) = &options.json {
        command.arg("--json").arg(absolute(path)?);
    }
    process::run(&mut command)
}

/// What is measured, built.
pub fn build() -> Result<()> {
    engine::build()?;
    page::install_packages()?;
    page::package()?;
    install::client_libraries()
}

fn absolute(path: &Path) -> Result<std::path::PathBuf> {
    Ok(std::path::absolute(path)?)
}
