//! `cargo xtask`: everything done to this repository besides editing it.
//!
//! One file a subcommand. Each is a plain sequence of programs that are run and
//! files that are compared; what they share is in `process`, `fresh` and `workspace`.

mod bench;
mod browser;
mod budget;
mod cli;
mod crash;
mod differential;
mod engine;
mod fresh;
mod install;
mod page;
mod process;
mod run;
mod sites;
mod test;
mod workspace;

use std::process::ExitCode;

use cli::Task;

fn main() -> ExitCode {
    let result = cli::parse().and_then(|task| match task {
        Task::Help => {
            print!("{}", cli::HELP);
            Ok(ExitCode::SUCCESS)
        }
        Task::Run { arguments } => run::run(&arguments),
        Task::Web => page::build_and_measure().map(|()| ExitCode::SUCCESS),
        Task::Test(options) => test::run(&options),
        Task::Bench(options) => bench::run(&options).map(|()| ExitCode::SUCCESS),
        Task::Crash(options) => crash::crash(&options).map(|()| ExitCode::SUCCESS),
        Task::Differential(options) => {
            differential::differential(&options).map(|()| ExitCode::SUCCESS)
        }
    });
    result.unwrap_or_else(|error| {
        eprintln!("xtask: {error:#}");
        ExitCode::FAILURE
    })
}
