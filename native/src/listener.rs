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
use tokio::task::JoinHandle;
use tokio::time;

use crate::log::Log;
use crate::os;
use crate::shell::Handle;

/// Listens on every address of `bind`, or none if the port is 0. Addresses with a `-` in front may be missing on this machine.
///
/// # Errors
/// The line that Redis logs about the address that cannot be used; whether another program has it.
pub fn listen(config: &Config) -> Result<Vec<TcpListener>, (String, bool)> {
    let mut listeners = Vec::new();
    if config.port == 0 {
        return Ok(listeners);
    }
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

/// The sockets that are listened on, each with a task that accepts from it.
#[derive(Debug)]
pub struct Listening {
    bind: Vec<String>,
    port: u16,
    tasks: Vec<JoinHandle<()>>,
}

impl Listening {
    /// Begins to accept from `listeners`, which `config` asked for.
    pub fn start(listeners: Vec<TcpListener>, config: &Config, shell: &Handle) -> Self {
        let accepting = |listener| tokio::spawn(accept(listener, shell.clone()));
        let tasks = listeners.into_iter().map(accepting).collect();
        Self { bind: config.bind.clone(), port: config.port, tasks }
    }

    /// Whether these are the addresses and the port that `config` asks for.
    pub fn follows(&self, config: &Config) -> bool {
        self.bind == config.bind && self.port == config.port
    }

    /// Closes the sockets. Connections live on.
    async fn stop(self) {
        self.tasks.iter().for_each(JoinHandle::abort);
        for task in self.tasks {
            // It says that it was cancelled; what counts is that its socket is gone.
            let _ = task.await;
        }
    }
}

/// Moves to where `config` says; where that cannot be listened on, back to where it was.
pub async fn move_to(shell: Handle, old: Listening, config: Config) {
    let before = Config { bind: old.bind.clone(), port: old.port, ..config.clone() };
    old.stop().await;
    let listeners = listen(&config).or_else(|(line, _)| {
        let mut shell = shell.lock();
        shell.log().warning(&line);
        shell
            .log()
            .warning("Failed applying new port or bind setting. Restoring the previous one.");
        listen(&before)
    });
    // The old place may be taken by now as well: then the clients there are keep what they have.
    let listening = Listening::start(listeners.unwrap_or_default(), &config, &shell);
    shell.lock().listen_with(listening);
}

/// Every client needs a descriptor, and so do files and the like.
pub fn allow_connections(config: &Config, log: &mut Log) {
    let wanted = (config.maxclients as u64).saturating_add(DESCRIPTORS_RESERVED);
    match rlimit::increase_nofile_limit(wanted) {
        Ok(allowed) if allowed < wanted => log.warning(&format!(
            "The system allows {allowed} open files, too few for maxclients {}; raise 'ulimit -n'.",
            config.maxclients
        )),
        Ok(_) => {}
        Err(error) => {
            log.warning(&format!("Can't raise the limit of open files: {}", os::words(&error)));
        }
    }
}

/// Takes in connections for as long as the process lives.
async fn accept(listener: TcpListener, shell: Handle) {
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

const DESCRIPTORS_RESERVED: u64 = 64;

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
