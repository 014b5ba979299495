//! Connecting to a master.

use std::io;
use std::time::Duration;

use redarium_core::node::DialId;
use redarium_core::node::Origin;
use tokio::net::TcpStream;
use tokio::time;

use crate::shell::Handle;

/// Connects, and tells the engine how that went.
pub async fn dial(shell: Handle, dial: DialId, host: String, port: u16) {
    let connected = time::timeout(CONNECT_TIMEOUT, TcpStream::connect((host.as_str(), port)));
    let opened = match connected.await {
        Ok(Ok(stream)) => open(&shell, dial, stream),
        Ok(Err(error)) => Err(error),
        Err(elapsed) => Err(elapsed.into()),
    };
    if opened.is_err() {
        shell.lock().dial_failed(dial);
    }
}

fn open(shell: &Handle, dial: DialId, stream: TcpStream) -> io::Result<()> {
    let peer = stream.peer_addr()?.to_string();
    let local = stream.local_addr()?.to_string();
    shell.lock().open(stream, Origin::Dialed { dial, peer, local });
    Ok(())
}

/// A host that does not even refuse is given up; the engine then tries again.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(60);
