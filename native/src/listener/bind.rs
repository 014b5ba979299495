//! Binding ports to addresses.

use std::io;
use std::io::ErrorKind;
use std::net;
use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::Ipv6Addr;
use std::net::SocketAddr;
use std::net::ToSocketAddrs;

use redarium_core::config::Config;
use socket2::Domain;
use socket2::Protocol;
use socket2::Socket;
use socket2::Type;
use tokio::net::TcpListener;

use super::Bound;
use crate::os;

/// Why a port cannot be listened on.
#[derive(Debug)]
pub struct Refusal {
    /// The line that Redis logs about the address.
    pub line: String,
    pub port: u16,
    pub tls: bool,
    /// Another program has the port.
    pub taken: bool,
}

/// Listens on every address of `bind`, on the port of TCP and on that of TLS, each unless it is 0.
/// Addresses with a `-` in front may be missing on this machine; there may be none at all.
///
/// # Errors
/// The first address that cannot be used.
pub fn listen(config: &Config) -> Result<Vec<Bound>, Refusal> {
    let mut bound = Vec::new();
    for (port, tls) in [(config.port, false), (config.tls_port, true)] {
        if port > 0 {
            let listeners = listen_on_all(&config.bind, port, tls, config.tcp_backlog)?;
            bound.extend(listeners.into_iter().map(|listener| Bound { listener, tls }));
        }
    }
    Ok(bound)
}

/// Sockets that listen on this port of these addresses, not yet watched by any runtime.
///
/// # Errors
/// The first address that cannot be used.
pub fn sockets(bind: &[String], port: u16, backlog: u32) -> io::Result<Vec<net::TcpListener>> {
    let mut sockets = Vec::new();
    for word in bind {
        let (optional, host) = host_of(word);
        match socket_on(host, port, backlog) {
            Ok(socket) => sockets.push(socket),
            Err(error) if may_be_missing(&error, optional) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(sockets)
}

fn listen_on_all(
    bind: &[String],
    port: u16,
    tls: bool,
    backlog: u32,
) -> Result<Vec<TcpListener>, Refusal> {
    let mut listeners = Vec::new();
    for word in bind {
        let (optional, host) = host_of(word);
        match socket_on(host, port, backlog).and_then(TcpListener::from_std) {
            Ok(listener) => listeners.push(listener),
            Err(error) if may_be_missing(&error, optional) => {}
            Err(error) => {
                let reason = os::words(&error);
                let line = format!(
                    "Warning: Could not create server TCP listening socket {host}:{port}: bind: {reason}"
                );
                let taken = error.kind() == ErrorKind::AddrInUse;
                return Err(Refusal { line, port, tls, taken });
            }
        }
    }
    Ok(listeners)
}

/// A word of `bind`: whether the address may be missing, and the address.
fn host_of(word: &str) -> (bool, &str) {
    match word.strip_prefix('-') {
        Some(host) => (true, host),
        None => (false, word),
    }
}

fn may_be_missing(error: &io::Error, optional: bool) -> bool {
    (optional && error.kind() == ErrorKind::AddrNotAvailable) || is_unsupported(error)
}

fn socket_on(host: &str, port: u16, backlog: u32) -> io::Result<net::TcpListener> {
    let address = resolve(host, port)?;
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        // 0.0.0.0 has a socket of its own.
        socket.set_only_v6(true)?;
    }
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(i32::try_from(backlog).unwrap_or(i32::MAX))?;
    Ok(socket.into())
}

fn resolve(host: &str, port: u16) -> io::Result<SocketAddr> {
    let ip: IpAddr = match host {
        "*" => Ipv4Addr::UNSPECIFIED.into(),
        "::*" => Ipv6Addr::UNSPECIFIED.into(),
        host => {
            let mut found = (host, port).to_socket_addrs()?;
            return found.next().ok_or_else(|| ErrorKind::AddrNotAvailable.into());
        }
    };
    Ok(SocketAddr::new(ip, port))
}

/// This machine does not know the address family or the protocol at all.
fn is_unsupported(error: &io::Error) -> bool {
    const CODES: [i32; 5] = [92, 93, 94, 96, 97];
    cfg!(target_os = "linux") && error.raw_os_error().is_some_and(|code| CODES.contains(&code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resolves_addresses() {
        for (host, expect) in [
            ("*", "0.0.0.0:7"),
            ("::*", "[::]:7"),
            ("127.0.0.1", "127.0.0.1:7"),
            ("::1", "[::1]:7"),
        ] {
            assert_eq!(resolve(host, 7).unwrap().to_string(), expect);
        }
    }
}
