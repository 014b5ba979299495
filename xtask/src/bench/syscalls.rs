//! System calls per request, counted by `perf` or else by `strace`.
//!
//! strace slows the server down so much that more requests share a call than
//! otherwise; perf does not.

use std::{
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use anyhow::{Context, Result, bail};

use super::{load::Load, server::Server};
use crate::process::find;

/// What is counted is one drive of the load, which must be idle until now.
pub fn per_request(server: &Server, load: &mut Load, requests_max: u64) -> Result<f64> {
    let counter = attach(server.pid())?;
    // No sign says that the counter has attached, and an idle server makes hardly a call.
    thread::sleep(Duration::from_millis(500));
    let measured = load.drive(Duration::from_secs(1), requests_max)?;
    let calls = finish(counter).context("counting system calls")?;
    Ok(calls as f64 / measured.requests.max(1) as f64)
}

fn attach(pid: u32) -> Result<Child> {
    let (name, arguments) = if find("perf").is_some() {
        ("perf", ["stat", "-x", ",", "-e", PERF_EVENT, "-p"].as_slice())
    } else if find("strace").is_some() {
        ("strace", ["-c", "-f", "-p"].as_slice())
    } else {
        bail!("counting system calls needs perf or strace");
    };
    let mut command = Command::new(name);
    command.args(arguments).arg(pid.to_string()).stdout(Stdio::null()).stderr(Stdio::piped());
    command.spawn().with_context(|| format!("cannot start {name}"))
}

/// Both print their summary to standard error when interrupted.
fn finish(counter: Child) -> Result<u64> {
    Command::new("kill").args(["-INT", &counter.id().to_string()]).status()?;
    let output = counter.wait_with_output()?;
    let summary = String::from_utf8_lossy(&output.stderr);
    parse(&summary).with_context(|| format!("no count in: {summary}"))
}

/// perf: `COUNT,,raw_syscalls:sys_enter,...`; strace: `100.00 SECONDS USECS CALLS [ERRORS] total`.
fn parse(summary: &str) -> Option<u64> {
    summary.lines().find_map(|line| {
        if line.contains(PERF_EVENT) {
            return line.split(',').next()?.parse().ok();
        }
        let words: Vec<_> = line.split_whitespace().collect();
        match words.as_slice() {
            ["100.00", _seconds, _each, calls, .., "total"] => calls.parse().ok(),
            _ => None,
        }
    })
}

const PERF_EVENT: &str = "raw_syscalls:sys_enter";

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn both_summaries_are_read() {
        let cases = [
            ("1234,,raw_syscalls:sys_enter,1000,100.00,,\n", Some(1234)),
            ("strace: attached\n100.00    0.001000     3       321     4 total\n", Some(321)),
            ("100.00    0.001000           3       322           total\n", Some(322)),
            ("<not supported>,,raw_syscalls:sys_enter\n", None),
        ];
        for (summary, expect) in cases {
            assert_eq!(parse(summary), expect, "{summary}");
        }
    }
}
