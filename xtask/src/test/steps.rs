//! The steps of `cargo xtask test`, in the order they run: the quick ones first.

use std::{fs, process::Command};

use anyhow::{Context, Result};

use crate::{
    browser, budget, engine, install, page,
    process::{cargo, node_tool, program, run},
    run::build_server,
    sites,
    workspace::{self, WASM_TARGET},
};

pub struct Step {
    pub name: &'static str,
    pub what: &'static str,
    /// Steps whose failure makes this one pointless.
    pub needs: &'static [&'static str],
    pub run: fn() -> Result<()>,
}

pub const STEPS: &[Step] = &[
    Step { name: "format", what: "cargo fmt", needs: &[], run: format },
    Step { name: "tidy", what: "the house rules no compiler knows", needs: &[], run: tidy },
    Step { name: "clippy", what: "all targets, warnings denied", needs: &[], run: clippy },
    Step { name: "unit", what: "unit and table tests of every crate", needs: &[], run: unit },
    Step {
        name: "engine",
        what: "the wasm module and its bindings",
        needs: &[],
        run: engine::build,
    },
    Step { name: "packages", what: "npm ci", needs: &[], run: page::install_packages },
    Step { name: "types", what: "tsc", needs: &["engine", "packages"], run: types },
    Step {
        name: "vitest",
        what: "unit tests of the page",
        needs: &["engine", "packages"],
        run: vitest,
    },
    Step { name: "page", what: "Vite build", needs: &["engine", "packages"], run: page::bundle },
    Step {
        name: "package",
        what: "the npm package",
        needs: &["engine", "packages"],
        run: page::package,
    },
    Step {
        name: "budget",
        what: "size of wasm and scripts",
        needs: &["page", "package"],
        run: budgets,
    },
    Step { name: "server", what: "the release binary, page inside", needs: &["page"], run: server },
    Step {
        name: "docs",
        what: "the transcripts in our own documentation",
        needs: &["server"],
        run: docs,
    },
    Step { name: "redis", what: "a redis-server to compare with", needs: &[], run: redis },
    Step {
        name: "clients",
        what: "client libraries to talk with",
        needs: &[],
        run: install::client_libraries,
    },
    Step {
        name: "npm",
        what: "the npm package and what runs on it, under Node",
        needs: &["package", "clients"],
        run: package_tests,
    },
    Step {
        name: "conformance",
        what: "both servers over TCP",
        needs: &["server", "redis", "clients"],
        run: conformance,
    },
    Step { name: "chromium", what: "a browser to test in", needs: &["packages"], run: chromium },
    Step {
        name: "browser",
        what: "the page in Chromium",
        needs: &["server", "chromium"],
        run: browser_tests,
    },
    Step {
        name: "element",
        what: "the element in Chromium, on pages of others",
        needs: &["package", "chromium"],
        run: element_tests,
    },
    Step {
        name: "sites",
        what: "the docs and an example of each site generator",
        needs: &["package"],
        run: sites::build,
    },
    Step {
        name: "site-browser",
        what: "these sites in Chromium",
        needs: &["sites", "chromium"],
        run: site_tests,
    },
];

fn budgets() -> Result<()> {
    budget::check()?;
    budget::check_package()
}

fn docs() -> Result<()> {
    let mut command = program(workspace::server("release"));
    run(command.args(["verify", "README.md", "docs", "web/package/README.md"]))
}

fn package_tests() -> Result<()> {
    run(&mut node_tool("npm", &["run", "test:package"]))
}

fn element_tests() -> Result<()> {
    let mut command = node_tool("npm", &["run", "test:element"]);
    command.env("CHROME_BIN", browser::chromium()?);
    run(&mut command)
}

fn site_tests() -> Result<()> {
    let mut command = node_tool("npm", &["run", "test:sites"]);
    command.env("CHROME_BIN", browser::chromium()?);
    run(&mut command)
}

fn format() -> Result<()> {
    run(&mut cargo(&["fmt", "--all", "--check"]))
}

fn tidy() -> Result<()> {
    run(&mut cargo(&["test", "--package", TESTS, "--test", "tidy"]))
}

fn clippy() -> Result<()> {
    let deny = ["--", "-D", "warnings"];
    let native = ["clippy", "--workspace", "--all-targets", "--features", "xtask/bindgen"];
    run(cargo(&native).args(deny))?;
    run(cargo(&["clippy", "--package", "redarium-wasm", "--target", WASM_TARGET]).args(deny))
}

fn unit() -> Result<()> {
    run(&mut cargo(&["test", "--no-fail-fast", "--workspace", "--exclude", TESTS]))
}

fn types() -> Result<()> {
    run(&mut node_tool("npm", &["run", "check"]))
}

fn vitest() -> Result<()> {
    run(&mut node_tool("npm", &["test"]))
}

fn server() -> Result<()> {
    build_server("release")
}

fn redis() -> Result<()> {
    run(Command::new(install::redis_server()?).arg("--version"))
}

/// Everything in the tests crate but `tidy`, which had its turn.
fn conformance() -> Result<()> {
    let mut command = cargo(&["test", "--no-fail-fast", "--package", TESTS, "--lib"]);
    for name in test_targets()?.iter().filter(|name| *name != "tidy") {
        command.args(["--test", name]);
    }
    command.env("REDIS_SERVER", install::redis_server()?);
    command.envs(install::valkey_server()?.map(|path| ("VALKEY_SERVER", path)));
    command.envs(install::old_redis_server()?.map(|path| ("OLD_REDIS_SERVER", path)));
    command.env("REDARIUM_BIN", workspace::server("release"));
    run(&mut command)
}

/// As Cargo finds them: `tests/NAME.rs` and `tests/NAME/main.rs`.
fn test_targets() -> Result<Vec<String>> {
    let folder = workspace::root().join("tests/tests");
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).context("looking for tests")? {
        let path = entry?.path();
        let is_file = path.extension().is_some_and(|ending| ending == "rs");
        if is_file || path.join("main.rs").exists() {
            names.push(path.file_stem().unwrap_or_default().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

fn chromium() -> Result<()> {
    println!("{}", browser::chromium()?.display());
    Ok(())
}

fn browser_tests() -> Result<()> {
    let mut command = node_tool("npx", &["playwright", "test"]);
    command.env("CHROME_BIN", browser::chromium()?);
    command.env("REDARIUM_BIN", workspace::server("release"));
    run(&mut command)
}

const TESTS: &str = "redarium-tests";
