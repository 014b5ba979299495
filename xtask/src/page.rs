//! The page: engine, npm packages, Vite build, compression and size budgets.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::{
    budget, engine, fresh,
    process::{self, node_tool},
    workspace,
};

/// `cargo xtask web`: the page, and the npm package with the element and the engine.
pub fn build_and_measure() -> Result<()> {
    build()?;
    package()?;
    budget::check()?;
    budget::check_package()
}

/// Builds `web/dist` with everything it needs. Does nothing that is already done.
pub fn build() -> Result<()> {
    engine::build()?;
    install_packages()?;
    bundle()
}

/// The page's packages.
pub fn install_packages() -> Result<()> {
    install_packages_of(&workspace::web())
}

/// `npm ci` in a folder, when its packages are missing or older than its lock file.
pub fn install_packages_of(folder: &Path) -> Result<()> {
    install_packages_by(&["ci"], folder)
}

/// The same by another of npm's commands.
pub fn install_packages_by(command: &[&str], folder: &Path) -> Result<()> {
    let installed = folder.join("node_modules/.package-lock.json");
    if fresh::is_fresh(&installed, &[folder.join("package-lock.json")]) {
        return Ok(());
    }
    ensure_node()?;
    process::run(node_tool("npm", command).current_dir(folder))
}

/// The Vite build and the precompressed copies.
pub fn bundle() -> Result<()> {
    let done = workspace::target().join("xtask/page.stamp");
    if workspace::dist().join("index.html").exists() && fresh::is_fresh(&done, &sources()) {
        return Ok(());
    }
    process::run(&mut node_tool("npm", &["run", "build"]))?;
    fresh::stamp(&done)
}

/// The npm package's scripts, types and manifest, in `web/package/dist`.
pub fn package() -> Result<()> {
    let done = workspace::target().join("xtask/package.stamp");
    let mut inputs = sources();
    inputs.extend(
        ["vite.package.config.ts", "tsconfig.package.json"].map(|name| workspace::web().join(name)),
    );
    if workspace::package_dist().join("define.js").exists() && fresh::is_fresh(&done, &inputs) {
        return Ok(());
    }
    process::run(&mut node_tool("npm", &["run", "build:package"]))?;
    fresh::stamp(&done)
}

fn sources() -> Vec<PathBuf> {
    let names = [
        "index.html",
        "src",
        "public",
        "scripts",
        "package-lock.json",
        "tsconfig.json",
        "vite.config.ts",
    ];
    names.iter().map(|name| workspace::web().join(name)).collect()
}

fn ensure_node() -> Result<()> {
    const HINT: &str = "install Node.js 20.19 or newer from https://nodejs.org";
    let version = process::output(process::program("node").arg("--version")).context(HINT)?;
    ensure!(is_recent(&version), "Node.js {} is too old; {HINT}", version.trim());
    Ok(())
}

fn is_recent(version: &str) -> bool {
    let mut parts = version
        .trim()
        .trim_start_matches('v')
        .split('.')
        .map_while(|part| part.parse::<u32>().ok());
    let major = parts.next().unwrap_or(0);
    let minor = parts.next().unwrap_or(0);
    (major, minor) >= (20, 19)
}

#[cfg(test)]
mod tests {
    use super::is_recent;

    #[test]
    fn node_versions() {
        let cases = [
            ("v20.19.0\n", true),
            ("v22.0.0", true),
            ("v20.18.3", false),
            ("v18.20.0", false),
            ("", false),
        ];
        for (version, expect) in cases {
            assert_eq!(is_recent(version), expect, "{version:?}");
        }
    }
}
