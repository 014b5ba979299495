//! The engine as a WebAssembly module with its JavaScript face, in `web/src/engine/pkg`.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result, bail};

use crate::{
    fresh, process,
    workspace::{self, WASM_TARGET},
};

/// Builds the wasm module and its bindings. Does nothing that is already done.
pub fn build() -> Result<()> {
    ensure_target()?;
    let arguments = ["build", "--package", "redarium-wasm", "--target", WASM_TARGET];
    process::run(process::cargo(&arguments).args(["--profile", "wasm"]))?;
    let wasm = workspace::target().join(WASM_TARGET).join("wasm/redarium_wasm.wasm");
    let bindings = workspace::engine_package().join("engine.js");
    if fresh::is_fresh(&bindings, std::slice::from_ref(&wasm)) {
        return Ok(());
    }
    bind(wasm)
}

fn bind(wasm: PathBuf) -> Result<()> {
    // Names of earlier snippets would stay beside the new ones.
    if workspace::engine_package().exists() {
        fs::remove_dir_all(workspace::engine_package())?;
    }
    let program = ["run", "--package", "xtask", "--features", "bindgen", "--bin", "bindgen"];
    let arguments = [&program[..], &["--profile", "tool", "--"]].concat();
    process::run(process::cargo(&arguments).arg(wasm).arg(workspace::engine_package()))
}

/// rust-toolchain.toml names the target, but rustup only fetches it by itself
/// where automatic installation is switched on.
fn ensure_target() -> Result<()> {
    if target_is_installed()? {
        return Ok(());
    }
    if process::find("rustup").is_none() {
        bail!(
            "the Rust target {WASM_TARGET} is missing; install rustup from https://rustup.rs, \
             or the target with your package manager"
        );
    }
    process::run(process::program("rustup").args(["target", "add", WASM_TARGET]))
}

fn target_is_installed() -> Result<bool> {
    let arguments = ["--print", "target-libdir", "--target", WASM_TARGET];
    let folder = process::output(process::program("rustc").args(arguments))
        .context("looking for the wasm target")?;
    Ok(PathBuf::from(folder.trim()).is_dir())
}
