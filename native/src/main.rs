//! The Redarium server: the engine on TCP sockets and files, and the page over HTTP.
//!
//! ```text
//!  args ──> server ──> listener ──> connection (a task each) ──┐
//!                 │    signals, storage, dial ─────────────────┤ inputs
//!                 │                                            v
//!                 └──> http (own thread)          shell: the node and its connections
//!                                                              │ once all ready tasks have run
//!                                              driver: finish the turn, write all replies
//! ```
//!
//! One thread owns the sockets and the engine; nothing is handed from thread to thread on a
//! request's way. Disk and HTTP, which may take long, have threads of their own.

mod allocator;
mod args;
mod check;
mod clock;
mod connection;
mod daemon;
mod descriptors;
mod dial;
mod driver;
mod group;
mod host;
mod http;
mod link;
mod listener;
mod log;
mod log_file;
mod os;
mod progress;
mod server;
mod shell;
mod signals;
mod simulate;
mod socket;
mod storage;
mod supervisor;
mod tls;
mod turn;
mod users;
mod verify;

use std::process::ExitCode;

use allocator::Allocator;
use args::Invocation;

#[global_allocator]
static ALLOCATOR: Allocator = Allocator;

fn main() -> ExitCode {
    let words: Vec<String> =
        std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    match args::read(&words) {
        Ok(Invocation::Print(text)) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Ok(Invocation::Check(task)) => check::run(&task),
        Ok(Invocation::Verify(options)) => verify::run(&options),
        Ok(Invocation::Simulate(task)) => simulate::run(&task),
        Ok(Invocation::Replay(file)) => simulate::replay(&file),
        Ok(Invocation::Run(start)) if daemon::is_wanted(&start.config) => daemon::detach(&words),
        Ok(Invocation::Run(start)) => server::run(&start),
        Err(text) => {
            eprintln!("{text}");
            ExitCode::FAILURE
        }
    }
}
