//! Free TCP ports for servers that tests start.
//!
//! A port is reserved from the moment it is chosen, before any server listens on it: the UDP port of the
//! same number is held as long as the reservation lives, so that two tests never choose the same one, be
//! they in one process or in two. The range lies below the one operating systems take outgoing ports from.

use std::net::TcpStream;
use std::net::UdpSocket;
use std::process;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;

const FIRST: u32 = 20_000;
const COUNT: u32 = 12_000;

/// A TCP port of the loopback interface that is nobody else's while this lives.
#[derive(Debug)]
pub struct Port {
    number: u16,
    _reservation: UdpSocket,
}

impl Port {
    /// Reserves a port that nobody listens on.
    ///
    /// # Panics
    ///
    /// When there is none.
    pub fn reserve() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let start = process::id().wrapping_mul(37) % COUNT;
        for _ in 0..COUNT {
            let next = NEXT.fetch_add(1, Ordering::Relaxed);
            let number =
                u16::try_from(FIRST + (start + next) % COUNT).expect("the range fits a port");
            let Ok(reservation) = UdpSocket::bind(("127.0.0.1", number)) else { continue };
            // Not by listening oneself: a process that another thread is just starting would inherit the
            // listener for a moment, and a client would take it for the server.
            if TcpStream::connect(("127.0.0.1", number)).is_err() {
                return Self { number, _reservation: reservation };
            }
        }
        panic!("no free port from {FIRST} to {}", FIRST + COUNT);
    }

    pub fn number(&self) -> u16 {
        self.number
    }
}

#[cfg(test)]
mod tests {
    use super::Port;

    #[test]
    fn reserved_ports_differ() {
        let ports: Vec<Port> = (0..50).map(|_| Port::reserve()).collect();
        let mut numbers: Vec<u16> = ports.iter().map(Port::number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), ports.len());
    }
}
