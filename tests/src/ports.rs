//! Free TCP ports for servers that tests start.
//!
//! The range lies below the one operating systems take outgoing ports from, and every test process
//! starts at another place in it, so two servers hardly ever want the same port.

use std::net::TcpListener;
use std::process;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;

const FIRST: u32 = 20_000;
const COUNT: u32 = 12_000;

/// A port of the loopback interface that nobody listens on.
pub fn free_port() -> u16 {
    static TAKEN: AtomicU32 = AtomicU32::new(0);
    let start = process::id().wrapping_mul(37) % COUNT;
    for _ in 0..COUNT {
        let next = TAKEN.fetch_add(1, Ordering::Relaxed);
        let port = u16::try_from(FIRST + (start + next) % COUNT).expect("the range fits a port");
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("no free port from {FIRST} to {}", FIRST + COUNT);
}
