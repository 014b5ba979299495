//! A connection whose handshake is done: bytes in, bytes out, encrypted on the way.
//!
//! rustls holds no socket, which suits a shell that never waits for one: reading takes what has
//! arrived, writing encrypts no more than can be on its way, and what the socket does not take stays
//! with the session until [`Writer::try_flush`].

use std::io;
use std::io::ErrorKind;
use std::io::IoSlice;
use std::io::Read;
use std::io::Write;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::task::Context;
use std::task::Poll;

use bytes::BufMut;
use bytes::BytesMut;
use rustls::Connection;
use tokio::io::AsyncRead;
use tokio::io::ReadBuf;
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedReadHalf;
use tokio::net::tcp::OwnedWriteHalf;
use tokio_rustls::client;
use tokio_rustls::server;

/// A TCP stream and the session that was negotiated on it.
#[derive(Debug)]
pub struct Stream {
    socket: TcpStream,
    session: Connection,
}

#[derive(Debug)]
pub struct Reader {
    socket: OwnedReadHalf,
    session: Session,
}

#[derive(Debug)]
pub struct Writer {
    socket: OwnedWriteHalf,
    session: Session,
}

/// Shared by the two directions, which run on one thread: the lock is never contended.
#[derive(Clone, Debug)]
struct Session(Arc<Mutex<Connection>>);

impl From<server::TlsStream<TcpStream>> for Stream {
    fn from(stream: server::TlsStream<TcpStream>) -> Self {
        let (socket, session) = stream.into_inner();
        Self { socket, session: session.into() }
    }
}

impl From<client::TlsStream<TcpStream>> for Stream {
    fn from(stream: client::TlsStream<TcpStream>) -> Self {
        let (socket, session) = stream.into_inner();
        Self { socket, session: session.into() }
    }
}

impl Stream {
    pub fn socket(&self) -> &TcpStream {
        &self.socket
    }

    pub fn split(self) -> (Reader, Writer) {
        let (reading, writing) = self.socket.into_split();
        let session = Session(Arc::new(Mutex::new(self.session)));
        let reader = Reader { socket: reading, session: session.clone() };
        (reader, Writer { socket: writing, session })
    }
}

impl Session {
    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reader {
    /// As `socket::Reader::poll_read`. Fills the room there is before it says that there is no more,
    /// so that less than a full buffer means the same as for a plain socket.
    pub fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut BytesMut,
    ) -> Poll<io::Result<usize>> {
        let mut session = self.session.lock();
        let before = buffer.len();
        loop {
            let end = decrypted(&mut session, buffer)?;
            let count = buffer.len() - before;
            if end || buffer.len() == buffer.capacity() {
                return Poll::Ready(Ok(count));
            }
            match session.read_tls(&mut Arriving { socket: &mut self.socket, cx }) {
                Ok(_) => self.process(&mut session)?,
                Err(error) if error.kind() == ErrorKind::WouldBlock && count > 0 => {
                    return Poll::Ready(Ok(count));
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Poll::Pending,
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }

    /// Takes in what was read; answers of the protocol's own, and its complaints, leave at once if they
    /// can.
    fn process(&self, session: &mut Connection) -> io::Result<()> {
        let processed = session.process_new_packets();
        if session.wants_write() {
            let sent = send(session, self.socket.as_ref());
            sent.or_else(|error| match error.kind() {
                ErrorKind::WouldBlock => Ok(()),
                _ => Err(error),
            })?;
        }
        processed.map_err(|error| io::Error::new(ErrorKind::InvalidData, error))?;
        Ok(())
    }
}

impl Writer {
    /// As `socket::Writer::try_write`. Nothing more is encrypted while something is still to be sent,
    /// so that a peer that does not read costs one buffer.
    ///
    /// # Errors
    /// [`ErrorKind::WouldBlock`], or what the socket says.
    pub fn try_write(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        let mut session = self.session.lock();
        send(&mut session, self.socket.as_ref())?;
        let taken = session.writer().write_vectored(slices)?;
        match send(&mut session, self.socket.as_ref()) {
            Err(error) if error.kind() != ErrorKind::WouldBlock => Err(error),
            _ => Ok(taken),
        }
    }

    /// As `socket::Writer::try_flush`.
    ///
    /// # Errors
    /// As [`Writer::try_write`].
    pub fn try_flush(&self) -> io::Result<()> {
        send(&mut self.session.lock(), self.socket.as_ref())
    }

    /// Waits until the socket takes bytes again.
    ///
    /// # Errors
    /// The runtime is gone.
    pub async fn writable(&self) -> io::Result<()> {
        self.socket.writable().await
    }
}

impl Drop for Writer {
    /// Says that there is no more to come, or the peer could not tell that from a cut.
    fn drop(&mut self) {
        let mut session = self.session.lock();
        session.send_close_notify();
        // A peer that does not read misses it.
        let _ = send(&mut session, self.socket.as_ref());
    }
}

/// Moves what is decrypted to `buffer`, as far as there is room; whether the peer has ended the stream.
fn decrypted(session: &mut Connection, buffer: &mut BytesMut) -> io::Result<bool> {
    while buffer.len() < buffer.capacity() {
        let room = buffer.capacity() - buffer.len();
        let mut plain = [0; PIECE_BYTES];
        match session.reader().read(&mut plain[..room.min(PIECE_BYTES)]) {
            Ok(0) => return Ok(true),
            Ok(count) => buffer.put_slice(&plain[..count]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
            // Many peers close without the word that TLS has for it.
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(true),
            Err(error) => return Err(error),
        }
    }
    Ok(false)
}

/// Sends everything that is encrypted.
fn send(session: &mut Connection, socket: &TcpStream) -> io::Result<()> {
    while session.wants_write() {
        if session.write_tls(&mut Leaving(socket))? == 0 {
            return Err(ErrorKind::WriteZero.into());
        }
    }
    Ok(())
}

/// The socket as rustls reads it; the task is woken when there is more.
struct Arriving<'a, 'b> {
    socket: &'a mut OwnedReadHalf,
    cx: &'a mut Context<'b>,
}

impl Read for Arriving<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut buffer = ReadBuf::new(buffer);
        match Pin::new(&mut *self.socket).poll_read(self.cx, &mut buffer) {
            Poll::Ready(read) => read.map(|()| buffer.filled().len()),
            Poll::Pending => Err(ErrorKind::WouldBlock.into()),
        }
    }
}

/// The socket as rustls writes it.
struct Leaving<'a>(&'a TcpStream);

impl Write for Leaving<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.try_write(bytes)
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.0.try_write_vectored(slices)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A record of the protocol holds no more.
const PIECE_BYTES: usize = 16 * 1024;
