//! Taking in connections.
//!
//! A round takes in a few (`max-new-connections-per-cycle`), then those who are connected get
//! their turn. TLS's handshakes, which cost far more, have tasks of their own; only so many are under
//! way at once, and whoever does not get through in time is dropped.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use redarium_core::node::Origin;
use redarium_core::node::Via;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::net::UnixListener;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::Semaphore;
use tokio::task;
use tokio::time;

use crate::os;
use crate::shell::Handle;
use crate::socket::Socket;

/// Takes in connections for as long as the port is listened on.
pub async fn tcp(listener: TcpListener, shell: Handle) {
    let mut round = Round::default();
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => open(Socket::Tcp(stream), peer, &shell),
            Err(error) => complain(&error, &shell).await,
        }
        let max = shell.lock().config().max_new_connections_per_cycle;
        round.count(max).await;
    }
}

/// As [`tcp`], with a handshake before.
pub async fn tls(listener: TcpListener, shell: Handle) {
    let places = Arc::new(Semaphore::new(HANDSHAKES_MAX));
    let mut round = Round::default();
    // The semaphore is never closed.
    while let Ok(place) = places.clone().acquire_owned().await {
        match listener.accept().await {
            Ok((stream, peer)) => {
                drop(tokio::spawn(shake_hands(stream, peer, shell.clone(), place)))
            }
            Err(error) => complain(&error, &shell).await,
        }
        let max = shell.lock().config().max_new_tls_connections_per_cycle;
        round.count(max).await;
    }
}

/// Takes in connections of the socket in the file system at this path.
pub async fn unix(listener: UnixListener, path: String, shell: Handle) {
    let mut round = Round::default();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let name = format!("{path}:0");
                let origin =
                    Origin::Accepted { peer: name.clone(), local: name, via: Via::UnixSocket };
                shell.lock().open(Socket::Unix(stream), origin);
            }
            Err(error) => complain(&error, &shell).await,
        }
        let max = shell.lock().config().max_new_connections_per_cycle;
        round.count(max).await;
    }
}

async fn shake_hands(
    stream: TcpStream,
    peer: SocketAddr,
    shell: Handle,
    _place: OwnedSemaphorePermit,
) {
    // The settings of now: certificates may have been exchanged since the port was opened.
    let Some(tls) = shell.lock().tls() else { return };
    let local = stream.local_addr().map(|address| address.to_string()).unwrap_or_default();
    let reason = match time::timeout(HANDSHAKE_PATIENCE, tls.accept(stream)).await {
        Ok(Ok(stream)) => return open(Socket::Tls(stream.into()), peer, &shell),
        Ok(Err(error)) => os::words(&error),
        Err(_) => "the handshake takes too long".into(),
    };
    let text = format!("Error accepting a client connection: {reason} (addr={peer} laddr={local})");
    shell.lock().log().warning(&text);
}

fn open(socket: Socket, peer: SocketAddr, shell: &Handle) {
    // A peer that is gone already has no addresses left.
    let Some(local) = socket.local_address() else { return };
    let via = match peer.ip().to_canonical().is_loopback() {
        true => Via::Loopback,
        false => Via::Network,
    };
    let origin = Origin::Accepted { peer: peer.to_string(), local, via };
    shell.lock().open(socket, origin);
}

/// Says what is wrong, and waits: most likely there are no descriptors left. Connections wait in the
/// backlog.
async fn complain(error: &io::Error, shell: &Handle) {
    let text = format!("Accepting client connection: accept: {}", os::words(error));
    shell.lock().log().warning(&text);
    time::sleep(ACCEPT_RETRY).await;
}

/// How many were taken in since others had a turn.
#[derive(Default)]
struct Round(u32);

impl Round {
    async fn count(&mut self, max: u32) {
        self.0 += 1;
        if self.0 >= max {
            self.0 = 0;
            task::yield_now().await;
        }
    }
}

const ACCEPT_RETRY: Duration = Duration::from_millis(100);

/// A second's work of a processor, about.
const HANDSHAKES_MAX: usize = 1000;

const HANDSHAKE_PATIENCE: Duration = Duration::from_secs(10);
