//! Where things are in the repository.

use std::path::{Path, PathBuf};

pub const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// The repository's root folder.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask is a folder of the repository")
}

pub fn web() -> PathBuf {
    root().join("web")
}

/// The generated bindings of the wasm engine, imported by the page.
pub fn engine_package() -> PathBuf {
    web().join("src/engine/pkg")
}

/// The built page, embedded by the server.
pub fn dist() -> PathBuf {
    web().join("dist")
}

/// The npm package.
pub fn npm_package() -> PathBuf {
    web().join("package")
}

/// Its built files.
pub fn package_dist() -> PathBuf {
    npm_package().join("dist")
}

/// Cargo's output folder, which a person may have moved.
pub fn target() -> PathBuf {
    let moved = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    root().join(moved.unwrap_or_else(|| "target".into()))
}

/// The server's binary in the given profile's folder (`release` or `debug`).
pub fn server(profile: &str) -> PathBuf {
    target().join(profile).join(format!("redarium{}", std::env::consts::EXE_SUFFIX))
}
