//! What a connection runs over: TCP, a socket in the file system, or TLS over TCP.
//!
//! A connection is read by a task of its own and written by whoever has something for it, so a
//! stream is split into its two directions. An enum rather than a trait object: reading and writing
//! cost one system call each, and finding out which should cost nothing beside it.

use std::io;
use std::io::IoSlice;
use std::pin::pin;
use std::task::Context;
use std::task::Poll;
use std::time::Duration;

use bytes::BytesMut;
use socket2::SockRef;
use socket2::TcpKeepalive;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::net::UnixStream;
use tokio::net::tcp;
use tokio::net::unix;

use crate::tls;

/// A connection that is there, TLS's handshake included.
#[derive(Debug)]
pub enum Socket {
    Tcp(TcpStream),
    Unix(UnixStream),
    Tls(Box<tls::Stream>),
}

#[derive(Debug)]
pub enum Reader {
    Tcp(tcp::OwnedReadHalf),
    Unix(unix::OwnedReadHalf),
    Tls(tls::Reader),
}

#[derive(Debug)]
pub enum Writer {
    Tcp(tcp::OwnedWriteHalf),
    Unix(unix::OwnedWriteHalf),
    Tls(tls::Writer),
}

impl Socket {
    pub fn split(self) -> (Reader, Writer) {
        match self {
            Self::Tcp(stream) => {
                let (reader, writer) = stream.into_split();
                (Reader::Tcp(reader), Writer::Tcp(writer))
            }
            Self::Unix(stream) => {
                let (reader, writer) = stream.into_split();
                (Reader::Unix(reader), Writer::Unix(writer))
            }
            Self::Tls(stream) => {
                let (reader, writer) = stream.split();
                (Reader::Tls(reader), Writer::Tls(writer))
            }
        }
    }

    /// This end's `ip:port`; none when the peer is gone already.
    pub fn local_address(&self) -> Option<String> {
        let address = match self {
            Self::Tcp(stream) => stream.local_addr(),
            Self::Tls(stream) => stream.socket().local_addr(),
            Self::Unix(_) => return None,
        };
        address.ok().map(|address| address.to_string())
    }

    /// Has replies leave at once, and a peer that is gone be noticed.
    pub fn tune(&self, keepalive_s: u32) {
        match self {
            Self::Tcp(stream) => tune(stream, keepalive_s),
            Self::Tls(stream) => tune(stream.socket(), keepalive_s),
            // Its peer is on this machine and cannot vanish unseen.
            Self::Unix(_) => {}
        }
    }
}

fn tune(stream: &TcpStream, keepalive_s: u32) {
    // A socket that takes no options still carries bytes.
    let _ = stream.set_nodelay(true);
    if keepalive_s > 0 {
        let idle = Duration::from_secs(keepalive_s.into());
        let interval = (idle / 3).max(Duration::from_secs(1));
        let probes = TcpKeepalive::new().with_time(idle).with_interval(interval).with_retries(3);
        let _ = SockRef::from(stream).set_tcp_keepalive(&probes);
    }
}

impl Reader {
    /// Appends what has arrived to `buffer`, as far as there is room; 0 at the end.
    pub fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut BytesMut,
    ) -> Poll<io::Result<usize>> {
        match self {
            Self::Tcp(socket) => pin!(socket.read_buf(buffer)).poll(cx),
            Self::Unix(socket) => pin!(socket.read_buf(buffer)).poll(cx),
            Self::Tls(session) => session.poll_read(cx, buffer),
        }
    }
}

impl Writer {
    /// Writes as much of these as the other end takes now.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] when it takes nothing now, see [`Writer::writable`].
    pub fn try_write(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        match (self, slices) {
            (Self::Tcp(socket), [whole]) => socket.try_write(whole),
            (Self::Tcp(socket), pieces) => socket.try_write_vectored(pieces),
            (Self::Unix(socket), [whole]) => socket.try_write(whole),
            (Self::Unix(socket), pieces) => socket.try_write_vectored(pieces),
            (Self::Tls(session), pieces) => session.try_write(pieces),
        }
    }

    /// Sends what was written and is still on its way through encryption.
    ///
    /// # Errors
    /// As [`Writer::try_write`].
    pub fn try_flush(&self) -> io::Result<()> {
        match self {
            Self::Tcp(_) | Self::Unix(_) => Ok(()),
            Self::Tls(session) => session.try_flush(),
        }
    }

    /// Waits until the other end takes bytes again. A failed socket counts: the error shows when
    /// writing.
    pub async fn writable(&self) {
        let _ = match self {
            Self::Tcp(socket) => socket.writable().await,
            Self::Unix(socket) => socket.writable().await,
            Self::Tls(session) => session.writable().await,
        };
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test(flavor = "current_thread")]
    async fn a_silent_peer_is_probed_as_the_setting_says() {
        for (setting, idle, interval) in [(300, Some(300), 100), (2, Some(2), 1), (0, None, 0)] {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
            tune(&stream, setting);
            assert!(stream.nodelay().unwrap());
            let socket = SockRef::from(&stream);
            assert_eq!(socket.keepalive().unwrap(), idle.is_some(), "{setting}");
            if let Some(idle) = idle {
                assert_eq!(socket.tcp_keepalive_time().unwrap().as_secs(), idle);
                assert_eq!(socket.tcp_keepalive_interval().unwrap().as_secs(), interval);
                assert_eq!(socket.tcp_keepalive_retries().unwrap(), 3);
            }
        }
    }
}
