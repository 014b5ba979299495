//! The server programs the tests compare, and where their executables are.

use std::env;
use std::fmt;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;

/// A server program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// `$REDARIUM_BIN`, else built by cargo in the profile of the tests.
    Redarium,
    /// `$REDIS_SERVER`, else `redis-server` on the path.
    Redis,
    /// `$VALKEY_SERVER`, else `valkey-server` on the path: it knows commands that the Redis at hand is
    /// too old for.
    Valkey,
    /// `$OLD_REDIS_SERVER`, a Redis 6.2: the last to write ziplists.
    OldRedis,
}

impl Program {
    /// Its executable.
    ///
    /// # Panics
    ///
    /// When there is none: a comparison with a server that is missing must fail, not pass unseen.
    pub fn path(self) -> &'static Path {
        static REDARIUM: LazyLock<PathBuf> = LazyLock::new(redarium);
        static REDIS: LazyLock<PathBuf> = LazyLock::new(redis);
        static VALKEY: LazyLock<PathBuf> = LazyLock::new(|| valkey().expect(INSTALL_VALKEY));
        static OLD_REDIS: LazyLock<PathBuf> =
            LazyLock::new(|| old_redis().expect(INSTALL_OLD_REDIS));
        match self {
            Self::Redarium => &REDARIUM,
            Self::Redis => &REDIS,
            Self::Valkey => &VALKEY,
            Self::OldRedis => &OLD_REDIS,
        }
    }
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Redarium => "redarium",
            Self::Redis => "redis-server",
            Self::Valkey => "valkey-server",
            Self::OldRedis => "redis-server 6.2",
        })
    }
}

/// Whether a Valkey is at hand to compare with. Only under `CI` it has to be.
///
/// # Panics
///
/// When it has to be and is not.
pub fn has_valkey() -> bool {
    let found = valkey().is_some();
    assert!(found || env::var_os("CI").is_none(), "{INSTALL_VALKEY}");
    found
}

/// The same for the Redis whose old files are read.
///
/// # Panics
///
/// As [`has_valkey`].
pub fn has_old_redis() -> bool {
    let found = old_redis().is_some();
    assert!(found || env::var_os("CI").is_none(), "{INSTALL_OLD_REDIS}");
    found
}

/// A tool that comes with redis-server, for example `redis-check-rdb`.
///
/// # Panics
///
/// When it is neither beside the server nor on the path.
pub fn redis_tool(name: &str) -> PathBuf {
    let beside = Program::Redis.path().with_file_name(name);
    if beside.is_file() {
        return beside;
    }
    find(name).unwrap_or_else(|| panic!("{name} is missing: {INSTALL_REDIS}"))
}

fn redarium() -> PathBuf {
    if let Some(path) = env::var_os("REDARIUM_BIN") {
        return absolute(Path::new(&path));
    }
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut build = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    build.current_dir(manifest).args(["build", "--quiet", "--package", "redarium"]);
    if !cfg!(debug_assertions) {
        build.arg("--release");
    }
    let status = build.status().expect("cargo runs");
    assert!(status.success(), "building the server failed");
    // A test's executable lies in the folder `deps` of its profile's folder.
    let test = env::current_exe().expect("the test knows its own path");
    let folder = test.parent().and_then(Path::parent).expect("the profile's folder");
    folder.join(format!("redarium{}", env::consts::EXE_SUFFIX))
}

fn redis() -> PathBuf {
    if let Some(path) = env::var_os("REDIS_SERVER") {
        return absolute(Path::new(&path));
    }
    find("redis-server").unwrap_or_else(|| panic!("redis-server is missing: {INSTALL_REDIS}"))
}

fn valkey() -> Option<PathBuf> {
    match env::var_os("VALKEY_SERVER") {
        Some(path) => Some(absolute(Path::new(&path))),
        None => find("valkey-server"),
    }
}

fn old_redis() -> Option<PathBuf> {
    env::var_os("OLD_REDIS_SERVER").map(|path| absolute(Path::new(&path)))
}

/// Servers are started in directories of their own, where a relative path leads elsewhere. Links
/// are kept: Debian's redis-server is a link, and acts by the name it is called by.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn find(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

const INSTALL_REDIS: &str = "the tests compare Redarium with it. Install it (Debian and Ubuntu: \
     apt-get install redis-server; macOS: brew install redis) or set REDIS_SERVER to its path";
const INSTALL_VALKEY: &str = "valkey-server is missing: the tests compare Redarium's newest commands with \
     it. `cargo xtask test` installs it under target/ with Python's pip; or set VALKEY_SERVER to its path";
const INSTALL_OLD_REDIS: &str = "a redis-server 6.2 is missing: the tests read its files. `cargo xtask test` \
     installs it under target/ with Python's pip; or set OLD_REDIS_SERVER to its path";
