//! `bindgen WASM OUT_DIR`: writes the JavaScript and TypeScript face of a wasm module.
//!
//! Run by `cargo xtask`; see `src/engine.rs` there.

use std::{env, process::ExitCode};

use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [wasm, out_dir] = arguments.as_slice() else {
        eprintln!("usage: bindgen WASM OUT_DIR");
        return ExitCode::FAILURE;
    };
    match generate(wasm, out_dir) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bindgen: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn generate(wasm: &str, out_dir: &str) -> anyhow::Result<()> {
    Bindgen::new()
        .input_path(wasm)
        .web(true)?
        .typescript(true)
        // Names and producers are a tenth of the file and no browser needs them.
        .remove_name_section(true)
        .remove_producers_section(true)
        .out_name("engine")
        .generate(out_dir)
}
