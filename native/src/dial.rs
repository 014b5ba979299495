//! Connecting to a master, or to where keys migrate to.

use std::io;
use std::io::ErrorKind;
use std::net::IpAddr;
use std::net::SocketAddr;
use std::time::Duration;

use redarium_core::node::DialId;
use redarium_core::node::Origin;
use tokio::net;
use tokio::net::TcpSocket;
use tokio::net::TcpStream;
use tokio::time;

use crate::os;
use crate::shell::Handle;
use crate::socket::Socket;
use crate::tls::Tls;

/// Where to, and how.
#[derive(Debug)]
pub struct Target {
    pub host: String,
    pub port: u16,
    /// `bind-source-addr`; any address of this machine's when empty.
    pub source: String,
    /// With TLS, or why it cannot be had.
    pub tls: Option<Result<Tls, String>>,
}

/// Connects, and tells the engine how that went.
pub async fn dial(shell: Handle, dial: DialId, target: Target) {
    let connected = time::timeout(CONNECT_TIMEOUT, connect(&target)).await;
    let failed = match connected.unwrap_or_else(|elapsed| Err(elapsed.into())) {
        Ok((socket, peer)) => open(&shell, dial, socket, peer),
        Err(error) => Err(error),
    };
    if let Err(error) = failed {
        let mut shell = shell.lock();
        if target.tls.is_some() {
            let text = format!("Failed to connect over TLS: {}", os::words(&error));
            shell.log().warning(&text);
        }
        shell.dial_failed(dial);
    }
}

async fn connect(target: &Target) -> io::Result<(Socket, SocketAddr)> {
    let stream = connect_plain(target).await?;
    let peer = stream.peer_addr()?;
    let socket = match &target.tls {
        None => Socket::Tcp(stream),
        Some(Ok(tls)) => Socket::Tls(tls.connect(stream).await?.into()),
        Some(Err(reason)) => return Err(io::Error::other(reason.clone())),
    };
    Ok((socket, peer))
}

async fn connect_plain(target: &Target) -> io::Result<TcpStream> {
    let place = (target.host.as_str(), target.port);
    if target.source.is_empty() {
        return TcpStream::connect(place).await;
    }
    let source: IpAddr = target.source.parse().map_err(io::Error::other)?;
    let mut outcome = Err(ErrorKind::AddrNotAvailable.into());
    for address in net::lookup_host(place).await? {
        if address.is_ipv4() == source.is_ipv4() {
            let socket = if source.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
            socket.bind((source, 0).into())?;
            outcome = socket.connect(address).await;
            if outcome.is_ok() {
                break;
            }
        }
    }
    outcome
}

fn open(shell: &Handle, dial: DialId, socket: Socket, peer: SocketAddr) -> io::Result<()> {
    let local = socket.local_address().ok_or(ErrorKind::NotConnected)?;
    shell.lock().open(socket, Origin::Dialed { dial, peer: peer.to_string(), local });
    Ok(())
}

/// A host that does not even refuse is given up; the engine then tries again.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(60);
