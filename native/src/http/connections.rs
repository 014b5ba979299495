//! Connections of browsers: so many at once, with both of their addresses.

use std::io;
use std::io::IoSlice;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Context;
use std::task::Poll;
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::IncomingStream;
use axum::serve::Listener;
use tokio::io::AsyncRead;
use tokio::io::AsyncWrite;
use tokio::io::ReadBuf;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::Semaphore;
use tokio::time;

/// Takes in connections while there is room; the others wait in the socket's queue.
#[derive(Debug)]
pub struct Connections {
    pub listener: TcpListener,
    pub room: Arc<Semaphore>,
}

/// The two ends of a connection.
#[derive(Clone, Copy, Debug)]
pub struct Ends {
    pub peer: SocketAddr,
    pub local: SocketAddr,
}

/// A connection, and its share of the room.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    _share: Option<OwnedSemaphorePermit>,
}

impl Connections {
    pub fn new(listener: TcpListener, room: &Arc<Semaphore>) -> Self {
        Self { listener, room: Arc::clone(room) }
    }

    async fn next(&self) -> io::Result<(Connection, Ends)> {
        // The room is never closed.
        let share = Arc::clone(&self.room).acquire_owned().await.ok();
        let (stream, peer) = self.listener.accept().await?;
        let local = stream.local_addr()?;
        stream.set_nodelay(true)?;
        Ok((Connection { stream, _share: share }, Ends { peer, local }))
    }
}

impl Listener for Connections {
    type Io = Connection;
    type Addr = Ends;

    async fn accept(&mut self) -> (Connection, Ends) {
        loop {
            match self.next().await {
                Ok(accepted) => return accepted,
                // One that is gone already, or no descriptors are left: then waiting is all one can do.
                Err(_) => time::sleep(ACCEPT_RETRY).await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<Ends> {
        let local = self.listener.local_addr()?;
        Ok(Ends { peer: local, local })
    }
}

impl Connected<IncomingStream<'_, Connections>> for Ends {
    fn connect_info(stream: IncomingStream<'_, Connections>) -> Self {
        *stream.remote_addr()
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

const ACCEPT_RETRY: Duration = Duration::from_millis(100);
