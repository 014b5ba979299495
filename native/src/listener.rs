//! Listening sockets, and the connections that come in.

use std::io;
use std::io::ErrorKind;
use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::Ipv6Addr;
use std::net::SocketAddr;
use std::net::ToSocketAddrs;
use std::time::Duration;

use redarium_core::config::Config;
use redarium_core::node::Origin;
use socket2::Domain;
use socket2::Protocol;
use socket2::Socket;
use socket2::Type;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::time;

use crate::os;
use crate::shell::Handle;

/// Listens on every address of `bind`. Addresses with a `-` in front may be missing on this machine.
///
/// # Errors
/// The line that Redis logs about the address that cannot be used; whether another program has it.
pub fn listen(config: &Config) -> Result<Vec<TcpListener>, (String, bool)> {
    let mut listeners = Vec::new();
    for word in &config.bind {
        let (optional, host) = match word.strip_prefix('-') {
            Some(host) => (true, host),
            None => (false, word.as_str()),
        };
        match listen_on(host, config.port, config.tcp_backlog) {
            Ok(listener) => listeners.push(listener),
            Err(error) if optional && error.kind() == ErrorKind::AddrNotAvailable => {}
            Err(error) if is_unsupported(&error) => {}
            Err(error) => {
                let line = format!(
                    "Warning: Could not create server TCP listening socket {host}:{}: bind: {}",
                    config.port,
                    os::words(&error)
                );
                return Err((line, error.kind() == ErrorKind::AddrInUse));
            }
        }
    }
    if listeners.is_empty() {
        return Err(("None of the addresses to bind to can be used".into(), false));
    }
    Ok(listeners)
}

/// Takes in connections for as long as the process lives.
pub async fn accept(listener: TcpListener, shell: Handle) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => open(stream, peer, &shell),
            Err(error) => {
                // Most likely there are no descriptors left; connections wait in the backlog.
                let text = format!("Accepting client connection: accept: {}", os::words(&error));
                shell.lock().log().warning(&text);
                time::sleep(ACCEPT_RETRY).await;
            }
        }
    }
}

fn open(stream: TcpStream, peer: SocketAddr, shell: &Handle) {
    // A peer that is gone already has no addresses left.
    let Ok(local) = stream.local_addr() else { return };
    let origin = Origin::Accepted {
        peer: peer.to_string(),
        local: local.to_string(),
        loopback: peer.ip().to_canonical().is_loopback(),
    };
    shell.lock().open(stream, origin);
}

fn listen_on(host: &str, port: u16, backlog: u32) -> io::Result<TcpListener> {
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
    TcpListener::from_std(socket.into())
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

const ACCEPT_RETRY: Duration = Duration::from_millis(100);

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
