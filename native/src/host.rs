//! What INFO shows of the machine and the process: looked up once a second at most, and only while
//! there is traffic, so that an idle server sleeps.
//!
//! Linux tells it in files; elsewhere the fields stay zero.

use std::env;
use std::fs;
use std::process;

use redarium_core::node::Host;
use redarium_core::time::Mono;

/// Looks things up when they are due.
#[derive(Debug)]
pub struct HostWatch {
    /// What does not change.
    fixed: Host,
    due: Mono,
}

impl HostWatch {
    /// `is_supervised` says whether a service manager watches.
    pub fn new(is_supervised: bool) -> Self {
        let executable = env::current_exe().map(|path| path.display().to_string());
        let release = read("/proc/sys/kernel/osrelease");
        let os = format!("{} {} {}", system_name(), release.trim(), env::consts::ARCH);
        let fixed = Host {
            os,
            executable: executable.unwrap_or_default(),
            multiplexing: if cfg!(target_os = "linux") { "epoll" } else { "kqueue" },
            process_id: process::id(),
            supervised: if is_supervised { "systemd" } else { "" },
            system_memory_bytes: kibibytes(&read("/proc/meminfo"), "MemTotal:"),
            ..Host::default()
        };
        Self { fixed, due: Mono::ZERO }
    }

    /// The machine as it is now, once the last answer is a second old.
    pub fn poll(&mut self, now: Mono) -> Option<Host> {
        if now < self.due {
            return None;
        }
        self.due = now.plus_ms(INTERVAL_MS);
        let (cpu_user_us, cpu_system_us) = processor_times(&read("/proc/self/stat"));
        let resident_bytes = kibibytes(&read("/proc/self/status"), "VmRSS:");
        Some(Host { resident_bytes, cpu_user_us, cpu_system_us, ..self.fixed.clone() })
    }
}

/// As `uname` names it.
fn system_name() -> &'static str {
    match env::consts::OS {
        "linux" => "Linux",
        "macos" => "Darwin",
        other => other,
    }
}

/// A file of the system's; empty where there is none.
fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

/// The number in the line of this name, in bytes; the files give it in kB.
fn kibibytes(text: &str, name: &str) -> u64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    number.unwrap_or(0) * 1024
}

/// The time in the process's own code and in the kernel, in microseconds.
fn processor_times(stat: &str) -> (u64, u64) {
    // The second field is the program's name, in parentheses; it may hold spaces.
    let after_name = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
    let ticks = |at| after_name.split(' ').nth(at).and_then(|field| field.parse::<u64>().ok());
    let microseconds = |at| ticks(at).unwrap_or(0) * (1_000_000 / TICKS_PER_SECOND);
    (microseconds(11), microseconds(12))
}

const INTERVAL_MS: u64 = 1_000;

/// Linux's unit in `/proc`, the same on all of its processors.
const TICKS_PER_SECOND: u64 = 100;

#[cfg(test)]
mod tests {
    use super::kibibytes;
    use super::processor_times;

    #[test]
    fn files_of_the_system_are_read() {
        let stat = "7 (a) b) S 1 7 7 0 -1 0 0 0 0 0 150 25 0 0 20";
        assert_eq!(processor_times(stat), (1_500_000, 250_000));
        assert_eq!(processor_times(""), (0, 0));
        assert_eq!(kibibytes("VmHWM: 9 kB\nVmRSS:\t  12 kB\n", "VmRSS:"), 12 * 1024);
        assert_eq!(kibibytes("", "VmRSS:"), 0);
    }
}
