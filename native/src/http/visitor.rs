//! Somebody who came over a WebSocket, on the way from the thread of HTTP to that of the engine.
//!
//! To the engine it is a connection like any other, with the addresses of the WebSocket's own ends: who
//! comes is counted, limited, asked for a password and closed as over TCP.

use std::net::SocketAddr;
use std::os::unix::net::UnixStream;

use redarium_core::node::Origin;
use redarium_core::node::Via;
use tokio::sync::mpsc;
use tokio::sync::oneshot;

use super::connections::Ends;
use crate::shell::Handle;
use crate::socket::Socket;

#[derive(Debug)]
pub struct Visitor {
    /// The engine's end of a pair whose other end the bridge has.
    pub stream: UnixStream,
    pub ends: Ends,
    /// Told whether the visitor was taken in.
    pub verdict: oneshot::Sender<bool>,
}

/// Takes in visitors for as long as the process lives.
pub async fn take_in(mut visitors: mpsc::Receiver<Visitor>, shell: Handle) {
    while let Some(Visitor { stream, ends: Ends { peer, local }, verdict }) = visitors.recv().await
    {
        let via = via(peer);
        let mut shell = shell.lock();
        let stream = stream.set_nonblocking(true).and_then(|()| stream.try_into());
        let admitted = match stream {
            Ok(stream) if via.is_local() || !shell.is_open_to_all() => {
                let origin =
                    Origin::Accepted { peer: peer.to_string(), local: local.to_string(), via };
                shell.open(Socket::Unix(stream), origin);
                true
            }
            _ => false,
        };
        // Who has gone meanwhile is found out when the connection is read.
        let _ = verdict.send(admitted);
    }
}

fn via(peer: SocketAddr) -> Via {
    match peer.ip().to_canonical().is_loopback() {
        true => Via::Loopback,
        false => Via::Network,
    }
}
