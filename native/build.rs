//! Makes sure that the folder the page is embedded from exists.
//!
//! `cargo xtask run` builds the page there first; a bare `cargo build` has to
//! work as well and then embeds nothing. Rust only notices changes of files it
//! has already embedded, hence the watch on the whole folder.

use std::{fs, path::Path};

fn main() {
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../web/dist");
    fs::create_dir_all(&dist)
        .unwrap_or_else(|error| panic!("cannot make {}: {error}", dist.display()));
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=../web/dist");
}
