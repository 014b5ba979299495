//! Programs the tests need beside Rust and Node: found, else installed, else named.
//!
//! A missing one is never a skipped test. Installing is left to `apt-get`, and
//! only where it needs no password.

use std::{env, path::PathBuf};

use anyhow::{Context, Result, bail};

use crate::process::{self, find, program};

/// The redis-server to compare with: `$REDIS_SERVER`, else the one on PATH.
pub fn redis_server() -> Result<PathBuf> {
    if let Some(named) = env::var_os("REDIS_SERVER") {
        return existing(named.into(), "REDIS_SERVER");
    }
    let look = || find("redis-server");
    match look() {
        Some(found) => Ok(found),
        None => {
            apt_install("redis-server")?;
            look().context(
                "redis-server is missing; install it (Debian: apt-get install redis-server, \
                 macOS: brew install redis) or point $REDIS_SERVER to one",
            )
        }
    }
}

/// A path somebody gave by hand: wrong is an error, not a reason to look elsewhere.
pub fn existing(path: PathBuf, variable: &str) -> Result<PathBuf> {
    if path.exists() {
        return Ok(path);
    }
    bail!("${variable} names {}, which does not exist", path.display())
}

/// Installs a Debian package where that is possible; elsewhere does nothing.
pub fn apt_install(package: &str) -> Result<()> {
    if find("apt-get").is_none() || !is_root() {
        return Ok(());
    }
    println!("installing {package}");
    apt_get(&["update", "-q"])?;
    apt_get(&["install", "-y", "-q", "--no-install-recommends", package])
}

fn apt_get(arguments: &[&str]) -> Result<()> {
    let mut command = program("apt-get");
    // A run level of 1 keeps the package from starting its service on Redis's own port.
    command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive").env("RUNLEVEL", "1");
    process::run(&mut command)
}

fn is_root() -> bool {
    process::output(program("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}
