//! Taking in connections.
//!
//! A round takes in a few (`max-new-connections-per-cycle`), then those who are connected get
//! their turn. TLS's handshakes, which cost far more, have tasks of their own. Only so many are under
//! way at once: when one more comes the oldest is dropped, so that those who connect and say nothing keep
//! nobody out who does.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use redarium_core::node::Origin;
use redarium_core::node::Via;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::net::UnixListener;
use tokio::task;
use tokio::task::JoinHandle;
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
    let mut handshakes = Handshakes::default();
    let mut round = Round::default();
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                handshakes.push(tokio::spawn(shake_hands(stream, peer, shell.clone())));
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

async fn shake_hands(stream: TcpStream, peer: SocketAddr, shell: Handle) {
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

/// The latest handshakes, oldest first; most are over.
#[derive(Default)]
struct Handshakes(VecDeque<JoinHandle<()>>);

impl Handshakes {
    fn push(&mut self, handshake: JoinHandle<()>) {
        self.0.push_back(handshake);
        if self.0.len() > HANDSHAKES_MAX
            && let Some(oldest) = self.0.pop_front()
        {
            // Of one that is over nothing is left to end: its connection is the engine's.
            oldest.abort();
        }
    }
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

/// More than are under way when a crowd comes at once; each costs some kilobytes.
const HANDSHAKES_MAX: usize = 1000;

const HANDSHAKE_PATIENCE: Duration = Duration::from_secs(10);
