//! What a shell knows of the machine it runs on, for INFO to show.
//!
//! The engine knows no machine. A shell that has one tells it now and then; in a simulation nobody
//! does, and INFO shows zeros.

use super::Node;

/// Facts about the machine and the process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Host {
    /// Kernel, its release, and the processor: `Linux 6.1.0 x86_64`.
    pub os: String,
    /// Path of the program.
    pub executable: String,
    /// What the sockets are waited for with, e.g. `epoll`.
    pub multiplexing: &'static str,
    pub process_id: u32,
    /// The service manager that watches the process; empty for none.
    pub supervised: &'static str,
    /// Memory of the process that is in RAM.
    pub resident_bytes: u64,
    /// Memory of the machine.
    pub system_memory_bytes: u64,
    /// Time the process has had a processor for, in the kernel and in its own code.
    pub cpu_system_us: u64,
    pub cpu_user_us: u64,
}

impl Node {
    /// The machine is like this now. Tell it as often as INFO should be right.
    pub fn handle_host(&mut self, host: Host) {
        self.host = host;
    }
}
